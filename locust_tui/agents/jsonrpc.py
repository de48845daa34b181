"""JSON-RPC over lines, without I/O: what a line is, and messages whose keys and ids stay the same over restarts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from .vocabulary import Outgoing

METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602

Id = int | str


class Wire(msgspec.Struct, gc=False):
    """One message as it stands in the line; what was not there is None, or an empty method."""

    id: Id | None = None
    method: str = ""
    params: Any = None
    result: Any = None
    error: Any = None


_read = msgspec.json.Decoder(Wire).decode
_encode = msgspec.json.encode


def decode(line: bytes) -> Wire | None:
    """The message in a line; None where it is none."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        wire = _read(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return wire if wire.method or wire.id is not None or wire.error is not None else None


class Lines:
    """Makes our side's lines. `version` is the "jsonrpc" member; empty: the dialect that has none.

    A request's id is its method, and a `key` where there may be several: so an adapter that only reads the log knows
    what an answer answers. The message's own key is its `name`, or the same as the id: it does not depend on counting.
    """

    __slots__ = ("_head",)

    def __init__(self, version: str = "") -> None:
        self._head: dict[str, Any] = {"jsonrpc": version} if version else {}

    def request(self, method: str, params: object, key: str = "", name: str = "") -> Outgoing:
        id = f"{method}:{key}" if key else method
        return self._line(name or id, {"id": id, "method": method, "params": params})

    def notify(self, method: str, params: object = None, key: str = "") -> Outgoing:
        body: dict[str, Any] = {"method": method}
        if params is not None:
            body["params"] = params
        return self._line(f"{method}:{key}" if key else method, body)

    def answer(self, id: Id, result: object) -> Outgoing:
        return self._line(answer_key(reference(id)), {"id": id, "result": result})

    def refuse(self, id: Id, code: int, message: str) -> Outgoing:
        error = {"code": code, "message": message}
        return self._line(answer_key(reference(id)), {"id": id, "error": error})

    def _line(self, key: str, body: dict[str, Any]) -> Outgoing:
        whole = self._head | body
        try:
            line = _encode(whole)
        except UnicodeEncodeError:  # a path with bytes that are no text
            line = json.dumps(whole).encode()
        return Outgoing(key, line + b"\n")


def reference(id: Id) -> str:
    """What `Wants` and its like call a request of theirs: 3 → "3", "a" → "a"; "3" → '"3"', for ids may be of both kinds."""
    if isinstance(id, int):
        return str(id)
    return f'"{id}"' if id.lstrip("-").isdigit() else id


def answer_key(reference: str) -> str:
    """Key of the message that answers a request of theirs: where that was sent, the request is dealt with."""
    return f"answer:{reference}"


def answered(wire: Wire) -> tuple[str, str]:
    """Method and key of the request of ours that a response is about; ("", "") where it is none of ours."""
    if not isinstance(wire.id, str):
        return "", ""
    method, _, key = wire.id.partition(":")
    return method, key


def text(value: object) -> str:
    """The value where it is a string, else nothing. What programs write is never trusted to have the right type."""
    return value if type(value) is str else ""


def member(value: object) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if type(value) is dict else {}


def members(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return (one for one in value if type(one) is dict) if type(value) is list else iter(())


def whole(value: object) -> int | None:
    """The value where it is a whole number of zero or more."""
    return value if type(value) is int and value >= 0 else None


def number(value: object) -> float | None:
    """The value where it is a number that a clock or a purse can hold."""
    return float(value) if type(value) in (int, float) and abs(value) < 1e15 else None  # type: ignore[arg-type]


def as_json(value: object) -> str:
    """A value that came as JSON, as JSON again; nothing for nothing."""
    try:
        return "" if value is None else _encode(value).decode("utf-8", "replace")
    except (RecursionError, ValueError):
        return "…"


def brief(value: str, most: int = 200) -> str:
    """The first line that says something, cut to `most` characters."""
    line = next((one for one in value.split("\n", 20) if one.strip()), "").strip()
    line = line.split("\n", 1)[0]
    return line if len(line) <= most else line[: most - 1] + "…"
