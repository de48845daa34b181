"""What a plan would execute: every command, with its folder and environment, and every address it calls."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping

from locust_tui.domain.dataclass import dataclass

from ..domain.criterion import Command, Criterion
from ..domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Executable:
    """One thing a plan would run or call, and for whom."""

    owner: str
    """`workstream build`, `gate ship`, `agent coder`, `notify tech-review`."""
    use: str
    """`run`, `command`, `instructions`, `metric`, `http`, `webhook`, `apprise` …"""
    argv: tuple[str, ...]
    cwd: str | None = None
    env: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    """What else decides what happens: the agent that follows instructions, its model, its sandbox."""

    @property
    def shell(self) -> bool:
        """Whether it is a text that the shell runs."""
        return self.argv[:2] == ("/bin/sh", "-c") and len(self.argv) == 3

    @property
    def command(self) -> str:
        """The command alone, as a person would type it; it may have several lines."""
        if self.shell:
            return self.argv[2]
        plain = self.use in ("instructions", "http", "webhook", "apprise")
        return self.argv[0] if plain and len(self.argv) == 1 else shlex.join(self.argv)

    @property
    def text(self) -> str:
        """The command with its variables and its folder."""
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.env)
        place = f"  (in {self.cwd})" if self.cwd else ""
        return f"{variables} {self.command}{place}".strip()


def executable_surface(plan: Plan) -> tuple[Executable, ...]:
    """Everything the plan would run or call, in a stable order, without repeats.

    Names, notes, weights, weeks and limits are no part of it; instructions are, because an agent follows them.
    """
    return tuple(dict.fromkeys(_all(plan)))


def surface_digest(surface: Iterable[Executable]) -> str:
    """SHA-256 over the surface, whatever the order its parts are written in."""
    lines = sorted(
        json.dumps([e.owner, e.use, e.argv, e.cwd, e.env, e.settings], ensure_ascii=False) for e in surface
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _all(plan: Plan) -> Iterator[Executable]:
    yield from _agents(plan)
    yield from _bosses(plan)
    for id_, w in plan.workstreams.items():
        owner = f"workstream {id_}"
        if w.run is not None:
            yield _command(owner, "run", w.run, w.cwd, _with_secrets(w.env, w.secrets))
        if w.instructions is not None:
            yield Executable(
                owner,
                "instructions",
                (w.instructions,),
                w.cwd,
                _env(_with_secrets(w.env, w.secrets)),
                _settings(agent=w.agent),
            )
        yield from _criteria(owner, [*w.accept, *(d.check for d in w.deliverables if d.check)])
    for id_, gate in plan.gates.items():
        yield from _criteria(f"gate {id_}", gate.criteria)
    yield from _criteria("facts", plan.facts)
    yield from _criteria("risks", [r.watch for r in plan.risks if r.watch])
    checks = [c.criterion for c in (*plan.success, *plan.after_release) if c.criterion]
    yield from _criteria("success", checks)
    yield from _routes(plan)
    for use, commands in (("setup", plan.git.setup), ("teardown", plan.git.teardown)):
        for command in commands:
            yield _command("git", use, command, None, {})
    for name, hook in plan.hooks.items():
        if hook.shell:
            when = hook.cron or hook.event or "called back"
            yield Executable(f"hook {name}", when, ("/bin/sh", "-c", hook.script))
    if plan.git.pr:
        yield Executable("git", "pull requests", ("gh", "pr", "create"))


def _agents(plan: Plan) -> Iterator[Executable]:
    for name, agent in plan.agents.items():
        settings = _settings(
            kind=agent.kind,
            model=agent.model,
            sandbox=agent.sandbox,
            mode=agent.mode,
            allow=", ".join(agent.allow),
            skills=", ".join(agent.skills),
        )
        argv = agent.command or (agent.kind,)
        env = _env(_with_secrets(agent.env, agent.secrets))
        yield Executable(f"agent {name}", "command", argv, agent.cwd, env, settings)


def _bosses(plan: Plan) -> Iterator[Executable]:
    for id_, boss in plan.orchestrators.items():
        if boss.instructions:
            yield Executable(
                f"orchestrator {id_}",
                "instructions",
                (boss.instructions,),
                settings=_settings(agent=boss.agent),
            )
    if plan.meta is not None:
        if plan.meta.instructions:
            settings = _settings(agent=plan.meta.agent)
            yield Executable("meta", "instructions", (plan.meta.instructions,), settings=settings)
        yield from _criteria("meta", plan.meta.invariants)


def _criteria(owner: str, criteria: Iterable[Criterion]) -> Iterator[Executable]:
    for criterion in criteria:
        for probe in criterion.probes:
            for use, command in ((probe.kind.value, probe.command), ("baseline", probe.baseline)):
                if command is not None:
                    yield _command(owner, use, command, criterion.cwd, criterion.env)
            if probe.url is not None:
                yield Executable(owner, probe.kind.value, (probe.url,))


def _routes(plan: Plan) -> Iterator[Executable]:
    for address, route in plan.notify.items():
        for command in route.commands:
            yield _command(f"notify {address}", "command", command, None, {})
        for channel in route.channels:
            use, _, where = channel.partition(":")
            if where:
                yield Executable(f"notify {address}", use, (where.replace("secret:", "secret ", 1),))


def _command(owner: str, use: str, command: Command, cwd: str | None, env: Mapping[str, str]) -> Executable:
    return Executable(owner, use, command.argv, cwd, _env(env))


def _env(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(env.items()))


def _with_secrets(env: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    return {**env, **{name: f"secret {where}" for name, where in secrets.items()}}


def _settings(**written: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in written.items() if value)
