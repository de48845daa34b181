"""Which delays come from whom: working time that successors start later than planned because of one workstream."""

from __future__ import annotations

from functools import cached_property

from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.timeline import END

from .driving import EPSILON, drivers, end_drivers, waited_for
from .schedule import Schedule
from .timeline_links import met_in

TENTH_OF_A_DAY = 0.1
MOST_NAMED = 40
"""Of what one workstream moves: nobody reads more."""


class Delays:
    """`planned` is the schedule of the plan alone, `now` the one with what has happened."""

    def __init__(self, plan: Plan, planned: Schedule, now: Schedule) -> None:
        self._plan, self._planned, self._now = plan, planned, now
        self._noticeable = TENTH_OF_A_DAY / now.network.days

    def caused(self, work: str) -> float:
        """Plan weeks that the starts of the successors of `work` lie after their planned ones because of it, added up.

        Of each successor: as much of its slip as the late need explains, min(slip, moment met − planned start); two
        needs that are equally late each explain it.
        """
        return sum(self._successor_slips.get(work, ()))

    @cached_property
    def _successor_slips(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for successor in self._plan.workstreams.values():
            j = self._now.network.index[successor.id]
            if successor.id in self._now.actual.removed:
                continue
            planned = self._planned.es[j]
            slip = self._now.es[j] - planned
            if slip <= EPSILON:
                continue
            explained: dict[str, float] = {}
            for need in successor.needs:
                met = met_in(self._plan, self._now, need)
                if met is not None:
                    late = min(slip, met - planned)
                    explained[need.target] = max(explained.get(need.target, 0.0), late)
            for target, late in explained.items():
                if late > EPSILON:
                    found.setdefault(target, []).append(late)
        return found

    def moves(self, work: str) -> tuple[tuple[str, ...], int]:
        """What is expected to end later than planned because `work` does, along the relations that fix its dates: the
        first `MOST_NAMED`, with `END` where the plan's is among it, and how many there are."""
        i, ids = self._now.network.index[work], self._now.network.ids
        if not self._is_late(i):
            return (), 0
        reached = self._reached[i]
        named: list[str] = []
        left = reached
        while left and len(named) < MOST_NAMED:
            lowest = left & -left
            named.append(ids[lowest.bit_length() - 1])
            left ^= lowest
        late = self._now.weeks > self._planned.weeks + self._noticeable
        if late and (reached | 1 << i) & self._last:
            return (*named, END), reached.bit_count() + 1
        return tuple(named), reached.bit_count()

    def _is_late(self, i: int) -> bool:
        return self._now.ef[i] > self._due[i] + self._noticeable

    @cached_property
    def _due(self) -> list[float]:
        """When each node should end: by its planned weeks, or by the network where that is later."""
        due = list(self._planned.ef)
        weeks = {w.id: w.weeks.last for w in self._plan.workstreams.values() if w.weeks is not None}
        weeks |= {g.id: g.week for g in self._plan.gates.values() if g.week is not None}
        weeks |= {m.id: m.week for m in self._plan.milestones if m.week is not None}
        for node, week in weeks.items():
            i = self._now.network.index[node]
            due[i] = max(due[i], float(week))
        return due

    @cached_property
    def _last(self) -> int:
        """Nodes that end with the plan, as bits."""
        ef = self._now.ef
        return sum(1 << j for j in range(len(ef)) if ef[j] >= self._now.weeks - EPSILON)

    @cached_property
    def _reached(self) -> list[int]:
        """Of each node, the late ones whose dates it fixes, and those whose dates these fix, as bits."""
        found = [0] * len(self._now.network)
        for j in range(len(found) - 1, -1, -1):
            if self._is_late(j):
                beyond = found[j] | 1 << j
                for i in self._causes(j):
                    found[i] |= beyond
        return found

    def _causes(self, j: int) -> list[int]:
        """Nodes that a late end of node `j` comes from: what it waits for to end, and what it waited for to begin late."""
        dates = self._now.dates
        if not dates.is_begun(j):
            return drivers(dates, j)
        began_late = self._now.es[j] > self._planned.es[j] + self._noticeable
        return [*end_drivers(dates, j), *(waited_for(dates, j) if began_late else ())]
