"""Progress and notifications that a program shows through its terminal, read out of the stream of its bytes. Pure."""

from __future__ import annotations

import re

from .shell_lines import Claim, Remark, plain, points, remark
from .vocabulary import Reports

_START = b"\x1b]"
_LONGEST_OSC = 4096
_OSC = re.compile(rb"(9|777);([^\x07\x1b]*)")


class TerminalSigns:
    """Progress and notifications that a program shows through its terminal: OSC 9;4, OSC 9, OSC 777.

    Pure: feed it chunks as they come, wherever they are cut. Everything else passes at the speed of a search.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[Claim]:
        """The claims that end in `chunk`."""
        if not self._rest and (b"\x1b" not in chunk or (_START not in chunk and chunk[-1:] != b"\x1b")):
            return []  # one byte is looked for many times faster than two
        data, self._rest = self._rest + chunk, b""
        found: list[Claim] = []
        at = data.find(_START)
        while at >= 0:
            end, after = _end_of(data, at + 2)
            if end < 0:
                if len(data) - at <= _LONGEST_OSC:
                    self._rest = data[at:]
                    return found
                after = at + 2  # no program means so much; look behind its beginning
            elif end - at <= _LONGEST_OSC and (claim := _sign(data[at + 2 : end])) is not None:
                found.append(claim)
            at = data.find(_START, after)
        if data.endswith(b"\x1b"):
            self._rest = b"\x1b"
        return found


def _end_of(data: bytes, start: int) -> tuple[int, int]:
    """Where the sequence that began before `start` ends, and what comes behind; a new one ends it, too. (-1, -1): not here."""
    bell, escape = (
        data.find(b"\x07", start, start + _LONGEST_OSC),
        data.find(b"\x1b", start, start + _LONGEST_OSC),
    )
    if bell >= 0 and (escape < 0 or bell < escape):
        return bell, bell + 1
    if escape < 0 or escape + 1 == len(data):
        return -1, -1
    return escape, escape + 2 if data[escape + 1 : escape + 2] == b"\\" else escape


def _sign(sequence: bytes) -> Claim | None:
    found = _OSC.fullmatch(sequence)
    if found is None:
        return None
    words = found[2].decode("utf-8", "replace").split(";")
    if found[1] == b"777":
        return (
            remark("notice", plain(";".join(words[2:])), words[1] if len(words) > 1 else "")
            if words[0] == "notify"
            else None
        )
    if words[0] == "4" and len(words) > 1:
        return _progress(words[1], words[2] if len(words) > 2 else "")
    if words[0].isdigit():
        return None  # other commands of the terminal that invented this
    return remark("notice", plain(";".join(words)))


def _progress(state: str, value: str) -> Claim | None:
    """States: 0 over, 1 so much, 2 an error, 3 unknown, 4 paused."""
    progress = points(value)
    if state == "2":
        share = "" if progress is None else f" at {progress:g} %"
        return Remark("error", f"the program shows an error{share}")
    return Reports(progress) if state in ("1", "4") and progress is not None else None
