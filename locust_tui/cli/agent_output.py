"""An agent's bytes on a person's terminal: its colours stay, everything else that steers a terminal is shown."""

from __future__ import annotations

import codecs
import re

from ..safe_text import masked, safe

_COLOUR = re.compile(r"(\x1b\[[0-9;:]*m)")
_LONGEST = 65_536
LONGEST_SECRET = 4096


class Lines:
    """Cuts bytes into lines of text; an unfinished line waits until it is whole, or far too long.

    A line that is too long comes in several. Of one that goes on its last LONGEST_SECRET characters wait: a secret may end
    behind them, and none is cut in two before it is masked.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._after_return = False
        """A line feed that comes next is part of the line end that was seen."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> list[str]:
        """Whole lines, without line ends. A carriage return ends a line too: progress bars become lines."""
        came = self._decoder.decode(data)
        if came:
            after_return, self._after_return = self._after_return, came.endswith("\r")
            came = came.removeprefix("\n") if after_return else came
        *whole, rest = (self._rest + came).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines = [piece for line in whole for piece in _pieces(line)]
        if len(rest) > _LONGEST:
            rest = _hidden(rest)
            ready = max(0, len(rest) - LONGEST_SECRET)
            lines += _pieces(rest[:ready])
            rest = rest[ready:]
        self._rest = rest
        return lines

    def end(self) -> list[str]:
        """What is left."""
        rest, self._rest = self._rest + self._decoder.decode(b"", final=True), ""
        return _pieces(rest) if rest else []


def _pieces(line: str) -> list[str]:
    if len(line) <= _LONGEST:
        return [line]
    line = _hidden(line)
    return [line[at : at + _LONGEST] for at in range(0, len(line), _LONGEST)]


def _hidden(text: str) -> str:
    """Without its secrets; a change of colour within one does not hide it."""
    plain = _COLOUR.sub("", text)
    return masked(text) if masked(plain) == plain else masked(plain)


def shown(line: str, *, colour: bool) -> str:
    """A line as it may go to a terminal: SGR sequences pass (and are ended), all else is made visible."""
    parts = _COLOUR.split(line)
    if len(parts) == 1:
        return safe(line, limit=_LONGEST)
    text = "".join(parts[::2])
    if masked(text) != text:
        return safe(text, limit=_LONGEST)  # a change of colour within a secret does not hide it
    kept = [
        part if i % 2 and colour else "" if i % 2 else safe(part, limit=_LONGEST)
        for i, part in enumerate(parts)
    ]
    return "".join(kept) + ("\x1b[0m" if colour else "")
