"""An agent's bytes on a person's terminal: its colours stay, everything else that steers a terminal is shown."""

from __future__ import annotations

import re

from ..safe_text import masked, safe

_COLOUR = re.compile(r"(\x1b\[[0-9;:]*m)")
_LONGEST = 65_536
LONGEST_SECRET = 4096


class Lines:
    """Cuts bytes into lines of text; an unfinished line waits until it is whole, or far too long."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Whole lines, without line ends. A carriage return ends a line too: progress bars become lines."""
        parts = (self._rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = parts.pop()
        if len(self._rest) > _LONGEST:
            parts.append(self._rest[:-LONGEST_SECRET])
            self._rest = self._rest[-LONGEST_SECRET:]
        return [p.decode("utf-8", "replace") for p in parts]

    def end(self) -> list[str]:
        """What is left."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


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
