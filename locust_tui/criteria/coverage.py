"""Line coverage of the source files that a glob names, from whichever report a tool wrote."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from .coverage_formats import FileLines, read_report
from .globs import matches
from .reading import MeasureError

_MOST_STATS = 10_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """`hit` of `lines` executable lines, in `files` source files."""

    hit: int
    lines: int
    files: int
    newer: str | None = None
    """A source file that changed after the report was written."""

    @property
    def percent(self) -> Fraction:
        """100 · hit / lines."""
        return Fraction(100 * self.hit, self.lines)


def read_coverage(report: Path, include: Sequence[str], base: Path) -> Coverage:
    """Coverage of the files in `report` whose path matches one of `include` (none: all of them).

    Paths below `base` are compared relative to it, others as they stand. Raises MeasureError when the report
    cannot be read, when no file matches or when the matching files hold no line: that is neither 0 nor 100.
    """
    files = read_report(report)
    if not files:
        raise MeasureError(f"{report.name} lists no source file")
    counted = [file for file in files if not include or _included(file, include, base)]
    if not counted:
        example = min(_paths(files[0], base), key=len)
        raise MeasureError(
            f"no file in {report.name} matches {', '.join(include)}",
            help=f"{report.name} names its {len(files)} files like {example}",
        )
    lines = sum(file.lines for file in counted)
    hit = sum(file.hit for file in counted)
    if lines <= 0:
        raise MeasureError(f"the {len(counted)} matching files in {report.name} hold no executable line")
    if not 0 <= hit <= lines:
        raise MeasureError(f"{report.name} is inconsistent: {hit} of {lines} lines hit")
    return Coverage(hit, lines, len(counted), _newer_than(report, counted, base))


def _paths(file: FileLines, base: Path) -> list[str]:
    """Every way the report's path may be meant, relative to `base` where it lies below it."""
    roots = {os.fspath(base.absolute()), os.path.realpath(base)}
    found: list[str] = []
    for path in (file.path, *(os.path.join(source, file.path) for source in file.sources)):
        below = [path[len(root) + 1 :] for root in roots if path.startswith(f"{root}/")]
        found += [os.path.normpath(way) for way in (*below, path)]
    return found


def _included(file: FileLines, include: Sequence[str], base: Path) -> bool:
    return any(matches(pattern, path) for path in _paths(file, base) for pattern in include)


def _newer_than(report: Path, files: Sequence[FileLines], base: Path) -> str | None:
    try:
        written = report.stat().st_mtime_ns
    except FileNotFoundError:  # replaced since it was read
        return None
    for file in files[:_MOST_STATS]:
        for path in _paths(file, base):
            try:
                changed = os.stat(base / path).st_mtime_ns
            except (OSError, ValueError):
                continue
            if changed > written:
                return path
    return None
