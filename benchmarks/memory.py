"""What agents pay for their own verbs: `agent report`, `memory get`, `memory store` from a shell, beside a bare interpreter.

`python benchmarks/memory.py [--rounds 15]`. Wall time of whole processes, alternated in one run, medians; a worker runs, and a
store is answered after its commit. Then queries of a record with 10,000 versions, each in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from figures import alternate, goal, paired
from ground import COMMAND, Ground, own_machine

from locust_tui.domain.events import EventBody, MemoryStored
from locust_tui.domain.people import Person
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.remembered import changes, entries, entry, history
from locust_tui.state.store import Store

PLAN = 'project: {name: P}\nworkstreams: {a: {run: "true", needs: never, deliverables: [api]}}\ngates: {never: {approvers: [nobody]}}\n'
VERSIONS = 10_000


def wall(command: list[str], folder: Path, environ: dict[str, str]) -> Callable[[int], float]:
    def once(_turn: int) -> float:
        began = time.perf_counter()
        subprocess.run(
            command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True
        )
        return time.perf_counter() - began

    return once


async def fill(path: Path) -> None:
    async with Store.open(path, ballast=0) as store:
        for block in range(0, VERSIONS, 100):
            bodies: list[EventBody] = [
                MemoryStored("notes/1", f'{{"n": {n}, "text": "{"x" * 80}"}}', n + 1)
                for n in range(block, block + 100)
            ]
            await store.append(Person("api.1"), *bodies)


def queries(folder: Path) -> float:
    """Milliseconds of the slowest, median of five."""
    path = folder / "big.db"
    asyncio.run(fill(path))
    with ReadOnlyStore(path) as record:
        c = record.connection
        asked: dict[str, Callable[[], object]] = {
            "one entry": lambda: entry(c, "notes/1"),
            "entries of a glob": lambda: entries(c, "notes/*"),
            "history of a key, all 10,000 versions": lambda: history(c, "notes/1"),
            "its last 20": lambda: history(c, "notes/1", 20),
            "what changed since": lambda: changes(c, "*", VERSIONS - 100),
        }
        slowest = 0.0
        for name, ask in asked.items():
            took = []
            for _ in range(5):
                began = time.perf_counter()
                ask()
                took.append((time.perf_counter() - began) * 1000)
            print(f"  {name:40}{statistics.median(took):8.2f} ms")
            slowest = max(slowest, statistics.median(took))
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with own_machine() as folder, Ground(folder / "plan", PLAN) as ground:
        ground.up()
        environ = {
            **os.environ,
            "LOCUST_TUI_EVENTS": str(folder / "events"),
            "LOCUST_TUI_PLAN": str(ground.path / "locust-plan.yaml"),
            "LOCUST_TUI_WORKSTREAM": "a",
        }
        first = [COMMAND, "memory", "store", "k", "--value", "{}"]
        subprocess.run(first, cwd=ground.path, env=environ, check=True)
        calls = {
            "python": [sys.executable, "-c", "pass"],
            "agent report": [COMMAND, "agent", "report", "--progress", "40", "--note", "half of it"],
            "agent report --deliverable": [COMMAND, "agent", "report", "--deliverable", "api", "done"],
            "memory get": [COMMAND, "memory", "get", "k"],
            "memory store": [COMMAND, "memory", "store", "s", "--value", '{"a": [1, 2]}'],
        }
        found = alternate({name: wall(call, ground.path, environ) for name, call in calls.items()}, rounds)
        print(f"verbs of agents from a shell; {rounds} rounds, medians, wall time")
        for name, took in found.items():
            print(
                f"  {name:27}{statistics.median(took) * 1000:8.1f} ms{paired(took, found['python']):8.2f} x python"
            )
        slowest = queries(folder)
    for name in list(calls)[1:]:
        goal(f"{name}, x a bare interpreter", paired(found[name], found["python"]), 2.5)
    goal("slowest query of 10,000 versions", slowest, 50, "ms")


if __name__ == "__main__":
    main()
