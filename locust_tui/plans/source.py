"""The bytes of a plan file, read once: everything else works on these same bytes."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from .problem import Span

MAX_BYTES = 1 << 20
"""A plan larger than this is refused."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


class UnreadableError(ValueError):
    """The file cannot be a plan: `message` says why, `help` what to do, `span` where (None: as a whole)."""

    def __init__(self, message: str, *, help: str | None = None, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.span = span
        self.line = ""


def read_bytes(path: str | os.PathLike[str]) -> tuple[bytes, os.stat_result]:
    """The content of a regular file of at most MAX_BYTES, read in one go from one descriptor.

    Never waits: a FIFO, a device or a directory raises UnreadableError at once. OSError (FileNotFoundError,
    PermissionError, …) passes through.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno == 6:  # ENXIO: a socket, or a device without a driver
            raise UnreadableError("this is not a regular file", help=_REGULAR) from None
        raise
    try:
        facts = os.fstat(fd)
        _refuse_irregular(facts)
        chunks: list[bytes] = []
        size = 0
        while size <= MAX_BYTES and (chunk := os.read(fd, MAX_BYTES + 1 - size)):
            chunks.append(chunk)
            size += len(chunk)
    finally:
        os.close(fd)
    if size > MAX_BYTES:
        raise UnreadableError(
            "the file is larger than 1 MiB", help="split the plan: nobody can read one this long"
        )
    return b"".join(chunks), facts


_REGULAR = "name a plan file, for example locust-plan.yaml"


def _refuse_irregular(facts: os.stat_result) -> None:
    kinds = (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISSOCK, "a socket"),
    )
    for test, kind in kinds:
        if test(facts.st_mode):
            raise UnreadableError(f"this is {kind}, not a plan file", help=_REGULAR)
    if facts.st_size > MAX_BYTES:
        raise UnreadableError(
            "the file is larger than 1 MiB", help="split the plan: nobody can read one this long"
        )


BOM = b"\xef\xbb\xbf"


def content_digest(data: bytes) -> str:
    """SHA-256 of a plan's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def decode_text(data: bytes) -> str:
    """`data` as text without its byte order mark; UnreadableError says where it is not UTF-8, or holds a
    control character.
    """
    body = data.removeprefix(BOM)
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or (body[:4].count(0) >= 2):
        raise UnreadableError("the file is UTF-16 or UTF-32, not UTF-8", help="save it as UTF-8")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        raise _at(
            before, before, f"byte 0x{body[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        ) from None
    if not (text.isascii() and text.isprintable()) and (match := _FORBIDDEN.search(text)):
        code = ord(match.group())
        name = "a NUL byte" if code == 0 else f"the control character U+{code:04X}"
        raise _at(text, text[: match.start()], f"{name} cannot stand in a plan", "remove it")
    return text


def _at(text: str, before: str, message: str, help: str) -> UnreadableError:
    line = before.count("\n") + 1
    start = before.rfind("\n") + 1
    col = len(before) - start + 1
    error = UnreadableError(message, help=help, span=Span(line, col, line, col + 1))
    error.line = text[start:].split("\n", 1)[0].rstrip("\r")
    return error


def project_folder(path: str | os.PathLike[str]) -> Path:
    """The folder that commands of the plan run in: the one its real file stands in."""
    return Path(os.path.realpath(path)).parent
