"""What the record costs: group commits beside one aiosqlite transaction a call, deltas beside full reads, commit to viewer.

`python benchmarks/store.py [--events 1000] [--rounds 3]`. The contestants alternate in one run, the figures are medians, both
write the same rows (an event and its workstream's row) with synchronous FULL, and both answer after the commit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite
from figures import goal

from locust_tui.domain.events import WorkstreamMoved, WorkstreamReported
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import WorkstreamState
from locust_tui.state.async_reader import AsyncReader
from locust_tui.state.projections import BY_FIELD
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

Call = Callable[[int], Awaitable[object]]
WORKSTREAMS = 1000
GOALS = {1: 1.5, 16: 0.25, 200: 0.1}
"""Callers at once → the share of aiosqlite's time that an append may take."""


async def spread(call: Call, events: int, callers: int) -> tuple[float, float, float]:
    """(calls per second, CPU µs per call, p95 ms of one call) with so many callers at once."""
    waits: list[float] = []
    numbers = iter(range(events))

    async def caller() -> None:
        for number in numbers:
            began = time.perf_counter()
            await call(number)
            waits.append(time.perf_counter() - began)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(callers)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return events / wall, cpu / events * 1e6, statistics.quantiles(waits, n=20)[-1] * 1e3


async def grouped(path: Path, events: int, callers: int) -> tuple[float, float, float]:
    async with Store.open(path) as store:
        return await spread(lambda i: store.append(WORKER, report(i)), events, callers)


async def one_by_one(path: Path, events: int, callers: int) -> tuple[float, float, float]:
    """aiosqlite as its manual shows it: a statement is a call, a caller's transaction is guarded by a lock."""
    async with Store.open(path) as store:
        status = store.world.workstream("w1")
    row = BY_FIELD["workstreams"].row(status, 1)
    upsert = BY_FIELD["workstreams"].upsert
    lock = asyncio.Lock()
    async with aiosqlite.connect(path, isolation_level=None) as db:
        await db.execute("PRAGMA synchronous = FULL")
        await db.execute("PRAGMA wal_autocheckpoint = 0")

        async def call(number: int) -> None:
            async with lock:
                await db.execute("BEGIN IMMEDIATE")
                await db.execute(
                    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        number + 1,
                        1.0,
                        "{}",
                        "workstream.reported",
                        "w1",
                        '{"workstream":"w1"}',
                        "0" * 64,
                        "0" * 64,
                    ),
                )
                await db.execute(upsert, row)
                await db.execute("COMMIT")

        return await spread(call, events, callers)


def report(number: int) -> WorkstreamReported:
    return WorkstreamReported(f"w{number % WORKSTREAMS}", progress=float(number % 100), note="so far so good")


async def reads(path: Path, rounds: int) -> tuple[float, float]:
    """(full read, read of one changed row) of 1,000 workstreams, ms."""
    full, delta = [], []
    async with Store.open(path) as store:
        await asyncio.gather(*(store.append(WORKER, report(i)) for i in range(WORKSTREAMS)))
        with ReadOnlyStore(path) as reader:
            world = reader.read_world()
            for number in range(20 * rounds):
                await store.append(WORKER, report(number))
                began = time.perf_counter()
                reader.refresh(world)
                delta.append(time.perf_counter() - began)
                began = time.perf_counter()
                reader.read_world()
                full.append(time.perf_counter() - began)
    return statistics.median(full) * 1e3, statistics.median(delta) * 1e3


async def view(path: Path, door: int) -> None:
    """The other process: told of a revision, it reads the delta and says when it had it."""
    loop, news = asyncio.get_running_loop(), socket.socket(fileno=door)
    news.setblocking(False)
    seen: list[float] = []
    async with AsyncReader.open(path) as reader:
        world = await reader.read_world()
        print("ready", flush=True)
        while await loop.sock_recv(news, 64) != b"end":
            await reader.refresh(world)
            seen.append(time.monotonic())
    print(json.dumps(seen))


async def commit_to_viewer(path: Path, events: int) -> tuple[float, float]:
    """(p50, p95) ms from the append to a world in another process that holds it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    async with Store.open(path) as store:
        await store.append(WORKER, WorkstreamMoved("w0", WorkstreamState.PLANNED, WorkstreamState.READY))
        viewer = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--view", str(path), str(theirs.fileno()),
            stdout=subprocess.PIPE, pass_fds=(theirs.fileno(),),
        )  # fmt: skip
        theirs.close()
        assert viewer.stdout is not None
        await viewer.stdout.readline()
        store.subscribe(lambda revision: ours.send(str(revision).encode()))
        sent = []
        for number in range(events):
            sent.append(time.monotonic())
            await store.append(WORKER, report(number))
            await asyncio.sleep(0.005)
        ours.send(b"end")
        seen = json.loads(await viewer.stdout.read())
        await viewer.wait()
    waits = [(b - a) * 1e3 for a, b in zip(sent, seen, strict=True)]
    return statistics.median(waits), statistics.quantiles(waits, n=20)[-1]


async def bench(events: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="locust-store-") as name:
        folder = Path(name)
        print(f"{events} calls, {rounds} rounds, medians; synchronous FULL, answered after the commit")
        print(f"{'callers':>8}{'':4}{'':26}{'calls/s':>10}{'CPU µs/call':>13}{'p95 ms':>9}{'  x faster':>11}")
        shares: dict[int, float] = {}
        for callers in GOALS:
            figures: dict[str, list[tuple[float, float, float]]] = {
                "aiosqlite, a call each": [],
                "store, group commit": [],
            }
            for turn in range(rounds):
                for index, (title, how) in enumerate(zip(figures, (one_by_one, grouped), strict=True)):
                    place = folder / f"{callers}-{turn}-{index}"
                    place.mkdir()
                    figures[title].append(await how(place / "store.db", events, callers))
            (first, plain), (second, ours) = figures.items()
            ratio = statistics.median(b[0] / a[0] for a, b in zip(plain, ours, strict=True))
            shares[callers] = 1 / ratio
            for title, values, faster in ((first, plain, ""), (second, ours, f"{ratio:11.1f}")):
                per_second, cpu, wait = (statistics.median(v[i] for v in values) for i in range(3))
                print(f"{callers:8}    {title:26}{per_second:10.0f}{cpu:13.0f}{wait:9.2f}{faster}")
        full, delta = await reads(folder / "reads.db", rounds)
        print(
            f"{WORKSTREAMS} workstreams: full read {full:.2f} ms, one changed row {delta:.3f} ms ({full / delta:.0f} x less)"
        )
        p50, p95 = await commit_to_viewer(folder / "viewer.db", 200)
        print(f"append to a world in another process: p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    for callers, share in shares.items():
        goal(f"time of a durable append, {callers} callers, x aiosqlite", share, GOALS[callers])
    goal("one changed row of 1,000, x reading all", delta / full, 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--view", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.view:
        asyncio.run(view(Path(asked.view[0]), int(asked.view[1])))
    else:
        asyncio.run(bench(asked.events, asked.rounds))


if __name__ == "__main__":
    main()
