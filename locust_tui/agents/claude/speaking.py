"""The lines that are sent to Claude Code of our own accord; each is the same whenever it is made again."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import msgspec

from ..vocabulary import Outgoing


def handshake() -> Outgoing:
    return _control("initialize", {"subtype": "initialize", "hooks": {}})


def interrupt(turns: int) -> Outgoing:
    """The end of the turn that follows so many others."""
    return _control(f"interrupt:{turns}", {"subtype": "interrupt"})


def user(run: str, text: str, key: str) -> Outgoing:
    """One message of the user. Its UUID is made of the run and the key."""
    message = {
        "type": "user",
        "session_id": "",
        "parent_tool_use_id": None,
        "uuid": str(uuid5(NAMESPACE_URL, f"{run}/{key}")),
        "message": {"role": "user", "content": text.encode("utf-8", "replace").decode()},
    }
    return Outgoing(key, msgspec.json.encode(message) + b"\n")


def _control(key: str, request: dict[str, object]) -> Outgoing:
    line = msgspec.json.encode({"type": "control_request", "request_id": key, "request": request})
    return Outgoing(key, line + b"\n")
