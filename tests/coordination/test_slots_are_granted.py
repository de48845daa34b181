"""Granted slots with a real worker: work starts at once, nothing is stopped when they end, and all of it outlives the worker."""

from __future__ import annotations

from locust_tui.client.requests import AnswerAsk, EndGrant, RequestAgents
from locust_tui.domain import events as e
from locust_tui.domain.world import World
from project import Project

PLAN = """\
project: Slots
resources: {max_agents: 3, pools: {core: 1}RULE}
agents: {rust: {command: sleep 600, max: 1}}
orchestrators: {core: {}}
workstreams:
  a: {orchestrator: core, agent: rust, instructions: x}
  b: {orchestrator: core, agent: rust, instructions: x}
  c: {orchestrator: core, agent: rust, instructions: x}
  d: {orchestrator: core, agent: rust, instructions: x}
"""


def live(world: World) -> list[str]:
    return sorted(run.subject for run in world.runs.values() if run.live and run.pid)


def up(project: Project, rule: str = "") -> None:
    project.write(PLAN.replace("RULE", rule))
    project.up()
    project.reaches(lambda w: live(w) == ["a"])


def test_a_grant_starts_work_at_once_and_its_end_stops_none(project: Project) -> None:
    up(project)
    item = project.ask(RequestAgents(1, "more", "core", agent_type="rust")).data["item"]
    project.kill()
    project.up()
    assert live(project.world()) == ["a"]
    project.ask(AnswerAsk(item, "grant", by="ana"))
    project.reaches(lambda w: live(w) == ["a", "b"])
    project.ask(EndGrant(item, by="ana"))
    assert project.world().grants[item].ended == "released by ana"
    project.kill()
    project.up()
    assert live(project.world()) == ["a", "b"]
    assert not project.events(e.RunEnded)
    project.assert_sound()


def test_the_rule_grants_within_the_cap_and_time_takes_it_back(project: Project) -> None:
    up(project, ", requests: {grant: within-cap, expires: 10s}")  # time enough to start two
    told = project.ask(RequestAgents(5, "more", "core", agent_type="rust")).data
    assert (told["waiting"], told["granted"], told["by"]) == (False, 2, "worker")
    project.reaches(lambda w: live(w) == ["a", "b", "c"])
    world = project.reaches(lambda w: w.grants[told["item"]].ended)
    assert live(world) == ["a", "b", "c"]
    queued = project.ask(RequestAgents(1, "more", "core", agent_type="rust")).data
    assert queued["waiting"] is True
    assert "no room under the cap of 3: 3 agents at work" in queued["why"]
    assert live(project.world()) == ["a", "b", "c"]
    assert project.world().asks[queued["item"]].open
    project.assert_sound()
