"""Probes that read files: deliverables that must be there, coverage reports."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from locust_tui.domain.quantity import limit_text
from locust_tui.domain.states import CriterionState

from .coverage import read_coverage
from .finding import Finding, Question, against_bounds
from .globs import expand_braces, find_files, has_magic
from .limits import has_bounds, meets
from .reading import MeasureError, one_line

_PASS, _FAIL = CriterionState.PASS, CriterionState.FAIL
_BLANK_CHECK = 4096
"""Bytes; a larger file is not looked into for something other than white space."""


def one_file(question: Question) -> Path:
    """The one file that a coverage or metric probe names; a glob has to match exactly one."""
    patterns = question.probe.patterns
    if len(patterns) != 1:
        raise MeasureError(f"{question.probe.kind} needs one file, not {len(patterns)}")
    pattern = patterns[0]
    if not has_magic(pattern) and len(expand_braces(pattern)) == 1:
        return question.folder / pattern
    found = find_files(question.folder, pattern)
    if len(found) != 1:
        raise MeasureError(f"{pattern} matches {len(found)} files; one is needed")
    return found[0]


def judge_coverage(question: Question) -> Finding:
    report = one_file(question)
    coverage = read_coverage(report, question.probe.include, question.folder)
    note = f"{coverage.hit} of {coverage.lines} lines in {_plural(coverage.files)}"
    if coverage.newer:
        note += f"; {report.name} is older than {coverage.newer}"
    return against_bounds(question, coverage.percent, "%", note)


def _plural(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _is_blank(path: Path) -> bool:
    if path.stat().st_size > _BLANK_CHECK:
        return False
    return not path.read_bytes().strip()


def judge_files(question: Question) -> Finding:
    """Files with content: one at least for each pattern, or, with bounds, as many in all as they ask for."""
    patterns = question.probe.patterns
    if not patterns:
        raise MeasureError("files names no file")
    full: set[Path] = set()
    missing: list[str] = []
    blank: list[str] = []
    for pattern in patterns:
        found = find_files(question.folder, pattern)
        try:
            with_content = {path for path in found if not _is_blank(path)}
        except OSError as error:
            raise MeasureError(f"cannot read {error.filename}: {error.strerror}") from error
        full |= with_content
        if not with_content:
            (blank if found else missing).append(pattern)
    count = len(full)
    problems = [f"{pattern} is missing" for pattern in missing] + [f"{pattern} is empty" for pattern in blank]
    limit = question.limit
    if question.bounded and limit is not None and has_bounds(limit):
        ok = meets(Fraction(count), None, limit)
        wanted = limit.minimum if limit.minimum is not None else limit.above
        text = (
            f"{count} of {wanted:g}" if wanted is not None and limit.minimum is not None else _plural(count)
        )
        detail = (
            text if ok else f"{text}{'' if limit.minimum is not None else f', wanted {limit_text(limit)}'}"
        )
        if blank:
            detail += f"; {', '.join(f'{pattern} is empty' for pattern in blank)}"
        return Finding(_PASS if ok else _FAIL, float(count), None, text, detail)
    if problems:
        met = len(patterns) - len(problems)
        return Finding(
            _FAIL, float(count), None, f"{met} of {len(patterns)}", one_line("; ".join(problems), 300)
        )
    return Finding(_PASS, float(count), None, _plural(count), _plural(count))
