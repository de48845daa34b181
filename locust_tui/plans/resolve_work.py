"""Workstreams and who is responsible for them: memberships joined, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from ..domain.plan import Crew, Orchestrator, Phase, Priority, Weeks, Workstream
from .resolve_agents import plain, resolve_budget, secrets
from .resolve_criteria import resolve_criteria, resolve_deliverables

if TYPE_CHECKING:
    from .schema.document import PlanBlock
    from .schema.work import CrewBlock, OrchestratorBlock, WorkstreamBlock

T = TypeVar("T")


def owners_of(block: PlanBlock) -> dict[str, str]:
    """Phase → the first orchestrator that has it."""
    owners: dict[str, str] = {}
    for id_, orchestrator in block.orchestrators.items():
        for phase in orchestrator.phases:
            owners.setdefault(phase, id_)
    return owners


def resolve_workstream(
    id_: str, w: WorkstreamBlock, block: PlanBlock, owners: Mapping[str, str]
) -> Workstream:
    """What it does not say comes from its agent type, then from the plan's defaults."""
    defaults = block.resources.defaults
    orchestrator = w.orchestrator or owners.get(w.phase or "")
    agent = None
    if w.run is None:
        boss = block.orchestrators.get(orchestrator or "")
        agent = w.agent or (boss.agent if boss else None) or defaults.agent or _only(block.agents)
    kind = block.agents.get(agent or "")
    env = {**(defaults.env or {}), **(w.env or {})}
    timeout = _first(w.timeout, kind.timeout if kind else None, defaults.timeout)
    retry = _first(w.retry, kind.retry if kind else None, defaults.retry)
    return Workstream(
        id=id_,
        name=w.name or id_,
        phase=w.phase,
        orchestrator=orchestrator,
        weeks=w.weeks,
        priority=w.priority or Priority.MEDIUM,
        weight=w.weight if w.weight is not None else float(w.weeks.duration) if w.weeks else 1.0,
        agent=agent,
        run=w.run,
        instructions=w.instructions,
        deliverables=resolve_deliverables(w.deliverables),
        needs=w.needs,
        accept=resolve_criteria(w.accept),
        reviewers=w.reviewers if w.reviewers is not None else defaults.reviewers or (),
        timeout=timeout,
        retry=retry or 0,
        worktree=w.worktree if w.worktree is not None else defaults.worktree or False,
        estimate=w.estimate,
        env=plain(env),
        secrets=secrets(env),
        cwd=w.cwd or defaults.cwd,
        notes=w.notes or "",
        budget=resolve_budget(w.budget),
        crew=_crew(w.crew),
        defer=w.defer or "",
    )


def _crew(c: CrewBlock | None) -> Crew | None:
    """One agent is no crew."""
    if c is None or c.agents < 2:
        return None
    return Crew(c.agents) if c.gain is None else Crew(c.agents, c.gain)


def _first(*values: T | None) -> T | None:
    """What stands nearest: the first that is said at all."""
    return next((value for value in values if value is not None), None)


def _only(agents: Mapping[str, object]) -> str | None:
    """The one agent type of a plan that has just one."""
    return next(iter(agents)) if len(agents) == 1 else None


def resolve_orchestrator(
    id_: str, o: OrchestratorBlock, phases: Mapping[str, Phase], workstreams: Mapping[str, Workstream]
) -> Orchestrator:
    """Its weeks span those of its phases, unless it says them."""
    ranges = [phases[p].weeks for p in o.phases if p in phases]
    weeks = [w for w in ranges if w is not None]
    return Orchestrator(
        id=id_,
        name=o.name or id_,
        alias=o.id,
        agent=o.agent,
        phases=o.phases,
        focus=o.focus or "",
        role=o.role or "",
        instructions=o.instructions,
        deliverables=o.deliverables,
        workstreams=tuple(w.id for w in workstreams.values() if w.orchestrator == id_),
        weeks=o.weeks or (Weeks(min(w.first for w in weeks), max(w.last for w in weeks)) if weeks else None),
        budget=resolve_budget(o.budget),
    )
