"""What the agent of an orchestrator is offered beyond the others' tools, and what of it the worker lets it do."""

from __future__ import annotations

import pytest
import served
from served import Client

from locust_tui.domain.states import WorkstreamState
from locust_tui.mcp.commanding import COMMANDING
from project import Project

PLAN = """\
project: Tools
meta: {id: boss}
agents:
  c: {kind: claude, command: ./agent}
orchestrators:
  core: {agent: c, instructions: Lead the core}
  plugins: {}
workstreams:
  api: {agent: c, instructions: Build it, orchestrator: core}
  web: {agent: c, instructions: Build that, orchestrator: plugins}
"""


@pytest.fixture
def up(project: Project) -> Project:
    project.script("agent", served.AGENT)
    project.write(PLAN)
    project.up()
    for run in ("api.1", "web.1", "core.1"):
        served.token(project, run)
    project.reaches(lambda world: all(run.pid for run in world.runs.values()))
    return project


def of(up: Project, run: str) -> Client:
    return Client(served.port(up), served.token(up, run)).open()


def tools(client: Client) -> set[str]:
    return {tool["name"] for tool in client.request("tools/list").message["result"]["tools"]}


def test_only_orchestrators_are_offered_what_commands(up: Project) -> None:
    assert tools(of(up, "core.1")) >= COMMANDING
    assert not tools(of(up, "api.1")) & COMMANDING
    assert not tools(Client(served.port(up), "none").open()) & COMMANDING


def test_it_commands_its_own_and_a_workstream_commands_none(up: Project) -> None:
    core, api = of(up, "core.1"), of(up, "api.1")
    assert core.call("command_workstream", workstream="api", action="pause").data == {"state": "paused"}
    assert up.world().workstream("api").by == "core.1"
    assert not core.call("command_workstream", workstream="api", action="resume").error
    for client, workstream in ((core, "web"), (api, "api"), (api, "web")):
        told = client.call("command_workstream", workstream=workstream, action="pause")
        assert told.error, told
    told = core.call("command_workstream", workstream="api", action="accept")
    assert told.error
    states = {s.id: s.state for s in up.world().workstreams.values()}
    assert states == {"api": WorkstreamState.RUNNING, "web": WorkstreamState.RUNNING}


def test_tasks_go_down_and_matters_go_up(up: Project) -> None:
    core = of(up, "core.1")
    made = core.call("create_task", title="Look at the parser", assignee="api", priority="high")
    assert made.data is not None, made.text
    world = up.world()
    assert world.tasks[made.data["id"]].assignee == "api"
    assert [m.to for m in world.messages.values()] == ["api"]
    assert core.call("create_task", title="x", assignee="web").error
    raised = core.call("escalate", what="We need a decision", subject="api", detail="about the API")
    assert raised.data is not None, raised.text
    assert up.world().escalations[raised.data["id"]].what == "We need a decision"


def test_messages_have_subjects_priorities_and_answers(up: Project) -> None:
    core, api = of(up, "core.1"), of(up, "api.1")
    sent = core.call("send_message", to="api", text="Begin with the types", subject="Order", priority="low")
    assert sent.data is not None
    assert sent.data["sent"] == [{"id": "m1", "to": "api"}]
    got = api.call("read_messages")
    assert got.data is not None
    assert [(m["subject"], m["from"]) for m in got.data["messages"]] == [("Order", "core")]
    assert not api.call("acknowledge_message", message="m1").error
    assert up.world().messages["m1"].state == "acknowledged"
    assert core.call("acknowledge_message", message="m1").error
    nobody = api.call("send_message", to="cort", text="x")
    assert nobody.error
    assert "did you mean core" in nobody.text
    refused = api.call("send_message", to="web", text="x")
    assert refused.error
    assert "write to core" in refused.text


def test_a_workstream_escalates_and_its_orchestrator_answers_it_and_no_other(up: Project) -> None:
    core, api, web = of(up, "core.1"), of(up, "api.1"), of(up, "web.1")
    raised = api.call("escalate", what="The parser cannot be saved", urgency="high")
    assert raised.data is not None, raised.text
    id = raised.data["id"]
    assert (raised.data["kind"], raised.data["to"]) == ("workstream", ["core"])
    other = web.call("escalate", what="Stuck").data
    assert other is not None
    assert not core.call("acknowledge_escalation", escalation=id).error
    for client, one in ((api, id), (core, other["id"]), (web, other["id"])):
        assert "nothing else" in client.call("answer_escalation", escalation=one, decision="go on").text
    answered = core.call("answer_escalation", escalation=id, decision="Write a new one")
    assert answered.data is not None, answered.text
    assert up.world().escalations[id].closed_why == "answered by core.1 for core"
    got = api.call("read_messages")
    assert got.data is not None
    assert "Write a new one" in got.data["messages"][-1]["text"]
