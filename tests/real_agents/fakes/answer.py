"""What a fake model answers, before it is put into the words of one API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Header = tuple[str, str]
Ending = Literal["done", "max_tokens", "refusal", "error", "drop"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` is JSON, or plain text when `free_form`."""

    name: str
    arguments: str
    free_form: bool = False


Block = Text | Thought | Call


@dataclass(slots=True)
class Answer:
    """Blocks in order, then an ending. `pause_s` lies between the words, `silence_s` before the ending."""

    blocks: list[Block] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    ending: Ending = "done"
    error: tuple[str, str] = ("overloaded_error", "Overloaded")
    pause_s: float = 0.0
    silence_s: float = 0.0

    @property
    def calls(self) -> list[Call]:
        return [block for block in self.blocks if isinstance(block, Call)]


@dataclass(slots=True)
class Failure(Exception):  # noqa: N818
    """An HTTP error instead of an answer. `resets_at` (epoch seconds) is set for a used-up limit."""

    status: int
    kind: str
    message: str
    headers: Sequence[Header] = ()
    resets_at: int | None = None
