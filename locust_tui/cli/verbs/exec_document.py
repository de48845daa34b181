"""`exec`: a document's command blocks, shown first, then carried out one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from ...errors import NotFoundError, RefusedError, UsageError
from ...safe_text import safe
from ..agent_scope import run_we_are_in
from ..command import Settings, verb
from ..document_commands import Command, read, shell_text
from ..output import narrate, put, put_json
from ..terminal import asks, can_ask

MOST_BYTES = 5_000_000
_LONGEST = 20_000
_DOCUMENT = "LOCUST_TUI_DOCUMENT"
"""Set for the commands of a document: they run no other one, which nobody was shown."""


@verb("exec")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="For scripts: no question.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be run, and run nothing.")
@click.option("--keep-going", is_flag=True, help="Go on behind a command that fails.")
@click.option("--shell", is_flag=True, help="Other programs too, and what only a shell understands.")
@click.option("--json", "as_json", is_flag=True, help="An array: line, argv, exit code and output of each.")
def command(
    settings: Settings, file: Path, yes: bool, dry_run: bool, keep_going: bool, shell: bool, as_json: bool
) -> int:
    """Run the commands of FILE's bash blocks in order; `npx claude-flow@alpha …` is read as locust-tui.

    All of them are shown and asked about first. Without --shell only verbs of this program run.
    """
    _refuse_agents(settings)
    if not dry_run and (outer := os.environ.get(_DOCUMENT)):
        raise RefusedError(f"{file} is run from {outer}, and was not shown", help=f"locust-tui exec {file}")
    commands = read(_text(file))
    if not commands:
        raise UsageError(f"{file} holds no commands in bash blocks")
    if dry_run:
        return _show_argv(commands, shell, as_json)
    others = [c for c in commands if not c.argvs and not shell]
    if others:
        for c in others:
            narrate(f"{file}:{c.line}: {_short(c.text)}: {c.why}")
        raise RefusedError(
            f"{len(others)} of {len(commands)} commands are not this program's alone; nothing was run",
            help=others[0].help or "--shell runs them, after showing them",
        )
    if not yes:
        _ask(file, commands, shell)
    return _carry_out(settings, file, commands, keep_going, as_json)


def _refuse_agents(settings: Settings) -> None:
    from ...errors import LocustTuiError
    from ..target import find_target

    run = os.environ.get("LOCUST_TUI_RUN")
    if not run:
        try:
            run = run_we_are_in(find_target(settings).folder)
        except NotFoundError:
            run = None
        except LocustTuiError:
            raise
    if run is not None:
        raise RefusedError(
            f"exec is for people; this call comes from inside {f'run {run}' if run else 'a hook'}",
            help="call the verbs themselves",
        )


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"{file}: no such document") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{file} is larger than {MOST_BYTES} bytes")
    return data.decode("utf-8", "replace")


def _show_argv(commands: list[Command], shell: bool, as_json: bool) -> int:
    documents = [
        {
            "line": c.line,
            "argv": [["locust-tui", *argv] for argv in c.argvs] or (_shell_argvs(c) if shell else None),
            "why": c.why or None,
        }
        for c in commands
    ]
    if as_json:
        put_json(documents)
    else:
        for c in commands:
            if c.argvs:
                put(f"{safe(c.shown, limit=_LONGEST)}\n")
            elif shell:
                put(f"/bin/sh -c {safe(shell_text(c.text), limit=_LONGEST)}\n")
            else:
                put(f"# line {c.line} would be refused: {safe(c.why)}: {_short(c.text)}\n")
    return 0 if shell or all(c.argvs for c in commands) else 4


def _shell_argvs(c: Command) -> list[list[str]]:
    return [["/bin/sh", "-c", shell_text(c.text)]]


def _ask(file: Path, commands: list[Command], shell: bool) -> None:
    narrate(f"{file} has {len(commands)} commands:")
    for c in commands:
        how = "" if c.argvs else "  (shell)"
        narrate(f"{c.line:5}  {safe(c.shown if c.argvs else shell_text(c.text), limit=_LONGEST)}{how}")
    if not can_ask():
        raise RefusedError("nobody is here to agree; nothing was run", help="--yes, once you have read them")
    if not asks(f"run {'them' if len(commands) > 1 else 'it'}"):
        raise RefusedError("nothing was run")


def _carry_out(
    settings: Settings, file: Path, commands: list[Command], keep_going: bool, as_json: bool
) -> int:
    done: list[dict[str, Any]] = []
    for number, c in enumerate(commands, 1):
        narrate(f"[{number}/{len(commands)}] {file}:{c.line}: {_short(c.shown)}")
        code, output = _run(settings, file, c, capture=as_json)
        done.append(
            {"line": c.line, "command": c.shown, "exit_code": code, **({"output": output} if as_json else {})}
        )
        narrate(f"[{number}/{len(commands)}] {'done' if code == 0 else f'failed with exit code {code}'}")
        if code != 0 and not keep_going:
            break
    failed = [d for d in done if d["exit_code"] != 0]
    left = len(commands) - len(done)
    if as_json:
        put_json(done)
    else:
        words = [f"{len(done) - len(failed)} of {len(commands)} commands done"]
        words += [f"line {d['line']} failed with exit code {d['exit_code']}" for d in failed]
        words += [f"{left} not run (--keep-going goes on)"] if left else []
        put("; ".join(words) + "\n")
    return 1 if failed else 0


def _run(settings: Settings, file: Path, c: Command, *, capture: bool) -> tuple[int, str]:
    """Exit code of the last command of the pipe that failed, 0 where none did; the output, where it is wanted."""
    environ = _environ(settings, file)
    argvs = [[sys.executable, "-P", "-m", "locust_tui", *argv] for argv in c.argvs]
    argvs = argvs or _shell_argvs(c)
    started: list[subprocess.Popen[bytes]] = []
    before: Any = subprocess.DEVNULL
    for at, argv in enumerate(argvs):
        last = at == len(argvs) - 1
        process = subprocess.Popen(
            argv, stdin=before, stdout=subprocess.PIPE if capture or not last else None, env=environ
        )
        if started and started[-1].stdout is not None:
            started[-1].stdout.close()
        before = process.stdout
        started.append(process)
    output = started[-1].communicate()[0] if capture else b""
    codes = [process.wait() for process in started]
    failed = [code for code in codes if code]
    code = failed[-1] if failed else 0
    return (128 - code if code < 0 else code), (output or b"").decode("utf-8", "replace")


def _environ(settings: Settings, file: Path) -> dict[str, str]:
    """What the commands see: the plan that this call names, and this very program first on the path."""
    environ = {**os.environ, _DOCUMENT: file.name}
    if settings.plan_file is not None:
        environ["LOCUST_TUI_PLAN"] = str(Path(settings.plan_file).absolute())
    if settings.state_dir is not None:
        environ["LOCUST_TUI_STATE_DIR"] = str(Path(settings.state_dir).absolute())
    own = str(Path(sys.executable).parent)
    environ["PATH"] = f"{own}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return environ


def _short(text: str) -> str:
    return safe(" ".join(text.split()), limit=100, oneline=True)
