"""A mistake in the notation of a plan: its words, its place, and a repair that lets the reading go on."""

from __future__ import annotations

import json
import re
from typing import Any

from locust_tui.domain.dataclass import dataclass

from .problem import Span

Lines = list[str]
KEY = re.compile(r"(\s*(?:- +)*)([^\s#:{}\[\],\"'&*!|>%@`][^#:]*?)\s*:(?=\s|$)")
"""A line's indentation and dashes, its key, the colon behind it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace columns `start` to `end` (0-based) of one line (0-based); lines are never added or removed."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, in words; `help` is one thing to do."""

    message: str
    help: str | None
    span: Span
    edits: tuple[Edit, ...] = ()
    """Empty when the rest of the file cannot be guessed."""
    code: str = "syntax"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text, 0-based; at most just behind its last character."""

    line: int
    column: int


def within(mark: Any, lines: Lines) -> Mark:
    if mark.line >= len(lines):
        return Mark(len(lines) - 1, len(lines[-1]))
    return Mark(mark.line, min(mark.column, len(lines[mark.line])))


def line_at(lines: Lines, number: int) -> str:
    return lines[number] if 0 <= number < len(lines) else ""


def span_at(line: int, start: int, end: int | None = None) -> Span:
    return Span(line + 1, start + 1, line + 1, (start + 1 if end is None else end) + 1)


def char_at(lines: Lines, mark: Mark) -> str:
    return line_at(lines, mark.line)[mark.column : mark.column + 1]


def value_end(line: str, start: int) -> int:
    """Where an unquoted value that begins at `start` ends: at a comment, the line's end, or a closing bracket."""
    depth = _flow_depth(line[:start])
    end = len(line)
    for position in range(start, len(line)):
        char = line[position]
        if char == "#" and position and line[position - 1] in " \t":
            end = position
            break
        if depth > 0 and char in ",]}":
            end = position
            break
    return start + len(line[start:end].rstrip())


def _flow_depth(text: str) -> int:
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'", "", text)
    return sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")


_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'|(?<!\S)#[^\n]*|[\[\]{}]")


def unclosed(lines: Lines, before: Mark) -> Mark | None:
    """The innermost bracket in front of `before` that nothing there closes."""
    text = "\n".join([*lines[: before.line], lines[before.line][: before.column]])
    open_: list[int] = []
    for token in _TOKEN.finditer(text):
        if token.group() in "[{":
            open_.append(token.start())
        elif token.group() in "]}" and open_:
            open_.pop()
    if not open_:
        return None
    line = text.count("\n", 0, open_[-1])
    return Mark(line, open_[-1] - (text.rfind("\n", 0, open_[-1]) + 1))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def lost(lines: Lines, mark: Mark) -> Mistake:
    line = min(mark.line, max(0, len(lines) - 1))
    return Mistake(
        "the structure breaks here",
        "compare indentation, quotes and brackets with the lines above",
        span_at(line, mark.column),
    )


def significant(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
