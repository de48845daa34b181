"""Criteria that could never pass, always pass, or compare what does not compare."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...domain.criterion import Criterion, Limit, Probe, ProbeKind
from ...domain.plan import Plan
from ...domain.quantity import UNITS, dimension, is_pattern
from ..findings import Findings
from ..tree import Tree, Where
from .places import raw

_NUMBERS = (
    (ProbeKind.COVERAGE, ProbeKind.METRIC, ProbeKind.MEMORY, ProbeKind.TIME),
    (ProbeKind.FILES,),
    (ProbeKind.RUN,),
    (ProbeKind.HTTP,),
    (ProbeKind.FACT,),
)
"""Of what a criterion looks at, the first group that is there is what its limits are about."""
_ANSWERS = frozenset({ProbeKind.HTTP, ProbeKind.METRIC, ProbeKind.RUN, ProbeKind.FACT})
_LIMITS = ("above", "below", "min", "max")
_MEASURES = frozenset(_NUMBERS[0])
_WORDS = {"time": "time", "size": "memory", "share": "a percentage"}
_KNOWN = {
    kind: ", ".join(u for u in UNITS if UNITS[u][0] == kind and u not in ("us", "μs")) for kind in _WORDS
}


def criteria_of(plan: Plan) -> Iterator[tuple[Where, str, Criterion]]:
    """Every criterion of the plan with its place in the file and whose it is, in words."""
    for id_, gate in plan.gates.items():
        for n, criterion in enumerate(gate.criteria):
            yield ("gates", id_, "criteria", n), f"of gate {id_}", criterion
    for id_, workstream in plan.workstreams.items():
        for n, criterion in enumerate(workstream.accept):
            yield ("workstreams", id_, "accept", n), f"of workstream {id_}", criterion
        for n, deliverable in enumerate(workstream.deliverables):
            if deliverable.check is not None:
                yield ("workstreams", id_, "deliverables", n), f"of workstream {id_}", deliverable.check
    for n, criterion in enumerate(plan.meta.invariants if plan.meta else ()):
        yield ("meta", "invariants", n), "of meta", criterion
    for fact in plan.facts:
        yield ("facts", str(fact.fact)), "in facts", fact
    for n, risk in enumerate(plan.risks):
        if risk.watch is not None:
            yield ("risks", n, "watch"), f"of risk {risk.id}", risk.watch
    for section, checks in (("success", plan.success), ("after_release", plan.after_release)):
        for n, check in enumerate(checks):
            if check.criterion is not None:
                yield (section, n), f"in {section}", check.criterion


def check_criteria(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Something to measure in each, limits on what gives numbers, and units that compare."""
    for where, what, criterion in criteria_of(plan):
        name = f'criterion "{criterion.name}" {what}'
        if not criterion.probes:
            help_ = "add run, files, coverage, metric, memory, time, http or manual"
            findings.error("nothing-to-measure", f"{name} measures nothing", help_, at=where)
            continue
        bounded = _bounded(criterion)
        written = raw(tree, where)
        bounds = [key for key in _LIMITS if isinstance(written, dict) and key in written]
        if criterion.limit is not None:
            place = (*where, bounds[0]) if bounds else where
            _check_limit(name, (where, place), criterion, criterion.limit, bounded, findings)
        if not bounds and _always_passes(criterion, what):
            findings.warning(
                "no-limit",
                f"{name} measures without a limit, so it always passes",
                "add above, below, min or max",
                at=where,
            )


def _bounded(criterion: Criterion) -> tuple[Probe, ...]:
    """The probes that the limits are about."""
    for kinds in _NUMBERS:
        found = tuple(p for p in criterion.probes if p.kind in kinds)
        if found:
            return found
    return ()


def _has_bounds(limit: Limit | None) -> bool:
    return limit is not None and any(
        bound is not None for bound in (limit.above, limit.below, limit.minimum, limit.maximum)
    )


def _always_passes(criterion: Criterion, what: str) -> bool:
    """Whether numbers are measured that nothing is asked of, nor kept under a name."""
    kinds = {probe.kind for probe in criterion.probes}
    measured = kinds & _MEASURES
    if not measured or what == "in facts" or criterion.fact is not None or _has_bounds(criterion.limit):
        return False
    expected = criterion.limit is not None and criterion.limit.expect is not None
    return not (expected and (measured == {ProbeKind.METRIC} or not kinds & _ANSWERS))


def _check_limit(
    name: str,
    places: tuple[Where, Where],
    criterion: Criterion,
    limit: Limit,
    bounded: tuple[Probe, ...],
    findings: Findings,
) -> None:
    """`places` are the criterion's and its first limit's."""
    where, place = places
    if limit.expect is not None:
        _check_expected(name, where, criterion, limit.expect, findings)
    if not _has_bounds(limit):
        return
    if not bounded:
        message = f"{name} has a limit, but nothing that gives a number"
        findings.error("limit", message, "a person's yes needs no limit", at=place)
        return
    for probe in bounded:
        if not _check_unit(name, place, probe, limit.unit, findings):
            return


def _check_expected(name: str, where: Where, criterion: Criterion, expect: str, findings: Findings) -> None:
    kinds = list(dict.fromkeys(probe.kind for probe in criterion.probes))
    if not _ANSWERS.intersection(kinds):
        findings.error(
            "expect",
            f'{name} expects "{expect}", but {" and ".join(kinds)} gives no answer to compare it with',
            _instead(expect),
            at=(*where, "expect"),
        )
    elif is_pattern(expect) and (reason := _unusable(expect[1:-1])):
        findings.error(
            "expect",
            f"the regular expression {expect[:80]} cannot be used: {reason}",
            "RE2 reads it: no look-around, no backreferences",
            at=(*where, "expect"),
        )


def _instead(expect: str) -> str:
    """What to write for a number that was expected of a probe without an answer."""
    from ..quantities import BadValueError, parse_quantity

    number = re.sub(r"^(>=?|≥)\s*", "", expect.strip())
    try:
        parse_quantity(number)
    except BadValueError:
        return "expect goes with run, metric or http"
    return f"min: {number}; or above, below, max"


def _unusable(pattern: str) -> str | None:
    """Why RE2 does not take the pattern."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else error
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return None


def _check_unit(name: str, where: Where, probe: Probe, unit: str | None, findings: Findings) -> bool:
    """Whether the probe's value compares with a limit in `unit`; a finding is added where it does not."""
    asked = dimension(unit)
    if asked is None:
        if probe.kind is ProbeKind.MEMORY:
            message = f"{name} has a limit without a unit; it is read as bytes"
            findings.warning("no-unit", message, "below: 10MB, for example", at=where)
        return True
    if probe.kind in (ProbeKind.FILES, ProbeKind.HTTP):
        what = "the number of files" if probe.kind is ProbeKind.FILES else "the status code"
        message = f"{name} has its limit in {unit}, but measures {what}"
        findings.error("unit", message, f"write the limit without {unit}", at=where)
        return False
    measured = dimension(probe.unit)
    if measured is not None and measured != asked:
        message = f"{name} measures {_WORDS[measured]}, but its limit is in {unit}"
        findings.error("unit", message, f"give the limit in {_KNOWN[measured]}", at=where)
        return False
    if measured is None and probe.kind is ProbeKind.METRIC:
        message = f"{name} has its limit in {unit}, but its value has no unit"
        findings.warning("no-unit", message, f"add unit: {unit}", at=where)
    return True
