"""The first words of each protocol: enough to start a turn and to answer what the agent asks."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from wire import Json, Wire

CLAUDE = ("-p", "--output-format", "stream-json", "--verbose")
CLAUDE_CONTROL = (*CLAUDE, "--input-format", "stream-json", "--permission-prompt-tool", "stdio")
ME = {"name": "locust-tui", "title": "locust-tui", "version": "0"}


async def claude_begin(wire: Wire) -> None:
    """Open the control protocol and wait for its answer."""
    await wire.send(
        {"type": "control_request", "request_id": "r1", "request": {"subtype": "initialize", "hooks": {}}}
    )
    await wire.until(lambda message: message["type"] == "control_response")


async def claude_say(wire: Wire, text: str) -> None:
    message = {"role": "user", "content": text}
    who = {"session_id": "", "parent_tool_use_id": None, "uuid": str(uuid.uuid4())}
    await wire.send({"type": "user", **who, "message": message})


async def claude_decide(wire: Wire, asked: Json, *, allow: bool) -> None:
    """Answer a `can_use_tool` request."""
    decision: Json = {"behavior": "deny", "message": "not here"}
    if allow:
        decision = {"behavior": "allow", "updatedInput": asked["request"]["input"]}
    response = {"subtype": "success", "request_id": asked["request_id"], "response": decision}
    await wire.send({"type": "control_response", "response": response})


async def ask(wire: Wire, number: int, method: str, params: Json) -> Json:
    """A JSON-RPC request and its result; what the agent asks meanwhile is left alone."""
    await wire.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    answer = await wire.until(lambda message: message.get("id") == number and "method" not in message)
    assert "result" in answer, json.dumps(answer)
    result: Json = answer["result"]
    return result


async def codex_begin(wire: Wire, folder: Path, approvals: str = "untrusted") -> str:
    """Open a thread; its id."""
    await ask(wire, 1, "initialize", {"clientInfo": ME, "capabilities": {"experimentalApi": True}})
    await wire.send({"method": "initialized"})
    where = {"cwd": str(folder), "approvalPolicy": approvals, "sandbox": "workspace-write"}
    thread = await ask(wire, 2, "thread/start", where)
    return str(thread["thread"]["id"])


async def codex_turn(wire: Wire, thread: str, text: str, number: int = 3) -> None:
    await ask(wire, number, "turn/start", {"threadId": thread, "input": [{"type": "text", "text": text}]})


async def acp_begin(wire: Wire, folder: Path, mode: str = "default") -> str:
    """Open a session; its id. Mode "default" asks a person; a clean home would start in "auto", which never does."""
    able = {"fs": {"readTextFile": False, "writeTextFile": False}, "terminal": False}
    await ask(wire, 0, "initialize", {"protocolVersion": 1, "clientCapabilities": able, "clientInfo": ME})
    session = await ask(wire, 1, "session/new", {"cwd": str(folder), "mcpServers": []})
    await ask(wire, 2, "session/set_mode", {"sessionId": session["sessionId"], "modeId": mode})
    return str(session["sessionId"])


async def acp_prompt(wire: Wire, session: str, text: str, number: int = 3) -> None:
    prompt = [{"type": "text", "text": text}]
    params = {"sessionId": session, "prompt": prompt}
    await wire.send({"jsonrpc": "2.0", "id": number, "method": "session/prompt", "params": params})


async def acp_choose(wire: Wire, asked: Json, kind: str) -> None:
    """Answer a permission with the first option of a kind: "allow_once", "reject_once" …"""
    chosen = next(option["optionId"] for option in asked["params"]["options"] if option["kind"] == kind)
    outcome = {"outcome": {"outcome": "selected", "optionId": chosen}}
    await wire.send({"jsonrpc": "2.0", "id": asked["id"], "result": outcome})
