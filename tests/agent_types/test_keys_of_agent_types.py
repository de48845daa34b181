"""Every key of an agent type acts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from locust_tui.domain.events import BudgetReached, RunEnded, RunUsed
from locust_tui.plans.reading import read_plan
from locust_tui.worker.rates import EVERY_S, Rates
from project import Project

SPEAKING = (Path(__file__).parent.parent / "worker" / "protocol_agent.py").read_text()


def plan_of(project: Project, keys: str, *, more: str = "") -> None:
    project.write(
        f"project: K\nagents: {{sh: {{{keys}}}}}\nworkstreams:\n  a: {{agent: sh, instructions: x}}\n{more}"
    )


def test_skills_model_env_and_cwd_reach_the_command(project: Project) -> None:
    (project.path / "sub").mkdir()
    project.script(
        "agent", "#!/bin/sh\necho $LOCUST_TUI_SKILLS $LOCUST_TUI_MODEL $X $(basename $PWD) > ../said\n"
    )
    plan_of(project, "command: ../agent, skills: [rust, sql], model: big, env: {X: y}, cwd: sub")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert (project.path / "said").read_text() == "rust,sql big y sub\n"


def test_an_agent_that_is_spoken_to_is_told_its_skills(project: Project) -> None:
    project.script("claude", SPEAKING)
    plan_of(project, "kind: claude, command: ./claude, skills: [rust, sql], env: {FLEET: .}")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert "You are asked for your skills: rust, sql." in (project.path / "heard").read_text()


def test_a_rate_is_what_a_command_costs(project: Project) -> None:
    plan_of(project, "command: sleep 0.5, rate: 3600", more="budget: {cost: 0.1}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    run = project.world().runs["a.1"]
    assert run.cost_usd is not None
    assert run.ended is not None
    assert run.started is not None
    assert run.cost_usd == pytest.approx(run.ended - run.started, abs=0.5)
    assert [b.scope for b in project.events(BudgetReached)] == ["plan"]


def test_an_agent_that_says_its_cost_is_believed(project: Project) -> None:
    project.script("claude", SPEAKING)
    project.write(
        "project: K\nagents: {sh: {kind: claude, command: ./claude, rate: 3600, env: {FLEET: .}}}\n"
        "workstreams:\n  a: {agent: sh, instructions: '@cost 0.25'}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert {e.cost_usd for e in project.events(RunUsed)} == {0.25}


def test_the_cost_of_a_live_run_is_written_now_and_then(project: Project) -> None:
    plan_of(project, "command: sleep 60, rate: 3600")
    project.up()
    run = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.started).runs["a.1"]
    plan = read_plan(project.plan).plan
    assert plan is not None
    assert run.started is not None
    rates, start = Rates(), run.started
    assert rates.look(plan, [run], start + 1) == []
    assert rates.look(plan, [run], start + EVERY_S) == [RunUsed("a.1", cost_usd=EVERY_S)]
    assert rates.look(plan, [run], start + EVERY_S + 1) == []
    assert rates.last(plan, run, start + 90) == [RunUsed("a.1", cost_usd=90.0)]


def test_timeout_and_retry_of_the_type_are_its_workstreams(project: Project) -> None:
    plan_of(project, "command: sleep 60, timeout: 300ms, retry: 1")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "failed" or w.workstream("a").attempt == 2)
    assert "timed out" in project.events(RunEnded)[0].reason or "longer" in project.events(RunEnded)[0].reason


def test_max_bounds_how_many_run(project: Project) -> None:
    project.write(
        "project: K\nagents: {sh: {command: 'sleep 60', max: 1}}\n"
        "workstreams:\n  a: {agent: sh, instructions: x}\n  b: {agent: sh, instructions: x}\n"
    )
    project.up()
    world = project.reaches(
        lambda w: w.workstream("a").state == "running" and w.workstream("b").state == "ready"
    )
    assert len(world.live_runs()) == 1


@pytest.mark.parametrize("wrong", ["sandbox: firejail", "rate: -1", "kind: gpt", "max: -1", "timeout: soon"])
def test_what_could_not_act_is_refused(project: Project, wrong: str) -> None:
    project.plan.write_text(
        f"project: K\nagents: {{sh: {{command: 'true', {wrong}}}}}\nworkstreams: {{a: {{agent: sh, instructions: x}}}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", "check", "--json", str(project.plan)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)
