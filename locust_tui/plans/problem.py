"""What is wrong with a plan, where, and what to do about it; and how that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ..safe_text import safe


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    """Something to know: no mistake, and never a failure."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the file; lines and columns are 1-based, the end is just behind it."""

    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` and `col` are None where the file as a whole is meant."""

    severity: Severity
    code: str
    """Stable word for scripts: "cycle", "unknown-need", "dates-vs-needs"."""
    message: str
    help: str | None = None
    line: int | None = None
    col: int | None = None
    end_col: int | None = None
    """Just behind the stretch that is meant, on the same line."""
    source: str = ""
    """The line as the file has it."""
    file: str = ""
    whole: str = ""
    """What several of one kind say together, with {n} for their number; empty: each is told by itself."""
    part: str = ""
    """What this one then adds; empty: its message."""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def count_problems(problems: Iterable[Problem]) -> str:
    """ "2 errors, 1 warning", "no problems, 1 note"; of what is told together, at how many places it stands."""
    parts = []
    found = list(problems)
    for severity in Severity:
        alike = [p for p in found if p.severity is severity]
        told = len(gathered(alike))
        if told:
            places = f" ({len(alike)} places)" if len(alike) > told else ""
            parts.append(f"{told} {severity}{'s' if told > 1 else ''}{places}")
    if all(p.severity is Severity.NOTE for p in found):
        parts.insert(0, "no problems")
    return ", ".join(parts)


TOGETHER = 3
"""So many findings of one kind are told together."""


def gathered(problems: Iterable[Problem]) -> list[tuple[Problem, ...]]:
    """Problems as they are told: errors by place, then warnings, then notes, those that weigh most first."""
    from .classes import weight

    order = list(Severity)
    kinds: dict[tuple[Severity, str, str], list[Problem]] = {}
    found: list[tuple[tuple[int, int, int], tuple[Problem, ...]]] = []
    for number, problem in enumerate(problems):
        if problem.whole:
            kinds.setdefault((problem.severity, problem.code, problem.whole), []).append(problem)
        rank = 0 if problem.is_error else weight(problem.code)
        found.append(((order.index(problem.severity), rank, number), (problem,)))
    groups = {group[0]: tuple(group) for group in kinds.values() if len(group) >= TOGETHER}
    inner = {problem for group in groups.values() for problem in group[1:]}
    told = [(at, groups.get(one[0], one)) for at, one in found if one[0] not in inner]
    return [group for _, group in sorted(told, key=lambda pair: pair[0])]


def render_problems(problems: Sequence[Problem], color: bool = False, width: int | None = None) -> str:
    """Every problem with its line, a caret and a help line; the last line counts them. Many stand apart.

    Lines of the file are cut to `width` columns of a terminal.
    """
    blocks = [_render(group, color, width) for group in gathered(problems)]
    return ("\n\n" if len(blocks) > _CLOSE else "\n").join([*blocks, count_problems(problems)]) + "\n"


_CLOSE = 4
"""So many findings stand without a line between them."""


_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;34",
    "help": "36",
    "caret": "1;32",
    "place": "1",
    "code": "2",
}
_MOST = 12
"""Places of one kind that are listed; the rest is counted."""


def _render(group: tuple[Problem, ...], color: bool, width: int | None) -> str:
    def paint(text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text

    def said(heads: tuple[tuple[str, str], ...], text: str, tail: str = "") -> str:
        """Words behind their head, broken at blanks where the terminal would break them anywhere."""
        plain = " ".join(head for head, _ in heads) + " "
        lines = _wrapped(plain, safe(text, oneline=True) + tail, width)
        first = "".join(f"{paint(head, style)} " for head, style in heads) + lines[0][len(plain) :]
        told = "\n".join([first, *lines[1:]])
        return told.removesuffix(tail) + paint(tail, "code") if tail and told.endswith(tail) else told

    problem, many = group[0], len(group) > 1
    place = ":".join(
        str(part) for part in (safe(problem.file, oneline=True), problem.line, problem.col) if part
    )
    message = problem.whole.replace("{n}", str(len(group))) if many else problem.message
    code = "" if problem.is_error else f" [{problem.code}]"
    lines = [said(((place + ":", "place"), (problem.severity + ":", problem.severity)), message, code)]
    source, caret = excerpt(problem, _WIDTH if width is None else max(_NARROW, min(_WIDTH, width - 3)))
    if source:
        indent = " " * (len(caret) - len(caret.lstrip()))
        lines += [f"  {source}", f"  {indent}{paint(caret.lstrip(), 'caret')}"]
    if many:
        lines += [f"  {paint(at, 'place')}  {words}" for at, words in _places(group)]
    if problem.help:
        first = "for the first, " if len({p.help for p in group}) > 1 else ""
        lines.append(said((("help:", "help"),), first + problem.help))
    return "\n".join(lines)


def _wrapped(head: str, text: str, width: int | None) -> list[str]:
    """Lines of at most `width` columns, where that is known; the first begins with room for `head`."""
    if width is None or len(head) + len(text) <= width:
        return [head + text]
    import textwrap

    room = max(_NARROW, width)
    lines = textwrap.wrap(
        text,
        room,
        initial_indent=" " * min(len(head), room - 1),
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [head + lines[0].lstrip(), *lines[1:]] if lines else [head]


def _places(group: tuple[Problem, ...]) -> list[tuple[str, str]]:
    """(line and column, what is so there) of each, aligned."""
    shown = [(f"{p.line}:{p.col}" if p.line else "", p.part or p.message) for p in group[:_MOST]]
    wide = max(len(at) for at, _ in shown)
    lines = [(at.ljust(wide), safe(words, oneline=True)) for at, words in shown]
    if len(group) > _MOST:
        lines.append((" " * wide, f"and {len(group) - _MOST} more; --json has all"))
    return lines


_WIDTH, _NARROW = 110, 30


def excerpt(problem: Problem, wide: int = _WIDTH) -> tuple[str, str]:
    """The source line and the caret under it, safe to draw; a line of more than `wide` cells is cut around the place that is meant.

    Both are "" where the file as a whole is meant.
    """
    if problem.line is None or not problem.source.strip():
        return "", ""
    col = (problem.col or 1) - 1
    start = max(0, col - wide // 2) if len(problem.source) > wide else 0
    before = safe(problem.source[start:col], oneline=True)
    rest = safe(problem.source[col : start + wide], oneline=True)
    if start:
        before = "…" + before
    width = max(1, (problem.end_col or problem.col or 1) - (problem.col or 1))
    caret = "^" + "~" * (min(width, max(1, len(rest.rstrip()))) - 1)
    return before + rest.rstrip(), " " * len(before) + caret


def problems_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The problems as plain values for `check --json`."""
    return [
        {
            "severity": p.severity.value,
            "code": p.code,
            "file": p.file,
            "line": p.line,
            "col": p.col,
            "end_col": p.end_col,
            "message": p.message,
            "help": p.help,
            "source": p.source or None,
        }
        for p in problems
    ]
