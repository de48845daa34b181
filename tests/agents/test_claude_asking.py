"""Permissions and questions of Claude Code: who answers them, and with exactly what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from captured import conversation
from claude_talk import CWD, Talk, wants

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import AskKind, Granted, Job, ToolServer, Wants

QUESTION = {
    "question": "Which database?",
    "header": "DB",
    "multiSelect": False,
    "options": [
        {"label": "SQLite", "description": "one file"},
        {"label": "Postgres", "description": "a server"},
    ],
}


def decision(sent: list[dict[str, Any]]) -> dict[str, Any]:
    (message,) = sent
    assert message["type"] == "control_response"
    assert message["response"]["subtype"] == "success"
    answer: dict[str, Any] = message["response"]["response"]
    return answer


def test_answers_are_those_that_the_real_program_was_given() -> None:
    rows = conversation("claude/2.1.330/control-interrupt.jsonl")
    told = Talk()
    told.hear(*(row.line for row in rows if row.dir == "out" and '"can_use_tool"' in row.line))
    given = next(json.loads(row.line) for row in rows if row.dir == "in" and '"behavior"' in row.line)
    (asked,) = told.of(Wants)
    assert told.answer(asked.id, "allow") == [given]


def test_a_no_carries_the_person_s_words() -> None:
    told = Talk()
    told.hear(wants("Bash", {"command": "rm -rf build"}))
    assert decision(told.answer("req-1", "deny", "use make clean")) == {
        "behavior": "deny",
        "message": "use make clean",
    }
    assert told.answer("req-1", "allow") == []


def test_a_refused_call_is_told_as_refused_when_it_ends() -> None:
    told = Talk()
    told.hear(wants("Bash", {"command": "x"}, tool_use_id="t"))
    told.answer("req-1", "deny")
    block = {"type": "tool_result", "tool_use_id": "t", "content": "no", "is_error": True}
    (ended,) = told.hear({"type": "user", "message": {"content": [block]}})
    assert ended.denied  # type: ignore[union-attr]


def test_a_person_sees_all_of_a_command_and_that_it_has_several_lines() -> None:
    told = Talk()
    told.hear(
        wants("Bash", {"command": "true\nrm -rf /"}, decision_reason="needs approval", blocked_path="/etc")
    )
    (asked,) = told.of(Wants)
    assert (asked.what, asked.detail) == ("Bash: true ↵ rm -rf /", "true\nrm -rf /")
    assert asked.choices == ("allow", "deny")
    assert asked.reason == "needs approval (/etc)"


@pytest.mark.parametrize(
    ("tool", "parameters", "shown"),
    [
        ("Bash", {"command": "make", "description": "builds"}, "make\n\nbuilds"),
        (
            "Bash",
            {"command": "make", "dangerouslyDisableSandbox": True, "run_in_background": True},
            "make\ndangerouslyDisableSandbox: true\nrun_in_background: true",
        ),
        ("Edit", {"file_path": "/x", "old_string": "a\nb", "new_string": "c"}, "/x\n- a\n- b\n+ c"),
        ("Edit", {"file_path": "/x", "old_string": "a", "replace_all": True}, "/x\n- a\nreplace_all: true"),
        ("Write", {"file_path": "/x", "content": "a\nb\n"}, "/x\n+ a\n+ b"),
        ("WebFetch", {"url": "https://x"}, '{\n  "url": "https://x"\n}'),
    ],
)
def test_a_person_is_shown_all_that_would_be_done(tool: str, parameters: dict[str, Any], shown: str) -> None:
    told = Talk()
    told.hear(wants(tool, parameters))
    assert told.of(Wants)[0].detail == shown


def test_always_holds_for_the_same_command_and_for_no_other() -> None:
    told = Talk()
    told.hear(wants("Bash", {"command": "npm test"}, "a"))
    assert told.of(Wants)[0].rule == "Bash(npm test)"
    assert decision(told.answer("a", "always")) == {
        "behavior": "allow",
        "updatedInput": {"command": "npm test"},
    }
    told.hear(
        wants("Bash", {"command": "npm test"}, "b"), wants("Bash", {"command": "npm test; rm -rf /"}, "c")
    )
    assert told.of(Granted) == [Granted("b", "Bash", "Bash: npm test", "Bash(npm test)")]
    assert [asked.id for asked in told.of(Wants)] == ["a", "c"]


@pytest.mark.parametrize(
    ("suggestion", "kept"),
    [
        (
            {
                "type": "addRules",
                "rules": [{"toolName": "Bash", "ruleContent": "npm test"}],
                "behavior": "allow",
            },
            True,
        ),
        (
            {
                "type": "addRules",
                "rules": [{"toolName": "Bash", "ruleContent": "npm *"}],
                "behavior": "allow",
            },
            False,
        ),
        ({"type": "addRules", "rules": [{"toolName": "Bash"}], "behavior": "allow"}, False),
        ({"type": "setMode", "mode": "acceptEdits"}, False),
        ({"type": "addDirectories", "directories": ["/"]}, False),
    ],
)
def test_of_the_program_s_own_suggestions_only_the_same_rule_is_taken_up_and_never_kept_in_a_file(
    suggestion: dict[str, Any], kept: bool
) -> None:
    told = Talk()
    suggested = {**suggestion, "destination": "localSettings"}
    told.hear(wants("Bash", {"command": "npm test"}, permission_suggestions=[suggested]))
    answer = decision(told.answer("req-1", "always"))
    assert answer.get("updatedPermissions", []) == (
        [{**suggestion, "destination": "session"}] if kept else []
    )


def test_rules_of_the_plan_answer_at_once() -> None:
    told = Talk(allow=("Bash(git *)", "Edit"))
    told.hear(
        wants("Bash", {"command": "git status"}, "a"),
        wants("Write", {"file_path": f"{CWD}/src/x.py", "content": "1"}, "b"),
        wants("Write", {"file_path": "/etc/passwd", "content": "1"}, "c"),
        wants("Bash", {"command": "git status && rm -rf /"}, "d"),
    )
    assert [(g.id, g.rule) for g in told.of(Granted)] == [("a", "Bash(git *)"), ("b", "Edit")]
    assert [asked.id for asked in told.of(Wants)] == ["c", "d"]
    assert [message.key for message in told.sent] == ["answer:a", "answer:b"]
    answer = json.loads(told.sent[1].line)["response"]["response"]
    assert answer == {"behavior": "allow", "updatedInput": {"file_path": f"{CWD}/src/x.py", "content": "1"}}


def test_a_file_behind_a_link_out_of_the_work_tree_is_asked_about(tmp_path: Any) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "out").symlink_to(tmp_path)
    adapter = ClaudeAdapter(Job("r", "p", str(tmp_path / "work"), ("claude",), allow=("Edit",)))
    line = json.dumps(wants("Write", {"file_path": str(tmp_path / "work" / "out" / "x"), "content": ""}))
    assert next(type(event) for event in adapter.feed(line.encode()).events) is Wants


def test_our_own_tools_are_never_asked_about_and_others_are() -> None:
    told = Talk(tools=(ToolServer("locust", "http://127.0.0.1:1/mcp", "T"),))
    told.hear(
        wants("mcp__locust__report_progress", {"percent": 4}, "a"),
        wants("mcp__locust2__x", {}, "b"),
        wants("mcp__locust__evil__x", {}, "c"),
    )
    assert [g.id for g in told.of(Granted)] == ["a"]
    assert [asked.id for asked in told.of(Wants)] == ["b", "c"]


def test_a_question_has_its_options_and_is_answered_in_its_own_words() -> None:
    told = Talk(allow=("AskUserQuestion",))
    told.hear(wants("AskUserQuestion", {"questions": [QUESTION]}))
    (asked,) = told.of(Wants)
    assert (asked.kind, asked.what, asked.choices) == (
        AskKind.QUESTION,
        "Which database?",
        ("SQLite", "Postgres"),
    )
    assert "one file" in asked.detail
    answer = decision(told.answer("req-1", "SQLite"))
    assert answer["updatedInput"] == {"questions": [QUESTION], "answers": {"Which database?": "SQLite"}}


def test_several_questions_come_one_after_the_other() -> None:
    other = {"question": "Which port?", "options": []}
    told = Talk()
    told.hear(wants("AskUserQuestion", {"questions": [QUESTION, other]}))
    assert told.answer("req-1#1", "", "MySQL") == []
    assert told.answer("req-1#1", "SQLite") == []
    assert [asked.id for asked in told.of(Wants)] == ["req-1#1", "req-1#2"]
    answer = decision(told.answer("req-1#2", "", "8080"))
    assert answer["updatedInput"]["answers"] == {"Which database?": "MySQL", "Which port?": "8080"}


def test_a_question_may_be_left_unanswered() -> None:
    told = Talk()
    told.hear(wants("AskUserQuestion", {"questions": [QUESTION]}))
    assert decision(told.answer("req-1", "deny", "decide yourself")) == {
        "behavior": "deny",
        "message": "decide yourself",
    }


def test_a_plan_is_shown_whole_and_never_waved_through() -> None:
    told = Talk(allow=("ExitPlanMode",))
    told.hear(wants("ExitPlanMode", {"plan": "1. read\n2. write"}))
    (asked,) = told.of(Wants)
    assert (asked.kind, asked.detail, asked.choices) == (
        AskKind.PERMISSION,
        "1. read\n2. write",
        ("allow", "deny"),
    )
    assert decision(told.answer("req-1", "deny", "test first"))["message"] == "test first"


@pytest.mark.parametrize(
    "request_body",
    [
        {"subtype": "from_the_future"},
        {"subtype": "can_use_tool"},
        {"subtype": "can_use_tool", "tool_name": "Bash", "input": 3},
    ],
)
def test_a_request_that_cannot_be_understood_is_refused_and_not_left_waiting(
    request_body: dict[str, Any],
) -> None:
    told = Talk(allow=("Bash",))
    told.hear({"type": "control_request", "request_id": "x", "request": request_body})
    (message,) = told.sent
    assert json.loads(message.line)["response"]["subtype"] == "error"
    assert not told.events
