"""The plan file's blocks → the plan in force: memberships joined, defaults filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..domain.criterion import Criterion
from ..domain.plan import (
    Account,
    AgentType,
    Budget,
    Calendar,
    Gate,
    GateMode,
    GitSettings,
    Meta,
    Milestone,
    Need,
    Orchestrator,
    Phase,
    Plan,
    Priority,
    Project,
    Resources,
    SchedulePolicy,
    Weeks,
    Workstream,
)
from .commands import SecretReference
from .resolve_criteria import resolve_criteria, resolve_criterion, resolve_deliverables, slug, unique
from .resolve_measures import (
    resolve_alert,
    resolve_escalation,
    resolve_kpi,
    resolve_monitor,
    resolve_notify,
    resolve_report,
    resolve_risk,
    resolve_strategy,
    resolve_success,
)

if TYPE_CHECKING:
    from .schema.criteria import CriterionBlock
    from .schema.document import CalendarBlock, PlanBlock
    from .schema.governance import GateBlock
    from .schema.work import AgentBlock, BudgetBlock, OrchestratorBlock, WorkstreamBlock

DEMO_AGENT = AgentType("demo", command=("locust-tui", "agent", "demo", "{workstream}"))
"""The scripted agent: any plan may name it without defining it."""


def resolve(block: PlanBlock, *, folder: str, free: Mapping[str, Any]) -> Plan:
    """The plan that `block` says; `folder` names a project without a name, `free` are its x- keys."""
    owners = _owners(block)
    milestones = _milestones(block)
    workstreams = {id_: _workstream(id_, w, block, owners) for id_, w in block.workstreams.items()}
    if aliases := {m.name: m.id for m in milestones if m.name != m.id}:
        workstreams = {id_: replace(w, needs=_by_id(w.needs, aliases)) for id_, w in workstreams.items()}
    phases = {id_: Phase(id_, p.name or f"Phase {id_}", p.weeks) for id_, p in block.phases.items()}
    orchestrators = {
        id_: _orchestrator(id_, o, phases, workstreams) for id_, o in block.orchestrators.items()
    }
    name = block.project.name or folder
    return Plan(
        project=Project(
            name=name,
            short=block.project.short or name,
            repo=block.project.repo,
            branch=block.project.branch,
            pr_prefix=block.project.pr_prefix or "",
            window=block.project.window,
        ),
        workstreams=workstreams,
        version=block.version,
        calendar=_calendar(block.calendar),
        schedule=block.schedule or SchedulePolicy.ASAP,
        agents=_agents(block),
        resources=Resources(
            block.resources.max_agents, block.resources.max_checks or 2, dict(block.resources.pools)
        ),
        meta=_meta(block),
        phases=phases,
        orchestrators=orchestrators,
        gates={
            id_: _gate(id_, g, list(phases), {m.name: m.id for m in milestones})
            for id_, g in block.gates.items()
        },
        milestones=milestones,
        kpis={id_: resolve_kpi(id_, k) for id_, k in block.kpis.items()},
        risks=tuple(resolve_risk(n, r) for n, r in enumerate(block.risks, 1)),
        strategies=tuple(resolve_strategy(s) for s in block.strategies),
        notify={address: resolve_notify(address, c) for address, c in block.notify.items()},
        escalation=tuple(resolve_escalation(e) for e in block.escalation),
        monitors=tuple(resolve_monitor(m) for m in block.monitors),
        alerts=tuple(resolve_alert(a) for a in block.alerts),
        reports=tuple(resolve_report(r) for r in block.reports),
        facts=tuple(_fact(name, f) for name, f in block.facts.items()),
        success=tuple(resolve_success(s) for s in block.success),
        after_release=tuple(resolve_success(s) for s in block.after_release),
        budget=_budget(block.budget),
        accounts={name: Account(name, a.reserve or 0.0) for name, a in block.accounts.items()},
        git=_git(block),
        people=dict(block.people),
        free={key: json.dumps(value, ensure_ascii=False) for key, value in free.items()},
    )


def _milestones(block: PlanBlock) -> tuple[Milestone, ...]:
    taken: set[str] = set()
    found = [Milestone(unique(slug(m.name), taken), m.name, m.week, m.needs) for m in block.milestones]
    aliases = {m.name: m.id for m in found}
    return tuple(replace(m, needs=_by_id(m.needs, aliases)) for m in found)


def _by_id(needs: tuple[Need, ...], aliases: Mapping[str, str]) -> tuple[Need, ...]:
    """Milestones may be needed by their name; in the plan it is their id."""
    if not any(need.target in aliases for need in needs):
        return needs
    return tuple(replace(need, target=aliases.get(need.target, need.target)) for need in needs)


def _fact(name: str, block: CriterionBlock) -> Criterion:
    criterion = resolve_criterion(block, set(), name=block.name or name)
    return replace(criterion, id=slug(name, "fact"), fact=name)


def _owners(block: PlanBlock) -> dict[str, str]:
    """Phase → the first orchestrator that has it."""
    owners: dict[str, str] = {}
    for id_, orchestrator in block.orchestrators.items():
        for phase in orchestrator.phases:
            owners.setdefault(phase, id_)
    return owners


def _workstream(id_: str, w: WorkstreamBlock, block: PlanBlock, owners: Mapping[str, str]) -> Workstream:
    defaults = block.resources.defaults
    orchestrator = w.orchestrator or owners.get(w.phase or "")
    agent = None
    if w.run is None:
        boss = block.orchestrators.get(orchestrator or "")
        agent = w.agent or (boss.agent if boss else None) or defaults.agent or _only(block.agents)
    kind = block.agents.get(agent or "")
    env = {**(defaults.env or {}), **(w.env or {})}
    timeout = (
        w.timeout
        if w.timeout is not None
        else kind.timeout
        if kind and kind.timeout is not None
        else defaults.timeout
    )
    retry = (
        w.retry if w.retry is not None else kind.retry if kind and kind.retry is not None else defaults.retry
    )
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
        env=_plain(env),
        secrets=_secrets(env),
        cwd=w.cwd or defaults.cwd,
        notes=w.notes or "",
        budget=_budget(w.budget),
    )


def _only(agents: Mapping[str, object]) -> str | None:
    """The one agent type of a plan that has just one."""
    return next(iter(agents)) if len(agents) == 1 else None


def _orchestrator(
    id_: str, o: OrchestratorBlock, phases: Mapping[str, Phase], workstreams: Mapping[str, Workstream]
) -> Orchestrator:
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
        weeks=Weeks(min(w.first for w in weeks), max(w.last for w in weeks)) if weeks else None,
        budget=_budget(o.budget),
    )


def _meta(block: PlanBlock) -> Meta | None:
    m = block.meta
    if m is None:
        return None
    id_ = m.id or "meta"
    return Meta(id_, m.name or id_, m.agent, m.role or "", m.instructions, resolve_criteria(m.invariants))


def _gate(id_: str, g: GateBlock, phases: list[str], aliases: Mapping[str, str]) -> Gate:
    opens = g.opens
    if opens is None and g.closes in phases:
        opens = next(iter(phases[phases.index(g.closes) + 1 :]), None)
    return Gate(
        id=id_,
        name=g.name or id_,
        closes=g.closes,
        opens=opens,
        needs=_by_id(g.needs, aliases),
        week=g.week,
        mode=g.mode or GateMode.OVERLAP,
        criteria=resolve_criteria(g.criteria),
        approvers=g.approvers,
        min_approvals=g.min_approvals or 1,
    )


_PROTOCOLS = {"claude": "claude", "codex": "codex"}


def _agents(block: PlanBlock) -> dict[str, AgentType]:
    agents = {name: _agent(name, a) for name, a in block.agents.items()}
    if "demo" not in agents and _names_demo(block):
        agents["demo"] = DEMO_AGENT
    return agents


def _names_demo(block: PlanBlock) -> bool:
    agents = {w.agent for w in block.workstreams.values()} | {o.agent for o in block.orchestrators.values()}
    return "demo" in {*agents, block.resources.defaults.agent, block.meta.agent if block.meta else None}


def _agent(name: str, a: AgentBlock) -> AgentType:
    command = a.command or ()
    program = command[0].rsplit("/", 1)[-1] if command else ""
    return AgentType(
        name=name,
        kind=a.kind or _PROTOCOLS.get(program, "shell"),
        command=command,
        model=a.model,
        env=_plain(a.env or {}),
        cwd=a.cwd,
        skills=a.skills,
        rate=a.rate,
        account=a.account,
        timeout=a.timeout,
        retry=a.retry,
        sandbox=a.sandbox,
        max=a.max,
        mode=a.mode,
        pty=a.pty or False,
        allow=a.allow,
        stall=a.stall,
        fruitless=a.fruitless,
        budget=_budget(a.budget),
        secrets=_secrets(a.env or {}),
    )


def _plain(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not isinstance(value, SecretReference)}


def _secrets(env: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in env.items() if isinstance(value, SecretReference)}


def _budget(b: BudgetBlock | None) -> Budget | None:
    return None if b is None else Budget(b.cost, b.tokens, 80.0 if b.warn is None else b.warn)


def _git(block: PlanBlock) -> GitSettings:
    g, project = block.git, block.project
    return GitSettings(
        prefix=g.prefix or project.pr_prefix or "locust/",
        base=g.base or project.branch,
        setup=g.setup,
        teardown=g.teardown,
        commit=g.commit or "auto",
        pr=g.pr or False,
    )


def _calendar(c: CalendarBlock) -> Calendar:
    zone = c.timezone or "UTC"
    defaults = Calendar()
    return Calendar(
        start=_midnight(c.start, zone) if c.start else None,
        start_date=c.start.isoformat() if c.start else None,
        week_s=c.week if c.week is not None else defaults.week_s,
        workdays=c.workdays or defaults.workdays,
        holidays=tuple(day.isoformat() for day in c.holidays),
        hours=c.hours or defaults.hours,
        timezone=zone,
    )


def _midnight(day: Any, zone: str) -> float:
    import datetime
    from zoneinfo import ZoneInfo

    return datetime.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()
