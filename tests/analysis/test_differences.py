"""What changed between two moments: nothing that is different is left out, nothing that is the same is told."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from histories import histories
from locust_tui.analysis.differences import KINDS, PlanAt, differences
from locust_tui.analysis.overview import build_snapshot
from locust_tui.client.away import SHORT_S, worth_telling
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.events import Event
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Approval, Decision, Person, Waiver
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import AlertState, CriterionState, DecisionKind, GateState, RunState
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.studies.moments import Change, Differences, Group, Sense
from locust_tui.domain.world import World
from locust_tui.plans.reading import read_data
from locust_tui.report.differences_text import differences_document, differences_text, sign
from locust_tui.report.glyphs import glyph
from locust_tui.signs import ALERT

TEXT = """\
project: P
calendar: {start: 2023-11-13}
phases: {"1": {name: One, weeks: 1-2}}
workstreams:
  WS-01: {phase: "1", weeks: 1, run: "true", deliverables: [x, y]}
  WS-02: {phase: "1", weeks: 2, needs: WS-01, run: "true"}
  WS-03: {phase: "1", weeks: 2, run: "true"}
gates:
  G1: {closes: "1", week: 2, approvers: [tech, product], min_approvals: 2, criteria: [{name: coverage, run: "true"}]}
  G2: {needs: [WS-03], criteria: [{name: fast, run: "true"}]}
risks: [{risk: Storm, probability: low, impact: low}]
"""
START = 1_700_000_000.0
ANA = Person("ana", "tech")


def plan() -> Plan:
    from pathlib import Path

    reading = read_data(TEXT.encode(), Path("/p/locust-plan.yaml"))
    assert reading.plan is not None, reading.problems
    return reading.plan


PLAN = plan()


def plan_at(world: World, at: float) -> PlanAt:
    snapshot = build_snapshot(PLAN, "d", "p", world, at, worker_pid=world.project.worker_pid)
    return PlanAt(PLAN, world, snapshot)


def between(log: list[Event], first: int, last: int) -> Differences:
    """What changed after revision `first`, up to `last`."""
    worlds = []
    for upto in (first, last):
        world = World()
        for event in log[:upto]:
            apply(world, event)
        worlds.append(world)
    told = [ev for ev in log[first:last] if e.NAMES[type(ev.body)] in KINDS]
    ends = [log[n - 1].at if n else START for n in (first, last)]
    return differences(plan_at(worlds[0], ends[0]), plan_at(worlds[1], max(ends)), told)


def log_of(*bodies: tuple[Person, e.EventBody], every: float = 3_600.0) -> list[Event]:
    return [Event(n, START + n * every, by, body) for n, (by, body) in enumerate(bodies, 1)]


@settings(max_examples=60, deadline=None)
@given(told=histories(max_size=25), data=st.data())
def test_every_state_that_differs_is_told_with_how_it_stood_and_stands(
    told: list[Event], data: st.DataObject
) -> None:
    log = [Event(n, START + n, ev.by, ev.body) for n, ev in enumerate(told, 1)]
    first = data.draw(st.integers(0, len(log)))
    last = data.draw(st.integers(first, len(log)))
    found = between(log, first, last)
    worlds = [World(), World()]
    for world, upto in zip(worlds, (first, last), strict=True):
        for event in log[:upto]:
            apply(world, event)
    old, new = worlds
    work = {c.subject: c for c in (*found.of(Group.WORK), *found.of(Group.FAILURES))}
    for id in PLAN.workstreams:
        was, now = old.workstream(id).state, new.workstream(id).state
        if was is not now:
            assert (work[id].before, work[id].after) == (was.value, now.value)
            revision = work[id].revision
            assert revision is not None
            assert first < revision <= last
    gates = {c.subject for c in found.of(Group.GATES)}
    for id in PLAN.gates:
        if old.gate(id).state is not new.gate(id).state or old.gate(id).decisions != new.gate(id).decisions:
            assert id in gates
    runs = {c.subject for c in found.of(Group.RUNS)}
    assert runs >= new.runs.keys() - old.runs.keys()
    order = [list(Group).index(c.group) for c in found.changes]
    assert order == sorted(order)


@settings(max_examples=30, deadline=None)
@given(told=histories(max_size=20))
def test_between_a_moment_and_itself_nothing_is_different(told: list[Event]) -> None:
    found = between(told, len(told), len(told))
    assert found.empty
    assert not [f for f in (*found.figures, *found.kpis) if f.delta]
    assert "nothing happened" in differences_text(found)


def gate_history() -> list[Event]:
    yes = Approval("tech", ANA, START, "fine by me")
    waiver = Waiver("coverage", ANA, START, "measured by hand")
    go = Decision(DecisionKind.GO, Person("bo", "product"), START + 9, "ship it")
    passed = CriterionResult("gate:G1/coverage", CriterionState.PASS)
    return log_of(
        (WORKER, e.WorkerStarted(7, "b", "v")),
        (WORKER, e.ProjectStarted()),
        (WORKER, e.GateMoved("G1", GateState.NOT_DUE, GateState.PENDING, "only people are missing")),
        (ANA, e.GateApproved("G1", yes)),
        (ANA, e.CriterionWaived("G1", waiver)),
        (WORKER, e.CriterionMeasured(passed)),
        (Person("bo"), e.GateDecided("G1", go)),
    )


def test_who_said_yes_and_who_decided_stands_with_its_revision() -> None:
    log = gate_history()
    waiting = {c.after: c for c in between(log, 2, 5).of(Group.GATES)}
    assert waiting["pending"].sense is Sense.YOU
    assert (waiting["yes of tech"].by, waiting["yes of tech"].revision) == ("ana", 4)
    assert (waiting["coverage waived"].by, waiting["coverage waived"].note) == ("ana", "measured by hand")
    decided = between(log, 2, 7)
    first = decided.changes[0]
    assert (first.subject, first.before, first.after, first.by, first.note, first.revision) == (
        "G1", "not-due", "go", "bo", "ship it", 7,
    )  # fmt: skip
    (criterion,) = decided.of(Group.CRITERIA)
    assert (criterion.subject, criterion.words, criterion.before, criterion.after) == (
        "G1", "coverage", "not-run", "waived",
    )  # fmt: skip
    assert "G1  not due → go, by bo: ship it" in differences_text(decided)


def test_a_worker_that_died_in_between_is_told_though_another_runs_now() -> None:
    started = e.WorkerStarted(8, "b", "v")
    log = [*gate_history(), Event(8, START + 90_000, WORKER, started)]
    (death,) = between(log, 3, 8).of(Group.WORKER)
    assert death.sense is Sense.BAD
    assert "had died" in death.after
    assert between(log, 0, 7).of(Group.WORKER)[0].after == "worker started, pid 7"


def test_work_that_failed_again_is_a_change_and_deliverables_are_counted() -> None:
    run = ("sh", "-c", "true")

    def attempt(n: int) -> list[tuple[Person, e.EventBody]]:
        before = S.PLANNED if n == 1 else S.FAILED
        return [
            (WORKER, e.WorkstreamMoved("WS-01", before, S.READY)),
            (WORKER, e.WorkstreamMoved("WS-01", S.READY, S.RUNNING)),
            (WORKER, e.RunCreated(f"WS-01.{n}", "WS-01", n, "run", run, "/")),
            (WORKER, e.RunEnded(f"WS-01.{n}", RunState.FAILED, exit_code=3)),
            (WORKER, e.WorkstreamMoved("WS-01", S.RUNNING, S.FAILED, "exit 3")),
        ]

    log = log_of(*itertools.chain(attempt(1), attempt(2)), (ANA, e.DeliverableVerified("WS-01", "x")))
    (again,) = between(log, 5, 10).of(Group.FAILURES)
    assert (again.before, again.after, again.sense) == ("failed, attempt 1", "failed, attempt 2", Sense.BAD)
    (verified,) = between(log, 10, 11).of(Group.WORK)
    assert (verified.before, verified.after, verified.revision) == ("0 of 2 verified", "1 of 2 verified", 11)
    assert {c.note for c in between(log, 0, 10).of(Group.RUNS)} == {"exit 3"}


def test_what_is_worth_telling_to_who_comes_back() -> None:
    rest = log_of(
        (WORKER, e.WorkerStarted(7, "b", "v")),
        (WORKER, e.WorkerStopped("nothing to do for 60 s")),
        (WORKER, e.WorkerStarted(8, "b", "v")),
    )
    assert not worth_telling(between(rest, 1, 3))
    moved: list[tuple[Person, e.EventBody]] = [
        (WORKER, e.WorkerStarted(7, "b", "v")),
        (WORKER, e.WorkstreamMoved("WS-01", S.PLANNED, S.READY)),
        (WORKER, e.WorkstreamMoved("WS-01", S.READY, S.RUNNING)),
        (WORKER, e.WorkstreamMoved("WS-01", S.RUNNING, S.FAILED, "exit 3")),
    ]
    assert worth_telling(between(log_of(*moved), 1, 3))
    short = log_of(*moved, every=SHORT_S / 10)
    assert not worth_telling(between(short, 1, 3))
    assert worth_telling(between(short, 1, 4))


def test_the_document_has_nulls_with_reasons_and_the_text_dashes() -> None:
    found = between(gate_history(), 0, 7)
    document = differences_document(found)
    assert document["before"]["revision"] == 0
    assert {c["group"] for c in document["changes"]} <= {g.value for g in Group}
    for figure in document["figures"]:
        for side in ("before", "after"):
            assert (figure[side] is None) == (f"{side}_reason" in figure)
    assert differences_text(found, ascii_only=True).isascii()
    assert all(
        len(line) <= 60 for line in differences_text(found, width=60).splitlines() if line.startswith("  ")
    )


@pytest.mark.parametrize("state", [AlertState.FIRING, AlertState.ACKNOWLEDGED])
def test_an_alert_has_the_sign_that_it_has_everywhere(state: AlertState) -> None:
    change = Change(Group.FAILURES, "alert:late", "alert late", "", state.value, Sense.BAD)
    assert glyph(sign(change)) == ALERT[state].glyph
