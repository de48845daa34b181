"""Ten thousand simulated outcomes of a plan, beside a plain loop over the same network in the same run: forecast.py [--rounds 3].

The plain loop simulates run by run, as one would write it down first; it finds no criticality. Then what NumPy costs to import,
and how long an event loop waits for its turn while a thread simulates: in lists, in arrays, and not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from figures import alternate, goal, p95, paired

from locust_tui.analysis import forecast_columns
from locust_tui.analysis.forecast import SEED, Tally, batches
from locust_tui.analysis.forecast_columns import Columns, Plain
from locust_tui.analysis.forecast_numpy import Arrays
from locust_tui.analysis.forecast_passes import Model
from locust_tui.analysis.forecast_study import study_at
from locust_tui.analysis.network import build_network
from locust_tui.domain.plan import Need, NeedKind, Plan, Project, Weeks, Workstream
from locust_tui.domain.world import World

RUNS = 10_000
SIZES = (15, 300)
PROBE = """
import time
began = time.perf_counter()
{what}
took = time.perf_counter() - began
with open("/proc/self/status") as file:
    print(took, next(line.split()[1] for line in file if line.startswith("VmRSS")))
"""


def plan_of(size: int) -> Plan:
    """Workstreams of one to four weeks, each with up to three needs among the thirty before it."""
    rng = random.Random(size)
    works: dict[str, Workstream] = {}
    for n in range(size):
        before = rng.sample(range(max(0, n - 30), n), min(n, rng.randint(1, 3))) if n else []
        needs = tuple(
            Need(f"w{b}", NeedKind.PERCENT, percent=50.0)
            if rng.random() < 0.3
            else Need(f"w{b}", NeedKind.DONE)
            for b in before
        )
        first = 1 + n // 10
        works[f"w{n}"] = Workstream(
            f"w{n}", f"work {n}", weeks=Weeks(first, first + rng.randint(0, 3)), needs=needs, agent="coder"
        )
    return Plan(Project("Benchmark", "benchmark", window=(1, size)), works)


def plain_loop(plan: Plan) -> float:
    """The median finish, one run after the other."""
    network, rng = build_network(plan), random.Random(SEED)
    n = len(network)
    finishes = []
    for _ in range(RUNS):
        starts, ends, took = [0.0] * n, [0.0] * n, [0.0] * n
        for i in range(n):
            d = network.durations[i]
            took[i] = rng.triangular(0.67 * d, 1.5 * d, d)
            begin = max((ends[p] for p in network.fs[i]), default=0.0)
            for p, part in network.ss[i]:
                begin = max(begin, starts[p] + part * took[p])
            starts[i], ends[i] = begin, max([begin + took[i], *(ends[p] for p in network.ff[i])])
        finishes.append(max(ends))
    return statistics.median(finishes)


def in_columns(plan: Plan, columns: Columns, *, criticality: bool) -> float:
    model = Model(plan, World(), 0.0, gates=True, strict=False, as_planned=False, seed=SEED)
    tally = Tally(model, columns, criticality=criticality)
    for outcomes in batches(model, columns, RUNS):
        tally.add(outcomes)
    return statistics.median(tally.simulation(SEED).finishes)


def seconds(work: Callable[[], object], _turn: int) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(size: int, rounds: int) -> None:
    plan = plan_of(size)
    finishes = [plain_loop(plan), in_columns(plan, Plain(), criticality=True), in_columns(plan, Arrays(), criticality=True)]  # fmt: skip
    if finishes[1] != finishes[2] or abs(finishes[0] - finishes[1]) > 0.02 * finishes[0]:
        raise RuntimeError(f"they disagree: {finishes}")
    found = alternate(
        {
            "plain loop": partial(seconds, partial(plain_loop, plan)),
            "lists": partial(seconds, partial(in_columns, plan, Plain(), criticality=False)),
            "lists, criticality": partial(seconds, partial(in_columns, plan, Plain(), criticality=True)),
            "arrays": partial(seconds, partial(in_columns, plan, Arrays(), criticality=False)),
            "arrays, criticality": partial(seconds, partial(in_columns, plan, Arrays(), criticality=True)),
            "whole study": partial(seconds, partial(study_at, plan, World(), 0.0)),
        },
        rounds,
    )
    print(f"{size} workstreams, {RUNS} runs; {rounds} rounds, medians")
    for name, times in found.items():
        print(f"  {name:<24}{statistics.median(times) * 1000:9.1f} ms  {paired(times, found['plain loop']):6.3f} x plain loop")  # fmt: skip
    goal(f"{size}: arrays with criticality, x plain loop", paired(found["arrays, criticality"], found["plain loop"]), 0.1)  # fmt: skip
    goal(f"{size}: the whole study, x plain loop", paired(found["whole study"], found["plain loop"]), 0.2)


def importing(rounds: int) -> None:
    def probe(what: str, _turn: int) -> tuple[float, float]:
        done = subprocess.run(
            [sys.executable, "-c", PROBE.format(what=what)], capture_output=True, text=True, check=True
        )
        took, size = done.stdout.split()
        return float(took), float(size) / 1024

    found = alternate({"nothing": partial(probe, "pass"), "numpy": partial(probe, "import numpy")}, rounds)
    took = statistics.median(t for t, _ in found["numpy"])
    more = statistics.median(b - a for (_, a), (_, b) in zip(found["nothing"], found["numpy"], strict=True))
    print(f"import numpy: {took * 1000:.0f} ms, {more:.1f} MB more")


async def waits(work: Callable[[], object] | None) -> list[float]:
    """Milliseconds by which a timer of one millisecond came late, again and again while `work` goes on in a thread."""
    late = []
    end = time.perf_counter() + 0.5
    task = asyncio.ensure_future(asyncio.to_thread(work)) if work is not None else None
    while not task.done() if task is not None else time.perf_counter() < end:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - began - 0.001) * 1000)
    return late


def stalls(rounds: int) -> None:
    plan = plan_of(SIZES[-1])
    works: dict[str, Callable[[], object] | None] = {
        "nothing": None,
        "lists": partial(in_columns, plan, Plain(), criticality=True),
        "arrays": partial(in_columns, plan, Arrays(), criticality=True),
    }

    def one(work: Callable[[], object] | None, _turn: int) -> list[float]:
        return asyncio.run(waits(work))

    found = alternate({name: partial(one, work) for name, work in works.items()}, rounds)
    print(f"how late a timer of 1 ms comes while a thread simulates {SIZES[-1]} workstreams")
    worst = {}
    for name, all_rounds in found.items():
        late = [wait for one_round in all_rounds for wait in one_round]
        worst[name] = p95(late)
        print(f"  {name:<24}{statistics.median(late):9.2f} ms  p95 {worst[name]:6.2f} ms  most {max(late):6.2f} ms  ({len(late)} waits)")  # fmt: skip
    goal("a timer beside arrays, p95, x beside lists", worst["arrays"] / worst["lists"], 0.75)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    importing(rounds)
    for size in SIZES:
        compare(size, rounds)
    stalls(1)
    print(f"lists up to {forecast_columns.PLAIN} nodes x runs, arrays beyond")


if __name__ == "__main__":
    main()
