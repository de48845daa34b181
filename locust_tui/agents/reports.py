"""What an agent says about its own work, from a line on stdout or a JSON line in its events file."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from locust_tui.domain.dataclass import dataclass

MARK = b"::locust "
MAX_LINE = 65_536
"""A longer line is no report."""

_ESCAPES = {"%0A": "\n", "%0D": "\r", "%3A": ":", "%2C": ",", "%25": "%"}
_ESCAPED = re.compile("%0A|%0D|%3A|%2C|%25", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reported:
    """One report. Parts that were not given are None; progress is in points."""

    progress: float | None = None
    note: str | None = None
    blocker: str | None = None
    next: str | None = None
    deliverable: str | None = None


@dataclass(frozen=True, slots=True)
class Misreported:
    """A line that was meant as a report and is none; `why` goes to the event log, state stays as it was."""

    why: str
    line: str


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    progress: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    note: str | None = None
    blocker: str | None = None
    next: str | None = None
    deliverable: str | None = None
    at: float | None = None


_lines = msgspec.json.Decoder(_Line)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda m: _ESCAPES[m.group().upper()], text)


def parse_stdout_line(line: bytes) -> Reported | Misreported | None:
    """A report in one line of output (without its newline): `::locust key=value,…::note`; None for any other line.

    Keys are progress, deliverable, blocker, next, note; values use GitHub's escapes %25 %0A %0D %3A %2C.
    """
    if not line.startswith(MARK):
        return None
    text = line.decode("utf-8", "replace").rstrip("\r")
    body, separator, note = text[len(MARK) :].partition("::")
    if not separator:
        return Misreported("a report ends with :: and an optional note", text)
    values: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in body.split(","))):
        key, equals, value = part.partition("=")
        if not equals or key not in ("progress", "deliverable", "blocker", "next", "note"):
            return Misreported(f'"{part}" is not progress=, deliverable=, blocker=, next= or note=', text)
        values[key] = _unescape(value)
    if note:
        values["note"] = _unescape(note)
    progress: float | None = None
    if "progress" in values:
        try:
            progress = float(values.pop("progress").rstrip("%"))
        except ValueError:
            return Misreported("progress is not a number", text)
        if not 0 <= progress <= 100:
            return Misreported(f"progress {progress:g} is outside 0 to 100", text)
    return Reported(progress=progress, **values)


def parse_event_line(line: bytes) -> Reported | Misreported | None:
    """A report in one JSON line of the events file; None for an empty line."""
    if not line.strip():
        return None
    try:
        found = _lines.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Misreported(str(error), line[:400].decode("utf-8", "replace"))
    return Reported(found.progress, found.note, found.blocker, found.next, found.deliverable)
