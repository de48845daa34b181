"""Time travel over a record of ten thousand events: a world from the beginning, one step further and back, a leap, a diff."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from figures import goal

from locust_tui.client.time_travel import TimeTravel
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.studies.moments import Moment
from locust_tui.plans.reading import read_plan
from locust_tui.state.history import History, time_axis
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

DEMO = Path(__file__).resolve().parents[1] / "demo_plans" / "locust" / "locust-plan.yaml"
EVENTS, START, EVERY_S = 10_000, 1_700_000_000.0, 60.0


def bodies(plan: Plan, digest: str) -> Iterator[e.EventBody]:
    """Attempts that fail, one workstream after the other, with what their agents report."""
    yield from (e.WorkerStarted(7, "boot", "0"), e.ProjectStarted(), e.PlanAccepted(digest, "plan"))
    for n in itertools.count(1):
        for ws in plan.workstreams:
            run = f"{ws}.{n}"
            yield e.WorkstreamMoved(ws, S.PLANNED if n == 1 else S.FAILED, S.READY, "needs are met")
            yield e.WorkstreamMoved(ws, S.READY, S.RUNNING, f"attempt {n}")
            yield e.RunCreated(run, ws, n, "run", ("/bin/sh", "-c", "true"), "/")
            yield e.RunStarted(run, 4_711)
            yield from (e.WorkstreamReported(ws, run, progress=10.0 * k, note="so far") for k in range(8))
            yield e.RunEnded(run, RunState.FAILED, exit_code=1)
            yield e.WorkstreamMoved(ws, S.RUNNING, S.FAILED, "exit 1")


async def write(path: Path) -> None:
    reading = read_plan(DEMO)
    assert reading.plan is not None
    async with Store.open(path, ballast=0) as store:
        await store.put_plan(reading.digest, "plan", reading.text, reading.plan)
        for n, body in enumerate(itertools.islice(bodies(reading.plan, reading.digest), EVENTS)):
            store.append_nowait(WORKER, body, at=START + EVERY_S * n)


def took(what: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    what()
    return 1_000 * (time.perf_counter() - begun)


def at(revision: int) -> Moment:
    return Moment(revision, START + EVERY_S * revision)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="locust-bench-") as folder:
        path = Path(folder) / "store.sqlite"
        asyncio.run(write(path))
        with ReadOnlyStore(path) as store:
            whole = [took(lambda: History().world(store.connection, EVENTS)) for _ in range(5)]
            goal("a world of 10,000 events from the beginning", min(whole), 300, "ms")
            travel = TimeTravel()
            travel.snapshot(store, at(EVENTS), forecast=False)
            back = [
                took(lambda n=n: travel.snapshot(store, at(EVENTS - n), forecast=False)) for n in range(1, 40)
            ]  # type: ignore[misc]
            goal("a step back, drawn anew, median", statistics.median(back), 20, "ms")
            leap = [
                took(lambda n=n: travel.snapshot(store, at(n), forecast=False))
                for n in range(499, EVENTS, 950)
            ]  # type: ignore[misc]
            goal("a leap to just before a checkpoint, median", statistics.median(leap), 50, "ms")
            goal("the axis with its marks, the chain checked", took(lambda: time_axis(store)), 300, "ms")
            goal(
                "a diff from beginning to end",
                took(lambda: travel.differences(store, at(10), at(EVENTS))),
                1_000,
                "ms",
            )


if __name__ == "__main__":
    main()
