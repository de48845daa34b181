"""Bytes on their way to somebody, with the secrets in them masked wherever the stream is cut."""

from __future__ import annotations

import re
from collections.abc import Callable

from .masking import LONGEST

_COLOUR = re.compile(rb"\x1b\[[0-9;:]*m")


class MaskedStream:
    """A stream of bytes on its way to somebody: a secret is masked wherever the stream is cut between two pieces.

    An unfinished line waits for its end, of a very long one the last LONGEST bytes: a secret may go on behind them.
    """

    def __init__(self, mask: Callable[[bytes], bytes]) -> None:
        self._mask = mask
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """What may go out now."""
        data = self._rest + data
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) - end > 16 * LONGEST:
            masked = self._masked(data)
            self._rest = masked[-LONGEST:]
            return masked[:-LONGEST]
        self._rest = data[end:]
        return self._masked(data[:end])

    def end(self) -> bytes:
        """What was kept back."""
        rest, self._rest = self._rest, b""
        return self._masked(rest)

    def _masked(self, data: bytes) -> bytes:
        """A change of colour within a secret does not hide it; such a line loses its colours."""
        data = self._mask(data)
        if b"\x1b[" not in data:
            return data
        lines = []
        for line in data.splitlines(keepends=True):
            plain = _COLOUR.sub(b"", line) if b"\x1b[" in line else line
            masked = line if plain is line else self._mask(plain)
            lines.append(line if masked is plain else masked)
        return b"".join(lines)
