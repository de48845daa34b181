"""A gate that is overdue is told once in `status`, with the working days, and beside the gate as long as it was late."""

from __future__ import annotations

import json
from dataclasses import replace

from seed_plan import START, at_week_end, seed_plan

from locust_tui.analysis.overview import build_snapshot
from locust_tui.domain.coordination import AlertStatus
from locust_tui.domain.people import Decision, Person
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import AlertState, DecisionKind, GateState
from locust_tui.domain.world import GateStatus, ProjectStatus, World
from locust_tui.report.status_json import status_document
from locust_tui.report.status_text import status_text


def world(gate: GateStatus) -> World:
    alert = AlertStatus(
        "gate-overdue/g1", "gate-overdue", "g1", AlertState.FIRING, START, (("days_overdue", 5.0),)
    )
    return World(
        project=ProjectStatus(started=START, worker_pid=7), gates={"g1": gate}, alerts={alert.key: alert}
    )


def at(gate: GateStatus, week: float) -> Snapshot:
    return build_snapshot(seed_plan(), "d", "p", world(gate), at_week_end(week), worker_pid=7)


def test_an_overdue_gate_is_one_line_of_the_headline_and_one_cell_of_its_table() -> None:
    snapshot = at(GateStatus("g1", GateState.PENDING, since=at_week_end(4)), 5.0)
    lines = status_text(snapshot).splitlines()
    assert "  gate g1 is 5 working days overdue" in lines
    assert sum("overdue" in line for line in lines) == 2
    (row,) = [line for line in lines if line.startswith("g1 ")]
    assert "overdue 5 d" in row
    gates = {g["id"]: g for g in json.loads(json.dumps(status_document(snapshot)))["gates"]}
    assert gates["g1"]["late_days"] == 5.0
    assert (gates["g2"]["late_days"], gates["g2"]["late_days_reason"]) == (None, "not due yet")


def test_the_alert_is_told_where_no_reason_says_the_same() -> None:
    snapshot = at(GateStatus("g1", GateState.PENDING, since=at_week_end(4)), 5.0)
    silent = replace(snapshot, reasons=("no worker is running: 2 agents are on the record but unwatched",))
    assert "alert gate-overdue in g1 is firing" in status_text(silent)
    assert "alert gate-overdue" not in status_text(snapshot)


def test_a_late_decision_stays_beside_the_gate() -> None:
    go = Decision(DecisionKind.GO, Person("bo"), at_week_end(4.5))
    snapshot = at(GateStatus("g1", GateState.GO, since=go.at, decisions=(go,)), 6.0)
    (row,) = [line for line in status_text(snapshot).splitlines() if line.startswith("g1 ")]
    assert "3 d late" in row
