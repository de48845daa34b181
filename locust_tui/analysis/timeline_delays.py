"""Which delays come from whom: working time that successors start later than planned because of one workstream."""

from __future__ import annotations

from functools import cached_property

from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.timeline import END

from .driving import EPSILON, drivers
from .schedule import Schedule
from .timeline_links import met_in

TENTH_OF_A_DAY = 0.1


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

    def moves(self, work: str) -> tuple[str, ...]:
        """What is expected to end later than planned because `work` does: along the relations that fix its dates."""
        index, ids = self._now.network.index, self._now.network.ids
        if not self._is_late(index[work]):
            return ()
        reached: dict[int, None] = {}
        ahead = [index[work]]
        while ahead:
            for j in self._driven.get(ahead.pop(), ()):
                if j not in reached and self._is_late(j):
                    reached[j] = None
                    ahead.append(j)
        named = tuple(ids[j] for j in sorted(reached))
        last = any(self._now.ef[j] >= self._now.weeks - EPSILON for j in (index[work], *reached))
        late = self._now.weeks > self._planned.weeks + self._noticeable
        return (*named, END) if last and late else named

    def _is_late(self, i: int) -> bool:
        return self._now.ef[i] > self._planned.ef[i] + self._noticeable

    @cached_property
    def _driven(self) -> dict[int, list[int]]:
        """Node → those whose dates it fixes."""
        found: dict[int, list[int]] = {}
        dates = self._now.dates
        for j in range(len(self._now.network)):
            for i in drivers(dates, j):
                found.setdefault(i, []).append(j)
        return found
