"""Records what the installed programs say: `python tests/real_agents/capture.py [claude|codex|acp] [CASE]`.

Writes tests/agents/captures/<kind>/<version>/<case>.jsonl, with the paths and ports of this machine scrubbed.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import agent_programs
import conversations as speak
from agent_programs import ROOT, AgentProgram, Installed
from fakes.anthropic_messages import AnthropicMessages
from fakes.openai_responses import OpenAIResponses
from fakes.outside import Outside
from wire import Json, Wire

CAPTURES = ROOT / "tests" / "agents" / "captures"
RESETS_AT = 4102444800
SETTLE_S = 0.5
BUSY = "python3 -c 'import time; time.sleep(30)'"

Talk = Callable[[Wire], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation: the program's arguments and what is said. `subscribed`: as a subscriber, not with a key."""

    name: str
    arguments: tuple[str, ...]
    talk: Talk
    subscribed: bool = False


def is_result(message: Json) -> bool:
    return bool(message["type"] == "result")


def is_turn_end(message: Json) -> bool:
    return bool(message.get("method") == "turn/completed")


async def to_the_end(wire: Wire) -> None:
    await wire.end()


def claude_turns(*prompts: str) -> Talk:
    """Turns over the control protocol; a tool whose input says "deny" is denied, any other allowed."""

    async def talk(wire: Wire) -> None:
        await speak.claude_begin(wire)
        for prompt in prompts:
            await speak.claude_say(wire, prompt.replace("$CWD", str(wire.program.folder)))
            wanted = await wire.until(lambda one: is_result(one) or one["type"] == "control_request")
            while not is_result(wanted):
                allow = "deny" not in json.dumps(wanted["request"]["input"])
                await speak.claude_decide(wire, wanted, allow=allow)
                wanted = await wire.until(lambda one: is_result(one) or one["type"] == "control_request")
        await wire.end()

    return talk


async def claude_interrupted(wire: Wire) -> None:
    await speak.claude_begin(wire)
    await speak.claude_say(wire, f"@run {BUSY}\n@text not reached")
    asked = await wire.until(lambda one: one["type"] == "control_request")
    await speak.claude_decide(wire, asked, allow=True)
    await asyncio.sleep(SETTLE_S)
    stop = {"type": "control_request", "request_id": "stop1", "request": {"subtype": "interrupt"}}
    await wire.send(stop)
    await wire.until(is_result)
    await speak.claude_say(wire, "@text second turn in the same process")
    await wire.until(is_result)
    await wire.end()


def codex_turns(*prompts: str) -> Talk:
    """Turns of one thread; a command that says "deny" is declined, any other accepted."""

    async def talk(wire: Wire) -> None:
        thread = await speak.codex_begin(wire, wire.program.folder)
        for number, prompt in enumerate(prompts, 3):
            await speak.codex_turn(wire, thread, prompt, number)
            wanted = await wire.until(lambda one: is_turn_end(one) or ("id" in one and "method" in one))
            while not is_turn_end(wanted):
                decision = "decline" if "deny" in json.dumps(wanted["params"]) else "accept"
                await wire.send({"id": wanted["id"], "result": {"decision": decision}})
                wanted = await wire.until(lambda one: is_turn_end(one) or ("id" in one and "method" in one))
        await wire.end()

    return talk


async def codex_interrupted(wire: Wire) -> None:
    thread = await speak.codex_begin(wire, wire.program.folder, "never")
    await speak.codex_turn(wire, thread, f"@run {BUSY}\n@text not reached")
    started = await wire.until(
        lambda one: (
            one.get("method") == "item/started" and one["params"]["item"]["type"] == "commandExecution"
        )
    )
    await wire.send(
        {
            "id": 4,
            "method": "turn/interrupt",
            "params": {"threadId": thread, "turnId": started["params"]["turnId"]},
        }
    )
    await wire.until(is_turn_end)
    await wire.end()


async def codex_resumed(wire: Wire) -> None:
    thread = await speak.codex_begin(wire, wire.program.folder)
    await speak.codex_turn(wire, thread, "@text first process")
    await wire.until(is_turn_end)
    await wire.end()
    async with Wire(wire.program, *wire.arguments) as second:
        await speak.ask(second, 1, "initialize", {"clientInfo": speak.ME, "capabilities": {}})
        await second.send({"method": "initialized"})
        await speak.ask(second, 2, "thread/resume", {"threadId": thread})
        await speak.codex_turn(second, thread, "@text second process")
        await second.until(is_turn_end)
        await second.end()
    wire.kept += second.kept


def acp_prompts(*prompts: str) -> Talk:
    """Prompts of one session; a call that says "deny" is rejected, any other allowed once."""

    async def talk(wire: Wire) -> None:
        session = await speak.acp_begin(wire, wire.program.folder)
        for number, prompt in enumerate(prompts, 3):
            await speak.acp_prompt(wire, session, prompt.replace("$CWD", str(wire.program.folder)), number)
            await acp_finish(wire, number)
        await asyncio.sleep(SETTLE_S)
        await wire.end()

    return talk


async def acp_finish(wire: Wire, number: int) -> None:
    """Answer permissions until the prompt is answered."""

    def wanted(one: Json) -> bool:
        return one.get("method") == "session/request_permission" or (
            one.get("id") == number and "method" not in one
        )

    while (asked := await wire.until(wanted)).get("method"):
        kind = "reject_once" if "deny" in json.dumps(asked["params"]["toolCall"]) else "allow_once"
        await speak.acp_choose(wire, asked, kind)


async def acp_cancelled(wire: Wire) -> None:
    session = await speak.acp_begin(wire, wire.program.folder, "bypassPermissions")
    await speak.acp_prompt(wire, session, f"@run {BUSY}\n@text not reached")
    await wire.until(lambda one: one.get("params", {}).get("update", {}).get("sessionUpdate") == "tool_call")
    await asyncio.sleep(SETTLE_S)
    await wire.send({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}})
    await acp_finish(wire, 3)
    await wire.end()


async def acp_loaded(wire: Wire) -> None:
    session = await speak.acp_begin(wire, wire.program.folder)
    await speak.acp_prompt(wire, session, "@text first process")
    await acp_finish(wire, 3)
    await wire.end()
    async with Wire(wire.program, *wire.arguments) as second:
        await speak.ask(second, 0, "initialize", {"protocolVersion": 1, "clientCapabilities": {}})
        where = {"cwd": str(wire.program.folder), "mcpServers": []}
        await speak.ask(second, 1, "session/load", {"sessionId": session, **where})
        await speak.acp_prompt(second, session, "@text second process")
        await acp_finish(second, 3)
        await second.end()
    wire.kept += second.kept


WRITE = '@tool Write {"file_path":"$CWD/made.txt","content":"hello\\n"}'
SUBAGENT = '@tool Agent {"description":"look","prompt":"@run echo inside","subagent_type":"general-purpose"}'
CONTROL = speak.CLAUDE_CONTROL
FREE = (*speak.CLAUDE, "--permission-mode", "bypassPermissions")
CLAUDE_CASES = [
    Case("tools", (*FREE, f"@think hm\n{WRITE}\n@tools Bash {{\"command\":\"echo a\"}} ;; Bash {{\"command\":\"false\"}}\n@text done"), to_the_end),
    Case("subagent-in-line", (*FREE, f"{SUBAGENT}\n@text done"), to_the_end),
    Case("control-permission", CONTROL, claude_turns(f"{WRITE}\n@run echo deny-me > x.txt\n@text done turn 1", "@text second turn in the same process")),
    Case("control-interrupt", CONTROL, claude_interrupted),
    Case("control-limit", CONTROL, claude_turns(f"@limit {RESETS_AT} five_hour"), subscribed=True),
    Case("control-warning", CONTROL, claude_turns(f"@warn {RESETS_AT} 0.91 seven_day\n@text near the limit"), subscribed=True),
    Case("control-retry", CONTROL, claude_turns("@flaky 2 529 overloaded_error Overloaded\n@text came through")),
    Case("control-auth", CONTROL, claude_turns("@error 401 authentication_error invalid x-api-key")),
    Case("control-partial", (*CONTROL, "--include-partial-messages"), claude_turns("@think hm\n@stream 5 1")),
    Case("control-max-turns", (*CONTROL, "--max-turns", "1"), claude_turns("@run echo one\n@text not reached")),
]  # fmt: skip
CODEX_CASES = [
    Case("app-server", ("app-server",), codex_turns("@think hm\n@say first\n@run touch made.txt\n@run touch deny.txt\n@text done", "@text second turn")),
    Case("app-server-limit", ("app-server",), codex_turns(f"@warn {RESETS_AT} 0.92\n@text near", f"@limit {RESETS_AT}")),
    Case("app-server-interrupt", ("app-server",), codex_interrupted),
    Case("app-server-patch", ("app-server", "-c", 'model="gpt-5.5"'), codex_turns("@custom apply_patch *** Begin Patch\\n*** Add File: made.txt\\n+hello\\n*** End Patch\n@text done")),
    Case("app-server-retry", ("app-server",), codex_turns("@flaky 1 500 server_error broken\n@text came through")),
    Case("app-server-auth", ("app-server",), codex_turns("@error 401 invalid_api_key Incorrect API key")),
    Case("app-server-failed", ("app-server",), codex_turns("@failed context_length_exceeded too long", "@drop")),
    Case("app-server-resume", ("app-server",), codex_resumed),
    Case("exec-tools", ("exec", "--json", "--skip-git-repo-check", "@think hm\n@run echo hello\n@run false\n@text done"), to_the_end),
]  # fmt: skip
ACP_CASES = [
    Case("session", (), acp_prompts(f"@think hm\n@say starting\n{WRITE}\n@run echo deny-me > x.txt\n@text done", "@text second prompt")),
    Case("session-cancel", (), acp_cancelled),
    Case("session-load", (), acp_loaded),
    Case("session-limit", (), acp_prompts(f"@limit {RESETS_AT} five_hour"), subscribed=True),
    Case("session-auth", (), acp_prompts("@error 401 authentication_error invalid x-api-key")),
    Case("session-todo", (), acp_prompts('@tool TodoWrite {"todos":[{"content":"read","status":"completed","activeForm":"Reading"},{"content":"write","status":"in_progress","activeForm":"Writing"}]}\n@text planned')),
]  # fmt: skip


async def record(kind: str, case: Case, installed: Installed) -> list[tuple[str, str]]:
    """Hold one conversation in a fresh home; its lines, scrubbed."""
    with (
        tempfile.TemporaryDirectory(prefix="capture-", ignore_cleanup_errors=True) as scratch,
        AnthropicMessages() as anthropic,
        OpenAIResponses() as openai,
        Outside() as outside,
    ):
        home = Path(scratch).resolve()
        if kind == "codex":
            program = agent_programs.codex(installed.programs["codex"], home, openai, outside)
        else:
            name = "claude" if kind == "claude" else "claude-agent-acp"
            program = agent_programs.claude(installed.programs[name], home, anthropic, outside)
        program = agent_programs.subscribed(program) if case.subscribed else program
        program = replace(program, env={**program.env, "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS": "1"})
        arguments = [one.replace("$CWD", str(program.folder)) for one in case.arguments]
        async with Wire(program, *arguments) as wire:
            await case.talk(wire)
        return [(way, scrub(line, home, program)) for way, line in wire.kept]


def scrub(line: str, home: Path, program: AgentProgram) -> str:
    """Take this machine out of a line: its paths, ports and process ids."""
    line = line.replace(str(home), "/home/dev").replace(re.sub(r"[^A-Za-z0-9]", "-", str(home)), "-home-dev")
    line = re.sub(r"/[\w./-]*/node_modules/", "/opt/node_modules/", line)
    line = re.sub(r"/[\w./-]*/cc-socks/\d+\.sock", "/run/cc-socks/1.sock", line)
    line = re.sub(r"/(?:tmp|run|var)/[\w.-]*claude[\w.-]*/", "/home/dev/.claude/tmp/", line)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8787", line)


def version(kind: str, installed: Installed) -> str:
    """The folder's name: the number alone, with the agent's name for ACP, which many speak."""
    argv = installed.programs["claude-agent-acp" if kind == "acp" else kind]
    if kind == "acp":
        package = json.loads(Path(argv[-1]).parents[1].joinpath("package.json").read_text())
        return f"claude-agent-acp-{package['version']}"
    said = subprocess.run([*argv, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    number = re.search(r"\d+\.\d+\.\d+", said)
    assert number, said
    return number.group()


async def main(kinds: Iterable[str], only: str | None) -> None:
    installed = Installed.read()
    for kind in kinds:
        folder = CAPTURES / kind / version(kind, installed)
        folder.mkdir(parents=True, exist_ok=True)
        for case in {"claude": CLAUDE_CASES, "codex": CODEX_CASES, "acp": ACP_CASES}[kind]:
            if only not in (None, case.name):
                continue
            lines = await record(kind, case, installed)
            with (folder / f"{case.name}.jsonl").open("w", encoding="utf-8") as file:
                for way, line in lines:
                    file.write(json.dumps({"dir": way, "line": line}, ensure_ascii=False) + "\n")
            print(f"{kind}/{folder.name}/{case.name}: {len(lines)} lines", flush=True)


if __name__ == "__main__":
    chosen = sys.argv[1:2] or ["claude", "codex", "acp"]
    asyncio.run(main(chosen, sys.argv[2] if len(sys.argv) > 2 else None))
