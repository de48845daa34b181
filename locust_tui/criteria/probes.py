"""One probe's finding: what it says about a criterion, by its kind."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from locust_tui.domain.criterion import Limit, ProbeKind
from locust_tui.domain.quantity import QuantityError, dimension, exact, format_value, limit_text
from locust_tui.domain.states import CriterionState

from .commands import command_trouble, decisive_line
from .file_probes import judge_coverage, judge_files, one_file
from .finding import Finding, Question, against_bounds
from .limits import is_expected
from .metric import Found, from_file, from_output, last_number, plain
from .observation import FactOutcome, HttpOutcome, ProbeOutcome
from .reading import MeasureError, one_line

_PASS, _FAIL = CriterionState.PASS, CriterionState.FAIL
_FLOOR_SLACK_KIB = 1024
"""What a process touches between its start and its exec."""


def judge_probe(question: Question, outcome: object, baseline: object) -> Finding:
    """The finding of a machine probe. Raises MeasureError or QuantityError when nothing could be measured."""
    probe = question.probe
    if probe.kind is ProbeKind.FILES:
        return judge_files(question)
    if probe.kind is ProbeKind.COVERAGE:
        return judge_coverage(question)
    if probe.kind is ProbeKind.HTTP:
        return _http(question, outcome) if isinstance(outcome, HttpOutcome) else _not_run()
    if probe.kind is ProbeKind.FACT:
        return _fact(question, outcome)
    if probe.command is None:
        if probe.kind is ProbeKind.METRIC:
            return _metric(question, None)
        raise MeasureError(f"{probe.kind} names no command")
    needs_baseline = probe.baseline is not None
    if not isinstance(outcome, ProbeOutcome) or (needs_baseline and not isinstance(baseline, ProbeOutcome)):
        return _not_run()
    answers = question.expecting or question.bounded or probe.kind is ProbeKind.METRIC
    stopped = command_trouble(probe.command, outcome, answers=answers)
    if stopped is not None:
        return Finding(_FAIL, detail=stopped, exit_code=outcome.exit_code)
    if probe.kind is ProbeKind.RUN:
        finding = _run(question, outcome)
    elif probe.kind is ProbeKind.METRIC:
        finding = _metric(question, outcome)
    else:
        finding = _consumption(question, outcome, baseline if isinstance(baseline, ProbeOutcome) else None)
    return replace(finding, exit_code=outcome.exit_code)


def _fact(question: Question, outcome: object) -> Finding:
    if not isinstance(outcome, FactOutcome) or outcome.value is None:
        raise MeasureError(f"{question.probe.text} is not known yet")
    value = outcome.value
    if isinstance(value, bool):
        return Finding(_PASS if value else _FAIL, detail=f"{outcome.name} {'passed' if value else 'failed'}")
    if isinstance(value, str):
        return _answer(question, Found(text=value))
    return _answer(question, Found(number=exact(float(value)), unit=outcome.unit))


def _not_run() -> Finding:
    return Finding(CriterionState.NOT_RUN, detail="not run yet")


def _run(question: Question, outcome: ProbeOutcome) -> Finding:
    probe, output = question.probe, outcome.output
    bounded = None
    if question.bounded:
        bounded = _answer(replace(question, expecting=False), from_output(output, probe.at))
    if question.expecting and (bounded is None or bounded.state is _PASS):
        expected = _expected(question, Found(text=plain(output)), truncated=outcome.truncated)
        return replace(expected, value=bounded.value, unit=bounded.unit) if bounded else expected
    if bounded is not None:
        return bounded
    if question.wants_number or probe.unit or probe.at:
        number = from_output(output, probe.at) if probe.at else last_number(output)
        if number is not None:
            return _answer(question, number)
    return Finding(_PASS, text=decisive_line(output) or None, detail="exit 0")


def _metric(question: Question, outcome: ProbeOutcome | None) -> Finding:
    """From the file where one is named (a command may have written it just now), else from the output."""
    at = question.probe.at
    if outcome is None or question.probe.patterns:
        return _answer(question, from_file(one_file(question), at))
    return _answer(question, from_output(outcome.output, at))


def _answer(question: Question, found: Found) -> Finding:
    """A metric: a number against bounds and `expect`, a word against `expect` alone."""
    stated = question.probe.unit
    dimension(stated)
    if stated and found.unit and dimension(found.unit) != dimension(stated):
        raise QuantityError(f"the output says {found.unit}, the plan says {stated}")
    finding: Finding | None = None
    if found.number is not None:
        finding = against_bounds(question, found.number, found.unit or stated)
    elif question.bounded:
        raise MeasureError(f"found {one_line(found.text or '', 60)!r}, which is no number")
    if question.expecting:
        expected = _expected(question, found)
        if finding is None or finding.state is _PASS:
            return replace(expected, value=finding.value, unit=finding.unit) if finding else expected
    return finding or Finding(_PASS, text=found.text, detail=one_line(found.text or ""))


def _expected(question: Question, found: Found, *, truncated: bool = False) -> Finding:
    expect = (question.limit.expect if question.limit else None) or ""
    text = found.text if found.text is not None else f"{float(found.number or 0):.17g}"
    ok = is_expected(text, expect)
    if truncated and not ok:
        raise MeasureError("the output is too long to be compared as a whole", help="print only the answer")
    said = one_line(text, 80) or "nothing"
    wanted = "" if ok else f", wanted {limit_text(Limit(expect=expect)).removeprefix('= ')}"
    state = _PASS if ok else _FAIL
    return Finding(state, text=one_line(text, 80) if found.number is None else None, detail=f"{said}{wanted}")


def _consumption(question: Question, outcome: ProbeOutcome, baseline: ProbeOutcome | None) -> Finding:
    """Peak memory in bytes or wall time in seconds, less the baseline's."""
    probe = question.probe
    unit = "B" if probe.kind is ProbeKind.MEMORY else "s"
    value = _consumed(probe.kind, outcome, "the command")
    covered = probe.kind is ProbeKind.MEMORY and _is_covered(outcome)
    if baseline is None or probe.baseline is None:
        finding = against_bounds(question, value, unit, "at most" if covered else "")
        if covered and finding.state is _FAIL:
            raise MeasureError(f"its memory drowns in that of the process that starts it ({finding.detail})")
        return finding
    stopped = command_trouble(probe.baseline, baseline, answers=False)
    if stopped is not None:
        raise MeasureError(f"the baseline failed: {stopped}")
    less = _consumed(probe.kind, baseline, "the baseline")
    if covered or (probe.kind is ProbeKind.MEMORY and _is_covered(baseline)):
        raise MeasureError("the difference drowns in the memory of the process that starts them")
    note = f"{format_value(float(value), unit)} less {format_value(float(less), unit)}"
    return against_bounds(question, value - less, unit, note)


def _is_covered(outcome: ProbeOutcome) -> bool:
    floor = outcome.rss_floor_kib
    return floor is not None and (outcome.max_rss_kib or 0) <= floor + _FLOOR_SLACK_KIB


def _consumed(kind: ProbeKind, outcome: ProbeOutcome, whose: str) -> Fraction:
    if kind is ProbeKind.MEMORY:
        if not outcome.max_rss_kib:
            raise MeasureError(f"the peak memory of {whose} was not recorded")
        return Fraction(outcome.max_rss_kib * 1024)
    if outcome.wall_s is None:
        raise MeasureError(f"the time of {whose} was not recorded")
    return Fraction(repr(float(outcome.wall_s)))


def _http(question: Question, outcome: HttpOutcome) -> Finding:
    where = one_line((question.probe.url or "").split("?")[0], 80)
    if outcome.error is not None or outcome.status is None:
        raise MeasureError(f"{where}: {outcome.error or 'no answer'}")
    status, limit = outcome.status, question.limit
    expect = (limit.expect if limit and question.expecting else None) or ""
    if question.bounded:
        bounded = against_bounds(question, Fraction(status), None)
        if bounded.state is _FAIL or not question.expecting:
            return bounded
    if expect.strip().isdecimal() and len(expect.strip()) == 3:
        ok, wanted = status == int(expect), f", wanted {expect.strip()}"
    else:
        ok, wanted = 200 <= status < 300, ", wanted 200"
    if ok and expect and not expect.strip().isdecimal():
        return _expected(question, Found(text=outcome.body), truncated=outcome.truncated)
    detail = f"{where} answered {status}{'' if ok else wanted}"
    return Finding(_PASS if ok else _FAIL, text=str(status), detail=detail)
