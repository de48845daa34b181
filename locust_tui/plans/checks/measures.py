"""One number with several limits, and KPIs that count something else than their name says."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.soundness_measures import (
    Bounds,
    Measure,
    bounds_of,
    comparisons,
    disagreeing,
    measure_of,
    misnamed,
    named_measure,
)
from ...domain.criterion import Criterion, Limit, Probe
from ...domain.dataclass import dataclass
from ...domain.plan import Kpi, Plan
from ..findings import Findings
from ..tree import Tree, Where
from .criteria import criteria_of
from .places import raw


@dataclass(frozen=True, slots=True)
class _Use:
    """One place where a number has a limit."""

    where: Where
    owner: str
    limit: str
    probes: tuple[Probe, ...] = ()


def check_measures(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn of limits that differ and of names that promise another measure."""
    _check_limits(plan, tree, findings)
    facts = [c.fact for c in _named(plan).values() if c.fact]
    for id_, kpi in plan.kpis.items():
        meaning = misnamed(kpi, facts)
        if meaning is not None:
            findings.warning(
                "kpi-measure",
                f'{id_} is called "{kpi.name}", but {kpi.measure} {meaning.why}',
                f"measure: {meaning.measure}",
                at=("kpis", id_, "measure"),
            )


def _named(plan: Plan) -> dict[str, Criterion]:
    """Fact → the criterion that gives it its value."""
    return {c.fact: c for _, _, c in criteria_of(plan) if c.fact}


def _check_limits(plan: Plan, tree: Tree, findings: Findings) -> None:
    named = _named(plan)
    facts = {fact: measure for fact, c in named.items() if (measure := measure_of(c, {})) is not None}
    facts = {fact: facts.get(fact, ("fact", fact)) for fact in named}
    for measure, uses in disagreeing(_uses(plan, tree, named, facts)):
        places = []
        for use in uses:
            span = findings.place(use.where)
            places.append(f"{use.limit} ({use.owner}{f', line {span.line}' if span else ''})")
        probes = next((use.probes for use in uses if use.probes), ())
        findings.warning(
            "limits",
            f"{named_measure(measure, probes)} has different limits: {', '.join(places)}",
            "say the same in each place, or say what makes them two measures",
            at=uses[0].where,
        )


_LIMITS = ("above", "below", "min", "max")


def _uses(
    plan: Plan, tree: Tree, named: dict[str, Criterion], facts: dict[str, Measure]
) -> Iterator[tuple[_Use, Measure, Bounds]]:
    for where, owner, criterion in criteria_of(plan):
        measure, bounds = measure_of(criterion, facts), bounds_of(criterion.limit)
        if where[0] == "risks" or measure is None or bounds is None or criterion.limit is None:
            continue
        words = owner.removeprefix("of ").removeprefix("in ")
        written = raw(tree, where)
        key = next((k for k in _LIMITS if isinstance(written, dict) and k in written), None)
        where = where if key is None else (*where, key)
        yield _Use(where, words, criterion.limit.text, criterion.probes), measure, bounds
    units = {fact: c.limit.unit if c.limit is not None else None for fact, c in named.items()}
    for section, checks in (("success", plan.success), ("after_release", plan.after_release)):
        for number, check in enumerate(checks):
            for fact, bounds, written in comparisons(check.check or "", units):
                use = _Use((section, number, "check"), f'{section} "{check.name}"', written)
                yield use, facts[fact], bounds
    for id_, kpi in plan.kpis.items():
        fact, kpi_bounds = kpi.measure.strip(), bounds_of(_limit(kpi, units.get(kpi.measure.strip())))
        if fact in facts and kpi_bounds is not None:
            yield _Use(("kpis", id_), f"KPI {id_}", kpi.target), facts[fact], kpi_bounds


def _limit(kpi: Kpi, unit: str | None) -> Limit:
    """The KPI's target; a number without a unit is in the fact's own."""
    low, high = kpi.minimum if kpi.low is None else kpi.low, kpi.maximum if kpi.high is None else kpi.high
    return Limit(above=kpi.above, below=kpi.below, minimum=low, maximum=high, unit=kpi.unit or unit)
