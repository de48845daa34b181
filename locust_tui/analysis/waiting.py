"""Everything that waits for a person, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from locust_tui.domain.snapshot import GateView, WaitingView, WorkstreamView
from locust_tui.domain.states import CriterionState, GateState, RunState, WorkstreamState

from .situation import Situation

_BAD = frozenset({CriterionState.FAIL, CriterionState.ERROR})
_PERSON_STATES = frozenset({WorkstreamState.REVIEW, WorkstreamState.NEEDS_INPUT, WorkstreamState.FAILED})
_HELD = {
    "error": ("the plan file has errors; the last good plan stays in force", ()),
    "trust": ("what the plan would run is not trusted yet", ("trust",)),
    "confirm": ("the changed plan waits for a yes", ("yes", "no")),
    "gone": ("the plan file is gone; the last good plan stays in force", ()),
}


def waiting_items(
    look: Situation, workstreams: Sequence[WorkstreamView], gates: Sequence[GateView]
) -> tuple[WaitingView, ...]:
    """Held plan, gates, reviews, questions, failures, blockers and agents that ask; what has no date comes last."""
    items = [
        *_held_plan(look),
        *_gates(look, gates),
        *_workstreams(workstreams),
        *_blockers(look, workstreams),
        *_asking_runs(look),
    ]
    return tuple(sorted(items, key=lambda item: (item.since is None, item.since or 0.0)))


def _held_plan(look: Situation) -> Iterable[WaitingView]:
    held = look.world.project.held
    if held is None:
        return
    words, choices = _HELD.get(held.why, ("the changed plan is held", ()))
    what = f"{words}: {held.summary}" if held.summary else words
    yield WaitingView(f"plan:{held.why}", "request", "operator", what, held.at, choices=choices)


def _gates(look: Situation, gates: Sequence[GateView]) -> Iterable[WaitingView]:
    for gate in gates:
        if gate.state is GateState.PENDING:
            what = f"{gate.name}: {gate.passed} of {len(gate.criteria)} criteria passed"
        elif gate.state is GateState.HOLD:
            what = f"{gate.name}: on hold until it is decided again"
        elif gate.state is GateState.READY and any(c.must and c.state in _BAD for c in gate.criteria):
            failed = [c.name for c in gate.criteria if c.must and c.state in _BAD]
            what = f"{gate.name}: must criteria have not passed: {', '.join(failed)}"
        else:
            continue
        since = look.world.gate(gate.id).since
        yield WaitingView(f"gate:{gate.id}", "gate", _deciders(gate), what, since, choices=gate.choices)


def _deciders(gate: GateView) -> str:
    """Roles whose yes is still missing; "operator" where anybody may decide."""
    missing = [role for role in gate.approvers if role not in gate.approved_by]
    signers = [c.waits_for for c in gate.criteria if c.waits_for and c.waits_for != "an approver"]
    return ", ".join(dict.fromkeys((*missing, *signers))) or "operator"


def _workstreams(views: Sequence[WorkstreamView]) -> Iterable[WaitingView]:
    for view in views:
        if view.state not in _PERSON_STATES:
            continue
        what = f"{view.name}: {view.why}" if view.why else view.name
        if view.state is WorkstreamState.REVIEW and "accept" in view.actions:
            wanted = ", ".join(view.reviewers) or "a reviewer"
            yield WaitingView(
                f"review:{view.id}", "review", wanted, what, view.since, view.run, ("accept", "reject")
            )
        elif view.state is WorkstreamState.NEEDS_INPUT:
            yield WaitingView(
                f"input:{view.id}",
                "question",
                view.orchestrator or "operator",
                what,
                view.since,
                view.run,
                ("retry", "cancel"),
            )
        elif view.state is WorkstreamState.FAILED:
            choices = ("retry", "cancel", "defer")
            wanted = view.orchestrator or "operator"
            yield WaitingView(f"failed:{view.id}", "escalation", wanted, what, view.since, view.run, choices)


def _blockers(look: Situation, views: Sequence[WorkstreamView]) -> Iterable[WaitingView]:
    """What agents say stands in their way, for their orchestrators; where the work itself waits, that says it."""
    for view in views:
        if not view.blocker or view.state in (WorkstreamState.NEEDS_INPUT, WorkstreamState.FAILED):
            continue
        what = f"{view.name}: the agent says it is blocked: {view.blocker}"
        since = look.world.workstream(view.id).blocked_since
        wanted = view.orchestrator or "operator"
        yield WaitingView(f"blocked:{view.id}", "escalation", wanted, what, since, view.run)


def _asking_runs(look: Situation) -> Iterable[WaitingView]:
    for run in look.live:
        if run.state is RunState.WAITING:
            what = run.reason or "the agent waits for an answer"
            work = look.plan.workstreams.get(run.subject)
            wanted = (work.orchestrator if work is not None else run.subject) or "operator"
            yield WaitingView(f"run:{run.id}", "question", wanted, what, None, run.id)
