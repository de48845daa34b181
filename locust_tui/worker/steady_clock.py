"""The worker's time: the wall clock at its start, carried on by a clock that nobody can set."""

from __future__ import annotations

import time

from locust_tui.domain.clock import Clock
from locust_tui.domain.world import World

JUMP_S = 2.0


def _since_boot() -> float:
    """Seconds since boot, those in suspend included, where the system tells them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """Callable like `time.time`, and never runs back or jumps: a wall clock that is set fires no timer.

    Until the next start the record goes on in the time it began with; `jump` tells once how far the wall went away.
    """

    def __init__(self, wall: Clock = time.time, steady: Clock = _since_boot) -> None:
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()
        self._noted = self._offset

    def __call__(self) -> float:
        return self._steady() + self._offset

    def not_before(self, at: float) -> None:
        """The record already holds events up to `at`: time goes on from there."""
        self._offset = max(self._offset, at - self._steady())

    def jump(self) -> float | None:
        """Seconds by which the wall clock was set since the last look, or None."""
        offset = self._wall() - self._steady()
        jump = offset - self._noted
        if abs(jump) <= JUMP_S:
            return None
        self._noted = offset
        return jump


def latest_moment(world: World) -> float:
    """The latest moment that the record speaks of; 0.0 of an empty one."""
    moments = [
        world.project.started,
        world.project.ended,
        world.project.worker_since,
        world.project.plan_since,
    ]
    moments += [at for s in world.workstreams.values() for at in (s.since, s.reported_at)]
    moments += [at for r in world.runs.values() for at in (r.created, r.started, r.ended)]
    moments += [g.since for g in world.gates.values()]
    moments += [c.evidence.at for c in world.criteria.values() if c.evidence is not None]
    return max((at for at in moments if at is not None), default=0.0)
