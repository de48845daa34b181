"""Approvals and questions of `codex app-server`: shown whole, answered by rules where a person set them."""

from __future__ import annotations

import json
import os.path
from typing import Any

import pytest

from locust_tui.agents.codex import CodexAdapter
from locust_tui.agents.vocabulary import AskKind, Failed, Granted, Job, Reaction, ToolServer, Trouble, Wants

COMMAND, FILES = "item/commandExecution/requestApproval", "item/fileChange/requestApproval"
THREAD = {"threadId": "t", "turnId": "u"}


def talking(**more: Any) -> CodexAdapter:
    adapter = CodexAdapter(Job("r", "go", "/w", ("codex",), **more), resolve=os.path.normpath)
    adapter.begin()
    hear(adapter, id="initialize", result={"userAgent": "x/1 (y)"})
    hear(adapter, id="thread/start", result={"thread": {"id": "t"}, "model": "m"})
    hear(adapter, id="turn/start:prompt", result={"turn": {"id": "u"}})
    return adapter


def hear(adapter: CodexAdapter, **message: Any) -> Reaction:
    return adapter.feed(json.dumps(message).encode())


def ask(adapter: CodexAdapter, method: str, **params: Any) -> Reaction:
    return hear(adapter, id=7, method=method, params=THREAD | params)


def wanted(reaction: Reaction) -> Wants:
    return next(event for event in reaction.events if isinstance(event, Wants))


def replied(reaction: Reaction) -> Any:
    (sent,) = reaction.send
    assert sent.key == "answer:7"
    message = json.loads(sent.line)
    assert message["id"] == 7
    return message.get("result", message.get("error"))


def test_a_rule_answers_and_says_so() -> None:
    adapter = talking(allow=("Bash(npm test)",))
    reaction = ask(adapter, COMMAND, command="/bin/bash -lc 'npm test'", cwd="/w")
    assert replied(reaction) == {"decision": "accept"}
    assert reaction.events == (Granted("7", "Bash", "Bash: npm test", "Bash(npm test)"),)


@pytest.mark.parametrize(
    "more",
    [
        {"command": "/bin/bash -lc 'npm test; rm -rf /'"},
        {"command": "npm test", "cwd": "/elsewhere"},
        {"command": "npm test", "networkApprovalContext": {"host": "evil.example"}},
        {"command": "npm test", "additionalPermissions": {"network": {"enabled": True}}},
        {"command": "npm test", "kind": "writeStdin"},
    ],
)
def test_a_rule_covers_its_own_words_in_the_work_folder_and_no_more(more: dict[str, Any]) -> None:
    reaction = ask(talking(allow=("Bash(npm test)", "Edit")), COMMAND, **({"cwd": "/w"} | more))
    assert reaction.send == ()
    assert wanted(reaction).tool == "Bash"


def test_always_holds_from_then_on() -> None:
    adapter = talking()
    asked = wanted(ask(adapter, COMMAND, command="bash -lc 'npm test'", cwd="/w"))
    assert asked.rule == "Bash(npm test)"
    assert replied(adapter.answer("7", "always")) == {"decision": "accept"}
    assert replied(ask(adapter, COMMAND, command="bash -lc 'npm test'", cwd="/w")) == {"decision": "accept"}
    assert ask(adapter, COMMAND, command="bash -lc 'npm run x'", cwd="/w").send == ()


def test_everything_that_a_command_would_be_given_is_shown() -> None:
    asked = wanted(
        ask(
            talking(),
            COMMAND,
            command="bash -lc 'curl x\nrm y'",
            cwd="/elsewhere",
            reason="needs the network",
            networkApprovalContext={"host": "evil.example", "protocol": "https"},
        )
    )
    assert "rm y" in asked.detail
    assert "/elsewhere" in asked.detail
    assert "evil.example" in asked.detail
    assert asked.reason == "needs the network"
    assert asked.rule == ""
    assert asked.choices == ("allow", "deny")
    assert "\n" not in asked.what


def change(adapter: CodexAdapter, *changes: dict[str, Any]) -> Reaction:
    item = {"type": "fileChange", "id": "i", "changes": list(changes), "status": "inProgress"}
    hear(adapter, method="item/started", params=THREAD | {"item": item})
    return ask(adapter, FILES, itemId="i")


def edit(path: str, kind: str = "update", **more: Any) -> dict[str, Any]:
    return {"path": path, "kind": {"type": kind, **more}, "diff": f"@@ {path} @@\n-a\n+b\n"}


def test_edits_below_the_folder_pass_by_rule_and_others_are_asked() -> None:
    assert replied(change(talking(allow=("Edit",)), edit("/w/a"), edit("/w/b", "add"))) == {
        "decision": "accept"
    }
    for bad in (
        edit("/etc/passwd"),
        edit("/w/../x"),
        edit("/w/a", "delete"),
        edit("/w/a", move_path="/etc/a"),
    ):
        reaction = change(talking(allow=("Edit",)), edit("/w/a"), bad)
        assert reaction.send == ()
        asked = wanted(reaction)
        assert bad["path"] in asked.detail
        assert "@@ /w/a @@" in asked.detail
        assert asked.choices == ("allow", "deny")


def test_a_change_that_grows_while_it_is_written_is_shown_as_it_is_asked_for() -> None:
    adapter = talking()
    item = {"type": "fileChange", "id": "i", "changes": [], "status": "inProgress"}
    hear(adapter, method="item/started", params=THREAD | {"item": item})
    hear(
        adapter,
        method="item/fileChange/patchUpdated",
        params=THREAD | {"itemId": "i", "changes": [edit("/w/late")]},
    )
    assert "/w/late" in wanted(ask(adapter, FILES, itemId="i")).detail


def test_a_change_of_unknown_files_is_never_granted() -> None:
    reaction = ask(talking(allow=("Edit",)), FILES, itemId="unheard-of")
    assert wanted(reaction).choices == ("allow", "deny")


def test_deny_declines_and_the_turn_goes_on() -> None:
    adapter = talking()
    ask(adapter, COMMAND, command="rm x", cwd="/w")
    assert replied(adapter.answer("7", "deny")) == {"decision": "decline"}
    assert adapter.answer("7", "allow").send == ()


def test_why_it_was_denied_is_said_into_the_turn() -> None:
    adapter = talking()
    ask(adapter, COMMAND, command="make push")
    answer, message = adapter.answer("7", "deny", "not before the review").send
    assert json.loads(answer.line)["result"] == {"decision": "decline"}
    said = json.loads(message.line)
    assert message.key == "say:note:7"
    assert said["params"]["input"][0]["text"].endswith("not before the review")
    assert [one.key for one in adapter.answer("7", "deny", "again").send] == []


def test_further_permissions_are_given_for_the_turn_or_not_at_all() -> None:
    asked = {"network": {"enabled": True}, "fileSystem": None}
    for choice, given in (("allow", asked), ("deny", {})):
        adapter = talking()
        assert (
            "network"
            in wanted(ask(adapter, "item/permissions/requestApproval", permissions=asked, cwd="/w")).detail
        )
        assert replied(adapter.answer("7", choice)) == {"permissions": given, "scope": "turn"}


def test_a_question_takes_one_of_its_options_or_other_words() -> None:
    question = {"id": "q", "header": "h", "question": "Which?", "options": [{"label": "A"}, {"label": "B"}]}
    for choice, note, said in (("B", "", "B"), ("other", "neither", "neither")):
        adapter = talking()
        asked = wanted(
            ask(adapter, "item/tool/requestUserInput", questions=[question], itemId="i", isBlocking=True)
        )
        assert (asked.kind, asked.choices, asked.what) == (AskKind.QUESTION, ("A", "B"), "Which?")
        assert replied(adapter.answer("7", choice, note)) == {"answers": {"q": {"answers": [said]}}}


def test_several_questions_take_a_line_each() -> None:
    adapter = talking()
    questions = [{"id": "p", "question": "One?"}, {"id": "q", "question": "Two?"}]
    asked = wanted(ask(adapter, "item/tool/requestUserInput", questions=questions))
    assert "One?" in asked.detail
    assert "Two?" in asked.detail
    assert replied(adapter.answer("7", "", "yes\nno")) == {
        "answers": {"p": {"answers": ["yes"]}, "q": {"answers": ["no"]}}
    }


def test_a_form_of_another_server_is_filled_in() -> None:
    form = {"type": "object", "properties": {"size": {"type": "integer"}}}
    adapter = talking(tools=(ToolServer("locust", url="http://x"),))
    asked = wanted(
        ask(
            adapter,
            "mcpServer/elicitation/request",
            serverName="other",
            message="How big?",
            requestedSchema=form,
        )
    )
    assert asked.kind is AskKind.QUESTION
    assert replied(adapter.answer("7", "", "3")) == {"action": "accept", "content": {"size": 3}}


def test_what_is_not_known_is_refused_at_once() -> None:
    assert replied(ask(talking(), "attestation/generate"))["code"] == -32601


def test_a_message_joins_the_turn_under_way_and_begins_one_where_that_is_over() -> None:
    adapter = talking()
    (steer,) = adapter.say("and this", "k").send
    assert steer.key == "say:k"
    assert json.loads(steer.line)["params"]["expectedTurnId"] == "u"
    again = hear(adapter, id="turn/steer:k", error={"code": -32600, "message": "no active turn"})
    assert [one.key for one in again.send] == ["say:k:again"]
    assert json.loads(again.send[0].line)["method"] == "turn/start"
    other = talking()
    lost = hear(other, id="turn/steer:k", error={"code": -32600, "message": "no active turn"})
    assert [event.trouble for event in lost.events if isinstance(event, Failed)] == [Trouble.PROTOCOL]
    assert [one.key for one in other.say("and this", "k").send] == ["say:k:again"]


def test_messages_wait_for_the_thread_and_for_the_turn_that_is_just_beginning() -> None:
    adapter = CodexAdapter(Job("r", "go", "/w", ("codex",)))
    adapter.begin()
    assert adapter.say("first", "k1").send == ()
    hear(adapter, id="initialize", result={})
    assert [one.key for one in hear(adapter, id="thread/start", result={"thread": {"id": "t"}}).send] == [
        "prompt"
    ]
    assert adapter.say("second", "k2").send == ()
    sent = hear(adapter, id="turn/start:prompt", result={"turn": {"id": "u"}}).send
    assert [one.key for one in sent] == ["say:k1", "say:k2"]
    hear(adapter, id="turn/steer:k1", result={"turnId": "u"})
    assert adapter.say("first", "k1").send == ()


def test_a_thread_that_cannot_be_opened_ends_the_run_in_words() -> None:
    adapter = CodexAdapter(Job("r", "go", "/w", ("codex",), resume="gone"))
    adapter.begin()
    hear(adapter, id="initialize", result={})
    (failed,) = hear(
        adapter, id="thread/resume", error={"code": -32600, "message": "no rollout found"}
    ).events
    assert isinstance(failed, Failed)
    assert failed.fatal
    assert adapter.verdict(0, None, "") == (False, "codex refused to begin: no rollout found")


def test_a_tool_server_that_does_not_start_is_told() -> None:
    status = {"threadId": "t", "name": "locust", "status": "failed", "error": "connection refused"}
    events = hear(talking(), method="mcpServer/startupStatus/updated", params=status).events
    (failed,) = (event for event in events if isinstance(event, Failed))
    assert not failed.fatal
    assert "locust" in failed.message
    assert "connection refused" in failed.message


def test_the_threads_that_codex_starts_itself_do_not_end_our_turn() -> None:
    adapter = talking()
    over = {"threadId": "child", "turn": {"id": "x", "status": "completed"}}
    assert hear(adapter, method="turn/completed", params=over).events == ()
    item = {"type": "commandExecution", "id": "c", "command": "ls", "status": "inProgress"}
    (started,) = hear(adapter, method="item/started", params={"threadId": "child", "item": item}).events
    assert started.parent == "child"  # type: ignore[union-attr]


def test_an_interruption_of_a_turn_that_is_just_beginning_is_not_lost() -> None:
    adapter = CodexAdapter(Job("r", "go", "/w", ("codex",)))
    adapter.begin()
    hear(adapter, id="initialize", result={})
    hear(adapter, id="thread/start", result={"thread": {"id": "t"}})
    assert adapter.interrupt().send == ()
    (stop,) = hear(adapter, id="turn/start:prompt", result={"turn": {"id": "u"}}).send
    assert json.loads(stop.line)["params"] == {"threadId": "t", "turnId": "u"}


def test_a_question_that_nobody_will_answer_is_answered_with_nothing() -> None:
    adapter = talking()
    ask(adapter, "item/tool/requestUserInput", questions=[{"id": "q", "question": "Which?"}])
    assert replied(adapter.answer("7", "deny")) == {"answers": {}}
