"""The worker's time: the record's, carried on by a clock that nobody can set."""

from __future__ import annotations

import os
import time
from pathlib import Path

from locust_tui.domain.clock import Clock
from locust_tui.domain.record_time import booted_at
from locust_tui.domain.world import World
from locust_tui.machine import since_boot, suspended

JUMP_S = 2.0


class SteadyClock:
    """Callable like `time.time`, and never runs back or jumps: a wall clock that is set fires no timer.

    The record goes on in its own time, over workers too, as long as the machine is up; `jump` tells once how far the wall
    went away.
    """

    def __init__(self, wall: Clock = time.time, steady: Clock = since_boot) -> None:
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()
        self._noted = self._offset

    def __call__(self) -> float:
        return self._steady() + self._offset

    @property
    def since_boot(self) -> float:
        return self._steady()

    def take_up(self, world: World, boot_id: str) -> str:
        """Go on where the record is. What a person should know of it; "" while it is what the wall clock says."""
        steady = self._steady()
        self._offset = booted_at(world, boot_id, steady, self._wall())
        ahead = self() - self._wall()
        if abs(ahead) <= JUMP_S:
            return ""
        if ahead < 0:
            return f"the wall clock was set: the record goes on {-ahead:.0f} s behind it until nothing is under way"
        return f"the wall clock was set: the record goes on {ahead:.0f} s ahead of it, for it never goes back"

    def jump(self) -> float | None:
        """Seconds by which the wall clock was set since the last look, or None."""
        offset = self._wall() - self._steady()
        jump = offset - self._noted
        if abs(jump) <= JUMP_S:
            return None
        self._noted = offset
        return jump


class Disturbed:
    """Whether the machine slept, or its wall clock was set, since the last look: then what was silent has an excuse."""

    def __init__(self, wall: Clock = time.time, asleep: Clock = suspended) -> None:
        self._wall, self._asleep = wall, asleep
        self._seen = self._look()

    def __call__(self) -> bool:
        before, self._seen = self._seen, self._look()
        return any(abs(now - then) > JUMP_S for now, then in zip(self._seen, before, strict=True))

    def _look(self) -> tuple[float, float]:
        return self._wall() - since_boot(), self._asleep()


def in_record_time(wall: float, record_time: float) -> float:
    """A moment of the wall clock as the record counts, whose time it is now."""
    apart = record_time - time.time()
    return wall + apart if abs(apart) > JUMP_S else wall


def written_ago(path: str | Path, record_time: float) -> float:
    """Seconds since a file was written, at least: without those of this boot in which the machine slept, and 0.0 once the
    wall clock was set, or where the file cannot be asked.
    """
    wall = time.time()
    if abs(wall - record_time) > JUMP_S:
        return 0.0
    try:
        return max(0.0, wall - os.stat(path, follow_symlinks=False).st_mtime - suspended())
    except OSError:
        return 0.0
