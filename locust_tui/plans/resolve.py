"""The plan file's blocks → the plan in force: memberships joined, defaults filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..domain.criterion import Criterion
from ..domain.plan import (
    Account,
    Calendar,
    Gate,
    GateMode,
    GitSettings,
    GrantRule,
    Meta,
    Milestone,
    Need,
    Phase,
    Plan,
    Project,
    Resources,
    SchedulePolicy,
)
from .resolve_agents import resolve_agents, resolve_budget
from .resolve_criteria import resolve_criteria, resolve_criterion, slug, unique
from .resolve_measures import (
    resolve_alert,
    resolve_escalation,
    resolve_hook,
    resolve_kpi,
    resolve_monitor,
    resolve_notify,
    resolve_report,
    resolve_risks,
    resolve_strategy,
    resolve_success,
    resolve_verdict,
)
from .resolve_work import owners_of, resolve_orchestrator, resolve_workstream

if TYPE_CHECKING:
    from .schema.criteria import CriterionBlock
    from .schema.document import CalendarBlock, PlanBlock
    from .schema.governance import GateBlock


def resolve(block: PlanBlock, *, folder: str, free: Mapping[str, Any]) -> Plan:
    """The plan that `block` says; `folder` names a project without a name, `free` are its x- keys."""
    owners = owners_of(block)
    milestones = _milestones(block)
    workstreams = {id_: resolve_workstream(id_, w, block, owners) for id_, w in block.workstreams.items()}
    if aliases := {m.name: m.id for m in milestones if m.name != m.id}:
        workstreams = {id_: replace(w, needs=_by_id(w.needs, aliases)) for id_, w in workstreams.items()}
    phases = {id_: Phase(id_, p.name or f"Phase {id_}", p.weeks) for id_, p in block.phases.items()}
    orchestrators = {
        id_: resolve_orchestrator(id_, o, phases, workstreams) for id_, o in block.orchestrators.items()
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
            critical_path=block.project.critical_path,
        ),
        workstreams=workstreams,
        version=block.version,
        calendar=_calendar(block.calendar),
        schedule=block.schedule or SchedulePolicy.ASAP,
        agents=resolve_agents(block),
        resources=Resources(
            block.resources.max_agents,
            block.resources.max_checks or 2,
            dict(block.resources.pools),
            GrantRule(block.resources.requests.grant or "ask", block.resources.requests.expires),
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
        risks=resolve_risks(block.risks),
        strategies=tuple(resolve_strategy(s) for s in block.strategies),
        notify={address: resolve_notify(address, c) for address, c in block.notify.items()},
        escalation=tuple(resolve_escalation(e) for e in block.escalation),
        monitors=tuple(resolve_monitor(m) for m in block.monitors),
        alerts=tuple(resolve_alert(a) for a in block.alerts),
        reports=tuple(resolve_report(r) for r in block.reports),
        facts=tuple(_fact(name, f) for name, f in block.facts.items()),
        success=tuple(resolve_success(s) for s in block.success),
        after_release=tuple(resolve_success(s) for s in block.after_release),
        budget=resolve_budget(block.budget),
        accounts={name: Account(name, a.reserve or 0.0) for name, a in block.accounts.items()},
        git=_git(block),
        people=dict(block.people),
        aliases=dict(block.aliases),
        channels=dict(block.channels),
        hooks={name: resolve_hook(name, h) for name, h in block.hooks.items()},
        features=frozenset(name for name, on in block.features.model_dump(by_alias=True).items() if on),
        free={key: json.dumps(value, ensure_ascii=False) for key, value in free.items()},
        verdict=resolve_verdict(block.verdict),
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


def _git(block: PlanBlock) -> GitSettings:
    g, project = block.git, block.project
    return GitSettings(
        prefix=g.prefix or project.pr_prefix or "locust/",
        base=g.base or project.branch,
        setup=g.setup,
        teardown=g.teardown,
        commit=g.commit or "auto",
        pr=g.pr if g.pr is not None else bool(block.features.github_integration),
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
