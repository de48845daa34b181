"""Permissions of the Agent Client Protocol: options by what they are, rules, our own tools, and titles that prove nothing."""

from __future__ import annotations

import json
import os.path
from typing import Any

import pytest

from locust_tui.agents.acp import AcpAdapter
from locust_tui.agents.vocabulary import (
    Activity,
    ActivityChanged,
    Failed,
    FileOffered,
    FileWanted,
    Granted,
    Job,
    Outgoing,
    Reaction,
    ToolEnded,
    ToolServer,
    ToolStarted,
    Trouble,
    TurnEnded,
    Wants,
    WantsNoMore,
)

LOCUST = ToolServer("locust", url="http://127.0.0.1:9/mcp", token_variable="T", token="s3cret")
ABLE = {"loadSession": True, "mcpCapabilities": {"http": True}}
ONCE = [
    {"optionId": "no", "name": "Allow", "kind": "reject_once"},
    {"optionId": "ever", "name": "Reject", "kind": "allow_always"},
    {"optionId": "yes", "name": "No", "kind": "allow_once"},
]


def opening(able: dict[str, Any] = ABLE, version: Any = 1, **job: Any) -> tuple[AcpAdapter, Reaction]:
    adapter = AcpAdapter(Job("r", "go", "/w", ("agent",), **job), resolve=os.path.normpath)
    adapter.begin()
    return adapter, hear(
        adapter, id="initialize", result={"protocolVersion": version, "agentCapabilities": able}
    )


def talking(session: dict[str, Any] | None = None, **job: Any) -> AcpAdapter:
    adapter, _ = opening(**job)
    hear(adapter, id="session/new", result={"sessionId": "s"} | (session or {}))
    return adapter


def hear(adapter: AcpAdapter, **message: Any) -> Reaction:
    return adapter.feed(json.dumps({"jsonrpc": "2.0"} | message).encode())


def update(adapter: AcpAdapter, **what: Any) -> Reaction:
    return hear(adapter, method="session/update", params={"sessionId": "s", "update": what})


def ask(adapter: AcpAdapter, options: list[dict[str, str]] = ONCE, id: Any = 7, **call: Any) -> Reaction:
    params = {"sessionId": "s", "toolCall": {"toolCallId": "c"} | call, "options": options}
    return hear(adapter, id=id, method="session/request_permission", params=params)


def chosen(sent: tuple[Outgoing, ...]) -> Any:
    (message,) = sent
    assert message.key == "answer:7"
    return json.loads(message.line)["result"]["outcome"]


def wanted(reaction: Reaction) -> Wants:
    return next(event for event in reaction.events if isinstance(event, Wants))


@pytest.mark.parametrize(
    ("choice", "kinds", "outcome"),
    [
        ("allow", "allow_once allow_always reject_once", "allow_once"),
        ("always", "allow_once allow_always", "allow_once"),
        ("always", "allow_always reject_once", "allow_always"),
        ("deny", "reject_always reject_once", "reject_once"),
        ("deny", "reject_always allow_once", "reject_always"),
        ("deny", "allow_once", None),
        ("allow", "allow_always reject_once", None),
        ("nonsense", "allow_once reject_once", "reject_once"),
    ],
)
def test_the_narrowest_option_that_says_the_word(choice: str, kinds: str, outcome: str | None) -> None:
    adapter = talking()
    options = [{"optionId": kind, "name": "?", "kind": kind} for kind in kinds.split()]
    ask(adapter, options, kind="execute", rawInput={"command": "ls"})
    found = chosen(adapter.answer("7", choice).send)
    assert found == (
        {"outcome": "cancelled"} if outcome is None else {"outcome": "selected", "optionId": outcome}
    )


def turn_over(adapter: AcpAdapter, key: str) -> Reaction:
    return hear(adapter, id=f"session/prompt:{key}", result={"stopReason": "end_turn"})


def test_a_message_that_waited_for_the_turn_is_the_next_turn_and_no_end() -> None:
    adapter = talking()
    assert adapter.say("and the docs", "k").send == ()
    reaction = turn_over(adapter, "prompt")
    assert [message.key for message in reaction.send] == ["say:k"]
    assert isinstance(reaction.events[-1], ActivityChanged)
    assert reaction.events[-1].activity is Activity.WORKING
    assert turn_over(adapter, "k").send == ()


def test_why_it_was_denied_is_the_next_message_since_the_protocol_has_no_place_for_it() -> None:
    adapter = talking()
    ask(adapter, kind="execute", rawInput={"command": "make push"})
    assert [message.key for message in adapter.answer("7", "deny", "not before the review").send] == [
        "answer:7"
    ]
    (message,) = turn_over(adapter, "prompt").send
    assert message.key == "say:note:7"
    words = json.loads(message.line)["params"]["prompt"][0]["text"]
    assert "make push" in words
    assert words.endswith("not before the review")


def test_the_choices_are_those_that_can_be_said() -> None:
    assert wanted(ask(talking(), kind="execute", rawInput={"command": "ls"})).choices == (
        "allow",
        "always",
        "deny",
    )
    assert wanted(ask(talking(), [], kind="execute", rawInput={"command": "ls"})).choices == ("deny",)
    assert wanted(ask(talking(), kind="execute", title="ls")).choices == ("allow", "deny")


def test_a_rule_grants_a_command_and_its_edits_and_says_so() -> None:
    adapter = talking(allow=("Bash(npm test)", "Edit"))
    granted = ask(adapter, kind="execute", rawInput={"command": "npm test", "cwd": "/w"})
    assert chosen(granted.send) == {"outcome": "selected", "optionId": "yes"}
    assert Granted("7", "Bash", "Bash: npm test", "Bash(npm test)") in granted.events
    content = [{"type": "diff", "path": "/w/a", "oldText": "a", "newText": "b"}]
    assert ask(talking(allow=("Edit",)), kind="edit", title="Edit a", content=content).send


@pytest.mark.parametrize(
    "call",
    [
        {"kind": "execute", "title": "npm test"},
        {"kind": "execute", "title": "npm test", "rawInput": {"command": "rm -rf /"}},
        {"kind": "execute", "rawInput": {"command": "npm test", "cwd": "/elsewhere"}},
        {"kind": "execute", "rawInput": {"command": "npm test", "dangerouslyDisableSandbox": True}},
        {"kind": "edit", "content": [{"type": "diff", "path": "/w/../etc/x", "newText": ""}]},
        {"kind": "edit", "content": [{"type": "diff", "path": "/w/a", "newText": ""}, {"type": "diff", "path": "/etc/x", "newText": ""}]},
        {"kind": "edit", "title": "/w/a"},
        {"kind": "delete", "locations": [{"path": "/w/a"}]},
    ],
)  # fmt: skip
def test_a_rule_grants_no_more_than_its_words(call: dict[str, Any]) -> None:
    reaction = ask(talking(allow=("Bash(npm test)", "Edit")), **call)
    assert reaction.send == ()
    assert wanted(reaction)


@pytest.mark.parametrize(
    "call",
    [
        {"name": "mcp__locust__report_progress", "rawInput": {"percent": 5}},
        {"title": "x", "_meta": {"claudeCode": {"toolName": "mcp__locust__ask", "mcpServer": {"name": "locust"}}}},
        {"kind": "execute", "title": "mcp.locust.ask", "rawInput": {"server": "locust", "tool": "ask"}, "_meta": {"is_mcp_tool_call": True}},
        {"kind": "other", "title": "report_progress (locust MCP Server)"},
        {"title": "mcp_locust_report_progress"},
    ],
)  # fmt: skip
def test_our_own_tools_pass(call: dict[str, Any]) -> None:
    assert chosen(ask(talking(tools=(LOCUST,)), **call).send) == {"outcome": "selected", "optionId": "yes"}
    assert ask(talking(), **call).send == ()


@pytest.mark.parametrize(
    "call",
    [
        {"kind": "execute", "title": "mcp__locust__ask", "rawInput": {"command": "mcp__locust__ask"}},
        {"kind": "execute", "title": "mcp__locust__ask"},
        {"kind": "other", "title": "mcp__locust__ask", "name": "Bash"},
        {"kind": "other", "title": "mcp__locust__ask", "rawInput": {"command": "rm x"}},
        {"kind": "other", "title": "mcp__locust__ask; rm x"},
        {"kind": "other", "title": "rm x (locust MCP Server)"},
        {"kind": "other", "title": "mcp__locust__ask", "locations": [{"path": "/etc/x"}]},
        {"name": "mcp__locust__x", "_meta": {"claudeCode": {"mcpServer": {"name": "other"}}}},
        {"name": "mcp__locust__other__x"},
        {"name": "mcp__locustier__x"},
    ],
)  # fmt: skip
def test_a_title_or_a_like_name_does_not_make_a_tool_ours(call: dict[str, Any]) -> None:
    assert ask(talking(tools=(LOCUST,)), **call).send == ()


def test_everything_is_shown_before_it_is_allowed() -> None:
    content = [{"type": "diff", "path": "/w/a", "oldText": "one\ntwo\n", "newText": "one\nthree\n"}]
    detail = wanted(ask(talking(), kind="edit", title="Edit a", content=content)).detail
    assert "-two" in detail
    assert "+three" in detail
    command = wanted(ask(talking(), kind="execute", title="run", rawInput={"command": "a\nb", "cwd": "/x"}))
    assert command.what == "Bash: a"
    assert "a\nb" in command.detail
    assert "/x" in command.detail
    other = wanted(ask(talking(), kind="other", title="do", rawInput={"deep": {"key": "value"}}))
    assert '"value"' in other.detail


def test_a_tool_that_was_never_announced_is_told_once() -> None:
    adapter = talking()
    asked = ask(adapter, kind="execute", rawInput={"command": "ls"}, title="ls")
    assert [e.name for e in asked.events if isinstance(e, ToolStarted)] == ["Bash"]
    adapter.answer("7", "allow")
    over = update(
        adapter, sessionUpdate="tool_call_update", toolCallId="c", status="completed", rawOutput="fine"
    )
    assert [e for e in over.events if isinstance(e, ToolStarted)] == []
    assert [(e.ok, e.output) for e in over.events if isinstance(e, ToolEnded)] == [(True, "fine")]
    assert update(adapter, sessionUpdate="tool_call_update", toolCallId="c", rawOutput="late").events == ()


def test_an_answer_given_by_an_earlier_worker_is_seen_by_what_came_of_it() -> None:
    adapter = talking()
    ask(adapter, kind="execute", rawInput={"command": "ls"})
    over = update(adapter, sessionUpdate="tool_call_update", toolCallId="c", status="completed")
    assert WantsNoMore("7", "answered") in over.events
    assert ActivityChanged(Activity.WORKING) in over.events
    assert adapter.answer("7", "allow").send == ()


def test_an_interruption_cancels_what_waits_and_what_is_asked_after_it() -> None:
    adapter = talking()
    ask(adapter, kind="execute", rawInput={"command": "ls"})
    stopped = adapter.interrupt()
    assert [one.key for one in stopped.send] == ["session/cancel:0", "answer:7"]
    assert json.loads(stopped.send[1].line)["result"]["outcome"] == {"outcome": "cancelled"}
    assert [e.id for e in stopped.events if isinstance(e, WantsNoMore)] == ["7"]
    assert json.loads(ask(adapter, id=8, kind="read").send[0].line)["result"]["outcome"] == {
        "outcome": "cancelled"
    }
    over = hear(adapter, id="session/prompt:prompt", result={"stopReason": "cancelled"})
    assert [e.trouble for e in over.events if isinstance(e, TurnEnded)] == [Trouble.INTERRUPTED]
    assert adapter.interrupt().send == ()


def test_messages_wait_for_the_end_of_the_turn() -> None:
    adapter, _ = opening()
    assert adapter.say("early", "k0").send == ()
    assert [one.key for one in hear(adapter, id="session/new", result={"sessionId": "s"}).send] == ["prompt"]
    assert adapter.say("later", "k1").send == ()
    done = {"stopReason": "end_turn"}
    assert [one.key for one in hear(adapter, id="session/prompt:prompt", result=done).send] == ["say:k0"]
    assert [one.key for one in hear(adapter, id="session/prompt:k0", result=done).send] == ["say:k1"]
    assert hear(adapter, id="session/prompt:k1", result=done).send == ()
    assert adapter.say("later", "k1").send == ()
    assert [one.key for one in adapter.say("now", "k2").send] == ["say:k2"]


@pytest.mark.parametrize("version", [2, 0, None, "1", 1.0])
def test_another_version_of_the_protocol_is_the_end_in_words(version: Any) -> None:
    adapter, reaction = opening(version=version)
    (failed,) = reaction.events
    assert isinstance(failed, Failed)
    assert failed.fatal
    assert "Agent Client Protocol" in failed.message
    assert reaction.send == ()
    assert adapter.verdict(0, None, "") == (False, failed.message)


def test_a_login_that_is_needed_is_the_end_in_words() -> None:
    adapter, _ = opening()
    (failed,) = hear(
        adapter, id="session/new", error={"code": -32000, "message": "Authentication required"}
    ).events
    assert isinstance(failed, Failed)
    assert (failed.trouble, failed.fatal) == (Trouble.AUTH, True)


def test_our_server_is_handed_over_with_its_token_in_the_message_alone() -> None:
    adapter, reaction = opening(tools=(LOCUST,))
    (server,) = json.loads(reaction.send[0].line)["params"]["mcpServers"]
    assert server == {
        "type": "http",
        "name": "locust",
        "url": LOCUST.url,
        "headers": [{"name": "Authorization", "value": "Bearer s3cret"}],
    }
    assert "s3cret" not in str(adapter.launch())


def test_an_agent_without_http_gets_the_server_as_a_command_or_is_told_to_lack_it() -> None:
    both = ToolServer(
        "locust", url="http://x", token_variable="T", token="s3cret", command=("locust-tui", "mcp")
    )
    _, reaction = opening(able={}, tools=(both,))
    (server,) = json.loads(reaction.send[0].line)["params"]["mcpServers"]
    assert (server["command"], server["args"]) == ("locust-tui", ["mcp"])
    assert server["env"] == [{"name": "T", "value": "s3cret"}]
    _, lacking = opening(able={}, tools=(LOCUST,))
    (failed,) = lacking.events
    assert isinstance(failed, Failed)
    assert "locust" in failed.message
    assert not failed.fatal


def test_an_agent_that_loads_no_sessions_begins_anew_and_says_so() -> None:
    adapter, reaction = opening(able={}, resume="s0")
    assert [one.key for one in reaction.send] == ["session/new"]
    assert [isinstance(e, Failed) and not e.fatal for e in reaction.events] == [True]
    assert adapter.resumable == ""


@pytest.mark.parametrize(("able", "later"), [(ABLE, "s1"), ({}, "")])
def test_a_session_can_be_gone_on_with_where_the_agent_loads_sessions(
    able: dict[str, Any], later: str
) -> None:
    adapter, _ = opening(able=able)
    adapter.feed(b'{"jsonrpc":"2.0","id":"session/new","result":{"sessionId":"s1"}}')
    assert adapter.resumable == later


MODES = {
    "currentModeId": "auto",
    "availableModes": [{"id": "default"}, {"id": "auto"}, {"id": "bypassPermissions"}],
}
MODELS = {
    "configOptions": [
        {"id": "model", "category": "model", "currentValue": "a", "options": [{"value": "a"}, {"value": "b"}]}
    ]
}


def begun(session: dict[str, Any], **job: Any) -> Reaction:
    adapter, _ = opening(**job)
    return hear(adapter, id="session/new", result={"sessionId": "s"} | session)


def test_an_agent_that_would_decide_alone_is_told_to_ask() -> None:
    sent = begun({"modes": MODES}).send
    assert [one.key for one in sent] == ["session/set_mode", "prompt"]
    assert json.loads(sent[0].line)["params"]["modeId"] == "default"
    assert [one.key for one in begun({"modes": MODES | {"currentModeId": "plan"}}).send] == ["prompt"]
    assert (
        json.loads(begun({"modes": MODES}, mode="bypassPermissions").send[0].line)["params"]["modeId"]
        == "bypassPermissions"
    )


def test_the_plans_model_is_chosen_or_its_lack_told() -> None:
    sent = begun(MODELS, model="b").send
    assert json.loads(sent[0].line)["params"] == {"sessionId": "s", "configId": "model", "value": "b"}
    assert [one.key for one in begun(MODELS, model="a").send] == ["prompt"]
    lacking = [e for e in begun(MODELS, model="c").events if isinstance(e, Failed)]
    assert [(e.trouble, "it offers a, b" in e.message) for e in lacking] == [(Trouble.MODEL, True)]
    listed = {"models": {"currentModelId": "a", "availableModels": [{"modelId": "b"}]}}
    assert [one.key for one in begun(listed, model="b").send] == ["session/set_model", "prompt"]


def test_what_is_not_known_is_refused_at_once() -> None:
    (sent,) = hear(talking(), id=7, method="terminal/create", params={"sessionId": "s"}).send
    assert json.loads(sent.line)["error"]["code"] == -32601


def file(adapter: AcpAdapter, method: str, **params: Any) -> Reaction:
    return hear(adapter, id=7, method=f"fs/{method}_text_file", params={"sessionId": "s"} | params)


def test_files_are_asked_for_and_answered_once() -> None:
    adapter = talking()
    assert file(adapter, "read", path="/w/a/b", line=2, limit=3).events == (FileWanted("7", "a/b", 2, 3),)
    assert json.loads(adapter.file_done("7", "text").send[0].line)["result"] == {"content": "text"}
    assert adapter.file_done("7", "text").send == ()
    assert file(adapter, "write", path="/w/a", content="x").events == (FileOffered("7", "a", "x"),)
    assert adapter.file_done("7").send[0].key == "answer:7"
    file(adapter, "read", path="/w/a")
    assert (
        json.loads(adapter.file_done("7", error="no such file").send[0].line)["error"]["message"]
        == "no such file"
    )


@pytest.mark.parametrize("path", ["/etc/passwd", "/w/../etc/passwd", "../x", "", None, 3, "/w"])
def test_files_elsewhere_are_refused_here(path: Any) -> None:
    for method in ("read", "write"):
        reaction = file(talking(), method, path=path, content="x")
        assert reaction.events == ()
        assert json.loads(reaction.send[0].line)["error"]["code"] == -32602


def test_a_word_after_the_end_of_the_conversation_does_not_undo_it() -> None:
    adapter = talking()
    hear(adapter, id="session/prompt:prompt", result={"stopReason": "end_turn"})
    adapter.finish()
    update(adapter, sessionUpdate="agent_message_chunk", content={"type": "text", "text": "by the way"})
    assert adapter.verdict(0, None, "") == (True, "")


def test_another_sessions_updates_are_not_ours() -> None:
    params = {
        "sessionId": "other",
        "update": {"sessionUpdate": "agent_message_chunk", "content": {"text": "x"}},
    }
    assert hear(talking(), method="session/update", params=params).events == ()


@pytest.mark.parametrize(
    ("stop", "trouble"),
    [("max_tokens", Trouble.CONTEXT), ("max_turn_requests", Trouble.MAX_TURNS), ("refusal", Trouble.REFUSED), ("odd", Trouble.UNKNOWN)],
)  # fmt: skip
def test_a_turn_that_stopped_is_not_one_that_ended(stop: str, trouble: Trouble) -> None:
    over = hear(talking(), id="session/prompt:prompt", result={"stopReason": stop})
    assert [(e.ok, e.trouble) for e in over.events if isinstance(e, TurnEnded)] == [(False, trouble)]


def test_what_can_only_be_allowed_for_good_is_never_granted_by_a_rule_and_says_so() -> None:
    only = [{"optionId": "e", "name": "Allow rm everywhere", "kind": "allow_always"}]
    asked = wanted(ask(talking(allow=("Bash(ls)",)), only, kind="execute", rawInput={"command": "ls"}))
    assert asked.choices == ("always", "deny")
    assert asked.rule == ""
    assert "Allow rm everywhere" in asked.detail


def test_a_login_that_is_needed_names_the_ways_to_it() -> None:
    adapter = AcpAdapter(Job("r", "go", "/w", ("agent",)))
    adapter.begin()
    hear(
        adapter,
        id="initialize",
        result={"protocolVersion": 1, "authMethods": [{"id": "o", "name": "Log in with X"}]},
    )
    hear(adapter, id="session/new", error={"code": -32000, "message": "Authentication required"})
    assert "Log in with X" in adapter.verdict(1, None, "")[1]


def test_the_prompt_does_not_stand_in_the_arguments() -> None:
    assert AcpAdapter(Job("r", "do it", "/w", ("agent", "--acp", "do it"))).launch().argv == (
        "agent",
        "--acp",
    )
