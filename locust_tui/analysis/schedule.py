"""Critical path method: earliest and latest dates, floats and the path that drives the finish.

Formulas: forward and backward pass of the precedence diagramming method (PMBOK), with percent overlaps as
start-to-start lags plus finish-to-finish.
"""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan

from .actuals import Actuals
from .driving import EPSILON, Dates, driving_path, lag_days, overlap_bound
from .network import Network, build_network

NEAR_WEEKS = 1.0
"""Total float up to which unfinished work counts as near-critical, plan weeks."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Dates of every node in plan weeks since the start of week 1; lists are indexed like `network.ids`."""

    network: Network
    es: tuple[float, ...]
    ef: tuple[float, ...]
    ls: tuple[float, ...]
    lf: tuple[float, ...]
    free: tuple[float, ...]
    """Free float: by how much a node may slip before it moves any other."""
    weeks: float
    """Finish of the whole network."""
    path: tuple[str, ...]
    """Workstreams that drive the finish, first to last."""
    driven_by_date: bool
    """The path begins with a date and not with the start of the plan."""
    durations: tuple[float, ...] = ()
    """What the dates rest on: planned, or as it was."""
    as_planned: bool = False
    actual: Actuals = field(default_factory=Actuals)

    @property
    def dates(self) -> Dates:
        return Dates(self.network, self.es, self.ef, self.durations, self.actual)

    def total_float(self, id: str) -> float:
        """Plan weeks by which a node may start later without delaying the finish, never negative."""
        i = self.network.index[id]
        return _float(self.ls[i] - self.es[i])

    @property
    def floats(self) -> dict[str, float]:
        """Total float of every workstream, in plan order."""
        ids = self.network.ids
        return {ids[i]: _float(self.ls[i] - self.es[i]) for i in self.network.works}

    @property
    def critical(self) -> tuple[str, ...]:
        """Workstreams without float, in plan order."""
        return tuple(work for work, slack in self.floats.items() if slack <= EPSILON)

    @property
    def near_critical(self) -> tuple[str, ...]:
        """Workstreams with some float, of at most `NEAR_WEEKS`, by their start: the path behind one that a date drives."""
        index, es = self.network.index, self.es
        near = [w for w, slack in self.floats.items() if EPSILON < slack <= NEAR_WEEKS + EPSILON]
        return tuple(sorted(near, key=lambda w: es[index[w]]))


def _float(value: float) -> float:
    return value if value > EPSILON else 0.0


def critical_path(
    plan: Plan,
    *,
    strict: bool = False,
    gates: bool = False,
    as_planned: bool = False,
    actual: Actuals | None = None,
) -> Schedule:
    """Critical path of a plan; see `build_network` and `schedule_network` for the options."""
    return schedule_network(
        build_network(plan, strict=strict, gates=gates), as_planned=as_planned, actual=actual
    )


def schedule_network(
    network: Network, *, as_planned: bool = False, actual: Actuals | None = None
) -> Schedule:
    """Forward and backward pass.

    `as_planned` starts nothing before its planned week. With `actual`, what is finished stays where it is,
    what runs ends no earlier than one working day from now, and nothing undone starts in the past.
    """
    actual = actual or Actuals()
    es, ef, durations = _forward(network, as_planned, actual)
    end = max(ef, default=0.0)
    binds = _Binding(network, actual)
    ls, lf = _backward(network, durations, end, binds)
    path, dated = driving_path(Dates(network, es, ef, durations, actual), ls)
    return Schedule(
        network=network,
        es=tuple(es),
        ef=tuple(ef),
        ls=tuple(ls),
        lf=tuple(lf),
        free=tuple(_free_floats(network, es, ef, durations, end, binds)),
        weeks=end,
        path=path,
        driven_by_date=dated,
        durations=tuple(durations),
        as_planned=as_planned,
        actual=actual,
    )


def _forward(
    network: Network, as_planned: bool, actual: Actuals
) -> tuple[list[float], list[float], list[float]]:
    """Earliest starts and finishes, and the durations they rest on."""
    n = len(network)
    es, ef, durations = [0.0] * n, [0.0] * n, list(network.durations)
    started, finished, removed, at = actual.started, actual.finished, actual.removed, actual.at
    day = 1.0 / network.days
    dates, under_way = Dates(network, es, ef, durations, actual), bool(started)
    for i, node in enumerate(network.ids):
        if node in removed:
            durations[i] = 0.0
            continue
        done = finished.get(node)
        begun = started.get(node)
        if done is not None:
            es[i] = done if begun is None else min(begun, done)
            ef[i] = done
            durations[i] = done - es[i]
            continue
        if begun is not None:
            begin = begun
            durations[i] = max(durations[i], at + day - begun)
        else:
            begin = max(at, network.releases[i]) if as_planned else at
            for p in network.fs[i]:
                if ef[p] > begin:
                    begin = ef[p]
            for p, fraction in network.ss[i]:
                if under_way:
                    bound = overlap_bound(dates, p, fraction, i)
                    if bound is None:
                        continue
                else:
                    bound = es[p] + lag_days(network, durations[p], fraction)
                if bound > begin:
                    begin = bound
        end = begin + durations[i]
        for p in network.ff[i]:
            if ef[p] > end:
                end = ef[p]
        es[i], ef[i] = begin, end
    return es, ef, durations


class _Binding:
    """Which relations still fix anything: nothing moves the start of what has begun, nor what is done or gone."""

    def __init__(self, network: Network, actual: Actuals) -> None:
        gone = {n for n in (*actual.removed, *actual.finished) if n in network.index}
        begun = gone | {n for n in actual.started if n in network.index}
        self.starts = [True] * len(network)
        self.ends = [True] * len(network)
        for node in begun:
            self.starts[network.index[node]] = False
        for node in gone:
            self.ends[network.index[node]] = False
        self._met, self._ids = actual.met, network.ids

    def is_met(self, i: int, j: int) -> bool:
        return bool(self._met) and (self._ids[i], self._ids[j]) in self._met


def _backward(
    network: Network, durations: list[float], end: float, binds: _Binding
) -> tuple[list[float], list[float]]:
    """Latest starts and finishes that keep `end`.

    A lag bounds the start alone: work that waits for a finish-to-finish may end later than its duration after.
    """
    n = len(network)
    starts, ends = binds.starts, binds.ends
    ls, lf = [end] * n, [end] * n
    for i in range(n - 1, -1, -1):
        latest = end
        d = durations[i]
        for j in network.fs_after[i]:
            if starts[j] and ls[j] < latest:
                latest = ls[j]
        for j in network.ff_after[i]:
            if ends[j] and lf[j] < latest:
                latest = lf[j]
        start = latest - d
        for j, fraction in network.ss_after[i]:
            if starts[j] and not binds.is_met(i, j):
                start = min(start, ls[j] - lag_days(network, d, fraction))
        lf[i], ls[i] = latest, start
    return ls, lf


def _free_floats(
    network: Network,
    es: list[float],
    ef: list[float],
    durations: list[float],
    end: float,
    binds: _Binding,
) -> list[float]:
    free = []
    for i in range(len(network)):
        slack = end - ef[i]
        for j in network.fs_after[i]:
            if binds.starts[j]:
                slack = min(slack, es[j] - ef[i])
        for j, fraction in network.ss_after[i]:
            if binds.starts[j] and not binds.is_met(i, j):
                slack = min(slack, es[j] - es[i] - lag_days(network, durations[i], fraction))
        for j in network.ff_after[i]:
            if binds.ends[j]:
                slack = min(slack, ef[j] - ef[i])
        free.append(_float(slack))
    return free
