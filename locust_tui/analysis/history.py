"""What the record dates: when workstreams were accepted and when runs ran, ready for looking back at any moment.

The time that a run stood still, for a person or its account, is no run hours; it is left out at its beginning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from locust_tui.domain.plan import Plan
from locust_tui.domain.states import LIVE_RUN_STATES, STANDING_STILL
from locust_tui.domain.world import RunStatus, World


class Hours:
    """Hours of ended runs up to any moment; of all runs, and of second and later attempts of workstreams."""

    def __init__(self, plan: Plan, ended: list[RunStatus]) -> None:
        self.ended = ended
        self._all = _Ramps(ended)
        self._rework = _Ramps([r for r in ended if is_rework(plan, r)])

    def until(self, at: float, *, rework: bool) -> float:
        return (self._rework if rework else self._all).seconds(at) / 3600.0


def is_rework(plan: Plan, run: RunStatus) -> bool:
    """A second or later attempt, which every reopening leads to as well."""
    return run.attempt > 1 and run.subject in plan.workstreams


class _Ramps:
    """Time passed between pairs of moments up to a third, in the time of two bisections."""

    def __init__(self, runs: Sequence[RunStatus]) -> None:
        spans = [
            (r.started + r.stood_still, r.ended)
            for r in runs
            if r.started is not None and r.ended is not None
        ]
        self.starts = sorted([start for start, _ in spans])
        self.ends = sorted([max(span) for span in spans])
        self.start_sums = [0.0, *accumulate(self.starts)]
        self.end_sums = [0.0, *accumulate(self.ends)]

    def seconds(self, at: float) -> float:
        begun, over = bisect_right(self.starts, at), bisect_right(self.ends, at)
        return (begun - over) * at - self.start_sums[begun] + self.end_sums[over]


class History:
    """Dated facts of a world; `known` are the hours of an earlier look, used again while no run has ended since."""

    def __init__(self, plan: Plan, world: World, now: float, known: Hours | None = None) -> None:
        self.plan, self.world, self.now = plan, world, now
        self.known = known
        works = [world.workstreams.get(w) for w in plan.workstreams]
        self.accepted = sorted([s.accepted_at for s in works if s is not None and s.accepted_at is not None])

    def accepted_by(self, at: float) -> int:
        """Workstreams that are accepted and were so at `at`."""
        return bisect_right(self.accepted, at)

    def run_hours(self, at: float, *, rework: bool) -> float:
        """Run hours up to `at`; `rework`: of second and later attempts of workstreams alone."""
        starts = self._live_rework if rework else self._live_all
        until = min(at, self.now)
        live = sum([until - start for start in starts if start < until])
        return self._hours.until(at, rework=rework) + live / 3600.0

    @cached_property
    def _hours(self) -> Hours:
        ended = [r for r in self.world.runs.values() if r.ended is not None]
        if self.known is None or self.known.ended != ended:
            self.known = Hours(self.plan, ended)
        return self.known

    @cached_property
    def _live(self) -> list[RunStatus]:
        return [r for r in self.world.runs.values() if r.ended is None and r.state in LIVE_RUN_STATES]

    @cached_property
    def _live_all(self) -> list[float]:
        return [self._begun(r, r.started) for r in self._live if r.started is not None]

    @cached_property
    def _live_rework(self) -> list[float]:
        rework = (r for r in self._live if is_rework(self.plan, r))
        return [self._begun(r, r.started) for r in rework if r.started is not None]

    def _begun(self, run: RunStatus, started: float) -> float:
        """When it would have begun, had it never stood still."""
        since = run.since if run.state in STANDING_STILL else None
        return started + run.stood_still + (max(0.0, self.now - since) if since is not None else 0.0)
