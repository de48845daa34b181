"""Measures that disagree with themselves: one number with several limits, a KPI that counts something else than it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from locust_tui.domain.criterion import Criterion, Limit, Probe, ProbeKind
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Kpi
from locust_tui.domain.quantity import UNITS, QuantityError, exact

_NUMBER_PROBES = (ProbeKind.COVERAGE, ProbeKind.METRIC, ProbeKind.MEMORY, ProbeKind.TIME, ProbeKind.FACT)
Measure = tuple[str, ...]
"""What is measured: the kind, and all that says of what."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits in the base unit of their dimension; None: no limit on that side. True: the limit itself passes."""

    low: tuple[float, bool] | None
    high: tuple[float, bool] | None


def measure_of(criterion: Criterion, facts: Mapping[str, Measure]) -> Measure | None:
    """What the criterion's limits are about; a fact is what that fact measures. None where it is no number."""
    for probe in criterion.probes:
        if probe.kind in _NUMBER_PROBES:
            return (
                facts.get(probe.text, ("fact", probe.text)) if probe.kind is ProbeKind.FACT else _key(probe)
            )
    return None


def _key(probe: Probe) -> Measure:
    command = probe.command.text if probe.command is not None else ""
    baseline = probe.baseline.text if probe.baseline is not None else ""
    return (
        probe.kind.value,
        command,
        baseline,
        *probe.patterns,
        "at",
        probe.at or "",
        *sorted(probe.include),
    )


def named_measure(measure: Measure, probes: Iterable[Probe] = ()) -> str:
    """A measure in words: "coverage of src/core/** in lcov.info"."""
    for probe in probes:
        if probe.kind is ProbeKind.COVERAGE:
            of = f" of {', '.join(probe.include)}" if probe.include else ""
            return f"coverage{of} in {', '.join(probe.patterns)}"
        if probe.kind is ProbeKind.METRIC and probe.patterns:
            return f"{probe.at or 'the value'} in {', '.join(probe.patterns)}"
        if probe.kind in _NUMBER_PROBES and probe.command is not None:
            return f"{probe.kind.value} of {probe.command.text}"
    return measure[1] if measure[0] == "fact" else " ".join(filter(None, measure[:2]))


def bounds_of(limit: Limit | None) -> Bounds | None:
    """The limits as numbers that compare; None where there are none."""
    if limit is None:
        return None
    low = _side(((limit.above, False), (limit.minimum, True)), limit.unit)
    high = _side(((limit.below, False), (limit.maximum, True)), limit.unit)
    return Bounds(low, high) if low is not None or high is not None else None


def _side(pairs: Iterable[tuple[float | None, bool]], unit: str | None) -> tuple[float, bool] | None:
    for value, included in pairs:
        if value is not None:
            return _in_base(value, unit), included
    return None


def _in_base(value: float, unit: str | None) -> float:
    try:
        return float(exact(float(value)) * (UNITS[unit][1] if unit in UNITS else 1))
    except QuantityError:
        return value


def disagreeing(found: Iterable[tuple[T, Measure, Bounds]]) -> list[tuple[Measure, list[T]]]:
    """Measures whose limits differ on the same side, each with all that limit it on that side, in order."""
    by_measure: dict[Measure, list[tuple[T, Bounds]]] = {}
    for who, measure, bounds in found:
        by_measure.setdefault(measure, []).append((who, bounds))
    answer = []
    for measure, limits in by_measure.items():
        for side in ("low", "high"):
            here = [
                (who, getattr(bounds, side)) for who, bounds in limits if getattr(bounds, side) is not None
            ]
            if len({value for _, value in here}) > 1:
                answer.append((measure, [who for who, _ in here]))
    return answer


_COMPARISON = re.compile(r"(?<![\w.+*/-])([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)(?![\w.]|\s*[-+*/])")


def comparisons(expression: str, units: Mapping[str, str | None]) -> list[tuple[str, Bounds, str]]:
    """(fact, its bounds, as written) of every plain `name < number` in an expression; a fact's number is in its own unit."""
    found = []
    for match in _COMPARISON.finditer(expression):
        name, sign, number = match.groups()
        before = expression[: match.start()].rstrip()
        if name not in units or before.endswith(("+", "-", "*", "/", "not")):
            continue
        pair = (_in_base(float(number), units[name]), "=" in sign)
        bounds = Bounds(pair, None) if sign.startswith(">") else Bounds(None, pair)
        found.append((name, bounds, match.group()))
    return found


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words in a KPI's name, and the quantities one of which it must then count."""

    words: re.Pattern[str]
    quantities: frozenset[str]
    why: str
    measure: str


_MEANINGS = (
    Meaning(
        re.compile(r"\b(?:first[- ](?:pass|time|review|try)|right first)", re.IGNORECASE),
        frozenset({"first_pass", "quality"}),
        "counts every review: fail, fail, pass is 33 %, and 0 % at first pass",
        "first_pass / reviewed",
    ),
    Meaning(
        re.compile(r"\bre-?work\b", re.IGNORECASE),
        frozenset({"rework_hours"}),
        "counts no hours of second and later attempts",
        "rework_hours / total_hours",
    ),
    Meaning(
        re.compile(r"\bmilestones? (?:accuracy|hit|on time)|\bon[- ]time\b", re.IGNORECASE),
        frozenset({"milestones_hit_on_time", "spi", "velocity"}),
        "does not ask whether a date was kept",
        "milestones_hit_on_time / total_milestones",
    ),
    Meaning(
        re.compile(r"\b(?:per|a|each) week\b|/ ?week\b|\bweekly\b", re.IGNORECASE),
        frozenset({"week", "velocity", "week_number"}),
        "is not divided by weeks",
        "workstreams_completed / week",
    ),
)
_NAME = re.compile(r"[A-Za-z_]\w*")


def misnamed(kpi: Kpi, facts: Collection[str]) -> Meaning | None:
    """What the KPI's name promises and its measure does not count; None where they agree or a fact of the plan is counted."""
    counted = set(_NAME.findall(kpi.measure))
    if counted & set(facts):
        return None
    for meaning in _MEANINGS:
        if meaning.words.search(f"{kpi.name} {kpi.id}") and not counted & meaning.quantities:
            return meaning
    return None
