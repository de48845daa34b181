"""What plain commands say of their work in the forms of other systems: GitHub, Azure, TeamCity, terminals, systemd. Pure.

All of it is a claim of whoever wrote to that output: a file that is printed may hold such lines, too. So it becomes a
report or a remark, and nothing else: no form of it answers, approves or ends anything.
"""

from __future__ import annotations

import re

from locust_tui.domain.dataclass import dataclass

from .reports import MAX_LINE
from .shell import LineBuffer
from .vocabulary import Reports

LONGEST_TEXT = 1000
"""Characters of a text that are kept."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a program points out. `level`: debug, notice, warning or error; `file`, `line`: what about."""

    level: str
    text: str
    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """The program says that it is ready, or that it is well: a watchdog was petted."""


Claim = Reports | Remark | SignOfLife

_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]+")
_GITHUB = re.compile(r"::(notice|warning|error|debug|group)(?: ((?:[^:]|:(?!:))*))?::(.*)", re.DOTALL)
_AZURE = re.compile(r"##vso\[task\.(setprogress|logissue)(?: ([^\]]*))?\](.*)", re.DOTALL)
_TEAMCITY = re.compile(
    r"##teamcity\[(\w+) ((?:'(?:[^|'\]]|\|.)*'|\w+='(?:[^|'\]]|\|.)*'|\s)+)\]\s*", re.DOTALL
)
_TC_VALUE = re.compile(r"(?:(\w+)=)?'((?:[^|']|\|.)*)'", re.DOTALL)
_TC_ESCAPE = re.compile(r"\|(0x[0-9A-Fa-f]{4}|.)", re.DOTALL)
_PERCENT = re.compile(r"%(25|0D|0A|3A|2C|3B|5D)", re.IGNORECASE)
_MARKS = (b"::", b"##vso[", b"##teamcity[")
_BEGINNINGS = tuple(b"\n" + mark for mark in _MARKS)
_SECRETS = (b"::add-mask::", b"##vso[task.setsecret]")
_TC_LEVELS = {"WARNING": "warning", "ERROR": "error", "FAILURE": "error", "NORMAL": "notice"}
_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,6})?")


def parse_directive(line: bytes) -> Claim | None:
    """The claim in one line of output (without its newline) that begins with it; None for any other line."""
    if len(line) > MAX_LINE or not line.startswith(_MARKS):
        return None
    text = line.decode("utf-8", "replace").rstrip("\r")
    read = _azure if text.startswith("##vso[") else _teamcity if text.startswith("##t") else _github
    return read(text)


def secret_in(line: bytes) -> str | None:
    """The value that a line asks to be masked from then on, as GitHub's and Azure's runners take it; None: no such line."""
    if not line.startswith(_SECRETS) or len(line) > MAX_LINE:
        return None
    mark = next(mark for mark in _SECRETS if line.startswith(mark))
    return _percent(line[len(mark) :].decode("utf-8", "replace")).strip() or None


def parse_notify(datagram: bytes) -> tuple[Claim, ...]:
    """The claims in one datagram of the form that systemd's services send: STATUS=, X_PROGRESS=, READY=1, WATCHDOG=1."""
    note, progress, alive = None, None, False
    for entry in datagram[:MAX_LINE].decode("utf-8", "replace").split("\n"):
        name, _, value = entry.partition("=")
        if name == "STATUS":
            note = plain(value) or None
        elif name in ("PROGRESS", "X_PROGRESS", "X_LOCUST_PROGRESS"):
            progress = points(value)
        elif name in ("WATCHDOG", "READY"):
            alive = alive or value == "1"
    said = (Reports(progress, note),) if note is not None or progress is not None else ()
    return (*said, SignOfLife()) if alive else said


def plain(text: str) -> str:
    """One line without control characters, cut to LONGEST_TEXT."""
    return " ".join(_CONTROL.sub(" ", text[: 4 * LONGEST_TEXT]).split())[:LONGEST_TEXT]


def points(text: str) -> float | None:
    """0 to 100; None for anything else."""
    value = text.strip().removesuffix("%")
    return float(value) if _POINTS.fullmatch(value) and float(value) <= 100 else None


def _github(text: str) -> Claim | None:
    found = _GITHUB.fullmatch(text)
    if found is None:
        return None
    level, given, message = found[1], found[2] or "", plain(_percent(found[3]))
    if level == "group":
        return Reports(note=message) if message else None
    values = dict(part.partition("=")[::2] for part in given.split(","))
    return remark(
        level,
        message,
        _percent(values.get("title", "")),
        _percent(values.get("file", "")),
        values.get("line", ""),
    )


def _azure(text: str) -> Claim | None:
    found = _AZURE.fullmatch(text)
    if found is None:
        return None
    message = plain(_percent(found[3]))
    values = dict(part.strip().partition("=")[::2] for part in (found[2] or "").split(";"))
    if found[1] == "setprogress":
        progress = points(values.get("value", ""))
        return None if progress is None else Reports(progress, message or None)
    level = "error" if values.get("type") == "error" else "warning"
    return remark(level, message, "", _percent(values.get("sourcepath", "")), values.get("linenumber", ""))


def _teamcity(text: str) -> Claim | None:
    found = _TEAMCITY.fullmatch(text)
    if found is None:
        return None
    values = {
        name or "text": _TC_ESCAPE.sub(_unescaped, value) for name, value in _TC_VALUE.findall(found[2])
    }
    kind, message = found[1], plain(values.get("text", ""))
    if kind in ("progressMessage", "progressStart", "blockOpened"):
        note = message or plain(values.get("name", ""))
        return Reports(note=note) if note else None
    if kind == "buildProblem":
        return remark("error", plain(values.get("description", "")))
    return (
        remark(_TC_LEVELS.get(values.get("status", "NORMAL"), "notice"), message)
        if kind == "message"
        else None
    )


def remark(level: str, text: str, title: str = "", file: str = "", line: str = "") -> Remark | None:
    """A remark, unless it says nothing."""
    title = plain(title)
    whole = ": ".join(filter(None, (title, text)))
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None
    return Remark(level, whole[:LONGEST_TEXT], plain(file), number) if whole else None


def _percent(text: str) -> str:
    return _PERCENT.sub(lambda found: chr(int(found[1], 16)), text)


def _unescaped(found: re.Match[str]) -> str:
    code: str = found[1]
    if code.startswith("0x"):
        return chr(int(code, 16))
    return {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}.get(code, code)


class DirectiveBuffer(LineBuffer):
    """A LineBuffer that gives out the lines alone that may be reports or directives, at the speed of a search."""

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Whole lines that begin with ::, ##vso[ or ##teamcity[, each with the stream offset just behind it."""
        base = self.offset - len(self._rest)
        self.offset += len(chunk)
        data = self._rest + chunk
        end = data.rfind(b"\n") + 1
        found: list[tuple[int, bytes]] = []
        start = 0
        if end and self._skipping:
            start, self._skipping = data.find(b"\n") + 1, False
        # one byte is looked for many times faster than several: most output has none of the second kind
        hits = {mark: -1 if mark[1] in data else end + 1 for mark in _BEGINNINGS}
        while start < end:
            if not data.startswith(_MARKS, start):
                start = _next(data, hits, start, end)
                if start < 0:
                    break
            stop = data.find(b"\n", start, end)
            if stop - start <= MAX_LINE:
                found.append((base + stop + 1, data[start:stop]))
            start = stop + 1
        self._rest = data[end:]
        if len(self._rest) > MAX_LINE:
            self._rest, self._skipping = b"", True
        return found


def _next(data: bytes, hits: dict[bytes, int], start: int, end: int) -> int:
    """Where the next line that begins so begins; -1: nowhere. What a search found is kept for the next one."""
    for mark, hit in hits.items():
        if hit < start:
            place = data.find(mark, start, end)
            hits[mark] = place + 1 if place >= 0 else end + 1
    nearest = min(hits.values())
    return nearest if nearest < end else -1
