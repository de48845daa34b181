"""What the record dates: when workstreams were accepted and when runs ran, ready for looking back at any moment."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from locust_tui.domain.plan import Plan
from locust_tui.domain.states import LIVE_RUN_STATES
from locust_tui.domain.world import World


@dataclass
class History:
    """Dated facts of a world, sorted, for looking back: accepted workstreams and run hours."""

    plan: Plan
    world: World
    now: float
    accepted: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        works = (self.world.workstreams.get(w) for w in self.plan.workstreams)
        self.accepted = sorted(s.accepted_at for s in works if s is not None and s.accepted_at is not None)

    def accepted_by(self, at: float) -> int:
        return bisect_right(self.accepted, at)

    def hours(self, at: float, *, rework: bool) -> float:
        """Run hours up to `at`; `rework`: of second and later attempts of workstreams alone."""
        starts, ends = self._rework if rework else self._all
        return (starts.before(at) - ends.before(at)) / 3600.0

    @cached_property
    def _all(self) -> tuple[_Ramp, _Ramp]:
        return self._ramps(1)

    @cached_property
    def _rework(self) -> tuple[_Ramp, _Ramp]:
        return self._ramps(2)

    def _ramps(self, from_attempt: int) -> tuple[_Ramp, _Ramp]:
        starts, ends = [], []
        works = self.world.workstreams
        for run in self.world.runs.values():
            if run.attempt < from_attempt or (from_attempt > 1 and run.subject not in works):
                continue
            begin = run.started
            if begin is None:
                continue
            end = run.ended
            if end is None:
                end = self.now if run.state in LIVE_RUN_STATES else begin
            starts.append(begin)
            ends.append(max(begin, end))
        return _Ramp(starts), _Ramp(ends)


class _Ramp:
    """Sum of max(0, at − moment) over many moments, in the time of a bisection."""

    def __init__(self, moments: list[float]) -> None:
        self.moments = sorted(moments)
        self.sums = [0.0, *accumulate(self.moments)]

    def before(self, at: float) -> float:
        count = bisect_right(self.moments, at)
        return count * at - self.sums[count]
