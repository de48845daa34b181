"""Who may do what through the tool server: nobody without a run's token, and with it only what that run may."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import served
from served import Client

from locust_tui.client.requests import Ping, WorkstreamAction
from locust_tui.mcp.commanding import COMMANDING
from locust_tui.mcp.escalating import ANSWERING
from locust_tui.mcp.tools import build
from project import Project, until

WRITES = {
    "report_progress": {"percent": 40},
    "finish_deliverable": {"deliverable": "file"},
    "raise_blocker": {"text": "no"},
    "memory_write": {"key": "a", "value": 1},
    "send_message": {"to": "web", "text": "hello"},
    "read_messages": {},
    "request_agents": {"count": 1, "why": "more"},
    "ask_person": {"question": "well?"},
    "plan_around": {},
    "memory_read": {"key": "*"},
    "memory_history": {"key": "a"},
    "memory_remove": {"key": "a"},
    "acknowledge_message": {"message": "m1"},
    "command_workstream": {"workstream": "web", "action": "pause"},
    "create_task": {"title": "look", "assignee": "web"},
    "finish_task": {"task": "t1"},
    "escalate": {"what": "it is stuck"},
    "acknowledge_escalation": {"escalation": "E1"},
    "answer_escalation": {"escalation": "E1", "decision": "go on"},
}


@pytest.fixture
def up(project: Project) -> Project:
    served.up(project)
    return project


def mine(up: Project, run: str = "api.1") -> Client:
    return Client(served.port(up), served.token(up, run))


@pytest.mark.parametrize(
    "token", [None, "", " ", "none", "api.1:00", "api.1", "x" * 10_000], ids=lambda t: repr(t)[:12]
)
@pytest.mark.fault(56, "tools are called without a run's token, or with a made-up one")
def test_without_a_runs_token_every_tool_refuses_in_words_and_does_nothing(
    up: Project, token: str | None
) -> None:
    stranger = Client(served.port(up), token)
    for orphan in (False, True):
        if orphan:  # a server whose worker was killed descends from nobody: that makes it no person
            up.kill()
            up.up()
        for tool, arguments in WRITES.items():
            told = stranger.call(tool, **arguments)
            assert told.error, (tool, told)
            assert "this is no run's token" in told.text
        assert {event.by.name for event in up.all_events()} == {"worker"}


def test_every_tool_is_tried_without_a_token() -> None:
    offered = {tool.name for tool in build(None, None)._tool_manager.list_tools()}  # type: ignore[arg-type]
    assert offered == set(WRITES)


@pytest.mark.fault(56, "tools are called with one run's token for another's work")
def test_a_token_reaches_only_its_own_workstream(up: Project) -> None:
    assert not mine(up).call("report_progress", percent=40, note="half way").error
    world = up.world()
    assert (world.workstream("api").reported, world.workstream("web").reported) == (40.0, None)
    around = mine(up, "web.1").call("plan_around")
    assert around.data is not None
    assert around.data["workstream"] == "web"
    told = mine(up, "web.1").call("finish_deliverable", deliverable="file")
    assert told.error
    assert 'web has no deliverable "file"' in told.text


def test_a_token_is_worth_nothing_once_its_run_is_over(up: Project) -> None:
    client = mine(up).open()
    up.steer("api", WorkstreamAction.CANCEL)
    up.reaches(lambda world: not world.runs["api.1"].live)
    told = client.call("memory_write", key="late", value=1)
    assert told.error
    assert "api.1 is over" in told.text
    assert "late" not in up.world().memory


def test_an_agent_can_neither_answer_nor_see_what_another_asks(up: Project) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(mine(up).call, "ask_person", question="Which port?", options=["80", "8080"])
        item = up.reaches(lambda world: world.open_asks()).open_asks()[0].item
        other = mine(up, "web.1").open()
        tools = [t["name"] for t in other.request("tools/list").message["result"]["tools"]]
        assert set(tools) == set(WRITES) - COMMANDING - ANSWERING
        for name in ("answer_ask", "decide_gate", "agent.await", "ws.steer"):
            answer = other.request("tools/call", name=name, arguments={"item": item, "choice": "80"})
            assert "error" in answer.message or answer.message["result"]["isError"]
        for word in ("Which port", "8080"):
            for tool in ("plan_around", "read_messages"):
                assert word not in other.call(tool).text
        assert up.world().asks[item].open
        up.steer("api", WorkstreamAction.CANCEL)
        assert waiting.result(30).error


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Origin": "http://evil.example"}],
    ids=str,
)
def test_a_page_in_a_browser_reaches_nothing(up: Project, headers: dict[str, str]) -> None:
    evil = Client(served.port(up), served.token(up, "api.1"), headers)
    answer = evil.request("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={})
    assert answer.status in (403, 421)
    assert "mcp-session-id" not in answer.headers


def test_it_listens_on_this_machine_alone(up: Project) -> None:
    wanted = f"{served.port(up):04X}"
    files = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
    tables = [file.read_text().splitlines()[1:] for file in files if file.exists()]  # there may be no IPv6
    lines = [line.split() for table in tables for line in table]
    listening = [line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{wanted}")]
    assert listening == [f"0100007F:{wanted}"]


def test_what_is_too_large_is_refused(up: Project) -> None:
    client = mine(up).open()
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "memory_write", "arguments": {"key": "big", "value": "x" * 1_000_000}},
    }
    answer = client.post(json.dumps(call).encode())
    assert (answer.status, answer.body) == (413, "Request body too large")
    for tool, arguments in (
        ("memory_write", {"key": "big", "value": "x" * 70_000}),
        ("memory_write", {"key": "x" * 300, "value": 1}),
        ("memory_write", {"key": "../etc", "value": 1}),
        ("memory_write", {"key": "locust/status/current", "value": 1}),
        ("send_message", {"to": "web", "text": "x" * 20_000}),
        ("ask_person", {"question": "x" * 20_000}),
        ("ask_person", {"question": "x", "options": ["y" * 501]}),
        ("report_progress", {"percent": 140}),
        ("report_progress", {"percent": 14, "note": "x" * 3_000}),
    ):
        told = client.call(tool, **arguments)
        assert told.error, (tool, told)
        assert len(told.text) < 30_000
        assert "Traceback" not in told.text
    world = up.world()
    assert (dict(world.memory), dict(world.messages), world.open_asks()) == ({}, {}, [])


def test_wrong_arguments_are_told_in_words_that_help(up: Project) -> None:
    me = mine(up)
    for tool, arguments, words in (
        (
            "report_progress",
            {"percent": 140},
            "report_progress was not called: percent: input should be less than or equal to 100, not 140",
        ),
        ("memory_read", {}, "memory_read was not called: key is missing"),
        ("raise_blocker", {"text": ["x" * 999]}, 'text: input should be a valid string, not ["xxx'),
        ("ask_person", {"question": "well?", "options": ["a", "a"]}, "two options are the same"),
    ):
        told = me.call(tool, **arguments)
        assert told.error
        assert words in told.text
        assert "pydantic" not in told.text
        assert len(told.text) < 300


def test_a_flood_of_questions_does_not_flood_the_inbox(up: Project) -> None:
    port, token = served.port(up), served.token(up, "api.1")
    with ThreadPoolExecutor(30) as pool:
        asked = [
            pool.submit(Client(port, token, timeout=60).call, "ask_person", question=f"Question {n}?")
            for n in range(25)
        ]
        up.reaches(lambda world: len(world.open_asks()) == 20)
        until(lambda: sum(f.done() for f in asked) == 5, what="five refusals")
        refused = [f.result() for f in asked if f.done()]
        assert all(
            r.error and "api.1 has 20 open questions; wait for answers first" in r.text for r in refused
        )
        assert not Client(port, token).call("report_progress", percent=1).error, "others are not heard"
        assert up.ask(Ping()).ok
        up.steer("api", WorkstreamAction.CANCEL)
        assert all(f.result(40).error for f in asked)


def test_callers_who_say_nothing_hold_nobody_up(up: Project) -> None:
    port = served.port(up)
    with ExitStack() as stack:
        for n in range(500):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            if n % 2:
                silent.sendall(
                    b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{"[: 20 + n // 5]
                )
        assert not mine(up).call("report_progress", percent=3).error
        assert up.ask(Ping()).ok
        last = socket.create_connection(("127.0.0.1", port), timeout=60)
        stack.enter_context(last)
        assert last.recv(100) == b"", "it is hung up on"
