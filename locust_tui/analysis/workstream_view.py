"""A workstream as viewers see it, rebuilt only when something it rests on has changed."""

from __future__ import annotations

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import SchedulePolicy, Workstream
from locust_tui.domain.snapshot import DeliverableView, NeedView, WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import WorkstreamStatus

from .criterion_state import CriterionStanding, standing
from .criterion_view import criterion_view
from .needs import need_state, verified_percent
from .situation import Situation
from .slots import Slots, no_slot
from .why import possible_actions, why_not_moving

_SLOT_STATES = frozenset({WorkstreamState.READY, WorkstreamState.REWORK})
_START_STATES = frozenset({WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY})


def check_criteria(w: Workstream, look: Situation) -> list[tuple[str, Criterion]]:
    """What `w` must pass to be accepted, with the keys of the results: its own checks, then the plan's invariants."""
    found = [(criterion_key(f"accept:{w.id}", c.id), c) for c in w.accept]
    if look.plan.meta is not None:
        found += [(criterion_key(f"invariant:{w.id}", c.id), c) for c in look.plan.meta.invariants]
    return found


def dependencies(
    w: Workstream, checks: list[tuple[str, Criterion]], look: Situation, slots: Slots
) -> tuple[object, ...]:
    """Everything besides the plan that the view of `w` rests on; equal tuples mean equal views."""
    world = look.world
    status = world.workstreams.get(w.id)
    gates, works, results = world.gates, world.workstreams, world.criteria
    rests_on: list[object] = [status, look.floats.get(w.id)]
    rests_on += [works.get(n.target) or gates.get(n.target) for n in w.needs]
    rests_on += [gates.get(g.id) for g in look.plan.gates_opening(w.phase)]
    aged = False
    for key, criterion in checks:
        rests_on.append(results.get(key))
        aged = aged or criterion.max_age is not None or criterion.after is not None
    state = status.state if status is not None else WorkstreamState.PLANNED
    if state in _SLOT_STATES:
        rests_on.append(no_slot(look.plan, slots, w))
        if status is not None and status.retry_at is not None:
            rests_on.append(status.retry_at > look.now)
    if state in _START_STATES:
        rests_on += [look.worker_pid is None, look.world.project.started is None]
        if look.plan.schedule is SchedulePolicy.AS_PLANNED:
            rests_on.append(look.at)
    if aged or any(
        n.target not in look.plan.workstreams and n.target not in look.plan.gates for n in w.needs
    ):
        rests_on += [look.now, world.revision]
    return tuple(rests_on)


def workstream_view(
    w: Workstream, checks: list[tuple[str, Criterion]], look: Situation, slots: Slots
) -> WorkstreamView:
    """Everything a viewer shows of one workstream."""
    plan, world = look.plan, look.world
    status = world.workstream(w.id)
    needs = [need_state(n, plan, world) for n in w.needs]
    found = [standing(c, key, plan, world, look.now) for key, c in checks]
    slack = look.floats.get(w.id)
    return WorkstreamView(
        id=w.id,
        name=w.name,
        phase=w.phase,
        orchestrator=w.orchestrator,
        state=status.state,
        priority=w.priority.value,
        weight=w.weight,
        weeks=str(w.weeks) if w.weeks is not None else "",
        agent=w.agent,
        verified=verified_percent(w, status),
        reported=status.reported,
        reported_at=status.reported_at,
        attempt=status.attempt,
        attempts_allowed=w.retry + 1,
        since=status.since,
        why=why_not_moving(w, status, needs, found, look, slots),
        note=status.note,
        blocker=status.blocker,
        next=status.next,
        critical=slack is not None and slack <= 0.0,
        float_weeks=slack,
        needs=tuple(
            NeedView(n.target, n.condition, s.met, s.why) for n, s in zip(w.needs, needs, strict=True)
        ),
        deliverables=_deliverables(w, status),
        checks=tuple(criterion_view(c) for c in found),
        run=f"{w.id}.{status.attempt}" if status.attempt else None,
        actions=possible_actions(w, status, needs, found, look),
        instructions=w.instructions or "",
        reviewers=w.reviewers,
    )


def _deliverables(w: Workstream, status: WorkstreamStatus) -> tuple[DeliverableView, ...]:
    accepted = status.state is WorkstreamState.ACCEPTED
    return tuple(
        DeliverableView(
            d.id, d.name, accepted or d.id in status.verified, d.id in status.claimed, d.check is not None
        )
        for d in w.deliverables
    )


def standings_of(w: Workstream, look: Situation) -> tuple[CriterionStanding, ...]:
    """How the checks of `w` stand now."""
    return tuple(standing(c, key, look.plan, look.world, look.now) for key, c in check_criteria(w, look))
