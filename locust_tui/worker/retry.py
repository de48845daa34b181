"""How a run's end is read, how many attempts are left, and when the next one may begin."""

from __future__ import annotations

import zlib
from enum import Enum

from locust_tui.domain.plan import Workstream
from locust_tui.domain.states import PARKED as PARKED
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 300.0
STABLE_S = 600.0
"""A run that lasted this long sets the back-off to its beginning again."""
CRASH_LOOP_ENDS = 5
CRASH_LOOP_WINDOW_S = 900.0

TIMED_OUT = "timed out"
"""Reasons of a stop that begin like this are the run's failure, not a person's wish."""
NEVER_STARTED = "never started"
STOPPED_WITH_WORKER = "stopped with the worker"
BY_SIGNAL = "ended by signal"


class Ending(Enum):
    """What the end of a run means for its workstream."""

    DONE = "exit 0"
    FAILED = "it failed: an attempt is used up"
    INTERRUPTED = "not the work's fault: it starts again, and the attempt does not count"
    STOPPED = "a person ended it: it waits for one"
    UNKNOWN = "not known"


def ending(run: RunStatus) -> Ending:
    """Read the record of a run that is not live."""
    if run.state is RunState.UNKNOWN:
        return Ending.UNKNOWN
    if run.state is RunState.EXITED:
        return Ending.DONE
    if run.state is RunState.FAILED and run.reason.startswith(PARKED):
        return Ending.INTERRUPTED
    if run.state is RunState.LOST and run.reason.startswith(NEVER_STARTED):
        return Ending.INTERRUPTED
    if run.state is not RunState.KILLED or run.reason.startswith((TIMED_OUT, BY_SIGNAL)):
        return Ending.FAILED
    return Ending.INTERRUPTED if run.reason.startswith(STOPPED_WITH_WORKER) else Ending.STOPPED


def ended_at(run: RunStatus) -> float:
    return run.created if run.ended is None else run.ended


def how_it_ended(run: RunStatus) -> str:
    """The end in words: "exit code 3", "lost: the machine was restarted"."""
    if run.state is RunState.LOST:
        return f"lost: {run.reason}" if run.reason else "lost"
    if run.reason:
        return run.reason
    if run.signal is not None:
        return f"{BY_SIGNAL} {run.signal}"
    return "how it ended is not known" if run.exit_code is None else f"exit code {run.exit_code}"


def attempts_used(status: WorkstreamStatus, world: World) -> int:
    """Attempts that count against the plan's `retry`: those that were carried out to an end of their own."""
    used = 0
    for attempt in range(1, status.attempt + 1):
        run = world.runs.get(f"{status.id}.{attempt}")
        if run is None or ending(run) not in (Ending.INTERRUPTED, Ending.STOPPED):
            used += 1
    return used


def attempts_left(workstream: Workstream, status: WorkstreamStatus, world: World) -> int:
    """Attempts the worker may still make by itself; each reopening of accepted work grants one more."""
    return 1 + workstream.retry + status.reopened - attempts_used(status, world)


def back_off(workstream: str, attempt: int, failures: int) -> float:
    """Seconds before the next attempt: 1 s doubling to 5 min, spread by up to a quarter.

    The spread comes from the ids, so that the same world gives the same answer and a hundred workstreams that
    failed together do not come back together.
    """
    delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 30))
    spread = zlib.crc32(f"{workstream}.{attempt}".encode()) % 1000 / 4000
    return min(LONGEST_DELAY_S, delay * (1.0 + spread)) if failures > 1 else delay


def failures_in_a_row(status: WorkstreamStatus, world: World) -> int:
    """Attempts up to the latest that came to nothing, back to one that lasted ten minutes."""
    count = 0
    for attempt in range(status.attempt, 0, -1):
        run = world.runs.get(f"{status.id}.{attempt}")
        if run is None or ended_at(run) - (run.created if run.started is None else run.started) >= STABLE_S:
            break
        count += 1
    return max(1, count)


def retry_at(status: WorkstreamStatus, world: World, since: float) -> float:
    """When the next attempt may begin, after a failure at `since`."""
    return since + back_off(status.id, status.attempt, failures_in_a_row(status, world))


def crash_looping(status: WorkstreamStatus, world: World) -> bool:
    """Whether the latest five attempts all failed within a quarter of an hour."""
    first = status.attempt - CRASH_LOOP_ENDS + 1
    if first < 1:
        return False
    runs = [world.runs.get(f"{status.id}.{n}") for n in range(first, status.attempt + 1)]
    if not all(r is not None and not r.live and ending(r) is Ending.FAILED for r in runs):
        return False
    oldest, latest = runs[0], runs[-1]
    assert oldest is not None
    assert latest is not None
    return ended_at(latest) - ended_at(oldest) <= CRASH_LOOP_WINDOW_S
