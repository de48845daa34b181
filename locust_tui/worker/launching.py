"""From the plan to what is executed: argv, working folder and environment of a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from locust_tui.agents.vocabulary import ToolServer
from locust_tui.analysis.orchestrator_brief import orchestrator_brief
from locust_tui.domain.clock import project_start, week_of
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import AgentType, Plan, Workstream
from locust_tui.domain.template import TemplateError, fill
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from locust_tui.state.folder import StateFolder

from .conversing.jobs import Talk
from .speaking import GO_ON, environment, session_to_resume, speak

_WINDOW = (40, 120)
"""Of an agent's terminal until somebody looks."""
_NOT_HANDED_ON = ("LOCUST_TUI_", "NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_FD", "LISTEN_PID")
"""Variables of ours, and of the service manager that the worker itself may report to."""
_SENT_BACK = "The attempt before this one was sent back: "


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """What agents inherit of the user's shell where the worker has set something else for itself. None: inherit."""

    umask: int | None = None
    files: int | None = None
    """Soft limit of open files."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a run will execute. `env` is the whole environment; `env_names` are the names we or the plan set."""

    argv: tuple[str, ...]
    cwd: Path
    env: dict[str, str]
    env_names: tuple[str, ...]
    instructions_file: Path | None = None
    instructions: str = ""
    pty: tuple[int, int] | None = None
    """Rows and columns of a terminal of its own; None: pipes."""
    talk: Talk | None = None
    """How it is spoken to; None: it speaks no protocol, and its exit code says how it went."""


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    instructions: str
    cwd: str | None
    env: Mapping[str, str]


@cache
def base_environment() -> Mapping[str, str]:
    """The worker's environment without what is the worker's own, with our command on the PATH's end; never change it."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_HANDED_ON)}
    ours = str(Path(sys.executable).parent)
    path = env.get("PATH", os.defpath)
    env["PATH"] = path if ours in path.split(os.pathsep) else f"{path}{os.pathsep}{ours}"
    return env


def compose(
    plan: Plan,
    folder: StateFolder,
    world: World,
    subject: str,
    run_id: str,
    agent_type: str,
    now: float,
    place: Path | None = None,
    tools: tuple[ToolServer, ...] = (),
    *,
    spoken: bool = False,
) -> Launch:
    """What the run `run_id` of a workstream or an orchestrator executes. Raises LocustTuiError when it cannot.

    `place`: where the plan's folder is for it, in its worktree; None: the folder itself. `tools`: servers it is offered. `spoken`: its agent is spoken to by its kind's protocol.
    An attempt that follows one that was sent back is told why: in LOCUST_TUI_NOTE, and after its instructions.
    """
    job, workstream, kind = _job(plan, subject), plan.workstreams.get(subject), plan.agents.get(agent_type)
    note = world.workstream(subject).returned
    cwd = (place or folder.plan_path.parent) / (job.cwd or (kind.cwd if kind else None) or ".")
    own = workstream.run if workstream is not None else None
    pty = _WINDOW if own is None and kind is not None and kind.pty else None
    terminal = {"TERM": "xterm-256color"} if pty else {}
    of_type = dict(kind.env) if kind else {}
    set_here = {
        **terminal,
        **of_type,
        **job.env,
        **_own_variables(folder, subject, run_id, kind, note),
        **_crew(workstream),
    }
    names = tuple(sorted(set_here))
    if own is not None:
        return Launch(own.argv, cwd, {**base_environment(), **set_here}, names)
    resume = session_to_resume(world, subject, int(run_id.rpartition(".")[2])) if spoken else ""
    told = f"{job.instructions}\n\n{_SENT_BACK}{note}\n" if note and job.instructions else job.instructions
    if brief := orchestrator_brief(plan, world, subject, tools=bool(tools)):
        told = f"{told}\n\n{brief}\n" if told else brief
    whole_job = _with_crew(_with_skills(told, kind), workstream) if spoken else told
    instructions = GO_ON if resume else whole_job
    instructions_file = folder.root / "instructions" / f"{run_id}.txt"
    week = week_of(plan.calendar, project_start(plan.calendar, world.project.started), now)
    values = {
        "instructions": instructions, "instructions_file": str(instructions_file),
        "workstream": subject, "run": run_id, "subject": job.name, "week": str(week),
    }  # fmt: skip
    argv = _filled(kind, agent_type, subject, values, spoken=spoken)
    wanted = any(str(instructions_file) in argument for argument in argv)
    whole = {**_inherited(pty is not None), **set_here}
    composed = Launch(argv, cwd, whole, names, instructions_file if wanted else None, instructions, pty)
    if kind is None or not spoken:
        return composed
    talk, launch = speak(
        kind, run_id, instructions, argv, cwd, folder.runs / run_id,
        permits=world.workstream(subject).permits, resume=resume, tools=tools, now=now,
    )  # fmt: skip
    env = environment(base_environment(), launch, set_here)
    return replace(composed, argv=launch.argv, env=env, talk=talk)


def _own_variables(
    folder: StateFolder, subject: str, run_id: str, kind: AgentType | None, note: str
) -> dict[str, str]:
    """What every run is told by us of itself."""
    ours = {
        "LOCUST_TUI_RUN": run_id,
        "LOCUST_TUI_WORKSTREAM": subject,
        "LOCUST_TUI_PLAN": str(folder.plan_path),
        "LOCUST_TUI_STATE_DIR": str(folder.root),
        "LOCUST_TUI_EVENTS": str(folder.runs / run_id / "events.jsonl"),
    }
    if kind is not None and kind.skills:
        ours["LOCUST_TUI_SKILLS"] = ",".join(kind.skills)
    if kind is not None and kind.model:
        ours["LOCUST_TUI_MODEL"] = kind.model
    if note:
        ours["LOCUST_TUI_NOTE"] = note.replace("\0", "")
    return ours


def _with_crew(instructions: str, workstream: Workstream | None) -> str:
    """An agent is told that it need not work alone; a command finds it in LOCUST_TUI_AGENTS."""
    if workstream is None or workstream.crew is None or not instructions:
        return instructions
    return f"{instructions}\n\nYou may divide this work among up to {workstream.crew.agents} agents of your own.\n"


def _crew(workstream: Workstream | None) -> dict[str, str]:
    """Among how many agents it may divide its work."""
    if workstream is None or workstream.crew is None:
        return {}
    return {"LOCUST_TUI_AGENTS": str(workstream.crew.agents)}


def _with_skills(instructions: str, kind: AgentType | None) -> str:
    """An agent is told what its type is for; a command finds it in LOCUST_TUI_SKILLS."""
    if kind is None or not kind.skills or not instructions:
        return instructions
    return f"{instructions}\n\nYou are asked for your skills: {', '.join(kind.skills)}.\n"


def _filled(
    kind: AgentType | None, agent_type: str, subject: str, values: Mapping[str, str], *, spoken: bool
) -> tuple[str, ...]:
    """The agent type's command; empty where the kind brings its own. Raises LocustTuiError."""
    if kind is not None and spoken and not kind.command:
        return ()
    if kind is None or not kind.command:
        raise LocustTuiError(
            f'agent type "{agent_type}" has no command, so {subject} cannot start',
            help=f"write agents: {{{agent_type}: {{command: …}}}} in the plan",
        )
    try:
        return fill(kind.command, dict(values))
    except TemplateError as error:
        raise LocustTuiError(f"agent type {agent_type}: {error}", help=error.help) from None


def _inherited(pty: bool) -> Mapping[str, str]:
    """With a terminal of its own, the agent is told nothing of the one the worker was started from."""
    if not pty:
        return base_environment()
    return {name: value for name, value in base_environment().items() if name not in ("LINES", "COLUMNS")}


def _job(plan: Plan, subject: str) -> _Job:
    if (workstream := plan.workstreams.get(subject)) is not None:
        return _Job(workstream.name, workstream.instructions or "", workstream.cwd, workstream.env)
    if (orchestrator := plan.orchestrators.get(subject)) is not None:
        return _Job(orchestrator.name, orchestrator.instructions or "", None, {})
    if plan.meta is not None and plan.meta.id == subject:
        return _Job(plan.meta.name, plan.meta.instructions or "", None, {})
    raise LocustTuiError(f"{subject} is no longer in the plan")
