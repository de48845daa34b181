"""A workstream as viewers see it."""

from __future__ import annotations

from locust_tui.domain.plan import Workstream
from locust_tui.domain.snapshot import CriterionView, DeliverableView, NeedView, WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import WorkstreamStatus

from .came_to import came_to, open_pull_request
from .criterion_state import CriterionStanding, standing
from .criterion_view import criterion_view
from .needs import need_state, verified_percent
from .plan_index import Check
from .situation import Situation
from .slots import Slots
from .snapshot_cache import Built
from .startable import rests_on_nothing
from .why import possible_actions, slot_words, why_not_moving


def standings_of(checks: tuple[Check, ...], look: Situation) -> tuple[CriterionStanding, ...]:
    """How the checks of a workstream stand now."""
    return tuple([standing(c, key, look.plan, look.world, look.now) for key, c in checks])


def build_workstream(
    w: Workstream, checks: tuple[Check, ...], look: Situation, slots: Slots, before: Built | None = None
) -> Built:
    """The view of `w`, from scratch; `before` gives its checks where none of them changed."""
    plan, world = look.plan, look.world
    status = world.workstreams.get(w.id) or WorkstreamStatus(w.id)
    needs = [need_state(n, plan, world) for n in w.needs]
    found = standings_of(checks, look) if before is None else before.standings
    words = slot_words(w, status, needs, look, slots)
    view = _view(
        w,
        status,
        look.floats.get(w.id),
        verified=verified_percent(w, status),
        why=why_not_moving(w, status, needs, found, look, words),
        needs=tuple(
            [NeedView(n.target, n.condition, s.met, s.why) for n, s in zip(w.needs, needs, strict=True)]
        ),
        deliverables=_deliverables(w, status, before.view.deliverables if before is not None else ()),
        checks=tuple([criterion_view(c) for c in found]) if before is None else before.view.checks,
        actions=possible_actions(w, status, needs, found, look),
    )
    return Built(
        view, found, words, tuple([n.target for n, s in zip(w.needs, needs, strict=True) if not s.met])
    )


def with_report(w: Workstream, built: Built, look: Situation) -> Built:
    """`built` with what the agent says and the float as they are now; nothing else of it may have changed."""
    old = built.view
    view = _view(
        w,
        look.world.workstream(w.id),
        look.floats.get(w.id),
        verified=old.verified,
        why=old.why,
        needs=old.needs,
        deliverables=old.deliverables,
        checks=old.checks,
        actions=old.actions,
    )
    return Built(view, built.standings, built.slot_words, built.unmet)


def _view(
    w: Workstream,
    status: WorkstreamStatus,
    slack: float | None,
    *,
    verified: float,
    why: str | None,
    needs: tuple[NeedView, ...],
    deliverables: tuple[DeliverableView, ...],
    checks: tuple[CriterionView, ...],
    actions: tuple[str, ...],
) -> WorkstreamView:
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
        verified=verified,
        reported=status.reported,
        reported_at=status.reported_at,
        attempt=status.attempt,
        attempts_allowed=w.retry + 1,
        since=status.since,
        why=why,
        note=status.note,
        blocker=status.blocked_by,
        next=status.next,
        critical=slack is not None and slack <= 0.0,
        float_weeks=slack,
        needs=needs,
        deliverables=deliverables,
        checks=checks,
        run=f"{w.id}.{status.attempt}" if status.attempt else None,
        actions=actions,
        instructions=w.instructions or "",
        reviewers=w.reviewers,
        branch=status.branch,
        unknown=rests_on_nothing(w, status),
        came_to=came_to(status),
        pull_request=open_pull_request(status),
    )


def _deliverables(
    w: Workstream, status: WorkstreamStatus, before: tuple[DeliverableView, ...]
) -> tuple[DeliverableView, ...]:
    accepted = status.state is WorkstreamState.ACCEPTED
    verified, claimed = status.verified, status.claimed
    now = [(accepted or d.id in verified, d.id in claimed) for d in w.deliverables]
    if before and now == [(v.verified, v.claimed) for v in before]:
        return before
    return tuple(
        [
            DeliverableView(d.id, d.name, *n, d.check is not None)
            for d, n in zip(w.deliverables, now, strict=True)
        ]
    )
