"""What `doctor` looks at in a plan's agent types: is the program there, what is it, is it logged in, may it work now."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .examination import Finding
from .target import Target

if TYPE_CHECKING:
    from ..domain.plan import AgentType, Plan
    from ..domain.world import World

_PATIENCE_S = 15.0
_PROGRAMS = {"claude": "claude", "codex": "codex"}
"""What a kind starts where the plan names no command."""
_LOGIN = {"claude": "claude auth login", "codex": "codex login"}


def examine_known() -> Iterator[Finding]:
    """The agent programs known by name, where no plan says which are wanted."""
    from ..domain.plan import AgentType

    for kind, name in _PROGRAMS.items():
        if shutil.which(name) is None:
            yield Finding("ok", f"agent {name}", "not installed; a plan may use another")
        else:
            yield _program(AgentType(name, kind), os.environ, None)


def examine_agents(plan: Plan, target: Target) -> Iterator[Finding]:
    """One finding for each agent type, and one more where what it needs besides is not there."""
    world = _world(target)
    for agent in plan.agents.values():
        env = {**os.environ, **agent.env}
        yield _program(agent, env, target.path.parent)
        yield from _sandbox(agent, env, target.path.parent)
        yield from _secrets(agent, target)
        yield from _account(agent, world)


def _world(target: Target) -> World | None:
    if not target.has_record:
        return None
    from ..errors import LocustTuiError
    from ..state.reader import ReadOnlyStore

    try:
        with ReadOnlyStore(target.folder.store) as store:
            return store.read_world()
    except LocustTuiError:
        return None  # the record's own finding says so


def _program(agent: AgentType, env: Mapping[str, str], folder: Path | None) -> Finding:
    subject = f"agent {agent.name}"
    name = agent.command[0] if agent.command else _PROGRAMS.get(agent.kind, "")
    if not name:
        return Finding("fail", subject, f"kind {agent.kind} has no program of its own", "write a command")
    found = _found(agent, env, folder)
    if found is None and name == "locust-tui":
        return Finding("ok", subject, "locust-tui itself")
    if found is None:
        where = "cannot be executed" if "/" in name else "is not on PATH"
        return Finding("fail", subject, f"{name} {where}", "install it, or name another program")
    if agent.kind not in _LOGIN:
        return Finding("ok", subject, f"{agent.kind}: {found}")
    version = said([found, "--version"], env)[1].strip().splitlines()
    words = f"{found}, {version[0]}" if version else found
    logged_in, how = _logged_in(agent.kind, found, env)
    if logged_in is None:
        return Finding("warn", subject, f"{words}; whether it is logged in is not known: {how}")
    if not logged_in:
        return Finding("warn", subject, f"{words}; not logged in", _LOGIN[agent.kind])
    return Finding("ok", subject, f"{words}; logged in by {how}")


def _logged_in(kind: str, program: str, env: Mapping[str, str]) -> tuple[bool | None, str]:
    """Whether the program says that it is logged in, and how; asks no model."""
    if kind == "codex":
        code, text = said([program, "login", "status"], env)
        last = text.strip().splitlines()[-1] if text.strip() else f"exit code {code}"
        return (code == 0 if code is not None else None), last.removeprefix("Logged in using ")
    code, text = said([program, "auth", "status"], env)
    try:
        status = json.loads(text)
        return bool(status["loggedIn"]), str(status.get("authMethod", "")).replace("_", " ")
    except (ValueError, KeyError, TypeError):
        return None, f"it does not answer `auth status` (exit code {code})"


def said(argv: list[str], env: Mapping[str, str], folder: Path | None = None) -> tuple[int | None, str]:
    """How a program ended, and what it said; None where it could not be started or did not end in time."""
    try:
        done = subprocess.run(
            argv,
            env=dict(env),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None, ""
    return done.returncode, done.stdout or done.stderr


def _sandbox(agent: AgentType, env: Mapping[str, str], folder: Path) -> Iterator[Finding]:
    from ..execution.sandbox import KINDS, NONE, PROGRAM, fenced

    if agent.sandbox in (None, NONE):
        return
    subject = f"sandbox of {agent.name}"
    if agent.sandbox not in KINDS:
        yield Finding("fail", subject, f'"{agent.sandbox}" is not known', f"one of {', '.join(KINDS)}")
        return
    program = shutil.which(PROGRAM, path=env.get("PATH"))
    if program is None:
        yield Finding("fail", subject, "bubblewrap is not installed", "apt install bubblewrap")
        return
    code, words = said(list(fenced(("true",), agent.sandbox or NONE, Path("/var/tmp"), env)), env)
    if code != 0:
        yield Finding("fail", subject, f"bubblewrap does not work here: {words.strip()}", "sandbox: none")
        return
    found = _found(agent, env, folder)
    if found is not None:
        there = ("sh", "-c", 'test -x "$0"', found)
        code, words = said(list(fenced(there, agent.sandbox or NONE, folder.resolve(), env)), env)
        if code != 0:
            why = f"{found} cannot be run inside: of /tmp and the session's runtime folder it sees nothing"
            yield Finding("fail", subject, why, "install it elsewhere, or sandbox: none")
            return
    yield Finding("ok", subject, f"{agent.sandbox}: {program}")


def _found(agent: AgentType, env: Mapping[str, str], folder: Path | None) -> str | None:
    """The program that starts it, looked for from the folder that its runs start in; None: there is none."""
    name = agent.command[0] if agent.command else _PROGRAMS.get(agent.kind, "")
    if "/" in name and folder is not None:
        name = str(folder.resolve() / (agent.cwd or ".") / name)
    return shutil.which(name, path=env.get("PATH")) if name else None


def _secrets(agent: AgentType, target: Target) -> Iterator[Finding]:
    from ..errors import LocustTuiError
    from ..masking import SHORTEST
    from ..worker.secrets import fetch

    for variable, reference in agent.secrets.items():
        try:
            value = fetch({variable: reference}, target.path.parent)[variable]
        except LocustTuiError as error:
            yield Finding("fail", f"secret {variable}", error.message, error.help or "")
            continue
        if len(value) < SHORTEST:
            words = f"shorter than {SHORTEST} characters: it cannot be masked in what agents say"
            yield Finding("warn", f"secret {variable}", words)


def _account(agent: AgentType, world: World | None) -> Iterator[Finding]:
    from ..domain.states import AccountState

    name = agent.account or agent.kind
    status = world.accounts.get(name) if world is not None else None
    if status is None or status.state is AccountState.OPEN:
        return
    until = f" until {time.strftime('%H:%M', time.localtime(status.resets_at))}" if status.resets_at else ""
    words = f"{status.state.value}{until}{': ' + status.why if status.why else ''}"
    yield Finding("warn", f"account {name}", words)
