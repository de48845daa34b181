"""The figures of a plan: earned value and its curve, flow, rates, KPIs. Points are weights unless said otherwise."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..snapshot import KpiView
from .rests import NOTHING, Rests
from .success import Scoreboard


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. Where it cannot be computed, `value` is None and `reason` says why; else `reason` is empty."""

    value: float | None
    reason: str = ""
    rests: Rests = NOTHING


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; `figure` is the share in points, 0 to 100."""

    part: float
    whole: float
    figure: Figure


@dataclass(frozen=True, slots=True)
class EarnedValue:
    """Schedule in points (weights), cost in money, time in plan weeks from the start of week 1.

    Source: PMI, Practice Standard for Earned Value Management; earned schedule: Lipke 2003.
    """

    kind: str
    """project, phase or orchestrator"""
    id: str
    name: str
    at_week: float | None
    """Plan weeks that have passed (working time); None before the start."""
    bac: Figure
    """Budget at completion: Σ weight of what is in scope."""
    pv: Figure
    """Planned value: what the plan says is done by now."""
    ev: Figure
    """Earned value: Σ weight · verified share."""
    sv: Figure
    """EV − PV"""
    spi: Figure
    """EV / PV"""
    percent: Figure
    """100 · EV / BAC"""
    expected_percent: Figure
    """100 · PV / BAC"""
    budget: Figure
    """BAC in money: Σ planned agent hours · rate, or what the plan's budgets say."""
    earned: Figure
    """EV in money."""
    ac: Figure
    """Actual cost of the scope's runs, its orchestrators' included."""
    cv: Figure
    """EV − AC, both in money"""
    cpi: Figure
    """EV / AC"""
    eac: Figure
    """Estimate at completion: BAC / CPI"""
    etc: Figure
    """Estimate to complete: EAC − AC"""
    vac: Figure
    """Variance at completion: BAC − EAC"""
    tcpi: Figure
    """To-complete performance index: (BAC − EV) / (BAC − AC)"""
    es: Figure
    """Earned schedule: the plan week by whose end what is earned now was to be earned."""
    spi_t: Figure
    """ES / actual time, both from the scope's planned start."""
    finish: Figure
    """Week of the finish if work goes on as so far: start + planned duration / SPI(t)."""
    planned_finish: Figure
    removed: int = 0
    """Workstreams that were deferred or cancelled."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One moment of the curve, in points of weight. `ev` and `ac` are None ahead of now."""

    week: float
    pv: float
    ev: float | None
    bac: float
    """In scope at that moment; ahead of now, what is in scope now."""
    ac: float | None = None
    """In money."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A re-baseline: work left the scope or came back, or the plan in force was changed."""

    week: float
    revision: int
    what: str
    """The workstream's id, or "plan"."""
    state: str
    """deferred, cancelled, back, or changed"""
    bac_before: float
    bac_after: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Planned and earned value over plan weeks; points stand in time order, whole weeks and now among them."""

    points: tuple[CurvePoint, ...]
    now_week: float | None
    """None before the start: nothing is earned."""
    bac: float
    changes: tuple[ScopeChange, ...] = ()
    forecast: tuple[tuple[float, float], ...] = ()
    """(week, points): from what is earned now to all of it at the week of finish by earned schedule; empty: no forecast."""
    reason: str = ""
    """Why there are no points."""
    rests: Rests = NOTHING

    @property
    def burn_up(self) -> tuple[tuple[float, float, float | None], ...]:
        """(week, planned, earned or None) of every point, in points of weight."""
        return tuple((p.week, p.pv, p.ev) for p in self.points)


@dataclass(frozen=True, slots=True)
class EarnedStudy:
    """Earned value of the project, of each phase and each orchestrator, and the project's curve."""

    at: float
    project: EarnedValue
    phases: tuple[EarnedValue, ...]
    orchestrators: tuple[EarnedValue, ...]
    curve: Curve
    cost_basis: str = ""
    """Where the money of the plan comes from, in words."""


@dataclass(frozen=True, slots=True)
class FlowItem:
    """A workstream on its way or done; times in plan working days."""

    id: str
    name: str
    state: str
    cycle: float | None = None
    """First start to acceptance; None while it is not accepted."""
    lead: float | None = None
    """Ready to acceptance."""
    age: float | None = None
    """Since its first start; None unless it is at work."""
    aging: bool = False
    """It is older than 85 % of the finished ones became."""


@dataclass(frozen=True, slots=True)
class WorkstreamFigures:
    """The KPIs of one workstream."""

    id: str
    name: str
    completion: Figure
    """Verified deliverables of all, in points."""
    review_pass: Figure
    """Reviews that said yes of all, in points."""
    schedule: Figure
    """Plan working days behind (+) or before (−) its planned end: its acceptance, or now while it is overdue."""
    within_two_days: bool | None
    """Of its planned end, before or behind; None while nothing can be said."""
    delay_caused: Figure
    """Σ plan working days for which successors, past their planned starts, could not begin for want of it."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Times in plan working days; rates as shares in points."""

    at: float
    items: tuple[FlowItem, ...]
    wip: Figure
    cycle_p50: Figure
    cycle_p85: Figure
    cycle_mean: Figure
    lead_p50: Figure
    throughput: tuple[int, ...]
    """Workstreams accepted in each full plan week, oldest first."""
    throughput_mean: Figure
    """Of the last four full weeks."""
    capacity_utilisation: Share
    """Agent hours at work of cap · elapsed hours."""
    dispatch_efficiency: Share
    """Agent hours at work of the hours that min(cap, runnable) could have worked."""
    cross_domain: Share
    """Needs between orchestrators that are met."""
    cross_domain_on_time: Share
    """Of those whose predecessor was due: met in time."""
    cross_domain_overdue: tuple[str, ...]
    """"WS-05 > WS-09" of each that is due and not met."""
    gate_pass: Share
    """Gates that passed at their first decision, of those decided."""
    criteria_pass: Share
    """Gates' criteria that passed their first evaluation, of those evaluated."""
    change_failure: Share
    """Reopened workstreams of accepted ones."""
    recovery: Figure
    """Mean plan working days from blocked, failed or in need of input to free again."""
    workstreams: tuple[WorkstreamFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class KpiFigure:
    """A KPI with what it was computed from."""

    view: KpiView
    measure: str
    inputs: tuple[tuple[str, float | str | None], ...]
    """(quantity, value) of all that its measure names."""
    part: float | None
    """The numerator, where the measure divides."""
    whole: float | None
    second: tuple[tuple[str, float | None], ...] = ()
    """(what, value) of figures that stand beside it."""
    rests: Rests = NOTHING


@dataclass(frozen=True, slots=True)
class KpiStudy:
    at: float
    kpis: tuple[KpiFigure, ...]


@dataclass(frozen=True, slots=True)
class FiguresStudy:
    """Everything that a plan's figures are, of one moment and one revision of the record."""

    at: float
    revision: int
    earned: EarnedStudy
    flow: Flow
    kpis: KpiStudy
    success: Scoreboard
