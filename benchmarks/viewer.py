"""From a commit in the worker to the cockpit's snapshot of it, in milliseconds: worker and viewer are processes of their own.

`python benchmarks/viewer.py [--commits 60] [--workstreams 15]`. An agent's report is one commit; they come a quarter of a
second apart or more, so the limit of ten snapshots a second, which is for repeats, does not count. The worker notes
the clock as a commit ends (the moment it would push), the viewer as the feed yields a snapshot of that revision or a later one.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import goal, p95
from ground import Ground, own_machine, sleepers, until


def work(stamps: Path, arguments: list[str]) -> int:
    """Be the plan's worker, and write (revision, clock) after every commit."""
    from locust_tui.worker.__main__ import main as worker
    from locust_tui.worker.service import Service

    file, push = stamps.open("w", buffering=1), Service.push

    def stamped(self: Service, revision: int) -> None:
        now = time.monotonic()
        push(self, revision)
        print(json.dumps((revision, now)), file=file)

    Service.push = stamped  # type: ignore[method-assign]
    sys.argv = ["worker", *arguments]
    return worker()


async def watch(plan: Path) -> None:
    """Be the viewer: print (revision, clock) of every snapshot."""
    from locust_tui.client.feed import Feed
    from locust_tui.domain.snapshot import Snapshot
    from locust_tui.state.folder import StateFolder

    async with Feed(StateFolder(plan), str(plan)) as feed:
        async for update in feed.updates():
            now = time.monotonic()
            if isinstance(update, Snapshot):
                print(json.dumps((update.revision, now)), flush=True)


def measure(place: Path, workstreams: int, commits: int) -> list[float]:
    """Milliseconds of each commit until the viewer has it."""
    stamps, seen = place.with_suffix(".worker"), place.with_suffix(".viewer")
    ground = Ground(place, plan_text(workstreams))
    ground.folder.prepare()
    state = ["--plan", str(ground.plan), "--state-dir", str(ground.folder.root)]
    worker = subprocess.Popen(
        [sys.executable, __file__, "--work", str(stamps), *state], stderr=subprocess.DEVNULL
    )
    until(ground.folder.socket.exists)
    with ground:
        ground.up()
        ground.reaches(1)
        with seen.open("w") as file:
            viewer = subprocess.Popen([sys.executable, __file__, "--watch", str(ground.plan)], stdout=file)
        until(lambda: seen.stat().st_size, 60)
        time.sleep(3)  # the first forecast
        first = lines(stamps)[-1][0]
        events = ground.folder.runs / "w000.1" / "events.jsonl"
        dice = random.Random(7)
        for number in range(commits):
            with events.open("a") as file:
                file.write(f'{{"progress": {number % 100}}}\n')
            until(lambda count=number: lines(stamps)[-1][0] - first > count, 10)
            time.sleep(dice.uniform(0.15, 0.3))
        viewer.terminate()
        viewer.wait()
    worker.wait(20)
    shown = lines(seen)
    revisions = [revision for revision, _ in shown]
    return [
        (shown[bisect.bisect_left(revisions, revision)][1] - at) * 1000
        for revision, at in lines(stamps)
        if first < revision <= first + commits
    ]


def plan_text(workstreams: int) -> str:
    """One agent that sleeps and is reported on, and `workstreams` less one that wait for it."""
    rest = "".join(f"  w{n:03d}: {{run: ['true'], needs: w000}}\n" for n in range(1, workstreams))
    return sleepers(1) + rest


def lines(file: Path) -> list[tuple[int, float]]:
    return [json.loads(line) for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commits", type=int, default=60)
    parser.add_argument("--workstreams", type=int, nargs="*", default=[15, 300])
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.work:
        sys.exit(work(options.work, rest))
    if options.watch:
        asyncio.run(watch(options.watch))
        return
    with own_machine() as folder:
        found = {n: measure(folder / f"plan{n}", n, options.commits) for n in options.workstreams}
    print(f"commit in the worker → snapshot in the cockpit's feed; {options.commits} single commits")
    print(f"  {'':24}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}")
    for n, waits in found.items():
        print(f"  {f'{n} workstreams':24}{statistics.median(waits):9.2f}{p95(waits):9.2f}{max(waits):9.2f}")
    smallest = min(found)
    goal(f"commit → viewer, p95, {smallest} workstreams", p95(found[smallest]), 5, "ms")


if __name__ == "__main__":
    main()
