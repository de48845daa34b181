"""How a run is spoken to: which adapter, with which job, resuming which session, in which environment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from locust_tui.agents import vocabulary as v
from locust_tui.agents.adapter import Adapter
from locust_tui.domain.plan import AgentType
from locust_tui.domain.states import RunState
from locust_tui.domain.world import World

from .conversing.jobs import GIVEN, Talk
from .conversing.next_step import GO_ON as GO_ON
from .retry import Ending, ending

PROTOCOLS = frozenset({"claude", "codex", "acp"})
_loaded: set[str] = set()


def make_adapter(kind: str, job: v.Job) -> Adapter:
    """The adapter of a kind of agent; loaded when the first run needs it."""
    from locust_tui.agents.kinds import adapter_for

    return adapter_for(kind, job)


async def load(kind: AgentType | None) -> None:
    """Have what an agent type needs loaded, off the event loop."""
    if kind is not None and speaks(kind) and kind.kind not in _loaded:
        from locust_tui.agents import kinds

        await asyncio.to_thread(kinds.load, kind.kind)
        _loaded.add(kind.kind)


def speaks(kind: AgentType | None) -> bool:
    """Whether agents of this type are spoken to. One with a terminal of its own is a person's to speak to."""
    return kind is not None and kind.kind in PROTOCOLS and not kind.pty


async def is_spoken_to(kind: AgentType | None, environment: Mapping[str, str], cwd: Path) -> bool:
    """The same of the program that is really there: one that only bears an agent's name runs as it is written.

    Asks a program that no plan calls an agent for its version, once; in a thread.
    """
    if kind is None or not speaks(kind):
        return False
    if not kind.kind_is_guess or not kind.command:
        return True
    from locust_tui.agents.programs import find, identify

    surrounding = {**environment, **kind.env}
    path = find(kind.command[0], surrounding, cwd)
    found = None if path is None else await asyncio.to_thread(identify, path, surrounding)
    return found is not None and found.kind == kind.kind


def session_to_resume(world: World, subject: str, attempt: int) -> str:
    """The session of the attempt before, where that was cut short through no fault of its work; else empty."""
    before = world.runs.get(f"{subject}.{attempt - 1}")
    if before is None or not before.session:
        return ""
    cut_short = before.state is RunState.LOST or ending(before) is Ending.INTERRUPTED
    return before.session if cut_short else ""


def speak(
    kind: AgentType,
    run_id: str,
    prompt: str,
    command: tuple[str, ...],
    cwd: Path,
    run_folder: Path,
    *,
    permits: tuple[str, ...],
    resume: str,
    tools: tuple[v.ToolServer, ...],
    now: float,
) -> tuple[Talk, v.Launch]:
    """The job of one run and how its program is started. `now` tells its session from another plan's of the same ids."""
    job = v.Job(
        run=run_id,
        prompt=prompt.encode("utf-8", "replace").decode(),
        cwd=str(cwd),
        command=command,
        model=kind.model or "",
        mode=kind.mode or "",
        allow=tuple(dict.fromkeys((*kind.allow, *permits))),
        resume=resume,
        tools=tools,
        session=str(uuid5(NAMESPACE_URL, f"{run_folder}@{now!r}")),
        folder=str(run_folder / GIVEN),
    )
    launch = make_adapter(kind.kind, job).launch()
    return Talk(kind.kind, job, dict(launch.files)), launch


def environment(
    inherited: Mapping[str, str], launch: v.Launch, set_here: Mapping[str, str]
) -> dict[str, str]:
    """The program's whole environment: what it must not inherit is gone, what the plan sets stands above all."""
    kept = {
        name: value
        for name, value in inherited.items()
        if not _matches(name, launch.unset) or _matches(name, launch.keep)
    }
    return {**launch.defaults, **kept, **launch.env, **set_here}


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
