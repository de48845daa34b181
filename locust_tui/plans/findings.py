"""Collects what is wrong with one file, each finding with the place it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from .problem import Problem, Severity, Span

if TYPE_CHECKING:
    from .tree import Tree, Where

_NOTATION = frozenset(
    {
        "syntax",
        "tab",
        "indent",
        "colon",
        "quotes",
        "open-quote",
        "bracket",
        "list",
        "tag",
        "value-start",
        "key",
    }
)
_FOLLOWING = frozenset({"type", "missing", "nothing-to-run", "expect", "no-limit"})


class _About(TypedDict, total=False):
    """What a finding is about: a path of the tree, and whether its key is meant; or a span of the file.

    `whole` and `part` are for findings of one kind that come in numbers: see `Problem`.
    """

    at: Where
    key: bool
    span: Span | None
    whole: str
    part: str


@dataclass(slots=True)
class Findings:
    """The findings of one file. `lines` are its lines as written; `tree` may be missing while it is unreadable."""

    file: str
    lines: list[str]
    tree: Tree | None = None
    found: list[Problem] = field(default_factory=list)
    seen: set[Problem] = field(default_factory=set)
    shifts: list[tuple[int, int, int]] = field(default_factory=list)
    """Repairs made in memory: line, column, and by how much what follows on that line was moved."""

    def error(self, code: str, message: str, help: str | None = None, **about: Unpack[_About]) -> None:
        """An error at a place of the tree (the value there, or its key), or at a span of the file."""
        self._add(Severity.ERROR, code, message, help, **about)

    def warning(self, code: str, message: str, help: str | None = None, **about: Unpack[_About]) -> None:
        """A warning; see `error`."""
        self._add(Severity.WARNING, code, message, help, **about)

    def note(self, code: str, message: str, help: str | None = None, **about: Unpack[_About]) -> None:
        """Something to know, which is no mistake; see `error`."""
        self._add(Severity.NOTE, code, message, help, **about)

    def place(self, at: Where, key: bool = False) -> Span | None:
        """Where `at` stands in the file; the nearest block around it when it is not written."""
        if self.tree is None:
            return None
        span = self.tree.key_span(at) if key else self.tree.span(at)
        return span and self.unshift(span)

    def unshift(self, span: Span) -> Span:
        """Where a span of the repaired text stands in the file as written."""
        for line, col, by in reversed(self.shifts):
            if line == span.line and span.col > col:
                start = max(col, span.col - by)
                end = max(start + 1, span.end_col - by) if span.end_line == line else span.end_col
                span = Span(line, start, span.end_line, end)
        return span

    def _add(
        self, severity: Severity, code: str, message: str, help: str | None, **about: Unpack[_About]
    ) -> None:
        span = about.get("span") or self.place(about.get("at", ()), about.get("key", False))
        problem = Problem(
            severity,
            code,
            message,
            help,
            file=self.file,
            whole=about.get("whole", ""),
            part=about.get("part", ""),
        )
        if span is not None:
            source = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
            end = span.end_col if span.end_line == span.line else len(source.rstrip()) + 1
            problem = replace(problem, line=span.line, col=span.col, end_col=end, source=source)
        if problem not in self.seen:
            self.seen.add(problem)
            self.found.append(problem)

    def sorted(self) -> tuple[Problem, ...]:
        """By place in the file; what concerns the whole file comes first.

        What only follows from a mistake in the notation on the same line is left out.
        """
        broken = {p.line for p in self.found if p.code in _NOTATION}
        found = [p for p in self.found if not (p.line in broken and p.code in _FOLLOWING)]
        return by_place(found)

    @property
    def failed(self) -> bool:
        return any(p.is_error for p in self.found)


def by_place(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sorted by place in the file; what concerns the whole file comes first."""
    return tuple(sorted(problems, key=lambda p: (p.line or 0, p.col or 0, not p.is_error)))
