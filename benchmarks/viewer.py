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
from functools import partial
from pathlib import Path

from figures import goal, p95
from ground import Ground, own_machine, sleepers, until

WAYS = {".listen": "told, nothing read", ".watch": "snapshot in the feed"}


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


async def listen(plan: Path) -> None:
    """Be told of revisions and do nothing else: what the socket and a busy machine's scheduler take by themselves."""
    from locust_tui.client.link import WorkerLink
    from locust_tui.state.folder import StateFolder

    def told(revision: int) -> None:
        print(json.dumps((revision, time.monotonic())), flush=True)

    link = await WorkerLink.connect(StateFolder(plan).socket, told)
    told(0)
    await link.closed


def measure(place: Path, workstreams: int, commits: int) -> dict[str, list[float]]:
    """Milliseconds of each commit until the feed has its snapshot, and until somebody who only listens is told."""
    stamps = place.with_suffix(".worker")
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
        viewers = []
        for way in WAYS:
            with place.with_suffix(way).open("w") as file:
                command = [sys.executable, __file__, f"--{way[1:]}", str(ground.plan)]
                viewers.append(subprocess.Popen(command, stdout=file))
        until(lambda: all(place.with_suffix(way).stat().st_size for way in WAYS), 60)
        time.sleep(3)  # the first forecast
        first = lines(stamps)[-1][0]
        events = ground.folder.runs / "w000.1" / "events.jsonl"
        dice = random.Random(7)
        for number in range(commits):
            with events.open("a") as file:
                file.write(f'{{"progress": {number % 100}}}\n')
            until(partial(reached, stamps, first + number + 1), 10)
            time.sleep(dice.uniform(0.15, 0.3))
        for viewer in viewers:
            viewer.terminate()
            viewer.wait()
    worker.wait(20)
    wanted = [(revision, at) for revision, at in lines(stamps) if first < revision <= first + commits]
    return {words: waits(lines(place.with_suffix(way)), wanted) for way, words in WAYS.items()}


def waits(seen: list[tuple[int, float]], committed: list[tuple[int, float]]) -> list[float]:
    """Milliseconds from each commit to the first sight of it or of a later one."""
    revisions = [revision for revision, _ in seen]
    return [(seen[bisect.bisect_left(revisions, revision)][1] - at) * 1000 for revision, at in committed]


def reached(stamps: Path, revision: int) -> bool:
    return lines(stamps)[-1][0] >= revision


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
    parser.add_argument("--listen", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.work:
        sys.exit(work(options.work, rest))
    if options.watch or options.listen:
        asyncio.run(watch(options.watch) if options.watch else listen(options.listen))
        return
    with own_machine() as folder:
        found = {n: measure(folder / f"plan{n}", n, options.commits) for n in options.workstreams}
    print(f"commit in the worker → snapshot in the cockpit's feed; {options.commits} single commits")
    print(f"  {'':42}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}")
    for n, ways in found.items():
        for words, taken in ways.items():
            figures = f"{statistics.median(taken):9.2f}{p95(taken):9.2f}{max(taken):9.2f}"
            print(f"  {f'{n} workstreams, {words}':42}{figures}")
    smallest = min(found)
    goal(f"commit → viewer, p95, {smallest} workstreams", p95(found[smallest][WAYS[".watch"]]), 5, "ms")


if __name__ == "__main__":
    main()
