"""The reducer promises: every kind of event has a rule, an illegal change is refused whole, a history means one thing."""

from __future__ import annotations

import copy
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import BODIES, histories
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Approval, Decision, Person, Signature, Waiver
from locust_tui.domain.states import (
    GATE_TRANSITIONS,
    LIVE_RUN_STATES,
    WORKSTREAM_TRANSITIONS,
    CriterionState,
    DecisionKind,
    GateState,
    IllegalTransitionError,
    RunState,
    WorkstreamState,
)
from locust_tui.domain.world import GateStatus, RunStatus, WorkstreamStatus, World

ANA = Person("ana", role="tech")


def told(*bodies: e.EventBody, world: World | None = None) -> World:
    world = world or World()
    for body in bodies:
        revision = world.revision + 1
        apply(world, e.Event(revision, 1000.0 + revision, ANA, body))
    return world


def test_every_kind_of_event_has_a_rule() -> None:
    from locust_tui.domain.folding import fold_body

    fallback = fold_body.dispatch(object)
    assert [name for name, cls in e.KINDS.items() if fold_body.dispatch(cls) is fallback] == []


def test_an_object_that_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError, match="no rule for str"):
        apply(World(), e.Event(1, 0.0, WORKER, "what"))  # type: ignore[arg-type]


@given(histories(), BODIES)
def test_an_event_changes_what_it_names_or_nothing_at_all(history: list[e.Event], body: e.EventBody) -> None:
    world = World()
    for event in history:
        apply(world, event)
    before = copy.deepcopy(world)
    try:
        touched = apply(world, e.Event(before.revision + 1, 1.75e9, ANA, body))
    except (IllegalTransitionError, KeyError):
        assert world == before
        return
    assert world.revision == before.revision + 1
    for table in ("workstreams", "runs", "gates", "criteria"):
        ids = {t.id for t in touched if t.table == table}
        was, now = getattr(before, table), getattr(world, table)
        assert {k for k in was.keys() | now.keys() if was.get(k) != now.get(k)} <= ids
        assert ids <= now.keys()
    assert world.project == before.project or any(t.table == "project" for t in touched)


@given(histories())
def test_the_same_history_always_leads_to_the_same_world(history: list[e.Event]) -> None:
    first, second = World(), World()
    for event in history:
        apply(first, event)
    for event in history:
        apply(second, event)
    assert first == second
    assert first.revision == (history[-1].revision if history else 0)


@given(st.sampled_from(WorkstreamState), st.sampled_from(WorkstreamState))
def test_a_workstream_only_moves_along_the_table(old: WorkstreamState, new: WorkstreamState) -> None:
    world = World(workstreams={"a": WorkstreamStatus("a", state=old)})
    event = e.Event(1, 5.0, ANA, e.WorkstreamMoved("a", old, new, "because"))
    if new in WORKSTREAM_TRANSITIONS[old]:
        apply(world, event)
        moved = world.workstreams["a"]
        assert (moved.state, moved.reason, moved.by, moved.since) == (new, "because", "ana", 5.0)
    else:
        with pytest.raises(IllegalTransitionError, match=f"from {old} to {new}"):
            apply(world, event)
        assert world == World(workstreams={"a": WorkstreamStatus("a", state=old)})


@given(st.sampled_from(GateState), st.sampled_from(GateState))
def test_a_gate_only_moves_along_the_table(old: GateState, new: GateState) -> None:
    world = World(gates={"g": GateStatus("g", state=old)})
    event = e.Event(1, 5.0, WORKER, e.GateMoved("g", old, new))
    if new in GATE_TRANSITIONS[old]:
        apply(world, event)
        assert world.gates["g"].state is new
    else:
        with pytest.raises(IllegalTransitionError, match=f"from {old} to {new}"):
            apply(world, event)
        assert world.gates["g"].state is old


@given(st.sampled_from(GateState), st.sampled_from(DecisionKind))
def test_a_decision_is_bound_to_the_table_too(old: GateState, kind: DecisionKind) -> None:
    target = {
        DecisionKind.GO: GateState.GO,
        DecisionKind.CONDITIONAL: GateState.CONDITIONAL,
        DecisionKind.HOLD: GateState.HOLD,
        DecisionKind.RECYCLE: GateState.RECYCLED,
        DecisionKind.KILL: GateState.KILLED,
    }[kind]
    world = World(gates={"g": GateStatus("g", state=old)})
    event = e.Event(1, 5.0, ANA, e.GateDecided("g", Decision(kind, ANA, 5.0)))
    if target is old or target in GATE_TRANSITIONS[old]:
        apply(world, event)
        decided = world.gates["g"]
        assert decided.state is target
        assert decided.decision is not None
        assert decided.decision.by == ANA
    else:
        with pytest.raises(IllegalTransitionError):
            apply(world, event)
        assert world.gates["g"].decisions == ()


def test_a_decision_that_does_not_open_the_gate_takes_approvals_and_signatures_back() -> None:
    world = told(
        e.GateMoved("g", GateState.NOT_DUE, GateState.PENDING),
        e.GateApproved("g", Approval("tech", ANA, 1.0)),
        e.CriterionSigned("g", Signature("docs", ANA, 1.0)),
        e.CriterionWaived("g", Waiver("speed", ANA, 1.0, "later")),
        e.GateDecided("g", Decision(DecisionKind.HOLD, ANA, 2.0)),
    )
    gate = world.gates["g"]
    assert gate.approvals == gate.signatures == ()
    assert len(gate.waivers) == 1


def test_one_role_approves_once() -> None:
    world = told(
        e.GateApproved("g", Approval("tech", ANA, 1.0)),
        e.GateApproved("g", Approval("tech", Person("bo"), 2.0)),
        e.GateApproved("g", Approval("product", ANA, 3.0)),
    )
    assert [(a.role, a.by.name) for a in world.gates["g"].approvals] == [("tech", "bo"), ("product", "ana")]


def run_ended(state: RunState = RunState.EXITED, code: int | None = 0) -> e.RunEnded:
    return e.RunEnded("a.1", state, exit_code=code)


CREATED = e.RunCreated("a.1", "a", 1, "shell", ("true",), "/")


def test_a_run_ends_once() -> None:
    world = told(CREATED, e.RunStarted("a.1", 77), run_ended(), run_ended(RunState.FAILED, 1))
    run = world.runs["a.1"]
    assert (run.state, run.exit_code, run.live) == (RunState.EXITED, 0, False)


def test_a_lost_run_has_neither_code_nor_signal() -> None:
    world = told(CREATED, e.RunStarted("a.1", 77), run_ended(RunState.LOST, None))
    assert (world.runs["a.1"].exit_code, world.runs["a.1"].signal) == (None, None)


def test_an_unknown_run_may_still_be_found_to_have_ended() -> None:
    world = told(CREATED, e.RunChanged("a.1", RunState.UNKNOWN, "worker"), run_ended())
    assert world.runs["a.1"].state is RunState.EXITED


@pytest.mark.parametrize(
    "body", [e.RunStarted("b.1", 2), run_ended(), e.RunChanged("c.1", RunState.IDLE, "silence")]
)
def test_a_run_that_was_never_created_has_no_story(body: e.EventBody) -> None:
    with pytest.raises(KeyError):
        told(body)


def test_a_new_attempt_forgets_what_the_last_one_reported() -> None:
    move = e.WorkstreamMoved("a", WorkstreamState.PLANNED, WorkstreamState.READY)
    report = e.WorkstreamReported("a", progress=70.0, note="almost")
    world = told(move, CREATED, report, e.RunCreated("a.2", "a", 2, "shell", ("true",), "/"))
    status = world.workstreams["a"]
    assert (status.attempt, status.reported, status.note) == (2, None, "")
    assert status.first_started == 1002.0
    assert world.latest_run("a") == world.runs["a.2"]


@given(st.floats(allow_nan=False))
def test_reported_progress_stays_between_0_and_100(progress: float) -> None:
    reported = told(e.WorkstreamReported("a", progress=progress)).workstreams["a"].reported
    assert reported is not None
    assert 0.0 <= reported <= 100.0


def test_accepted_is_the_state_and_not_a_memory() -> None:
    s = WorkstreamState
    path = [s.PLANNED, s.READY, s.RUNNING, s.REVIEW, s.ACCEPTED]
    moves = [e.WorkstreamMoved("a", old, new) for old, new in pairwise(path)]
    world = told(*moves)
    assert world.workstreams["a"].accepted_at == 1004.0
    told(e.WorkstreamMoved("a", s.ACCEPTED, s.REWORK), world=world)
    status = world.workstreams["a"]
    assert (status.accepted_at, status.reopened) == (None, 1)


def test_the_first_evaluation_is_remembered_and_the_others_counted() -> None:
    def measured(state: CriterionState) -> e.CriterionMeasured:
        return e.CriterionMeasured(CriterionResult("gate:g/x", state))

    world = told(
        measured(CriterionState.FAIL), measured(CriterionState.PASS), e.CriteriaStale(("gate:g/x",), "edited")
    )
    result = world.criteria["gate:g/x"]
    assert (result.state, result.first_passed, result.evaluations) == (CriterionState.STALE, False, 2)


def test_a_held_plan_goes_with_the_next_good_one() -> None:
    world = told(e.PlanAccepted("d1", "/p"), e.PlanHeld("d2", "error", "2 errors", ("p:1:1: no",)))
    assert world.project.plan_digest == "d1"
    assert world.project.held is not None
    told(e.PlanAccepted("d3", "/p", "one changed"), world=world)
    assert (world.project.held, world.project.plan_changes, world.project.plan_digest) == (None, 1, "d3")


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_live_exactly_in_the_states_that_hold_a_slot(state: RunState) -> None:
    run = RunStatus("a.1", "a", 1, "shell", state=state)
    assert run.live == (state in LIVE_RUN_STATES)
    assert World(runs={"a.1": run}).live_runs() == ([run] if run.live else [])


def test_a_blocker_stands_until_it_is_taken_back_or_another_attempt_begins() -> None:
    def blocked(*events: e.EventBody) -> tuple[str, float | None]:
        world = World(workstreams={"a": WorkstreamStatus("a", state=WorkstreamState.RUNNING)})
        said = (e.WorkstreamReported("a", blocker="no database"), e.WorkstreamReported("a", note="waiting"))
        for number, body in enumerate((*said, *events), 1):
            apply(world, e.Event(number, float(number), WORKER, body))
        return world.workstreams["a"].blocker, world.workstreams["a"].blocked_since

    def moves(*states: WorkstreamState) -> list[e.EventBody]:
        way = (WorkstreamState.RUNNING, *states)
        return [e.WorkstreamMoved("a", old, new) for old, new in zip(way, states, strict=False)]

    s = WorkstreamState
    stands = ("no database", 1.0)
    assert blocked() == stands
    assert blocked(e.WorkstreamReported("a", blocker="no database at all"))[1] == 1.0
    assert blocked(e.WorkstreamReported("a", blocker="")) == ("", None)
    assert blocked(*moves(s.PAUSED, s.RUNNING)) == stands
    assert blocked(*moves(s.REVIEW)) == stands
    assert blocked(*moves(s.REVIEW, s.ACCEPTED)) == ("", None)
    assert blocked(*moves(s.REWORK)) == stands
    assert blocked(*moves(s.REWORK, s.RUNNING)) == ("", None)
