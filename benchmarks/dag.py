"""A plan of 300 `true` in three levels, from the command to its end, beside `make -j16` of the same graph in the same run.

`python benchmarks/dag.py [--rounds 3]`. CPU is user + system of every process: the command, its worker, the process that forks
shims, the shims and the agents. The plan is trusted beforehand; every start and end is on disk before it counts. Medians.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path

from figures import alternate, goal, paired
from ground import COMMAND, Ground, own_machine
from tree import Spent, spend

LEVELS, WIDTH, CONCURRENT = 3, 100, 16
SPY = """
import atexit, json, os, resource, sys
if "locust_tui.worker" in sys.orig_argv:
    def tell(folder=os.environ["BENCH_SPY"]):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(folder + "/children", "w") as file:
            json.dump(used.ru_utime + used.ru_stime, file)
    atexit.register(tell)
"""


def graph() -> dict[str, list[str]]:
    """Task → what it needs: two tasks of the level above."""
    return {
        f"t{level}{n:03d}": [f"t{level - 1}{n:03d}", f"t{level - 1}{(n + 1) % WIDTH:03d}"] if level else []
        for level in range(LEVELS)
        for n in range(WIDTH)
    }


def plan_text() -> str:
    tasks = [f"  {name}: {{run: ['true'], needs: [{', '.join(needs)}]}}" for name, needs in graph().items()]
    return (
        f"project: Graph\nresources: {{max_agents: {CONCURRENT}}}\nworkstreams:\n" + "\n".join(tasks) + "\n"
    )


def makefile() -> str:
    names = " ".join(graph())
    rules = [f"{name}: {' '.join(needs)}\n\t@true" for name, needs in graph().items()]
    return f"all: {names}\n.PHONY: all {names}\n" + "\n".join(rules) + "\n"


def ours(place: Path) -> Spent:
    with Ground(place, plan_text()) as ground:
        spent = spend([COMMAND, "run"], place, os.environ)
        accepted = sum(s.state.value == "accepted" for s in ground.world().workstreams.values())
    if accepted != LEVELS * WIDTH:
        raise RuntimeError(f"{accepted} of {LEVELS * WIDTH} tasks were accepted")
    return spent


def shares(place: Path) -> dict[str, float]:
    """CPU seconds by kind of process, from a run of its own: the worker says at its end what its children took."""
    spy = place.with_name("spy")
    spy.mkdir()
    (spy / "sitecustomize.py").write_text(SPY)
    os.environ.update(PYTHONPATH=str(spy), BENCH_SPY=str(spy))
    spent = ours(place)
    del os.environ["PYTHONPATH"], os.environ["BENCH_SPY"]
    children: float = json.loads((spy / "children").read_text())
    agents = 0.0
    for file in (place / ".locust-tui" / "runs").glob("*/exit.json"):
        ended = json.loads(file.read_text())
        agents += ended["utime"] + ended["stime"]
    return {
        "command (cli)": spent.main_cpu,
        "worker": spent.cpu - spent.main_cpu - children,
        "zygote and shims": children - agents,
        "agents": agents,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    make = shutil.which("make")
    if make is None:
        sys.exit("make is not installed: there is nothing to compare with")
    with own_machine() as folder:
        (folder / "Makefile").write_text(makefile())
        found = alternate(
            {
                "make -j16": lambda turn: spend([make, f"-j{CONCURRENT}", "-s"], folder, os.environ),
                "locust-tui run": lambda turn: ours(folder / f"plan{turn}"),
            },
            rounds,
        )
        kinds = shares(folder / "shares")
    tasks = LEVELS * WIDTH
    print(f"{tasks} x true, {LEVELS} levels, two needs each, {CONCURRENT} at once; {rounds} rounds, medians")
    print(f"  {'':24}{'CPU s':>8}{'ms/task':>9}{'wall s':>8}{'tasks/s':>9}")
    for name, spent in found.items():
        cpu, wall = (statistics.median(getattr(s, field) for s in spent) for field in ("cpu", "wall"))
        print(f"  {name:24}{cpu:8.2f}{cpu / tasks * 1000:9.2f}{wall:8.2f}{tasks / wall:9.0f}")
    total = sum(kinds.values())
    for name, cpu in kinds.items():
        print(f"    {name:22}{cpu:8.2f}{cpu / tasks * 1000:9.2f}{cpu / total:17.0%} of one more run")
    base, run = ([s.cpu for s in found[name]] for name in ("make -j16", "locust-tui run"))
    goal("CPU of a durable plan of 300, x make", paired(run, base), 8)


if __name__ == "__main__":
    main()
