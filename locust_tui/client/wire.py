"""The bytes on the socket: one JSON object a line, a request, its reply, or a pushed revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from locust_tui.domain.troubles import Trouble
from locust_tui.errors import LocustTuiError

from .requests import NAMES, OPERATIONS, Request

PROTOCOL = 1
MAX_LINE = 1 << 20


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to the request `id`, or with id 0 a push: `revision` was committed, and `data` tells what is wrong."""

    id: int = 0
    ok: bool = True
    revision: int = 0
    data: dict[str, Any] = {}
    message: str = ""
    help: str = ""
    exit_code: int = 0

    def check(self) -> Reply:
        """This reply, or its error raised with the worker's words and exit code."""
        if not self.ok:
            raise LocustTuiError(self.message, help=self.help or None, exit_code=self.exit_code or 1)
        return self


class _Frame(msgspec.Struct, frozen=True):
    v: int
    id: int
    op: str
    key: str = ""
    args: msgspec.Raw = msgspec.Raw(b"{}")


class Call(msgspec.Struct, frozen=True):
    """A decoded request: `key` makes a repeated call apply once."""

    id: int
    key: str
    op: str
    request: Request


class WireError(ValueError):
    """The line is no request of this protocol; `id` is its number where that could be read."""

    def __init__(self, message: str, id: int = 0) -> None:
        super().__init__(message)
        self.id = id


_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_encoder = msgspec.json.Encoder()
_frames = msgspec.json.Decoder(_Frame)
_replies = msgspec.json.Decoder(Reply)


def encode_request(id: int, request: Request, key: str = "") -> bytes:
    """One line, newline included."""
    frame = {"v": PROTOCOL, "id": id, "op": NAMES[type(request)], "key": key, "args": request}
    return _encoder.encode(frame) + b"\n"


def decode_request(line: bytes) -> Call:
    """Raises WireError with words for the caller."""
    try:
        frame = _frames.decode(line)
    except _UNREADABLE as error:
        raise WireError(f"this is no request: {error}") from None
    if frame.v != PROTOCOL:
        raise WireError(
            f"the caller speaks protocol {frame.v}, this worker speaks {PROTOCOL}; restart the older one",
            frame.id,
        )
    cls = OPERATIONS.get(frame.op)
    if cls is None:
        raise WireError(f'this worker knows no request "{frame.op}"', frame.id)
    try:
        request = msgspec.json.decode(frame.args, type=cls)
    except _UNREADABLE as error:
        raise WireError(f"{frame.op}: {error}", frame.id) from None
    return Call(frame.id, frame.key, frame.op, request)


def encode_reply(reply: Reply) -> bytes:
    """One line, newline included."""
    return _encoder.encode(reply) + b"\n"


def decode_reply(line: bytes) -> Reply:
    """Raises WireError when the line is no reply."""
    try:
        return _replies.decode(line)
    except _UNREADABLE as error:
        raise WireError(f"the worker's answer can't be read: {error}") from None


def push_of(revision: int, troubles: Sequence[Trouble]) -> Reply:
    """What every subscriber is told of a commit, or of troubles that came or went."""
    return Reply(revision=revision, data=told_troubles(troubles))


def told_troubles(troubles: Sequence[Trouble]) -> dict[str, Any]:
    """Troubles as part of a reply's data; no part of it where there are none."""
    return {"troubles": msgspec.to_builtins(list(troubles))} if troubles else {}


def troubles_in(reply: Reply) -> tuple[Trouble, ...]:
    """What is wrong with the worker, as a push or the answer to Ping or Subscribe tells it."""
    return msgspec.convert(reply.data.get("troubles", ()), tuple[Trouble, ...])
