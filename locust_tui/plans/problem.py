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
    """Stable word for scripts: "cycle", "unknown-need", "dates"."""
    message: str
    help: str | None = None
    line: int | None = None
    col: int | None = None
    end_col: int | None = None
    """Just behind the stretch that is meant, on the same line."""
    source: str = ""
    """The line as the file has it."""
    file: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def count_problems(problems: Iterable[Problem]) -> str:
    """ "2 errors, 1 warning", "no problems"."""
    found = list(problems)
    errors = sum(p.is_error for p in found)
    warnings = len(found) - errors
    parts = [
        f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n
    ]
    return ", ".join(parts) or "no problems"


def render_problems(problems: Sequence[Problem], color: bool = False) -> str:
    """Every problem with its line, a caret and a help line; the last line counts them."""
    blocks = [_render(p, color) for p in problems]
    return "\n".join([*blocks, count_problems(problems)]) + "\n"


_STYLES = {"error": "1;31", "warning": "1;33", "help": "36", "caret": "1;32", "place": "1"}


def _render(problem: Problem, color: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text

    place = ":".join(
        str(part) for part in (safe(problem.file, oneline=True), problem.line, problem.col) if part
    )
    head = f"{paint(place + ':', 'place')} {paint(problem.severity + ':', problem.severity)} "
    lines = [head + safe(problem.message, oneline=True)]
    source, caret = excerpt(problem)
    if source:
        indent = " " * (len(caret) - len(caret.lstrip()))
        lines += [f"  {source}", f"  {indent}{paint(caret.lstrip(), 'caret')}"]
    if problem.help:
        lines.append(f"{paint('help:', 'help')} {safe(problem.help, oneline=True)}")
    return "\n".join(lines)


_WIDTH = 110


def excerpt(problem: Problem) -> tuple[str, str]:
    """The source line and the caret under it, safe to draw; a very long line is cut around the place that is meant.

    Both are "" where the file as a whole is meant.
    """
    if problem.line is None or not problem.source.strip():
        return "", ""
    col = (problem.col or 1) - 1
    start = max(0, col - _WIDTH // 2) if len(problem.source) > _WIDTH else 0
    before = safe(problem.source[start:col], oneline=True)
    rest = safe(problem.source[col : start + _WIDTH], oneline=True)
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
