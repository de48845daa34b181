"""A paste as the terminal brackets it: bounded whatever comes, and told from keys however its bytes are cut."""

from __future__ import annotations

from textual._time import get_time
from textual.message import Message

BEGIN, END = "\x1b[200~", "\x1b[201~"
MOST_PASTED = 1 << 16
"""Characters of a paste that are taken; the rest is dropped, and it is said."""
MOST_FOR_AN_AGENT = (1 << 18) - 16
"""Characters; an agent gets a paste whole or not at all. As UTF-8 it is no more than may wait for one that is slow."""
LEFT_AFTER_S, AS_KEYS = 5.0, 16
"""What comes so much later in so few characters is typed: the end of the paste was lost, and keys would be for ever."""


class Cut(Message):
    """A paste was longer than what is taken; `words` for the person."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Pasting:
    """What of a paste has come so far."""

    def __init__(self, most: int) -> None:
        self.cut = 0
        """Characters that were dropped."""
        self._room = most
        self._pieces: list[str] = []
        self._held = ""
        self._last = get_time()

    @property
    def text(self) -> str:
        """Without NULs, as Textual's own pastes."""
        return "".join(self._pieces).replace("\0", "")

    def was_left(self, data: str) -> bool:
        """Whether `data` can be no part of it: a key, long after its last piece."""
        return get_time() - self._last > LEFT_AFTER_S and len(data) <= AS_KEYS and not self._held

    def take(self, data: str) -> str | None:
        """Add `data`; what follows the end of the paste, None while that has not come."""
        self._last = get_time()
        inside, end, after = (self._held + data).partition(END)
        whole = len(inside) if end else len(inside) - _begun(inside, END)
        self._held = inside[whole:]
        taken = inside[: min(whole, self._room)]
        self._pieces.append(taken)
        self._room -= len(taken)
        self.cut += whole - len(taken)
        return after if end else None


def begin_of_paste(before: str, data: str) -> int | None:
    """Where in `data` a paste begins, after its mark, which may have begun in `before`; None where none does."""
    at = (before + data).find(BEGIN)
    return None if at < 0 else at + len(BEGIN) - len(before)


def _begun(text: str, mark: str) -> int:
    """How many characters of `mark` the end of `text` may be."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)
