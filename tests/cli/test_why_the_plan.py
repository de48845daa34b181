"""`why` without a name: the rules that the verdict rests on, of the plan, an orchestrator, a phase."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Tui = Callable[..., subprocess.CompletedProcess[str]]


def test_the_verdict_of_the_plan_is_shown_rule_by_rule(tui: Tui, sailed: Path) -> None:
    told = json.loads(tui("why", "--json").stdout)
    status = json.loads(tui("status", "--json").stdout)
    assert (told["state"], told["because"]) == (status["verdict"], status["reasons"])
    holding = [rule for rule in told["rules"] if rule["decides"]]
    assert holding
    assert {rule["answer"] for rule in holding} == {told["state"]}
    assert set(told["because"]) <= {reason for rule in told["rules"] for reason in rule["reasons"]}
    for rule in told["rules"]:
        for key in ("value", "limit", "holds"):
            assert (f"{key}_reason" in rule) == (rule[key] is None)
    text = tui("why").stdout
    assert text.startswith("Harbour Ferry is ")
    assert all(f"  {reason}" in text.splitlines() for reason in told["because"])
    assert "WOULD BE" in text


def test_a_plan_file_is_no_name(tui: Tui, harbour: Path) -> None:
    told = tui("why", "locust-plan.yaml")
    assert told.returncode == 0
    assert "nothing has been started" in told.stdout


def test_why_an_orchestrator_and_a_phase(tui: Tui, sailed: Path) -> None:
    told = json.loads(tui("why", "hull", "--json").stdout)
    status = json.loads(tui("status", "--json").stdout)
    (hull,) = [o for o in status["orchestrators"] if o["id"] == "hull"]
    assert (told["id"], told["state"], told["because"]) == ("hull", hull["verdict"], hull["reasons"])
    assert "ribs" in told["blockers"]
    assert "locust-tui why ribs" in told["possible"]
    text = tui("why", "hull").stdout
    assert "blocked: ribs" in text
    phase = tui("why", "phase-2").stdout
    assert phase.startswith("phase 2 (Rigging) is ")
    wrong = tui("why", "hul")
    assert wrong.returncode == 3
    assert "did you mean hull" in wrong.stderr
