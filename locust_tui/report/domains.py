"""Each orchestrator's part of the weekly report: progress, what blocks it, what the next week is for."""

from __future__ import annotations

from ..domain.plan import Plan
from ..domain.snapshot import OrchestratorView, Snapshot, WorkstreamView
from ..domain.states import UNFINISHED, WorkstreamState
from .figures import age
from .weekly import Domain

_BLOCKERS = (WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT)
_BEGUN = (
    WorkstreamState.RUNNING,
    WorkstreamState.NEEDS_INPUT,
    WorkstreamState.REVIEW,
    WorkstreamState.REWORK,
    WorkstreamState.PAUSED,
    WorkstreamState.FAILED,
)


def domains(plan: Plan, snapshot: Snapshot, before: Snapshot | None, week: int) -> tuple[Domain, ...]:
    """One for every orchestrator, or a single one with the project's name where there is none."""
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
    blockers = tuple(_blocker(w, snapshot.at) for w in mine if w.state in _BLOCKERS or w.blocker or w.instead)
    goals = tuple(said for w in mine if (said := goal(w, week + 1)))
    return Domain(id, name, phases, progress, progress_before, blockers, goals)


def _blocker(w: WorkstreamView, at: float) -> str:
    """ "WS-03 failed: exit code 1 (2h)"."""
    cause = w.blocker or w.why or ""
    words = f"{w.id} {w.instead or w.state.value}" + (f": {cause}" if cause else "")
    return words + (f" ({age(at - w.since)})" if w.since is not None else "")


def behind(o: OrchestratorView) -> float | None:
    """Points that its verified progress is behind the planned one, where that puts the plan at risk; else 0. None: unknown."""
    if o.progress is None or o.expected_progress is None:
        return None
    gap = o.expected_progress - o.progress
    return gap if gap >= o.gap_at_risk else 0.0


def goal(w: WorkstreamView, week: int) -> str | None:
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
