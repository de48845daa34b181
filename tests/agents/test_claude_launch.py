"""How Claude Code is started from a person's own command, and what must never stand in its argv or files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from claude_talk import job
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import Launch, ToolServer

CHANNEL = (
    *("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"),
    *("--permission-prompt-tool", "stdio"),
)
SERVER = ToolServer("locust", "http://127.0.0.1:4711/mcp", "LOCUST_TOKEN")


def launch(**given: Any) -> Launch:
    return ClaudeAdapter(job(**given)).launch()


def prompt(**given: Any) -> str:
    sent = ClaudeAdapter(job(**given)).begin().send
    assert [message.key for message in sent] == ["initialize", "prompt"]
    text: str = json.loads(sent[1].line)["message"]["content"]
    return text


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ((), ("claude",)),
        (("claude", "-p", "do it", "--output-format", "stream-json", "--verbose"), ("claude",)),
        (("claude", "-p", "do it", "--output-format=json"), ("claude",)),
        (("claude", "do it", "--print", "--max-turns", "9"), ("claude", "--max-turns", "9")),
        (
            ("claude", "--allowedTools", "Edit", "Bash(git *)", "-p", "do it"),
            ("claude", "--allowedTools", "Edit", "Bash(git *)"),
        ),
        (("nice", "-n", "5", "/opt/claude", "-p", "do it"), ("nice", "-n", "5", "/opt/claude")),
        (
            ("env", "X=-p", "claude", "--permission-prompt-tool", "mcp__a__b", "-p", "do it"),
            ("env", "X=-p", "claude"),
        ),
        (
            ("npx", "-p", "x", "@anthropic-ai/claude-code", "-p", "do it"),
            ("npx", "-p", "x", "@anthropic-ai/claude-code"),
        ),
        (("claude", "--append-system-prompt", "do it", "-p"), ("claude", "--append-system-prompt", "do it")),
    ],
)
def test_the_person_s_flags_stay_and_ours_say_how_it_speaks(
    command: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    assert launch(command=command).argv == (*kept, *CHANNEL)
    assert prompt(command=command) == "do it"


def test_text_around_the_instructions_is_part_of_the_prompt() -> None:
    command = ("claude", "-p", "Be brief. do it", "--model", "opus")
    assert launch(command=command, model="sonnet").argv == ("claude", "--model", "opus", *CHANNEL)
    assert prompt(command=command) == "Be brief. do it"
    assert prompt(command=("claude", "-p", "a text of its own")) == "a text of its own"
    assert prompt(command=("claude", "-p", "a text of its own"), resume="s", prompt="go on") == "go on"


@pytest.mark.parametrize("text", ["-c", "--resume", "- one\n- two", "--output-format=json", "-p"])
def test_instructions_may_look_like_a_flag(text: str) -> None:
    command = ("claude", "--max-turns", "3", "-p", text)
    assert prompt(command=command, prompt=text) == text
    if text != "-p":
        assert launch(command=command, prompt=text).argv == ("claude", "--max-turns", "3", *CHANNEL)


def test_a_new_conversation_gets_our_id_and_a_resumed_one_its_own() -> None:
    assert launch(session="u-1").argv[-2:] == ("--session-id", "u-1")
    assert launch(session="u-1", resume="u-0").argv[-2:] == ("--resume", "u-0")
    assert launch(command=("claude", "--continue", "-p", "do it"), session="u-1").argv == (
        "claude",
        "--continue",
        *CHANNEL,
    )
    resumed = launch(command=("claude", "-c", "--session-id", "x", "-p", "do it"), resume="u-0")
    assert resumed.argv == ("claude", *CHANNEL, "--resume", "u-0")
    assert launch(model="opus").argv[-2:] == ("--model", "opus")


def test_the_tools_file_names_the_token_s_variable_and_never_hides_our_tools() -> None:
    started = launch(tools=(SERVER, ToolServer("more tools", command=("serve", "-x"))), folder="/private/r")
    assert started.argv[-5:] == (
        "--mcp-config",
        "/private/r/mcp.json",
        "--allowedTools",
        "mcp__locust",
        "mcp__more_tools",
    )
    servers = json.loads(started.files["mcp.json"])["mcpServers"]
    assert servers["locust"]["headers"] == {"Authorization": "Bearer ${LOCUST_TOKEN}"}
    assert servers["locust"]["alwaysLoad"] is True
    assert servers["locust"]["timeout"] >= 3_600_000
    assert servers["more tools"]["command"] == "serve"


def test_nothing_of_an_outer_session_is_inherited_but_what_people_set_for_all_is() -> None:
    outer = {
        "CLAUDECODE": "1",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
        "CLAUDE_CODE_SSE_PORT": "1",
        "CLAUDE_CODE_OAUTH_TOKEN": "t",
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "PATH": "/bin",
    }
    found = launch().environment(outer, {})
    assert found.keys() & {"CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT"} == set()
    assert (found["CLAUDE_CODE_OAUTH_TOKEN"], found["CLAUDE_CODE_USE_BEDROCK"], found["PATH"]) == (
        "t",
        "1",
        "/bin",
    )
    assert found["CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS"] == "1"
    assert 0 < int(found["CLAUDE_CODE_MAX_RETRIES"]) < 10


def test_what_the_plan_sets_stays() -> None:
    found = launch().environment({}, {"CLAUDE_CODE_MAX_RETRIES": "9", "CLAUDE_CODE_ENTRYPOINT": "mine"})
    assert (found["CLAUDE_CODE_MAX_RETRIES"], found["CLAUDE_CODE_ENTRYPOINT"]) == ("9", "mine")
    assert launch().environment({"CLAUDE_CODE_MAX_RETRIES": "7"}, {})["CLAUDE_CODE_MAX_RETRIES"] == "7"


@given(
    st.text(min_size=1, max_size=40),
    st.lists(
        st.sampled_from(["--continue", "--max-turns", "3", "-p", "--settings", "x.json", "word"]), max_size=6
    ),
)
def test_the_prompt_is_never_in_argv_and_no_permission_is_ever_skipped(text: str, flags: list[str]) -> None:
    text = f"a secret {text}"
    started = launch(
        prompt=text, command=("claude", *flags, text), tools=(SERVER,), folder="/f", allow=("Bash",)
    )
    assert not any(text in word for word in started.argv)
    assert not any(text in content for content in started.files.values())
    assert not {"--dangerously-skip-permissions", "--permission-mode"} & set(started.argv)
    assert started.argv.count("--output-format") == 1


def test_messages_are_one_line_each_and_known_by_their_keys() -> None:
    adapter = ClaudeAdapter(job(prompt="two\nlines"))
    for message in (*adapter.begin().send, *adapter.say("more\nwords", "m1").send, *adapter.interrupt().send):
        assert message.line.endswith(b"\n")
        assert message.line.count(b"\n") == 1
    said = adapter.say("x", "m1").send[0]
    assert said.key == "m1"
    assert said == ClaudeAdapter(job(prompt="two\nlines")).say("x", "m1").send[0]
    assert json.loads(said.line)["uuid"] != json.loads(adapter.say("x", "m2").send[0].line)["uuid"]
