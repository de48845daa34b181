"""The tables of states are whole and leave nothing stranded; plan weeks are counted from 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.domain import events as e
from locust_tui.domain.clock import plan_time, project_start, week_end, week_of
from locust_tui.domain.plan import WEEK_S, Calendar
from locust_tui.domain.states import (
    GATE_TRANSITIONS,
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    UNFINISHED,
    WORKSTREAM_TRANSITIONS,
    GateState,
    IllegalTransitionError,
    WorkstreamState,
    check_gate_transition,
    check_workstream_transition,
)

STARTS = st.floats(1e9, 2e9)
LENGTHS = st.floats(1.0, 30 * 86_400.0)


def reachable(start: object, table: dict) -> set:  # type: ignore[type-arg]
    seen, todo = {start}, [start]
    while todo:
        for state in table[todo.pop()] - seen:
            seen.add(state)
            todo.append(state)
    return seen


def test_every_state_has_a_row_and_no_row_leads_back_to_itself() -> None:
    assert set(WORKSTREAM_TRANSITIONS) == set(WorkstreamState)
    assert set(GATE_TRANSITIONS) == set(GateState)
    for table in (WORKSTREAM_TRANSITIONS, GATE_TRANSITIONS):
        assert not [state for state, following in table.items() if state in following]


@pytest.mark.parametrize("state", list(WorkstreamState))
def test_from_every_state_a_workstream_can_still_be_accepted(state: WorkstreamState) -> None:
    assert WorkstreamState.ACCEPTED in reachable(state, WORKSTREAM_TRANSITIONS)


@pytest.mark.parametrize("state", list(GateState))
def test_from_every_state_a_gate_can_still_open_and_be_shut(state: GateState) -> None:
    after = reachable(state, GATE_TRANSITIONS)
    assert {GateState.GO, GateState.HOLD} <= after


def test_a_workstream_is_accepted_only_out_of_review() -> None:
    before = [s for s, following in WORKSTREAM_TRANSITIONS.items() if WorkstreamState.ACCEPTED in following]
    assert before == [WorkstreamState.REVIEW]


def test_a_gate_says_go_only_when_nothing_but_people_was_missing() -> None:
    before = {s for s, following in GATE_TRANSITIONS.items() if GateState.GO in following}
    assert before == {GateState.PENDING, GateState.HOLD, GateState.CONDITIONAL}


def test_the_groups_of_states_do_not_overlap() -> None:
    assert not UNFINISHED & OUT_OF_SCOPE
    assert UNFINISHED | OUT_OF_SCOPE | {WorkstreamState.ACCEPTED} == set(WorkstreamState)
    assert {GateState.GO, GateState.CONDITIONAL} == OPEN_GATE_STATES


def test_a_refusal_names_both_states() -> None:
    with pytest.raises(IllegalTransitionError, match="from accepted to running"):
        check_workstream_transition(WorkstreamState.ACCEPTED, WorkstreamState.RUNNING)
    with pytest.raises(IllegalTransitionError, match="from not-due to go"):
        check_gate_transition(GateState.NOT_DUE, GateState.GO)


@given(STARTS, LENGTHS, st.integers(1, 500))
def test_a_week_contains_its_moments_and_ends_where_the_next_begins(
    start: float, length: float, week: int
) -> None:
    calendar = Calendar(week_s=length)
    middle = start + (week - 0.5) * length
    assert week_of(calendar, start, middle) == week
    assert week_of(calendar, start, week_end(calendar, start, week) + length / 1000) == week + 1
    assert plan_time(calendar, start, middle) == pytest.approx(week - 0.5, rel=1e-6)


@given(STARTS, st.floats(0.001, 1e8))
def test_before_the_start_there_is_no_week(start: float, early: float) -> None:
    assert week_of(Calendar(), start, start - early) == 0
    assert week_of(Calendar(), None, start) == 0
    assert plan_time(Calendar(), None, start) == 0.0
    assert plan_time(Calendar(), start, start - early) < 0


def test_the_plans_date_counts_only_where_weeks_are_seven_days_long() -> None:
    assert project_start(Calendar(start=5.0), started=9.0) == 5.0
    assert project_start(Calendar(start=5.0, week_s=60.0), started=9.0) == 9.0
    assert project_start(Calendar(week_s=WEEK_S), started=9.0) == 9.0
    assert project_start(Calendar(), started=None) is None


def test_stored_names_of_events_are_unique_and_complete() -> None:
    assert len(e.NAMES) == len(e.KINDS)
    assert set(e.KINDS.values()) == set(e.EventBody.__args__)  # type: ignore[attr-defined]
    assert all(name == name.lower() and " " not in name for name in e.KINDS)


def test_an_event_is_filed_under_what_it_is_about() -> None:
    from locust_tui.domain.criterion import CriterionResult
    from locust_tui.domain.states import CriterionState, RunState

    assert e.subject_of(e.RunEnded("a.1", RunState.EXITED)) == "a.1"
    assert e.subject_of(e.RunCreated("a.1", "a", 1, "shell", (), "/")) == "a.1"
    assert e.subject_of(e.WorkstreamReported("a")) == "a"
    assert e.subject_of(e.CriterionMeasured(CriterionResult("gate:g/x", CriterionState.PASS))) == "gate:g/x"
    assert e.subject_of(e.ProjectStarted()) == ""
    assert e.subject_of(e.Noted("info", "hello", subject="a")) == "a"
