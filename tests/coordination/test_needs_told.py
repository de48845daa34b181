"""The worker tells the owners of successors, once, also where it was killed in between."""

from __future__ import annotations

from locust_tui.domain.events import MessageSent
from project import Project

PLAN = """
project: P
orchestrators: {core: {}, plugins: {}}
workstreams:
  types: {run: "until [ -e go ]; do sleep 0.05; done", orchestrator: core}
  parser: {run: exec sleep 1000, orchestrator: core, needs: [types]}
  hover: {run: exec sleep 1000, orchestrator: plugins, needs: [types]}
  tooltip: {run: exec sleep 1000, orchestrator: plugins, needs: [types]}
"""


def told(project: Project) -> list[MessageSent]:
    return [e for e in project.events(MessageSent) if e.sender == "worker"]


def test_the_orchestrator_of_the_successors_gets_one_message(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.runs.get("types.1") and w.runs["types.1"].pid)
    assert told(project) == []
    (project.path / "go").touch()
    world = project.reaches(lambda w: any(m.state == "delivered" for m in w.messages.values()))
    (one,) = told(project)
    assert (one.to, one.subject) == ("plugins", "types is there for hover, tooltip")
    assert "parser" not in one.text
    project.kill()
    project.up()
    project.reaches(lambda w: w.project.worker_since != world.project.worker_since)
    project.kill()
    project.up()
    project.reaches(lambda w: "hover.1" in w.runs and w.runs["hover.1"].live)
    assert told(project) == [one]
    project.assert_sound()


def test_needs_met_when_they_come_into_the_plan_are_no_news(project: Project) -> None:
    (project.path / "go").touch()
    project.write(PLAN.split("  hover:")[0])
    project.up()
    project.reaches(lambda w: w.workstream("types").accepted_at)
    project.write(PLAN)
    project.reaches(lambda w: w.runs.get("tooltip.1") and w.runs["tooltip.1"].pid)
    assert told(project) == []


def test_a_slip_is_told_some_time_after_the_planned_end(project: Project) -> None:
    text = PLAN.replace("project: P", "project: P\ncalendar: {week: 1s}")
    project.write(text.replace("types: {", "types: {weeks: 1, ").replace("hover: {", "hover: {weeks: 2, "))
    project.up()
    world = project.reaches(lambda w: any(m.to == "plugins" for m in w.messages.values()))
    (one,) = world.messages.values()
    assert one.subject == "types is late for hover, tooltip"
    (project.path / "go").touch()
    project.reaches(lambda w: len(w.messages) == 2)


def test_a_failure_is_told(project: Project) -> None:
    project.write(PLAN.replace('"until [ -e go ]; do sleep 0.05; done"', "exit 3"))
    project.up()
    world = project.reaches(lambda w: w.messages)
    (one,) = world.messages.values()
    assert one.subject == "types failed, needed by hover, tooltip"
