"""A strategy that a named person approved changes the plan file at its places, goes on record, and is taken back byte for byte."""

from __future__ import annotations

import json
import os
from pathlib import Path

from locust_tui.analysis.strategies.preview import Settings, previews
from locust_tui.client.requests import AddToPlan, ApplyStrategy, MoveTask, RecheckPlan, UndoStrategy
from locust_tui.domain import events as e
from locust_tui.domain.plan import Crew
from locust_tui.domain.states import CriterionState, TaskState, WorkstreamState
from locust_tui.domain.studies.strategies import Preview
from project import Project

PLAN = """\
project: {name: P, window: 2-6}
calendar: {week: 1h}
agents:
  hand: {command: "sleep 600", rate: 2}   # a patient one
resources: {max_agents: 2}                # both hands
orchestrators: {boss: {phases: 1}}
phases: {1: {name: One}}
workstreams:
  # the beginning
  a: {phase: 1, weeks: 1-2, agent: hand, instructions: x, deliverables: [{id: d1, files: [d1]}, {id: d2, files: [d2]}]}
  b:
    phase: 1
    weeks: 3-6
    agent: hand
    instructions: x
    deliverables: [{id: d1, files: [b1]}, {id: d2, files: [b2]}]
    needs: [a]   # all of it
  c:
    phase: 1
    weeks: 1
    needs: a
    run: "true"
    accept: [{name: style, run: "false", must: false}, {name: works, run: "true"}]
  d: {phase: 1, weeks: 3, run: "true", needs: c}
strategies:
  - {id: quick, kind: crash}
  - {id: less, kind: descope, candidates: [c], to: v2}
  - {id: lax, kind: waive, criteria: [c/style, works], due: week 9}
  - {id: more, kind: add-capacity, adds: {hand: 2}}
"""


def started(project: Project, text: str = PLAN) -> None:
    project.write(text)
    project.up()
    project.reaches(lambda w: w.workstream("a").state is WorkstreamState.RUNNING)


def preview(project: Project, *names: str) -> Preview:
    with project.record() as record:
        found, world = record.plan(), record.read_world()
        assert found is not None
        at = record.events()[-1].at
    return previews(found[0], found[1], world, at, [names], Settings(runs=100))[0]


def apply(project: Project, *names: str, note: str = "we are late") -> Preview:
    shown = preview(project, *names)
    project.ask(ApplyStrategy(names, note, shown.digest, "ana"))
    return shown


def test_it_changes_its_places_of_the_file_and_comes_into_force(project: Project) -> None:
    started(project)
    project.plan.chmod(0o600)
    apply(project, "fast-track", "quick")
    assert project.plan.read_text() == PLAN.replace("needs: [a]", "needs: [{a: 50%}]").replace(
        "  # all of it\n", "  # all of it\n    crew: {agents: 2, gain: 0.7}\n"
    )
    assert project.plan.stat().st_mode & 0o777 == 0o600
    world = project.world()
    assert world.project.held is None
    with project.record() as record:
        assert record.plan()[0].workstreams["b"].crew == Crew(2, 0.7)  # type: ignore[index]
    (applied,) = project.events(e.StrategyApplied)
    assert (applied.strategies, applied.note) == (("fast-track", "quick"), "we are late")
    event = next(e_ for e_ in project.all_events() if isinstance(e_.body, e.StrategyApplied))
    assert (event.by.name, event.by.uid) == ("ana", os.getuid())
    accepted = project.events(e.PlanAccepted)[-1]
    assert (accepted.note, accepted.how, applied.plan_after) == ("we are late", "strategy", accepted.digest)
    project.assert_sound()


def test_it_is_taken_back_to_the_very_bytes(project: Project) -> None:
    text = PLAN.replace("\n", "\r\n").rstrip()
    project.plan.parent.mkdir(parents=True, exist_ok=True)
    started(project, "\ufeff" + text)
    before = project.plan.read_bytes()
    apply(project, "less")
    assert b"\r\n    defer: v2\r\n" in project.plan.read_bytes()
    project.reaches(lambda w: w.workstream("c").state is WorkstreamState.DEFERRED)
    answer = project.ask(UndoStrategy("1", "no need", "bo"))
    assert project.plan.read_bytes() == before
    assert answer.data["stays"] == []
    world = project.reaches(lambda w: w.workstream("c").state is not WorkstreamState.DEFERRED)
    assert (world.strategies["1"].undone_by, world.strategies["1"].standing) == ("bo", False)
    assert "taken back already, by bo" in project.refused(UndoStrategy("1")).message
    project.assert_sound()


def test_what_was_edited_since_is_not_taken_back(project: Project) -> None:
    started(project)
    apply(project, "more")
    edited = project.plan.read_text() + "# mine\n"
    project.plan.write_text(edited)
    project.ask(RecheckPlan())
    error = project.refused(UndoStrategy("1"))
    assert "changed since" in error.message
    assert "--reverse" in (error.help or "")
    assert project.plan.read_text() == edited
    assert project.world().strategies["1"].standing


def test_of_what_was_edited_since_the_changes_alone_are_taken_back_where_they_still_stand(
    project: Project,
) -> None:
    started(project)
    apply(project, "fast-track", "quick")
    apply(project, "more")
    project.plan.write_text(project.plan.read_text().replace("# all of it", "# half of it") + "# mine\n")
    project.ask(RecheckPlan())
    project.ask(UndoStrategy("2", "no", "bo", reverse=True))
    project.ask(UndoStrategy("1", "no", "bo", reverse=True))
    assert (
        project.plan.read_text()
        == PLAN.replace("[a]   # all of it", "[{a: done}]   # half of it") + "# mine\n"
    )
    assert [s.undone_by for s in project.world().strategies.values()] == ["bo", "bo"]
    project.assert_sound()


def test_what_says_something_else_by_now_is_not_taken_back_at_all(project: Project) -> None:
    started(project)
    apply(project, "more")
    edited = project.plan.read_text().replace("max_agents: 4", "max_agents: 9")
    project.plan.write_text(edited)
    project.ask(RecheckPlan())
    assert "--reverse" not in (project.refused(UndoStrategy("1")).help or "")
    assert "says something else by now" in project.refused(UndoStrategy("1", reverse=True)).message
    assert project.plan.read_text() == edited


def test_only_what_was_shown_is_applied_and_only_with_a_note(project: Project) -> None:
    started(project)
    shown = preview(project, "more")
    assert "a note is wanted" in project.refused(ApplyStrategy(("more",), " ", shown.digest)).message
    project.plan.write_text(PLAN.replace("max_agents: 2", "max_agents: 3"))
    project.ask(RecheckPlan())
    error = project.refused(ApplyStrategy(("more",), "x", shown.digest))
    assert (error.exit_code, "changed since that was shown" in error.message) == (4, True)
    assert project.refused(ApplyStrategy(("quicker",), "x", "")).exit_code == 3
    assert project.events(e.StrategyApplied) == []


def test_a_file_that_is_held_back_stays_as_it_is(project: Project) -> None:
    started(project)
    shown = preview(project, "more")
    broken = PLAN + "nonsense: 1\n"
    project.plan.write_text(broken)
    project.ask(RecheckPlan())
    assert "held back" in project.refused(ApplyStrategy(("more",), "x", shown.digest)).message
    project.plan.write_text(PLAN.replace("sleep 600", "sleep 601"))
    project.ask(RecheckPlan())
    assert project.world().project.held is not None
    assert "held back" in project.refused(ApplyStrategy(("more",), "x", shown.digest)).message
    assert project.plan.read_text() == PLAN.replace("sleep 600", "sleep 601")


def test_a_link_to_the_plan_stays_a_link(project: Project) -> None:
    real = project.path / "real.yaml"
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_text(PLAN)
    project.plan.symlink_to(real.name)
    project.trust()
    project.up()
    project.reaches(lambda w: w.workstream("a").state is WorkstreamState.RUNNING)
    apply(project, "more")
    assert project.plan.is_symlink()
    assert "max_agents: 4" in real.read_text()


def test_a_waiver_is_of_the_record_and_leaves_a_debt(project: Project) -> None:
    started(project)
    shown = apply(project, "lax", note="style can wait")
    assert [r.subject for r in shown.refused] == ["c works"]
    assert project.plan.read_text() == PLAN
    world = project.world()
    assert world.criteria["accept:c/style"].state is CriterionState.WAIVED
    debt = world.tasks["debt-c-style"]
    assert (debt.assignee, debt.due, debt.state) == ("boss", "week 9", TaskState.OPEN)
    project.ask(MoveTask(debt.id, TaskState.DONE, "made up for"))
    assert "stay on record" in project.ask(UndoStrategy("1")).data["stays"][0]
    lines = (project.folder.root / "decisions.jsonl").read_text()
    assert "strategy.applied" in lines
    assert "style can wait" in lines


def test_what_commands_added_is_changed_over_the_file(project: Project) -> None:
    started(project)
    project.ask(
        AddToPlan(
            (
                ("resources/max_agents", json.dumps(5)),
                ("workstreams/z", json.dumps({"run": "sleep 600", "weeks": 9, "needs": "d"})),
            )
        )
    )
    strategy = {"id": "zless", "kind": "descope", "candidates": ["z"]}
    project.ask(AddToPlan((("strategies/zless", json.dumps(strategy)),)))
    apply(project, "zless")
    assert project.plan.read_text() == PLAN
    world = project.reaches(lambda w: w.workstream("z").state is WorkstreamState.DEFERRED)
    assert world.additions["workstreams/z/defer"].value == '"later"'
    project.ask(UndoStrategy("1"))
    project.reaches(lambda w: w.workstream("z").state is not WorkstreamState.DEFERRED)


def test_it_outlives_the_death_of_the_worker(project: Project) -> None:
    started(project)
    before = project.plan.read_bytes()
    apply(project, "less")
    project.kill()
    project.up()
    project.ask(UndoStrategy("1"))
    assert project.plan.read_bytes() == before


def test_the_run_is_told_how_many_agents_it_may_be(project: Project) -> None:
    text = PLAN.replace("sleep 600", "env")
    project.write(text.replace("  a: {phase", "  a: {crew: 3, phase"))
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") is not None and w.runs["a.1"].ended is not None)
    assert b"LOCUST_TUI_AGENTS=3\n" in project.output("a.1").replace(b"\r\n", b"\n")


def test_an_agent_that_is_spoken_to_is_told_that_it_need_not_work_alone(project: Project) -> None:
    speaking = (Path(__file__).parent / "protocol_agent.py").read_text()
    project.script("claude", speaking)
    agents = "agents: {sh: {kind: claude, command: ./claude, env: {FLEET: .}}}\n"
    project.write(f"project: K\n{agents}workstreams: {{a: {{agent: sh, instructions: x, crew: 2}}}}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").state is WorkstreamState.ACCEPTED)
    assert "among up to 2 agents of your own" in (project.path / "heard").read_text()
