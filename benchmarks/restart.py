"""From kill -9 of a worker with 100 live runs to a worker that has all of them again, beside the same with no run.

`python benchmarks/restart.py [--runs 100] [--rounds 5]`. The clock runs from the start of the new worker's process until it has
answered; it answers only once every run of the record is watched again. Each round ends with the proof: the same
processes, no run started twice, and one of them stopped through the new worker. Medians, alternated.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from figures import alternate, goal, paired
from ground import Ground, own_machine, sleepers, until
from tree import cpu_now

from locust_tui.client.requests import StopRun


def restarted(ground: Ground) -> tuple[float, float]:
    """(wall ms, CPU ms of the new worker) until the plan's worker, killed here, is there again."""
    ground.kill()
    began = time.perf_counter()
    pid = ground.up()
    return (time.perf_counter() - began) * 1000, cpu_now(pid) * 1000


def processes(ground: Ground) -> dict[str, int | None]:
    return {run.id: run.pid for run in ground.world().live_runs()}


def adopted(ground: Ground) -> tuple[float, float]:
    """`restarted`, with the proof that nothing was lost and nothing started anew."""
    before = processes(ground)
    taken = restarted(ground)
    if processes(ground) != before or not all(Path(f"/proc/{pid}").exists() for pid in before.values()):
        raise RuntimeError("the new worker does not have the runs of the old one")
    stopped = next(iter(before))
    ground.ask(StopRun(stopped))
    until(lambda: stopped not in processes(ground))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with (
        own_machine() as folder,
        Ground(folder / "none", sleepers(0)) as none,
        Ground(folder / "live", sleepers(options.runs + options.rounds)) as live,
    ):
        none.up()
        live.up()
        live.reaches(options.runs + options.rounds)
        found = alternate(
            {"no run": lambda _turn: restarted(none), f"{options.runs} runs": lambda _turn: adopted(live)},
            options.rounds,
        )
    print(f"a new worker after kill -9, until every run is watched again; {options.rounds} rounds, medians")
    print(f"  {'':24}{'wall ms':>9}{'CPU ms':>9}")
    for name, taken in found.items():
        print(
            f"  {name:24}{statistics.median(t[0] for t in taken):9.0f}{statistics.median(t[1] for t in taken):9.0f}"
        )
    without, with_runs = found.values()
    more = statistics.median(b[0] - a[0] for a, b in zip(without, with_runs, strict=True))
    print(f"  each run adds {more / options.runs:.2f} ms")
    ratio = paired([t[0] for t in with_runs], [t[0] for t in without])
    goal(f"worker with {options.runs} live runs again, x one with none", ratio, 2)


if __name__ == "__main__":
    main()
