"""An event's line says each thing once, and calls states what people call them."""

from __future__ import annotations

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Approval, Condition, Person
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.report.event_line import event_line
from locust_tui.report.figures import rounded
from locust_tui.signs import stands

ANA = Person("ana")


def line(body: e.EventBody, by: Person = WORKER) -> str:
    return event_line(e.Event(1, 0.0, by, body))


def test_an_exit_code_is_told_once() -> None:
    assert line(e.RunEnded("a.1", RunState.FAILED, exit_code=1, reason="exit code 1")).endswith("exit 1")


def test_an_attempt_that_waits_for_its_account_is_parked_not_failed() -> None:
    said = line(
        e.RunEnded("a.1", RunState.FAILED, exit_code=1, reason="parked: account claude: limit reached")
    )
    assert "▣ parked" in said
    assert said.endswith("exit 1: account claude: limit reached")
    assert "failed" not in said


def test_a_deliverable_is_named_once() -> None:
    said = line(e.DeliverableVerified("a", "api", True, "deliverable api (1 file)"))
    assert said.endswith("a         deliverable api (1 file)")


def test_a_yes_tells_its_conditions() -> None:
    approval = Approval("ana", ANA, 0.0, "", (Condition("more docs", "bo", "2"),))
    assert line(e.GateApproved("g", approval), ANA).endswith("ana says yes, if more docs (bo, due 2)")


def test_states_are_called_what_people_call_them() -> None:
    assert [stands(s) for s in (WorkstreamState.REVIEW, WorkstreamState.NEEDS_INPUT)] == [
        "in review",
        "waiting for input",
    ]


def test_figures_for_people_have_two_decimals_where_that_says_enough() -> None:
    assert [rounded(v) for v in (0.3758, 12.3456, 0.00123, 4.0, None)] == [
        "0.38",
        "12.35",
        "0.00123",
        "4",
        "—",
    ]
