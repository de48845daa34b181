"""How codex is started: the person's flags, our tool servers, no prompt and no secret in the arguments."""

from __future__ import annotations

import itertools
import shlex
import tomllib

import pytest

from locust_tui.agents.codex import CodexAdapter
from locust_tui.agents.codex_command import quoted
from locust_tui.agents.codex_exec import CodexExecAdapter
from locust_tui.agents.vocabulary import Job, ToolServer

PROMPT = "fix the tests; use codex exec -c wisely"
LOCUST = ToolServer(
    "locust", url="http://127.0.0.1:4711/mcp", token_variable="LOCUST_TUI_TOKEN", token="s3cret"
)


def job(command: str, **more: object) -> Job:
    words = tuple(PROMPT if word == "{instructions}" else word for word in shlex.split(command))
    return Job("WS-01.1", PROMPT, "/w", words, tools=(LOCUST,), **more)  # type: ignore[arg-type]


def opened(one: Job) -> dict[str, object]:
    adapter = CodexAdapter(one)
    adapter.begin()
    import json

    sent = adapter.feed(b'{"id":"initialize","result":{"userAgent":"x/1.2.3 (y)"}}').send
    params: dict[str, object] = json.loads(sent[1].line)["params"]
    return params


@pytest.mark.parametrize(
    "command",
    [
        "codex",
        "codex exec --json {instructions}",
        "codex -c model=\"o3\" exec --full-auto {instructions}",
        "codex exec --dangerously-bypass-approvals-and-sandbox --skip-git-repo-check {instructions}",
        "npx -y @openai/codex@latest exec {instructions}",
        "env FOO=1 codex --yolo {instructions}",
    ],
)  # fmt: skip
def test_the_app_server_gets_no_prompt_no_secret_and_no_leave_to_ask_nobody(command: str) -> None:
    argv = CodexAdapter(job(command)).launch().argv
    assert "app-server" in argv
    assert "exec" not in argv
    assert not any(PROMPT in word or "s3cret" in word for word in argv)
    assert not any(word.startswith(("--dangerously", "--yolo", "--full-auto")) for word in argv)
    assert opened(job(command))["approvalPolicy"] == "untrusted"
    assert opened(job(command))["sandbox"] == "workspace-write"


def test_a_persons_flags_stand_before_the_subcommand_and_ours_behind() -> None:
    argv = (
        CodexAdapter(job("codex -c a=1 --profile work exec --enable x --json {instructions}")).launch().argv
    )
    at = argv.index("app-server")
    assert argv[:at] == ("codex", "--config", "a=1", "--profile", "work", "--enable", "x")
    settings = "\n".join(argv[at + 2 :: 2])
    found = tomllib.loads(settings)["mcp_servers"]["locust"]
    assert found["url"] == LOCUST.url
    assert found["bearer_token_env_var"] == "LOCUST_TUI_TOKEN"
    assert found["default_tools_approval_mode"] == "approve"
    assert found["tool_timeout_sec"] >= 3600


def test_what_the_plan_says_of_asking_model_and_sandbox_goes_into_the_thread() -> None:
    params = opened(job("codex exec -a on-request -s read-only -m o3 {instructions}"))
    assert (params["approvalPolicy"], params["sandbox"], params["model"]) == ("on-request", "read-only", "o3")
    configured = opened(job("codex -c approval_policy=never -c sandbox_mode=read-only", model="o4"))
    assert "approvalPolicy" not in configured
    assert "sandbox" not in configured
    assert configured["model"] == "o4"


def test_further_folders_are_writable() -> None:
    argv = CodexAdapter(job("codex exec --add-dir /a --add-dir /b\\ c {instructions}")).launch().argv
    assert 'sandbox_workspace_write.writable_roots=["/a", "/b c"]' in argv


def test_words_around_the_instructions_are_part_of_the_prompt() -> None:
    one = Job("r", PROMPT, "/w", ("codex", "exec", f"Be brief. {PROMPT}"), mode="exec")
    assert CodexExecAdapter(one).begin().send[0].line == f"Be brief. {PROMPT}\n".encode()


def test_exec_reads_its_prompt_from_stdin_which_then_ends() -> None:
    adapter = CodexExecAdapter(
        job("codex exec --skip-git-repo-check -s workspace-write {instructions}", mode="exec")
    )
    argv = adapter.launch().argv
    assert argv[:3] == ("codex", "exec", "--json")
    assert argv[-1] == "-"
    assert not any(PROMPT in word or "s3cret" in word for word in argv)
    begun = adapter.begin()
    assert begun.closes
    assert [one.line for one in begun.send] == [PROMPT.encode() + b"\n"]


def sandbox(command: str) -> list[str]:
    """What exec is told of its sandbox beside the person's own words."""
    argv = CodexExecAdapter(job(command, mode="exec")).launch().argv
    return [value for flag, value in itertools.pairwise(argv) if flag == "--sandbox"]


def test_exec_may_write_where_it_works() -> None:
    assert sandbox("codex") == ["workspace-write"]


@pytest.mark.parametrize(
    "command",
    ["codex exec -s read-only", "codex -c sandbox_mode=read-only", "codex exec --full-auto", "codex -p mine"],
)
def test_what_the_plan_says_of_the_sandbox_of_exec_stands(command: str) -> None:
    assert "workspace-write" not in sandbox(command)


def test_exec_goes_on_with_a_session() -> None:
    argv = CodexExecAdapter(job("codex exec {instructions}", resume="01a2", mode="exec")).launch().argv
    assert argv[-3:] == ("resume", "01a2", "-")


def test_a_persons_settings_are_kept_and_an_outer_agents_are_not() -> None:
    unset = CodexAdapter(job("codex")).launch().unset
    assert "CODEX_HOME" not in unset
    assert not any(name.startswith("CODEX_HOME") or name == "CODEX_*" for name in unset)
    assert "CODEX_SANDBOX*" in unset
    assert "CLAUDECODE" in unset


@pytest.mark.parametrize("value", ['a"b\\c', "tab\there", "nül\x7f", "\u2028", "x\ny"])
def test_toml_strings_say_what_they_are_given(value: str) -> None:
    assert tomllib.loads(f"a={quoted(value)}")["a"] == value
