"""Editing the plan under a running worker: what is good and harmless holds at once, the rest waits, nothing is killed."""

from __future__ import annotations

import os
import time

import pytest

from locust_tui.client.requests import ConfirmPlan, DecideGate, RecheckPlan, SteerWorkstream, WorkstreamAction
from locust_tui.domain.events import PlanAccepted, PlanHeld
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from locust_tui.domain.world import World
from locust_tui.plans.trust import revoke
from locust_tui.plans.watch import SETTLE_S
from project import Project, is_running, until

PLAN = "project: P\nworkstreams:\n  a: {run: exec sleep 60}\n"


def started(project: Project, plan: str = PLAN) -> World:
    project.write(plan)
    project.up()
    return project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)


def held(project: Project, why: str) -> World:
    return project.reaches(lambda w: w.project.held is not None and w.project.held.why == why)


def in_force(project: Project, changes: int) -> World:
    return project.reaches(lambda w: w.project.plan_changes == changes)


def in_place(project: Project, text: str) -> None:
    project.plan.write_text(text)


def renamed(project: Project, text: str) -> None:
    project.write(text, trust=False)


def linked(project: Project, text: str) -> None:
    new = project.path / f"version-{time.monotonic_ns()}.yaml"
    new.write_text(text)
    link = project.path / "new-link"
    link.symlink_to(new.name)
    link.replace(project.plan)
    project.trust()  # trust belongs to the real file


@pytest.mark.fault(46, "the plan is saved in place, by a rename, by a link that is swapped")
@pytest.mark.parametrize("save", [in_place, renamed, linked])
def test_a_saved_change_is_in_force_and_touches_no_agent(project: Project, save: object) -> None:
    world = started(project)
    save(project, PLAN.replace("project: P", "project: Renamed"))  # type: ignore[operator]
    after = in_force(project, 1)
    assert after.project.plan_digest != world.project.plan_digest
    assert after.runs["a.1"].pid == world.runs["a.1"].pid
    assert is_running(world.runs["a.1"].pid or 0)
    assert len(after.runs) == 1


@pytest.mark.fault(51, "a command is added to the plan")
def test_added_work_starts_once_it_is_trusted(project: Project) -> None:
    started(project)
    project.write(PLAN + "  b: {run: 'true'}\n", trust=False)
    world = held(project, "trust")
    assert world.project.held is not None
    assert world.project.held.lines[0] == "+ workstream b, run (shell): true"
    assert world.project.held.compared
    assert not world.project.held.refused
    assert "b" not in world.workstreams
    project.trust()
    project.reaches(lambda w: w.workstream("b").state == "accepted")
    assert project.world().project.held is None


@pytest.mark.fault(51, "an agent adds a command to the plan")
def test_an_agent_that_edits_the_plan_runs_nothing(project: Project) -> None:
    project.script(
        "agent",
        "#!/bin/sh\nprintf '  evil: {run: touch %s/owned}\\n' \"$PWD\" >> locust-plan.yaml\nexec sleep 60\n",
    )
    project.write("project: P\nworkstreams:\n  a: {run: ./agent}\n")
    project.up()
    held(project, "trust")
    time.sleep(0.7)
    assert not (project.path / "owned").exists()
    assert "evil" not in project.world().workstreams


def test_a_broken_plan_changes_nothing_and_says_where(project: Project) -> None:
    before = started(project)
    renamed(project, PLAN + "  b: {run: 'true', needs: nobody}\n")
    world = held(project, "error")
    assert world.project.plan_digest == before.project.plan_digest
    assert world.project.held is not None
    (error,) = world.project.held.errors
    assert error.where.startswith("locust-plan.yaml:4:")
    assert "nobody" in error.message
    assert error.help
    assert world.project.held.lines == (str(error),)
    project.steer("a", WorkstreamAction.PAUSE)
    in_place(project, PLAN)
    project.reaches(lambda w: w.project.held is None)
    assert project.world().project.plan_changes == 0


@pytest.mark.fault(45, "prefixes are saved faster than they settle")
def test_every_prefix_of_a_plan_leaves_running_work_alone(project: Project) -> None:
    plan = PLAN + "  b: {run: exec sleep 61}\n"
    project.write(plan)
    project.up()
    world = project.reaches(lambda w: all(r in w.runs and w.runs[r].pid for r in ("a.1", "b.1")))
    pids = {run.pid for run in world.runs.values()}
    for end in range(0, len(plan), 7):
        in_place(project, plan[:end])
        time.sleep(0.02)
    in_place(project, plan)
    project.ask(RecheckPlan())
    project.reaches(lambda w: w.project.held is None)
    world = project.world()
    assert {r.pid for r in world.runs.values()} == pids
    assert all(is_running(p or 0) for p in pids)
    assert set(project.states().values()) == {"running"}
    assert world.project.plan_digest == project.events(PlanAccepted)[0].digest


@pytest.mark.fault(50, "running and finished work is removed from the plan")
def test_what_is_running_done_or_approved_is_not_removed_without_a_yes(project: Project) -> None:
    started(project, "project: P\nworkstreams:\n  a: {run: exec sleep 60}\n  done: {run: 'true'}\n")
    project.reaches(lambda w: w.workstream("done").state == "accepted")
    project.write(PLAN)
    world = held(project, "confirm")
    first = world.project.held
    assert first is not None
    assert any("done" in line for line in first.lines)
    project.write("project: P\nworkstreams:\n  done: {run: 'true', priority: high}\n")
    world = project.reaches(lambda w: w.project.held is not None and w.project.held.digest != first.digest)
    assert project.refused(ConfirmPlan(first.digest)).exit_code == 4
    assert world.project.plan_changes == 0
    pid = world.runs["a.1"].pid
    assert world.project.held is not None
    assert f"agent of a.1 (pid {pid}) goes on until it ends" in world.project.held.lines
    assert world.project.held.removed == ("a",)
    assert "also: workstream done: priority" in world.project.held.lines
    assert "(workstream a removed)" in world.project.held.summary
    project.confirm()
    world = in_force(project, 1)
    assert world.project.held is None
    assert world.project.last_change == "workstream a removed, commands changed, workstream done: priority"
    assert is_running(world.runs["a.1"].pid or 0)
    assert world.runs["a.1"].live
    assert project.refused(SteerWorkstream("a", WorkstreamAction.PAUSE)).exit_code == 3
    assert project.refused(ConfirmPlan("0" * 64)).exit_code == 4


def test_a_changed_criterion_makes_its_result_stale_and_is_measured_anew(project: Project) -> None:
    gate = "workstreams:\n  a: {run: 'true'}\ngates:\n  g: {needs: [a], criteria: [{name: c, run: 'echo 5', below: 9}]}\n"
    project.write("project: P\n" + gate)
    project.up()
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    in_place(project, "project: P\n" + gate.replace("below: 9", "below: 3"))
    world = in_force(project, 1)
    assert world.criteria["gate:g/c"].state in (CriterionState.STALE, CriterionState.FAIL)
    assert project.refused(DecideGate("g", DecisionKind.GO)).exit_code == 4
    project.reaches(lambda w: w.criteria["gate:g/c"].state is CriterionState.FAIL, 60)


@pytest.mark.fault(46, "the plan is deleted, and the worker killed")
def test_a_plan_that_is_gone_stays_in_force_even_for_the_next_worker(project: Project) -> None:
    started(project, PLAN + "  b: {run: 'true', needs: a}\n")
    text = project.plan.read_text()
    project.plan.unlink()
    held(project, "gone")
    project.kill()
    project.up()
    world = project.world()
    assert world.project.held is not None
    assert world.project.held.why == "gone"
    assert world.runs["a.1"].live
    os.kill(world.runs["a.1"].pid or 0, 15)
    project.reaches(lambda w: w.workstream("a").state == "failed")
    in_place(project, text)
    project.reaches(lambda w: w.project.held is None)


def test_revoked_trust_lets_the_next_worker_start_nothing(project: Project) -> None:
    started(project, PLAN + "  b: {run: 'true', needs: a}\n")
    revoke(project.plan)
    project.ask(RecheckPlan())
    held(project, "trust")
    error = project.refused(SteerWorkstream("a", WorkstreamAction.PAUSE))
    assert error.exit_code == 4
    assert "trust" in str(error.help)
    project.kill()
    project.up()
    held(project, "trust")
    assert project.world().runs["a.1"].live
    project.trust()
    project.reaches(lambda w: w.project.held is None)
    project.steer("a", WorkstreamAction.PAUSE)


@pytest.mark.fault(52, "a plan that nobody trusts is started")
def test_an_untrusted_plan_runs_nothing_until_it_is_trusted(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: touch ran}\n", trust=False)
    project.up()
    world = held(project, "trust")
    assert world.project.started is None
    assert world.runs == {}
    time.sleep(0.7)
    assert not (project.path / "ran").exists()
    project.trust()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert (project.path / "ran").exists()


@pytest.mark.fault(46, "a hundred saves in half a second")
def test_a_hundred_saves_end_in_the_last(project: Project) -> None:
    started(project)
    began = time.monotonic()
    for n in range(100):
        in_place(project, PLAN.replace("project: P", f"project: P{n}"))
        time.sleep(0.005)
    wanted = project.plan.read_text()
    until(lambda: project.record().plan() and project.record().plan()[0].project.name == "P99")  # type: ignore[index]
    assert wanted.startswith("project: P99")
    assert len(project.events(PlanAccepted)) <= 2 + (time.monotonic() - began) / SETTLE_S
    assert project.events(PlanHeld) == [] or project.world().project.held is None
