"""What the weekly report and `status` say of escalations, requests for agents, granted slots, alerts, messages, tasks."""

from __future__ import annotations

import json
from dataclasses import replace

from snapshots_of_coordination import BEFORE, NOW, PLAN, WEEK

from locust_tui.report.build import build_report
from locust_tui.report.markdown import markdown
from locust_tui.report.report_json import report_document
from locust_tui.report.resources import resources
from locust_tui.report.status_json import status_document
from locust_tui.report.status_text import status_text


def test_decisions_name_the_way_of_an_escalation_and_its_time() -> None:
    text = markdown(build_report(PLAN, NOW, None, week=5))
    assert (
        "Escalation about w1: two traits claim the overlay; has waited 33m for tech-review; E2, architecture: "
        "all of meta (answered), tech-review, by 02 Jan 00:00 UTC" in text
    )
    assert "E1, workstream: core (knows of it) then meta" in text


def test_requests_open_and_decided_and_grants_are_adjustments() -> None:
    text = markdown(build_report(PLAN, NOW, BEFORE, week=5))
    section = text.partition("## Resource Adjustments")[2]
    assert "- Requested: core asks for 2 more agents at a time; has waited 6m for an answer" in section
    assert "- Decided: core asks for 3 more agents: deny by the plan's rule" in section
    assert "asks for 9 more" not in section  # decided before the last report
    assert "- core: 2 slots granted until 01 Jan 11:06 UTC (request:core:1)" in section
    assert "- agents of type coder: 1 slot granted no more: its time is over (request:coder:1)" in section
    assert "request:old:1" not in section  # over before the last report


def test_a_pool_that_is_overdrawn_says_by_how_many() -> None:
    core = replace(NOW.orchestrators[0], agents_running=7, quota=5)
    assert "Core: 7 agents at work, 2 over its pool of 5" in resources(replace(NOW, orchestrators=(core,)))


def test_json_says_the_same_in_fields() -> None:
    document = report_document(build_report(PLAN, NOW, BEFORE, week=5))
    assert [r["item"] for r in document["agent_requests"]] == ["request:core:2", "request:core:3"]
    assert [r["choice"] for r in document["agent_requests"]] == [None, "deny"]
    assert document["grants"][0] == {
        "item": "request:core:1", "orchestrator": "core", "agent_type": None, "count": 2,
        "until": "1970-01-01T11:06:40Z", "ended": None,
    }  # fmt: skip
    assert [e["id"] for e in document["escalations"]] == ["E1", "E2"]
    assert document["escalations"][1]["waits_for"] == ["tech-review"]
    json.dumps(document)


def test_the_same_snapshots_give_the_same_bytes() -> None:
    first, second = (build_report(PLAN, NOW, BEFORE, week=5) for _ in range(2))
    assert markdown(first) == markdown(second)
    assert json.dumps(report_document(first)) == json.dumps(report_document(second))


def test_status_has_counts_of_messages_and_what_is_open() -> None:
    document = status_document(NOW)
    assert document["messages"] == {"queued": 1, "delivered": 0, "read": 0, "acknowledged": 0, "dead": 1}
    assert [t["id"] for t in document["tasks"]] == ["T1"]
    assert [e["id"] for e in document["escalations"]] == ["E1", "E2"]
    assert [g["item"] for g in document["grants"]] == ["request:core:1"]
    assert document["alerts"][0]["state"] == "firing"
    assert status_document(WEEK)["tasks"] == []


def test_the_text_has_a_line_for_each_escalation_and_each_firing_alert() -> None:
    lines = status_text(NOW).splitlines()
    assert "  alert slow is firing: velocity 0.5" in lines
    assert (
        "  escalation E2 about w1 waits for tech-review until 00:00 UTC: two traits claim the overlay"
        in lines
    )
    assert sum("escalation E1 about" in line for line in lines) == 1
