"""`forecast`: its text, its document, a moment in the past, throughput alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Tui = Callable[..., subprocess.CompletedProcess[str]]


def document(tui: Tui, *more: str) -> dict[str, object]:
    done = tui("forecast", "--json", "--runs", "500", *more)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_text_says_when_what_moves_it_and_what_it_rests_on(tui: Tui, harbour: Path) -> None:
    done = tui("forecast")
    for words in (
        "50 %  P50", "spread: week ", "window 4–7: ", "GATE", "BY THEN", "WHAT MOVES IT", "sails", "ITS P85 ADDS",
        "by throughput: not enough history: 0 of 4 whole weeks", "4 triangular 0.67–1–1.5 × planned: an assumption",
        "fewest agents at a time that delay nothing: ",
    ):  # fmt: skip
        assert words in done.stdout, words
    assert "10000 runs, seed 20251117, gates included" in done.stderr
    assert "\x1b" not in done.stdout


def test_the_document_has_a_reason_beside_what_is_unknown(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text("project: p\nworkstreams:\n  a: {run: 'true'}\n")
    found = document(tui)
    assert (found["p50_week"], found["p50_week_reason"]) == (None, "no dates in the plan")
    assert (found["class"], found["class_reason"]) == (None, "no dates in the plan")
    assert tui("forecast").stdout == "no forecast: no dates in the plan\n"
    assert "weeks: or estimate:" in tui("forecast").stderr
    (tmp_path / "locust-plan.yaml").write_text(
        "project: p\nworkstreams:\n  a: {run: 'true', weeks: 1, defer: v2}\n"
    )
    done = tui("forecast")
    assert done.stdout == "no forecast: no workstream is left in scope\n"
    assert done.stderr == "next: locust-tui status\n"


def test_the_document_of_a_plan_that_never_ran(tui: Tui, harbour: Path) -> None:
    found = document(tui)
    assert found["class"] in ("early", "in window", "at risk", "late")
    gate = found["gates"][0]  # type: ignore[index]
    assert gate["p50_week"] <= gate["p85_week"] <= gate["p95_week"]
    assert 0 <= gate["by_due"] <= 100
    assert found["criticality"]["keel"] == 100.0  # type: ignore[index]
    assert {m["id"] for m in found["movers"]} <= {"keel", "ribs", "mast", "sails"}  # type: ignore[attr-defined]
    assert found["caps"]["binds"] is False  # type: ignore[index]
    assert (found["change"], found["history"], found["sample"]) == (None, [], [])
    assert sum(found["finish"]["counts"]) == 500  # type: ignore[index]


def test_the_document_of_a_plan_under_way(tui: Tui, sailed: Path) -> None:
    found = document(tui, "--at", "2026-01-24T12:00")
    assert [(s["week"], s["finished"]) for s in found["history"]] == [(1.0, 0), (2.0, 1)]  # type: ignore[attr-defined]
    change = found["change"]
    assert isinstance(change, dict)
    assert change["since"] == "2026-01-19T00:00:00Z"
    assert change["words"].startswith("P85 ")
    (sample,) = found["sample"]  # type: ignore[misc]
    assert (sample["workstream"], sample["runs"]) == ("keel", ["keel.1"])
    events = {e["revision"]: e for e in json.loads(tui("events", "--json").stdout)}
    began, ended = (events[r] for r in sample["revisions"])
    assert (began["kind"], ended["kind"]) == ("run.created", "workstream.moved")


def test_as_it_stood_then(tui: Tui, sailed: Path) -> None:
    then, later = (document(tui, "--at", at) for at in ("2026-01-10T12:00", "2026-01-24T12:00"))
    assert then["at"] == "2026-01-10T12:00:00Z"
    assert then["sample"] == []
    assert then["p85_week"] < later["p85_week"]  # type: ignore[operator]
    assert document(tui, "--at", "2026-01-10T12:00") == then


def test_throughput_alone(tui: Tui, sailed: Path) -> None:
    done = tui("forecast", "--throughput", "--at", "2026-02-04T12:00")
    assert "3 workstreams left" in done.stdout
    assert "finished a week: 0, 1, 0, 0" in done.stdout
    assert "AT LEAST" in done.stdout
    found = json.loads(tui("forecast", "--throughput", "--json", "--at", "2026-02-04T12:00").stdout)
    assert (found["weekly"], found["left"]) == ([0, 1, 0, 0], 3)
    assert found["p50_week"] <= found["p85_week"] <= found["p95_week"]
    early = json.loads(tui("forecast", "--throughput", "--json", "--at", "2026-01-24T12:00").stdout)
    assert early["p50_week_reason"] == "not enough history: 2 of 4 whole weeks"


def test_the_example_gives_its_reference_figures(tui: Tui, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "demo_plans" / "locust", tmp_path, dirs_exist_ok=True)
    for words, figures, chance in (
        (["--no-gates"], (11.8, 12.7, 13.2), 61),
        (["--no-gates", "--strict"], (18.0, 19.2, 20.0), 0),
        (["--no-gates", "--as-planned"], (12.4, 13.0, 13.3), 23),
        ([], (12.7, 13.5, 14.0), 18),
    ):
        found = json.loads(tui("forecast", "--json", *words).stdout)
        assert [found[k] for k in ("p50_week", "p85_week", "p95_week")] == pytest.approx(figures, abs=0.15)
        assert found["in_window"] == pytest.approx(chance, abs=1.5)


def test_a_terminal_with_nothing_but_ascii_gets_nothing_else(tui: Tui, sailed: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    said = tui("forecast", "--at", "2026-01-24T12:00", env=environment).stdout
    assert said.isascii()
    assert "?" not in said
    assert "window 4-7" in said


def test_without_gates_it_is_never_later(tui: Tui, harbour: Path) -> None:
    with_gates, without = document(tui), document(tui, "--no-gates")
    assert without["p85_week"] <= with_gates["p85_week"]  # type: ignore[operator]
    assert (with_gates["with_gates"], without["with_gates"]) == (True, False)


@pytest.mark.parametrize("words", [["--runs", "5"], ["--seed", "x"], ["--at", "whenever"], ["--thruput"]])
def test_what_cannot_be_is_refused(tui: Tui, harbour: Path, words: list[str]) -> None:
    done: subprocess.CompletedProcess[str] = tui("forecast", *words)
    assert done.returncode == 2
    assert done.stderr
