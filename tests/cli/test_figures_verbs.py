"""The verbs of figures: of a plan that never ran, of one with history, of a moment; text, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conftest import Tui

MORE = """\
kpis:
  velocity: {measure: workstreams_completed / week, target: 2-3}
  share: {measure: 100 * workstreams_completed / workstreams_total, min: 50%}
success:
  - {name: Both phases, check: phases_done == 2}
  - {name: Leak free, manual: Does she float?}
after_release:
  - {name: Ferried, due: 1 month, manual: Count the passengers}
"""


def told(tui: Tui, *args: str) -> Any:
    answer = tui(*args, "--json")
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stderr
    return json.loads(answer.stdout)


def test_a_plan_that_never_ran_has_its_planned_value(tui: Tui, harbour: Path) -> None:
    found = told(tui, "earned-value")
    project = found["project"]
    assert (project["bac"], project["pv"], project["ev"], project["week"]) == (8.0, 0.0, 0.0, None)
    assert (project["spi"], project["spi_reason"]) == (None, "the plan has not been started")
    assert (project["finish"], project["planned_finish"]) == (None, 6.0)
    assert [p["pv"] for p in found["curve"]["points"]] == [0.0, 1.0, 3.0, 5.0, 6.0, 7.0, 8.0]
    text = tui("evm").stdout
    assert "before the start" in text
    assert "SPI, SPI(t), finish —  the plan has not been started" in text


def test_figures_of_a_moment_rest_on_the_events_before_it(tui: Tui, sailed: Path) -> None:
    found = told(tui, "earned-value", "--at", "2026-01-16T00:00")
    assert found["at"] == "2026-01-16T00:00:00Z"
    assert (found["project"]["ev"], found["project"]["week"]) == (2.0, 1.8)
    rests = found["project"]["rests"]["ev"]
    assert rests["revisions"] == [8, 12]  # the drawing verified, the keel accepted
    assert [e["kind"] for e in told(tui, "events") if e["revision"] in rests["revisions"]] == [
        "deliverable.verified", "workstream.moved",
    ]  # fmt: skip
    earlier = told(tui, "earned-value", "--at", "2026-01-09T00:00")["project"]
    assert earlier["ev"] == 1.0  # one of two deliverables
    text = tui("earned-value", "--curve", "--at", "2026-01-16T00:00").stdout
    assert "1 Keel" in text
    assert "WEEK" in text


def test_flow_and_the_figures_of_each_workstream(tui: Tui, sailed: Path) -> None:
    found = told(tui, "flow", "--at", "2026-01-22T00:00")
    assert (found["wip"], found["throughput"]) == (2.0, [0, 1])
    assert found["cross_domain"]["part"] == 1
    assert found["cross_domain"]["whole"] == 2
    assert found["gate_pass"] | {"value_reason": ""} == {
        "value": None, "value_reason": "", "part": 0, "whole": 0,
    }  # fmt: skip
    keel = next(w for w in found["workstreams"] if w["id"] == "keel")
    assert (keel["completion"], keel["review_pass"], keel["within_two_days"]) == (50.0, 100.0, True)
    text = tui("flow", "-w", "--at", "2026-01-22T00:00").stdout
    assert "needs across      50%  1 of 2" in text
    assert "UNDER WAY" in text
    assert "Fit the ribs" in text


def test_a_kpi_says_what_it_is_computed_from(tui: Tui, harbour: Path) -> None:
    harbour.write_text(harbour.read_text() + MORE)
    velocity, share = told(tui, "kpi")
    assert (velocity["value"], velocity["value_reason"]) == (None, "the plan has not been started")
    assert (share["value"], share["ok"], share["inputs"]) == (
        0.0, False, {"workstreams_completed": 0.0, "workstreams_total": 4.0},
    )  # fmt: skip
    assert "computed from: 0 / 4" in tui("kpi", "SHARE").stdout
    missing = tui("kpi", "velocitee")
    assert missing.returncode == 3
    assert "velocity" in missing.stderr
    assert " missed" in tui("kpi").stdout


def test_the_scoreboard_and_what_may_be_said_of_it(tui: Tui, harbour: Path) -> None:
    harbour.write_text(harbour.read_text() + MORE)
    board = told(tui, "success")
    assert [(line["name"], line["met"]) for line in board["success"]] == [
        ("Both phases", "not-met"), ("Leak free", "unknown"),
    ]  # fmt: skip
    (watch,) = board["after_release"]
    assert (watch["state"], watch["due_at"]) == ("not-released", None)
    assert board["release"] == "not released: gate g1 Keel to rigging is not open"
    assert "nobody has said yet" in tui("success").stdout
    assert tui("success", "record", "Leak free", "perhaps").returncode == 2
    assert tui("success", "recrod").returncode == 2
    assert tui("success", "record", "--help").returncode == 0


def test_a_plan_without_any_says_so_and_exits_well(tui: Tui, harbour: Path) -> None:
    for verb, words in (("kpi", "the plan has no kpis"), ("success", "the plan has no success checks")):
        answer = tui(verb)
        assert (answer.returncode, answer.stdout) == (0, "")
        assert words in answer.stderr
