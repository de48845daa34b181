"""Why a workstream does not move, in words, and what an operator may ask for now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from locust_tui.domain.plan import SchedulePolicy, Workstream
from locust_tui.domain.states import CriterionState, WorkstreamState
from locust_tui.domain.world import WorkstreamStatus

from .coming_home import coming_home_obstacles, is_collected
from .criterion_state import CriterionStanding
from .gates import holds_acceptance, holds_start
from .holds import has_no_float, start_hold
from .needs import NeedState, unaccepted_needs
from .network import planned_start_week
from .situation import Situation
from .slots import Slots, no_slot
from .startable import startable_kind, why_not_startable

_S = WorkstreamState


def start_obstacles(w: Workstream, needs: Sequence[NeedState], look: Situation) -> list[str]:
    """What bars the start of `w`: unmet needs, shut gates, a planned date still ahead."""
    unmet = [n for n in needs if not n.met]
    obstacles = []
    names = [n.short for n in unmet if n.short]
    if names:
        obstacles.append(f"needs {', '.join(names)}")
    obstacles += [n.why for n in unmet if not n.short]
    gate = holds_start(look.plan, look.world, w)
    if gate is not None:
        words = f"gate {gate.id} is {'killed' if look.world.gate(gate.id).state == 'killed' else 'shut'}"
        if words not in obstacles:
            obstacles.append(words)
    if not obstacles:
        obstacles += _planned_ahead(w, look)
    return obstacles


def _planned_ahead(w: Workstream, look: Situation) -> list[str]:
    if look.plan.schedule is not SchedulePolicy.AS_PLANNED or look.world.workstream(w.id).forced:
        return []
    first = planned_start_week(look.plan, w)
    return [f"planned for week {first}"] if first is not None and look.at < first - 1 else []


def acceptance_obstacles(w: Workstream, checks: Sequence[CriterionStanding], look: Situation) -> list[str]:
    """What bars the acceptance of `w` once its work has ended: checks, needs, gates, reviewers."""
    status = look.world.workstream(w.id)
    if not is_collected(w, status):
        return ["what stands in its worktree is being looked at"]
    must = [c for c in checks if c.counts]
    bad = [c for c in must if c.state in (CriterionState.FAIL, CriterionState.ERROR)]
    obstacles = [
        f"check {c.criterion.name} {'failed' if c.state is CriterionState.FAIL else 'could not be measured'}{_detail(c)}"
        for c in bad
    ]
    if bad:
        return obstacles
    open_checks = [c for c in must if c.state in (CriterionState.NOT_RUN, CriterionState.STALE)]
    if open_checks:
        obstacles.append(f"{len(open_checks)} of {len(must)} checks still to run")
    passed = sum(c.state in (CriterionState.PASS, CriterionState.WAIVED) for c in checks)
    obstacles += coming_home_obstacles(w, status, look.world.latest_run(w.id), passed)
    unaccepted = unaccepted_needs(w, look.plan, look.world)
    if unaccepted:
        obstacles.append(f"accepted only after {', '.join(unaccepted)}")
    gate = holds_acceptance(look.plan, look.world, w)
    if gate is not None:
        obstacles.append(f"gate {gate.id} is shut")
    yes = yes_wanted(w, checks)
    if not obstacles and yes:
        obstacles.append(f"{_WAITS_FOR_YES}{' or '.join(yes)}")
    return obstacles


_WAITS_FOR_YES = "waits for a yes of "


def yes_wanted(w: Workstream, checks: Sequence[CriterionStanding]) -> tuple[str, ...]:
    """Who must say yes to the finished work: its reviewers, and the signers of manual checks."""
    signers = (c.waits_for for c in checks if c.counts and c.state is CriterionState.WAITING)
    return tuple(dict.fromkeys((*w.reviewers, *signers)))


def waits_for_yes(w: Workstream, checks: Sequence[CriterionStanding], look: Situation) -> bool:
    """Nothing but a person's yes, or what a person has to see to before one, is missing for acceptance."""
    obstacles = acceptance_obstacles(w, checks, look)
    return bool(obstacles) and obstacles[0].startswith((_WAITS_FOR_YES, "a person"))


def _detail(standing: CriterionStanding) -> str:
    evidence = standing.result.evidence if standing.result is not None else None
    return f": {evidence.detail}" if evidence is not None and evidence.detail else ""


def why_not_moving(
    w: Workstream,
    status: WorkstreamStatus,
    needs: Sequence[NeedState],
    checks: Sequence[CriterionStanding],
    look: Situation,
    slot: str | None,
) -> str | None:
    """One line, or None when nothing holds it: it runs, or it is accepted."""
    state = status.state
    if state is _S.ACCEPTED:
        return None
    if state is _S.RUNNING:
        return status.blocked_by or look.troubles.get(w.id)
    if state in (_S.PLANNED, _S.BLOCKED, _S.READY):
        return _why_not_started(w, status, needs, look, slot)
    if state is _S.REVIEW:
        return (
            "; ".join(acceptance_obstacles(w, checks, look)) or status.reason or "its result is being checked"
        )
    if state is _S.REWORK:
        reason = status.reason or "sent back to rework"
        waits = _back_off(status, look) or slot
        return f"{reason}; {waits}" if waits else reason
    if state is _S.NEEDS_INPUT:
        return look.troubles.get(w.id) or status.reason or status.blocked_by or "waits for an answer"
    return status.reason or state.value


def _why_not_started(
    w: Workstream, status: WorkstreamStatus, needs: Sequence[NeedState], look: Situation, slot: str | None
) -> str | None:
    obstacles = start_obstacles(w, needs, look)
    if obstacles:
        return "; ".join(obstacles)
    if not startable_kind(look.plan, w):
        return why_not_startable(look.plan, w)
    if look.world.project.started is None:
        return "the plan has not been started"
    if look.worker_pid is None:
        return "no worker is running"
    return _back_off(status, look) or slot or status.reason or "about to start"


_MAY_START = frozenset({_S.PLANNED, _S.BLOCKED, _S.READY, _S.REWORK})


def slot_words(
    w: Workstream, status: WorkstreamStatus, needs: Sequence[NeedState], look: Situation, slots: Slots
) -> str | None:
    """What holds the start of `w` besides its needs, empty where nothing does; None while that does not matter to it."""
    if status.state not in _MAY_START or not all(n.met for n in needs):
        return None
    return hold_words(w, look, slots)


def hold_words(w: Workstream, look: Situation, slots: Slots) -> str:
    """The account, the budget or the cap that keeps `w` from starting; empty: none does."""
    plan = look.plan
    hold = start_hold(plan, look.world, w, look.now, critical=lambda: has_no_float(plan, w.id))
    return hold or no_slot(plan, slots, w) or ""


def _back_off(status: WorkstreamStatus, look: Situation) -> str:
    if status.retry_at is None or status.retry_at <= look.now:
        return ""
    moment = datetime.fromtimestamp(status.retry_at, UTC).strftime("%H:%M:%S")
    return f"attempt {status.attempt + 1} not before {moment} UTC"


_ALWAYS = ("cancel", "defer")
_ACTIONS: dict[WorkstreamState, tuple[str, ...]] = {
    _S.PLANNED: ("pause", *_ALWAYS),
    _S.BLOCKED: ("pause", *_ALWAYS),
    _S.READY: ("pause", *_ALWAYS),
    _S.RUNNING: ("pause", *_ALWAYS),
    _S.NEEDS_INPUT: ("retry", "pause", *_ALWAYS),
    _S.REVIEW: ("reject", *_ALWAYS),
    _S.REWORK: ("pause", *_ALWAYS),
    _S.PAUSED: ("resume", *_ALWAYS),
    _S.FAILED: ("retry", *_ALWAYS),
    _S.ACCEPTED: ("reopen",),
    _S.CANCELLED: ("reopen",),
    _S.DEFERRED: ("reopen",),
}


def possible_actions(
    w: Workstream,
    status: WorkstreamStatus,
    needs: Sequence[NeedState],
    checks: Sequence[CriterionStanding],
    look: Situation,
) -> tuple[str, ...]:
    """What the worker would do if asked now. A start lifts dates and overlap gates, never a need; a yes
    is offered only where nothing but a reviewer is missing, because it overrides no check."""
    actions = list(_ACTIONS[status.state])
    if status.state in (_S.PLANNED, _S.BLOCKED, _S.READY) and _may_be_forced(w, needs, look):
        actions.insert(0, "start")
    if status.state is _S.REVIEW and waits_for_yes(w, checks, look):
        actions.insert(0, "accept")
    if status.state is _S.NEEDS_INPUT and status.conflict:
        actions.append("accept")  # once a person has resolved it
    unfinished = status.state not in (_S.ACCEPTED, _S.CANCELLED, _S.DEFERRED)
    if unfinished and any(d.check is None and d.id not in status.verified for d in w.deliverables):
        actions.append("verify")
    return tuple(actions)


def _may_be_forced(w: Workstream, needs: Sequence[NeedState], look: Situation) -> bool:
    if not all(n.met for n in needs) or not startable_kind(look.plan, w):
        return False
    gate = holds_start(look.plan, look.world, w)
    return gate is None or (gate.mode == "overlap" and look.world.gate(gate.id).state != "killed")
