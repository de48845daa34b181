"""`critical-path` and `deps`: their figures of the demo plan, of a record, of a moment in the past."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tui = Callable[..., "subprocess.CompletedProcess[str]"]
DEMO = Path(__file__).parents[2] / "demo_plans" / "locust" / "locust-plan.yaml"
PATH = ["WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14"]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(DEMO, tmp_path / "locust-plan.yaml")
    monkeypatch.chdir(tmp_path)


def told(tui: Tui, *words: str) -> Any:
    done = tui(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_critical_path_of_a_plan_that_never_ran(demo: None, tui: Tui) -> None:
    found = told(tui, "critical-path")
    assert (found["weeks"], found["path"]) == (11.0, PATH)
    assert found["driven_by_date"] is False
    assert set(found["float"]) == {f"WS-{n:02}" for n in range(1, 16)}
    works = {w["id"]: w for w in found["workstreams"]}
    assert works["WS-09"]["float"] == found["float"]["WS-09"] == 3.0
    assert works["WS-06"]["driven_by"] == ["WS-02", "WS-05"]
    assert works["WS-01"]["driven_by"] == "start"
    assert works["WS-08"]["expected"] == {"start_week": 2.0, "end_week": 5.0, "start": None, "end": None}
    gates = {m["id"]: m for m in found["marks"] if m["kind"] == "gate"}
    assert (gates["g4"]["due_week"], gates["g4"]["expected_week"], gates["g4"]["late_days"]) == (
        12.0,
        11.0,
        -5.0,
    )


def test_strict_as_planned_and_with_gates(demo: None, tui: Tui) -> None:
    strict = told(tui, "critical-path", "--strict")
    assert (strict["weeks"], strict["path"], strict["float"]["WS-02"]) == (17.0, PATH, 1.0)
    assert strict["near_critical"] == ["WS-02", "WS-03", "WS-04"]
    dated = tui("critical-path", "--as-planned").stdout.splitlines()
    assert dated[0] == "12 weeks: WS-15  (driven by a date, not by what comes before)"
    assert "WS-01, WS-02, WS-05, WS-06, WS-12, WS-13, WS-14" in dated[1]
    gated = told(tui, "critical-path", "--gates")
    assert gated["with_gates"] is True
    assert gated["float"]["WS-09"] == 0.0


def test_caps_say_what_fewer_agents_cost(demo: None, tui: Tui) -> None:
    found = told(tui, "critical-path", "--caps")
    assert [one["weeks"] for one in found["levelled"]] == [39.0, 21.0, 15.0, 11.0, 11.0, 11.0]
    assert found["smallest_cap"] == 4
    assert found["smallest_cap_by_orchestrator"] == {"core": 2, "plugins": 3, "integration": 3}
    assert found["under_plan_caps"]["weeks"] == 11.0
    text = tui("critical-path", "--caps").stdout
    assert "smallest cap that delays nothing: 4" in text
    assert "not proven the shortest" in text


def test_every_need_with_its_state_lag_float_and_delay(demo: None, tui: Tui) -> None:
    edges = told(tui, "deps")
    assert len(edges) == 17
    assert sum(edge["crosses"] for edge in edges) == 7
    half = edges[0]
    assert half == {
        "from": "WS-01", "to": "WS-02", "condition": "50%", "met": False, "why": "WS-01 is 0 % verified, 50 % needed",
        "state": "open", "lag_weeks": 1.0, "float_weeks": 0.0, "delay_days": 0.0, "drives": True, "crosses": False,
    }  # fmt: skip
    assert told(tui, "deps", "--ready") == {"ready": ["WS-01"], "count": 1, "held": []}
    assert "if everything were released now, 1 starts" in tui("deps").stdout


def test_a_record_says_what_is_late_and_whom_it_delays(sailed: Path, tui: Tui) -> None:
    at = ("--at", "2026-01-19T12:00")
    found = told(tui, "critical-path", *at)
    works = {w["id"]: w for w in found["workstreams"]}
    assert works["keel"]["done"] is True
    assert works["keel"]["actual"]["end"].startswith("2026-01-15")
    assert works["ribs"]["actual"]["start"] == "2026-01-19T09:00:00Z"
    assert works["ribs"]["expected"]["start_week"] == pytest.approx(2.075, abs=0.01)
    assert works["sails"]["driven_by"] == [
        "mast"
    ]  # it could begin now; the ribs end half an hour of work earlier
    edges = {(e["from"], e["to"]): e for e in told(tui, "deps", *at)}
    assert edges["keel", "mast"]["state"] == "met"
    assert edges["keel", "mast"]["float_weeks"] is None
    assert (edges["mast", "sails"]["drives"], edges["ribs", "sails"]["drives"]) == (True, False)
    text = tui("critical-path", *at).stdout
    assert "what came before is done" in text
    assert "gate g1: due wk 3, expected wk" in text


def test_a_plan_without_dates_says_that_each_workstream_counts_as_one_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tui: Tui
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "locust-plan.yaml").write_text(
        "project: P\nworkstreams:\n  a: {run: 'true'}\n  b: {run: 'true', needs: a}\n"
    )
    text = tui("critical-path").stdout
    assert text.startswith("2 weeks: a > b\n")
    assert "no dates in the plan: each workstream counts as one week" in text
    found = told(tui, "critical-path")
    assert (found["weeks"], found["end_week"], found["end_week_reason"]) == (
        2.0,
        None,
        "no dates in the plan",
    )
    assert found["float"] == {"a": 0.0, "b": 0.0}
