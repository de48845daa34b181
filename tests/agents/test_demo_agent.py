"""The scripted agent does what its workstream's deliverables ask for, and nothing outside its folder."""

from __future__ import annotations

from pathlib import Path

from locust_tui.agents.demo import perform
from locust_tui.agents.reports import Reported, parse_stdout_line
from locust_tui.plans.reading import load_plan

PLAN = Path(__file__).parents[2] / "demo_plans" / "locust" / "locust-plan.yaml"


def test_every_deliverable_of_the_plan_is_made_and_reported(tmp_path: Path) -> None:
    plan = load_plan(PLAN)
    for workstream in plan.workstreams.values():
        said: list[str] = []
        assert perform(plan, workstream.id, tmp_path, said.append, lambda seconds: None) == 0
        reports = [r for r in (parse_stdout_line(s.encode()) for s in said) if isinstance(r, Reported)]
        claimed = [r.deliverable for r in reports if r.deliverable]
        assert claimed == [d.id for d in workstream.deliverables]
        assert reports[-1].progress == 100
        for deliverable in workstream.deliverables:
            assert deliverable.check is not None
            for pattern in deliverable.check.probes[0].patterns:
                assert (tmp_path / pattern).stat().st_size > 0


def test_it_takes_the_time_the_plan_gives(tmp_path: Path) -> None:
    plan = load_plan(PLAN)
    slept: list[float] = []
    perform(plan, "WS-01", tmp_path, lambda line: None, slept.append)
    assert sum(slept) <= 2 * plan.calendar.week_s


def test_in_a_plan_of_real_weeks_it_takes_seconds(tmp_path: Path) -> None:
    path = tmp_path / "locust-plan.yaml"
    path.write_text(
        'project: P\nagents: {coder: {command: "true"}}\n'
        "workstreams:\n  long: {agent: coder, instructions: do it, weeks: 1-20, deliverables: [a, b, c]}\n"
        "  bare: {agent: coder, instructions: do it}\n"
    )
    plan = load_plan(path)
    for workstream in ("long", "bare"):
        slept: list[float] = []
        assert perform(plan, workstream, tmp_path, lambda line: None, slept.append) == 0
        assert 0 < sum(slept) <= 6


def test_the_meta_orchestrator_has_a_turn_too_and_a_stranger_has_none(tmp_path: Path) -> None:
    plan = load_plan(PLAN)
    said: list[str] = []
    assert perform(plan, "locust-meta", tmp_path, said.append) == 0
    assert any("Core Framework" in line for line in said)
    assert perform(plan, "nobody", tmp_path, said.append) == 1
