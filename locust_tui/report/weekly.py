"""The weekly status report as values: built once from what the record says, then rendered in any format."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..domain.plan import Plan
from ..domain.snapshot import OrchestratorView, RiskView, Snapshot, WorkstreamView
from ..domain.states import UNFINISHED, Verdict, WorkstreamState
from .figures import age, count

VERDICTS = {
    Verdict.YES: "Yes",
    Verdict.NO: "No",
    Verdict.AT_RISK: "At Risk",
    Verdict.UNKNOWN: "Unknown",
    Verdict.COMPLETE: "Complete",
    Verdict.NOT_STARTED: "Not Started",
}

_BLOCKERS = (WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT)
_BEGUN = (
    WorkstreamState.RUNNING,
    WorkstreamState.NEEDS_INPUT,
    WorkstreamState.REVIEW,
    WorkstreamState.REWORK,
    WorkstreamState.PAUSED,
    WorkstreamState.FAILED,
)


@dataclass(frozen=True, slots=True)
class Domain:
    """One orchestrator's part, or the whole project where there is none."""

    id: str
    name: str
    phases: str
    """"1", "2-3", "1, 3"; empty without phases."""
    progress: float | None
    progress_before: float | None
    blockers: tuple[str, ...]
    next_week: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskLine:
    id: str
    risk: str
    mitigation: str
    score: float
    level: str
    state: str
    change: str
    """What is different from the last report: "new", "was medium"; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    item: str
    decision: str
    context: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Points are 0 to 100; `at` is the moment the report speaks of, seconds since the epoch."""

    project: str
    short: str
    week: int
    at: float
    revision: int
    plan_digest: str
    phase: str
    completion: float | None
    completion_before: float | None
    """At the end of the week before; None when there was none."""
    verdict: Verdict
    reasons: tuple[str, ...]
    domains: tuple[Domain, ...]
    risks: tuple[RiskLine, ...]
    decisions: tuple[DecisionLine, ...]
    resources: tuple[str, ...]


def build_report(plan: Plan, snapshot: Snapshot, before: Snapshot | None, *, week: int) -> StatusReport:
    """The report of plan week `week` from the state at its moment and, where there is one, a week earlier."""
    return StatusReport(
        project=plan.project.name,
        short=plan.project.short,
        week=week,
        at=snapshot.at,
        revision=snapshot.revision,
        plan_digest=snapshot.plan_digest,
        phase=_current_phases(snapshot),
        completion=snapshot.progress,
        completion_before=before.progress if before else None,
        verdict=snapshot.verdict,
        reasons=snapshot.reasons,
        domains=_domains(plan, snapshot, before, week),
        risks=_risks(snapshot, before),
        decisions=tuple(_decisions(snapshot)),
        resources=tuple(_resources(snapshot)),
    )


def _current_phases(snapshot: Snapshot) -> str:
    names = {p.id: p.name for p in snapshot.phases}
    parts = []
    for phase in snapshot.current_phases:
        name = names.get(phase, phase)
        parts.append(phase if name == phase else f"{phase} ({name})")
    return ", ".join(parts)


def phase_range(wanted: set[str], order: list[str]) -> str:
    """Phase ids in plan order; neighbours there are written "first-last"."""
    runs: list[list[str]] = []
    for previous, phase in zip([None, *order], order, strict=False):
        if phase not in wanted:
            continue
        if runs and previous == runs[-1][-1]:
            runs[-1].append(phase)
        else:
            runs.append([phase])
    return ", ".join(r[0] if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def _domains(plan: Plan, snapshot: Snapshot, before: Snapshot | None, week: int) -> tuple[Domain, ...]:
    order = list(plan.phases)
    by_id = {w.id: w for w in snapshot.workstreams}
    if not snapshot.orchestrators:
        everything = list(snapshot.workstreams)
        phases = phase_range({w.phase for w in everything if w.phase}, order)
        earlier = before.progress if before else None
        name = plan.project.name
        return (_domain(name, name, phases, snapshot.progress, earlier, everything, snapshot, week),)
    progress_before = {o.id: o.progress for o in before.orchestrators} if before else {}
    found = []
    for o in snapshot.orchestrators:
        mine = [by_id[w] for w in o.workstreams if w in by_id]
        phases = phase_range(_phases_of(plan, o, mine), order)
        found.append(
            _domain(o.id, o.name, phases, o.progress, progress_before.get(o.id), mine, snapshot, week)
        )
    return tuple(found)


def _phases_of(plan: Plan, o: OrchestratorView, mine: list[WorkstreamView]) -> set[str]:
    planned = plan.orchestrators.get(o.id)
    return set(planned.phases) if planned and planned.phases else {w.phase for w in mine if w.phase}


def _domain(
    id: str,
    name: str,
    phases: str,
    progress: float | None,
    progress_before: float | None,
    mine: list[WorkstreamView],
    snapshot: Snapshot,
    week: int,
) -> Domain:
    blockers = tuple(_blocker(w, snapshot.at) for w in mine if w.state in _BLOCKERS)
    goals = tuple(goal for w in mine if (goal := _goal(w, week + 1)))
    return Domain(id, name, phases, progress, progress_before, blockers, goals)


def _blocker(w: WorkstreamView, at: float) -> str:
    """ "WS-03 failed: exit code 1 (2h)"."""
    cause = w.blocker or w.why or ""
    words = f"{w.id} {w.state.value}" + (f": {cause}" if cause else "")
    return words + (f" ({age(at - w.since)})" if w.since is not None else "")


def _goal(w: WorkstreamView, week: int) -> str | None:
    """What this workstream is to reach in plan week `week`; None when nothing is due by then."""
    if w.state not in UNFINISHED:
        return None
    begun = w.state in _BEGUN
    first, last = _weeks(w.weeks)
    if first is None or last is None:
        verb = "finish" if begun else "start" if w.state is WorkstreamState.READY else None
        return verb and f"{verb} {_title(w)}"
    if begun:
        verb = "finish" if last <= week else None
    elif last <= week:
        verb = "start and finish"
    else:
        verb = "start" if first <= week else None
    if verb is None:
        return None
    due = last if begun or last <= week else first
    return f"{verb} {_title(w)}" + (f" (was due in week {due})" if due < week else "")


def _title(w: WorkstreamView) -> str:
    return w.id if w.name == w.id else f"{w.id} {w.name}"


def _weeks(text: str) -> tuple[int | None, int | None]:
    """First and last week of "3-5" or "4"; (None, None) without dates."""
    first, _, last = text.partition("-")
    return (int(first), int(last or first)) if first.isdigit() else (None, None)


def _risks(snapshot: Snapshot, before: Snapshot | None) -> tuple[RiskLine, ...]:
    """Open risks, highest score first, ties in the plan's order."""
    earlier = {r.id: r for r in before.risks} if before else None
    lines = [
        RiskLine(r.id, r.risk, r.mitigation, r.score, r.level, r.state, _risk_change(r, earlier))
        for r in snapshot.risks
        if r.state != "closed"
    ]
    return tuple(sorted(lines, key=lambda r: -r.score))


def _risk_change(risk: RiskView, earlier: dict[str, RiskView] | None) -> str:
    if earlier is None:
        return ""
    old = earlier.get(risk.id)
    if old is None:
        return "new"
    if old.state != risk.state:
        return f"{risk.state}, was {old.state}"
    return f"{risk.level}, was {old.level}" if old.level != risk.level else ""


def _decisions(snapshot: Snapshot) -> list[DecisionLine]:
    names = {
        f"gate:{g.id}": f"gate {g.id}" + ("" if g.name == g.id else f" ({g.name})") for g in snapshot.gates
    }
    lines = []
    for w in snapshot.waiting:
        context = [w.what] if w.what else []
        if w.since is not None:
            context.append(f"waiting for {w.wanted} since {age(snapshot.at - w.since)}")
        else:
            context.append(f"waiting for {w.wanted}")
        title = names.get(w.item, w.item.replace(":", " ", 1))
        lines.append(
            DecisionLine(
                w.item,
                f"{w.kind.capitalize()}: {title}" if w.item not in names else title.capitalize(),
                "; ".join(context),
            )
        )
    return lines


def _resources(snapshot: Snapshot) -> list[str]:
    """Where agents are short, and where they stand idle."""
    ready: dict[str | None, list[str]] = {}
    for w in snapshot.workstreams:
        if w.state is WorkstreamState.READY:
            ready.setdefault(w.orchestrator, []).append(w.id)
    lines = []
    total = snapshot.agents_running
    if snapshot.cap is not None and total >= snapshot.cap and ready:
        waiting = [w for ids in ready.values() for w in ids]
        lines.append(
            f"All {snapshot.cap} agents of the plan are at work; {count(len(waiting), 'workstream')} could start: {', '.join(waiting)}"
        )
    for o in snapshot.orchestrators:
        if o.quota is None:
            continue
        waiting = ready.get(o.id, [])
        if waiting and o.agents_running >= o.quota:
            lines.append(
                f"{o.name}: all {o.quota} agents at work; {count(len(waiting), 'workstream')} could start: {', '.join(waiting)}"
            )
        elif snapshot.week and _open(o, snapshot) and o.agents_running < o.quota and not waiting:
            lines.append(
                f"{o.name}: {o.agents_running} of {o.quota} agents in use; nothing is ready to start"
            )
    return lines


def _open(o: OrchestratorView, snapshot: Snapshot) -> bool:
    unfinished = {w.id for w in snapshot.workstreams if w.state in UNFINISHED}
    return any(w in unfinished for w in o.workstreams)


def points_gained(now: float | None, before: float | None) -> int | None:
    """Whole points between two figures as they are printed; None when one is unknown."""
    if now is None or before is None:
        return None
    return math.floor(now + 1e-9) - math.floor(before + 1e-9)
