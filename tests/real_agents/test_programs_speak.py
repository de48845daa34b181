"""Each real program starts here, runs its turn against the scripted model, and speaks as its adapter expects."""

from __future__ import annotations

import json
import subprocess

import conversations as speak
from agent_programs import AgentProgram, subscribed
from wire import Json, Wire

RESETS_AT = 4102444800


def only(messages: list[Json], kind: str, subtype: str | None = None) -> list[Json]:
    return [one for one in messages if one["type"] == kind and subtype in (None, one.get("subtype"))]


def one_run(claude: AgentProgram, prompt: str, *more: str) -> tuple[int, list[Json]]:
    done = subprocess.run(
        [*claude.argv, *speak.CLAUDE, *more, prompt],
        env=claude.env,
        cwd=claude.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=90,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_claude_runs_to_its_end(claude_env: AgentProgram) -> None:
    script = '@think let me see\n@tool Write {"file_path":"made.txt","content":"by claude"}\n@run echo hello\n@text done'
    code, messages = one_run(claude_env, script, "--permission-mode", "bypassPermissions")
    assert code == 0
    assert only(messages, "system", "init")[0]["cwd"] == str(claude_env.folder)
    blocks = [block for one in only(messages, "assistant") for block in one["message"]["content"]]
    assert [block["type"] for block in blocks] == ["thinking", "tool_use", "tool_use", "text"]
    result = only(messages, "result")[-1]
    assert (result["subtype"], result["is_error"], result["result"]) == ("success", False, "done")
    assert (claude_env.folder / "made.txt").read_text() == "by claude"


def test_claude_says_when_its_usage_limit_ends(claude_env: AgentProgram) -> None:
    code, messages = one_run(subscribed(claude_env), f"@limit {RESETS_AT} five_hour")
    assert code == 1
    info = only(messages, "rate_limit_event")[-1]["rate_limit_info"]
    assert (info["status"], info["resetsAt"], info["rateLimitType"]) == ("rejected", RESETS_AT, "five_hour")
    assert only(messages, "result")[-1]["is_error"] is True


async def test_claude_asks_before_it_writes(claude_env: AgentProgram) -> None:
    async with Wire(claude_env, *speak.CLAUDE_CONTROL) as wire:
        await speak.claude_begin(wire)
        await speak.claude_say(wire, '@tool Write {"file_path":"asked.txt","content":"x"}\n@text written')
        asked = await wire.until(lambda message: message["type"] == "control_request")
        assert asked["request"]["subtype"] == "can_use_tool"
        assert asked["request"]["tool_name"] == "Write"
        assert not (claude_env.folder / "asked.txt").exists()
        await speak.claude_decide(wire, asked, allow=True)
        result = await wire.until(lambda message: message["type"] == "result")
        assert result["result"] == "written"
        assert await wire.end() == 0
    assert (claude_env.folder / "asked.txt").exists()


async def test_codex_asks_before_it_runs_a_command(codex_env: AgentProgram) -> None:
    async with Wire(codex_env, "app-server") as wire:
        thread = await speak.codex_begin(wire, codex_env.folder)
        await speak.codex_turn(wire, thread, "@run touch asked.txt\n@text done")
        asked = await wire.until(lambda message: message.get("method", "").endswith("requestApproval"))
        assert "touch asked.txt" in asked["params"]["command"]
        await wire.send({"id": asked["id"], "result": {"decision": "accept"}})
        ended = await wire.until(lambda message: message.get("method") == "turn/completed")
        assert ended["params"]["turn"]["status"] == "completed"
        await wire.end()
    assert (codex_env.folder / "asked.txt").exists()


async def test_codex_says_when_its_usage_limit_ends(codex_env: AgentProgram) -> None:
    async with Wire(codex_env, "app-server") as wire:
        thread = await speak.codex_begin(wire, codex_env.folder)
        await speak.codex_turn(wire, thread, f"@limit {RESETS_AT}")
        limits = await wire.until(lambda message: message.get("method") == "account/rateLimits/updated")
        assert limits["params"]["rateLimits"]["primary"]["resetsAt"] == RESETS_AT
        ended = await wire.until(lambda message: message.get("method") == "turn/completed")
        assert ended["params"]["turn"]["error"]["codexErrorInfo"] == "usageLimitExceeded"


async def test_acp_asks_before_it_writes(acp_env: AgentProgram) -> None:
    async with Wire(acp_env) as wire:
        session = await speak.acp_begin(wire, acp_env.folder)
        write = {"file_path": str(acp_env.folder / "asked.txt"), "content": "x"}
        await speak.acp_prompt(wire, session, f"@tool Write {json.dumps(write)}\n@text written")
        asked = await wire.until(lambda message: message.get("method") == "session/request_permission")
        await speak.acp_choose(wire, asked, "allow_once")
        answer = await wire.until(lambda message: message.get("id") == 3 and "method" not in message)
        assert answer["result"]["stopReason"] == "end_turn"
    assert (acp_env.folder / "asked.txt").read_text() == "x"


def test_the_inspector_and_the_conformance_tests_start(inspector: list[str], conformance: list[str]) -> None:
    for program in (inspector, conformance):
        done = subprocess.run([*program, "--help"], capture_output=True, text=True, timeout=90, check=True)
        assert "Usage" in done.stdout
