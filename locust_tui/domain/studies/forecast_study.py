"""The forecast of one moment, looked into: its spread, its gates, what moves it, what it rests on, and its rival by throughput."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import ForecastView

from .forecast import ForecastChange, Standing
from .rests import NOTHING, Rests

CRITICAL, NEAR = 50.0, 5.0
"""Points of the runs from which on a workstream is called critical, and near-critical."""


@dataclass(frozen=True, slots=True)
class Bins:
    """How many of the simulated finishes fall into each stretch of `width` plan weeks from `first` on."""

    first: float
    width: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mover:
    """A workstream that the finish hangs on. Durations in plan weeks, from its start to its acceptance."""

    id: str
    name: str
    state: str
    critical: float
    """Points: the share of the runs in which it lies on the longest path."""
    adds: float | None
    """Weeks by which the mean finish is later where it takes its P85 than where it takes its P50."""
    correlation: float | None
    """Rank correlation (Spearman) of its duration with the finish, -1 to 1; None where its duration is certain."""
    planned: float
    p50: float
    p85: float

    @property
    def near(self) -> bool:
        """On the longest path now and then, and mostly not."""
        return NEAR <= self.critical < CRITICAL


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished workstream that the forecast learns from, and the record of it."""

    workstream: str
    agent: str
    planned: float
    took: float
    runs: tuple[str, ...] = ()
    began_at: float | None = None
    accepted_at: float | None = None
    rests: Rests = NOTHING
    """The events of its start and its acceptance."""

    @property
    def ratio(self) -> float:
        return self.took / self.planned


@dataclass(frozen=True, slots=True)
class Basis:
    """What durations are drawn from."""

    words: tuple[str, ...]
    """Each assumption and each sample, with how many workstreams it is for."""
    finished: tuple[Finished, ...]
    """In the order in which they were finished; they are drawn from as soon as they are enough."""
    used: bool


@dataclass(frozen=True, slots=True)
class Caps:
    """Whether limits of agents make the finish later than the forecast says, by the planned durations."""

    cap: int | None
    """Agents at a time by the plan, of all types; None: no limit."""
    smallest: int | None
    """Fewest at a time that delay nothing."""
    weeks: float
    """The planned network with no limit."""
    levelled: float
    """And under every limit that the plan names; infinite where one bars some work for ever."""

    @property
    def binds(self) -> bool:
        return self.levelled > self.weeks + 1e-9


@dataclass(frozen=True, slots=True)
class HowMany:
    """At least so many workstreams are finished within `weeks` with a chance of 50, 85 and 95 points."""

    weeks: int
    p50: int
    p85: int
    p95: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """When the rest is done, if weeks to come finish as many workstreams as past ones did. Plan weeks."""

    counts: tuple[int, ...]
    """Finished in each whole week so far, oldest first, zeros too."""
    left: int
    """Workstreams in scope that are not finished."""
    p50_week: float | None
    p85_week: float | None
    p95_week: float | None
    reason: str = ""
    """Why there is no week."""
    least_week: float | None = None
    """No earlier than this, however many are finished a week: the network takes so long at best."""
    how_many: tuple[HowMany, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastStudy:
    """The whole study. Where nothing can be computed, the figures of `view` are None and `view.reason` says why."""

    view: ForecastView
    standing: Standing
    window: tuple[float, float] | None
    complete: bool
    with_gates: bool
    seed: int
    runs: int
    bins: Bins | None = None
    criticality: tuple[tuple[str, float], ...] = ()
    """(workstream, points) of all that are not finished, the most critical first."""
    movers: tuple[Mover, ...] = ()
    """The weightiest first."""
    basis: Basis = Basis((), (), False)
    caps: Caps | None = None
    throughput: Throughput | None = None
    opened: tuple[str, ...] = ()
    """Gates that are open: their weeks are when they were decided."""
    past: tuple[Standing, ...] = ()
    """As it stood at the ends of past weeks, oldest first."""
    change: ForecastChange | None = None
    """Since last week."""
    as_planned: bool = False
    """Nothing starts before its planned week."""
