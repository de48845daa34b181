"""What a plan calls its things steers no terminal, whichever verb tells of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Tui

STEERS = r"\e]0;owned\a\e[31m"
PLAN = f"""\
project: {{name: "Kite {STEERS}", window: 2-3}}
phases:
  1: {{name: "Frame {STEERS}", weeks: 1-2}}
orchestrators:
  shop: {{name: "Shop {STEERS}", phases: 1}}
workstreams:
  frame: {{name: "Spars {STEERS}", phase: 1, weeks: 1, run: 'true', deliverables: [{{id: d, name: "Spar {STEERS}", files: [x]}}]}}
  sail: {{name: "Sail {STEERS}", phase: 1, weeks: 1-2, needs: frame, run: 'true'}}
milestones:
  flies: {{name: "Flies {STEERS}", week: 2, needs: [sail]}}
gates:
  fly: {{name: "Fly {STEERS}", closes: 1, week: 2, criteria: [{{name: "Wind {STEERS}", manual: "Blows it? {STEERS}"}}]}}
kpis:
  pace: {{name: "Pace {STEERS}", measure: workstreams_completed / week, target: 1-2}}
risks:
  - {{id: R1, risk: "Calm {STEERS}", probability: high, impact: high, mitigation: "Wait {STEERS}"}}
success:
  - {{name: "Flown {STEERS}", manual: "Seen? {STEERS}"}}
after_release:
  - {{name: "Kept {STEERS}", due: 1 month, manual: "Still? {STEERS}"}}
"""


@pytest.mark.fault(49, "names with escape sequences, told by every verb")
@pytest.mark.parametrize(
    "verb",
    [
        "check", "forecast", "why", "why shop", "critical-path --gates", "critical-path --caps", "deps", "deps --ready",
        "whatif", "earned-value --curve", "flow -w", "kpi", "kpi pace", "success --facts", "risk map", "risk show R1",
        "report --format md", "report --format text", "report --format html", "baseline",
    ],
)  # fmt: skip
@pytest.mark.fault(25, "every name in a plan attacks; the verbs of analysis and reports tell of them")
def test_no_verb_lets_a_name_steer_the_terminal(
    verb: str, tui: Tui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locust-plan.yaml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    done = tui(*verb.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert not {"\x1b", "\x07"} & {*done.stdout, *done.stderr}
