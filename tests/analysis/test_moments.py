"""Moments as people write them, and what of a log stands out."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.moments import AtEvent, AtRevision, AtWeek, latest, parse_point
from locust_tui.analysis.moments_axis import marks
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.studies.moments import MarkKind

NOW = 1_765_000_000.0
"""2025-12-06T05:46:40Z"""
ANA = Person("ana")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("15m", NOW - 900),
        ("15m ago", NOW - 900),
        ("2 weeks ago", NOW - 14 * 86_400),
        ("1h30m", NOW - 5_400),
        ("1.5 hours ago", NOW - 5_400),
        ("2025-12-01", 1_764_547_200.0),
        ("2025-12-01T14:30", 1_764_599_400.0),
        ("2025-12-01 15:30+01:00", 1_764_599_400.0),
        ("05:00", 1_764_997_200.0),
        ("14:30", 1_764_945_000.0),
        ("yesterday", 1_764_892_800.0),
        ("week 3", AtWeek(3)),
        ("Week-3", AtWeek(3)),
        ("wk3", AtWeek(3)),
        ("wk 3", AtWeek(3)),
        ("r812", AtRevision(812)),
        ("#812", AtRevision(812)),
        ("revision 812", AtRevision(812)),
        ("gate g2", AtEvent("gate", "g2")),
        ("gate G2 not due", AtEvent("gate", "G2", "not-due")),
        ("WS-03 accepted", AtEvent("work", "WS-03", "accepted")),
        ("WS-03 started", AtEvent("work", "WS-03", "running")),
        ("WS-03 needs input", AtEvent("work", "WS-03", "needs-input")),
        ("start", AtEvent("start")),
    ],
)
def test_every_form_of_a_moment(text: str, meant: object) -> None:
    assert parse_point(text, NOW) == meant


def test_a_clock_time_is_of_the_zone_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = {"14:30": 1_764_941_400.0, "2025-12-01T14:30": 1_764_595_800.0, "yesterday": 1_764_889_200.0}
    for text, meant in cases.items():
        assert parse_point(text, NOW, ZoneInfo("Europe/Berlin")) == meant
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        for text, meant in cases.items():
            assert parse_point(text, NOW, None) == meant
        assert parse_point("2025-12-01T14:30Z", NOW, None) == 1_764_599_400.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", ["", "x", "gate", "WS-03 finished", "gate g2 accepted", "15x", "week", "week -1", "2025-13-01"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_point(text, NOW)


@given(st.text(max_size=30))
def test_nothing_typed_does_anything_else_than_mean_a_moment_or_be_refused(text: str) -> None:
    try:
        parse_point(text, NOW)
    except (ValueError, OverflowError):
        return


def told(*bodies: tuple[Person, e.EventBody]) -> list[e.Event]:
    return [e.Event(n, NOW + n, by, body) for n, (by, body) in enumerate(bodies, 1)]


def test_an_event_that_is_named_is_the_latest_of_its_kind() -> None:
    hold, go = (Decision(kind, ANA, NOW) for kind in (DecisionKind.HOLD, DecisionKind.GO))
    log = told(
        (WORKER, e.ProjectStarted()),
        (WORKER, e.WorkstreamMoved("WS-1", S.PLANNED, S.READY)),
        (ANA, e.GateDecided("g1", hold)),
        (WORKER, e.GateMoved("g1", GateState.HOLD, GateState.PENDING)),
        (ANA, e.GateDecided("g1", go)),
        (WORKER, e.ProjectStarted()),
    )

    def at(text: str) -> int | None:
        point = parse_point(text, NOW)
        assert isinstance(point, AtEvent)
        found = latest(point, log)
        return None if found is None else found.revision

    assert at("start") == 1
    assert at("gate G1") == 5
    assert at("gate g1 hold") == 3
    assert at("gate g1 pending") == 4
    assert at("ws-1 ready") == 2
    assert at("ws-1 accepted") is None
    assert at("gate g2") is None


def test_a_worker_that_comes_back_without_a_goodbye_had_died() -> None:
    started, stopped = e.WorkerStarted(7, "b", "v"), e.WorkerStopped("asked")
    log = told((WORKER, started), (WORKER, started), (WORKER, stopped), (WORKER, started))
    kinds = [(m.revision, m.kind) for m in marks(log)]
    assert kinds == [
        (1, MarkKind.WORKER),
        (2, MarkKind.DEATH),
        (3, MarkKind.WORKER),
        (4, MarkKind.WORKER),
    ]
    assert [m.kind for m in marks(log[:1], worker_runs=True)] == [MarkKind.DEATH]


def test_only_the_first_attempt_is_a_beginning_and_only_the_worker_repairs_the_record() -> None:
    run = ("sh", "-c", "true")
    log = told(
        (WORKER, e.RunCreated("a.1", "a", 1, "run", run, "/")),
        (WORKER, e.RunCreated("a.2", "a", 2, "run", run, "/")),
        (ANA, e.Noted("error", "somebody else's words")),
        (WORKER, e.Noted("error", "about a run", "a.2")),
        (WORKER, e.Noted("error", "store.sqlite was damaged")),
    )
    assert [(m.revision, m.kind) for m in marks(log)] == [(1, MarkKind.START), (5, MarkKind.GAP)]
