"""Events for property tests: any event of a kind, and whole histories that are legal from their first to their last."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite

from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Approval, Condition, Decision, Person, Signature, Waiver
from locust_tui.domain.plan_rewrite import PlanRewrite
from locust_tui.domain.states import (
    GATE_TRANSITIONS,
    WORKSTREAM_TRANSITIONS,
    CriterionState,
    DecisionKind,
    IllegalTransitionError,
    RunState,
)
from locust_tui.domain.world import World

INTS = st.integers(-(2**53), 2**53)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=12)

for _type, _strategy in ((int, INTS), (float, FLOATS), (str, WORDS)):
    st.register_type_strategy(_type, _strategy)

BODIES: SearchStrategy[e.EventBody] = st.one_of([st.from_type(cls) for cls in e.KINDS.values()])
"""Any event whatever, legal or not."""
PEOPLE: SearchStrategy[Person] = st.from_type(Person)

_WORKSTREAMS = st.sampled_from(["WS-01", "WS-02", "WS-03"])
_GATES = st.sampled_from(["G1", "G2"])
_KEYS = st.sampled_from(["gate:G1/coverage", "accept:WS-01/tests", "fact/bugs"])
_MOMENTS = st.floats(1.7e9, 1.8e9)
_PERSONS = st.builds(
    Person, name=st.sampled_from(["ana", "bo"]), role=st.sampled_from([None, "tech", "product"])
)


_EVIDENCE = st.none() | st.builds(Evidence, at=_MOMENTS, command=st.none() | WORDS, detail=WORDS)
_SIGNATURES = st.builds(Signature, criterion=WORDS, by=_PERSONS, at=_MOMENTS)
_WAIVERS = st.builds(Waiver, criterion=WORDS, by=_PERSONS, at=_MOMENTS, note=WORDS)
_APPROVALS = st.builds(Approval, role=st.sampled_from(["tech", "product"]), by=_PERSONS, at=_MOMENTS)
_DECISIONS = st.builds(
    Decision,
    kind=st.sampled_from(DecisionKind),
    by=_PERSONS,
    at=_MOMENTS,
    note=WORDS,
    conditions=st.lists(st.builds(Condition, text=WORDS), max_size=2).map(tuple),
)
_RESULTS = st.builds(
    CriterionResult,
    key=_KEYS,
    state=st.sampled_from(CriterionState),
    value=st.none() | FLOATS,
    text=st.none() | WORDS,
    evidence=_EVIDENCE,
)
_ENDS = st.tuples(
    st.sampled_from([RunState.EXITED, RunState.FAILED, RunState.KILLED, RunState.LOST]),
    st.none() | st.integers(0, 255),
    st.none() | _MOMENTS,
)

_ANYWHERE = st.one_of(
    st.builds(
        e.WorkstreamReported, workstream=_WORKSTREAMS, progress=st.none() | FLOATS, note=st.none() | WORDS
    ),
    st.builds(e.DeliverableVerified, workstream=_WORKSTREAMS, deliverable=WORDS, verified=st.booleans()),
    st.builds(e.WorkstreamReviewed, workstream=_WORKSTREAMS, attempt=st.integers(1, 9), passed=st.booleans()),
    st.builds(e.CriterionMeasured, result=_RESULTS),
    st.builds(e.CriteriaStale, keys=st.lists(_KEYS, max_size=2).map(tuple), why=WORDS),
    st.builds(e.GateDecided, gate=_GATES, decision=_DECISIONS),
    st.builds(e.GateApproved, gate=_GATES, approval=_APPROVALS),
    st.builds(e.ApprovalLapsed, gate=_GATES, role=WORDS, person=WORDS, why=WORDS),
    st.builds(e.CriterionSigned, gate=_GATES, signature=_SIGNATURES),
    st.builds(e.CriterionWaived, gate=_GATES, waiver=_WAIVERS),
    st.builds(e.PlanAccepted, digest=st.sampled_from(["d1", "d2"]), path=WORDS, summary=WORDS),
    st.builds(
        e.PlanHeld, digest=WORDS, why=WORDS, summary=WORDS, lines=st.lists(WORDS, max_size=2).map(tuple)
    ),
    st.sampled_from([e.ProjectStarted(), e.ProjectEnded("done"), e.PlanReleased(), e.WorkerStopped("asked")]),
    st.builds(
        e.WorkerStarted,
        pid=st.integers(2, 9),
        boot_id=WORDS,
        version=WORDS,
        since_boot=st.none() | st.floats(0, 1e6),
        suspended=st.floats(0, 1e5),
    ),
    st.builds(e.MachineSlept, seconds=st.floats(2, 1e6)),
    st.builds(
        e.PlanRewriting,
        st.builds(PlanRewrite, by=PEOPLE, file_before=WORDS, file_after=WORDS, plan_after=WORDS, note=WORDS),
    ),
    st.builds(e.PlanNotRewritten, why=WORDS),
    st.builds(e.Noted, level=WORDS, text=WORDS),
)
"""Events that are legal, or refused, whatever came before."""


@cache
def _one_of(choices: tuple[Any, ...]) -> SearchStrategy[Any]:
    return st.sampled_from(choices)


def _step(draw: DrawFn, world: World) -> e.EventBody:
    """One event that mostly is legal after `world`."""
    which = draw(_CHOICES)
    if which == "moved":
        status = world.workstream(draw(_WORKSTREAMS))
        new = draw(_one_of(tuple(sorted(WORKSTREAM_TRANSITIONS[status.state]))))
        return e.WorkstreamMoved(status.id, status.state, new, draw(WORDS), draw(_RETRY), draw(_FLAGS))
    if which == "gate moved":
        gate = world.gate(draw(_GATES))
        return e.GateMoved(
            gate.id, gate.state, draw(_one_of(tuple(sorted(GATE_TRANSITIONS[gate.state])))), draw(WORDS)
        )
    if which == "created" or (which == "run" and not world.runs):
        status = world.workstream(draw(_WORKSTREAMS))
        attempt = status.attempt + 1
        return e.RunCreated(f"{status.id}.{attempt}", status.id, attempt, "shell", ("sh", "-c", "true"), "/")
    if which == "run":
        run = draw(_one_of(tuple(sorted(world.runs))))
        happened = draw(_one_of((e.RunStarted, e.RunChanged, e.RunEnded)))
        if happened is e.RunStarted:
            return e.RunStarted(run, draw(_PIDS))
        if happened is e.RunChanged:
            return e.RunChanged(run, draw(_RUN_STATES), "protocol", draw(WORDS))
        state, code, ended = draw(_ENDS)
        return e.RunEnded(run, state, exit_code=code, ended=ended)
    return draw(_ANYWHERE)


_CHOICES = st.sampled_from(["moved", "gate moved", "created", "run", "any", "any"])
_RETRY = st.none() | _MOMENTS
_FLAGS = st.booleans()
_PIDS = st.integers(2, 2**22)
_RUN_STATES = st.sampled_from(RunState)


@composite
def histories(draw: DrawFn, max_size: int = 20) -> list[e.Event]:
    """Events from revision 1 on, each legal after those before it."""
    world, told = World(), []
    for _ in range(draw(st.integers(1, max_size))):
        event = e.Event(world.revision + 1, draw(_MOMENTS), draw(_PERSONS), _step(draw, world))
        try:
            apply(world, event)
        except IllegalTransitionError:
            continue
        told.append(event)
    return told
