"""What a durable run costs: CPU per `true` through the executor, beside a bare spawn loop, xargs and make in the same run.

`python benchmarks/spawn.py [--runs 300] [--rounds 5] [--folder DIR]`. The rounds alternate, the figures are medians; CPU is
user + system of every process of a contestant, also of those that outlive their parents, interpreter start included ("less
start" takes a run of nothing off again). Times depend on the machine, ratios much less. The executor's column is setsid,
lock, log, fsynced identity and exit record. A file system that has just had files removed may take several times as long to
create new ones (ext4 without a journal does, for some seconds): `--folder` puts the runs elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import goal, paired

CONCURRENT = 16
PR_SET_CHILD_SUBREAPER = 36
C_LOOP = r"""
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
extern char **environ;
int main(int argc, char **argv) {
  int runs = atoi(argv[1]), most = atoi(argv[2]), live = 0;
  char *program[] = {"true", 0};
  for (int i = 0; i < runs; i++) {
    pid_t pid;
    if (live == most) { wait(0); live--; }
    if (posix_spawnp(&pid, "true", 0, 0, program, environ)) return 1;
    live++;
  }
  while (wait(0) > 0) {}
}
"""


async def through_executor(runs: int, folder: Path, idle: int = 0) -> None:
    """`runs` times `true`; with `idle` also the shims' memory, printed."""
    from locust_tui.execution.local import LocalExecutor
    from locust_tui.execution.runs import RunSpec

    environment = {"PATH": os.environ["PATH"]}
    left = asyncio.Semaphore(CONCURRENT)
    async with LocalExecutor(folder, on_exit=lambda ended: left.release()) as executor:

        async def one(number: int) -> None:
            await left.acquire()
            await executor.start(RunSpec(f"r{number}", ("true",), Path("/"), environment))

        await asyncio.gather(*(one(number) for number in range(runs)))
        for _ in range(CONCURRENT):
            await left.acquire()
        if idle:
            names = [f"idle{number}" for number in range(idle)]
            shims = [
                await executor.start(RunSpec(name, ("sleep", "60"), Path("/"), environment)) for name in names
            ]
            await asyncio.sleep(0.2)
            print(statistics.median(pss_kib(shim.shim_pid) for shim in shims))
            await asyncio.gather(*(executor.stop(name, 1) for name in names))


def pss_kib(pid: int) -> int:
    """Proportional set size: shared pages counted by share."""
    match = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return int(match[1]) if match else 0


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of a command and all that descends from it: what it leaves becomes ours and is waited for."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - began


def contestants(runs: int, folder: Path) -> dict[str, Callable[[int], list[str]]]:
    """Commands by name; each takes the round's number. Those whose program is missing are left out."""
    found: dict[str, Callable[[int], list[str]]] = {}
    if compiler := shutil.which("cc"):
        (folder / "loop.c").write_text(C_LOOP)
        subprocess.run([compiler, "-O2", "-o", "loop", "loop.c"], cwd=folder, check=True)
        found["C posix_spawn loop"] = lambda turn: ["./loop", str(runs), str(CONCURRENT)]
    if shutil.which("make"):
        names = " ".join(f"t{number}" for number in range(runs))
        (folder / "Makefile").write_text(f"all: {names}\n{names}:\n\t@true\n.PHONY: all {names}\n")
        found["make -j16"] = lambda turn: ["make", f"-j{CONCURRENT}", "-s", "SHELL=/bin/sh"]
    if shutil.which("xargs"):
        (folder / "numbers").write_text("\n".join(map(str, range(runs))))
        found["xargs -P16"] = lambda turn: ["xargs", "-a", "numbers", "-n1", f"-P{CONCURRENT}", "true"]
    me = [sys.executable, __file__]
    found["locust-tui, nothing to run"] = lambda turn: [
        *me,
        "--executor",
        f"{folder}/empty{turn}",
        "--runs",
        "0",
    ]
    found["locust-tui executor"] = lambda turn: [
        *me,
        "--executor",
        f"{folder}/runs{turn}",
        "--runs",
        str(runs),
    ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, help="where the runs' folders go (default: the temporary folder)"
    )
    parser.add_argument("--executor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--idle", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.executor:
        asyncio.run(through_executor(asked.runs, asked.executor, asked.idle))
        return
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="locust-spawn-", dir=asked.folder) as name:
        folder = Path(name)
        commands = contestants(asked.runs, folder)
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(asked.rounds):
            for name, command in commands.items():
                figures[name].append(measure(command(turn), folder))
        idle = [sys.executable, __file__, "--executor", f"{folder}/idle", "--runs", "0", "--idle", "50"]
        pss = subprocess.run(idle, check=True, capture_output=True, text=True).stdout
        show(figures, asked.runs, float(pss))


def show(figures: dict[str, list[tuple[float, float]]], runs: int, pss: float) -> None:
    """The table: milliseconds of CPU per run, wall runs per second, paired ratios to the first contestant."""
    start = figures.pop("locust-tui, nothing to run")
    ours = figures["locust-tui executor"]
    figures["locust-tui, less start"] = [(a[0] - b[0], a[1] - b[1]) for a, b in zip(ours, start, strict=True)]
    first = next(iter(figures))
    print(f"{runs} x true, {CONCURRENT} at once, {len(ours)} rounds, medians")
    print(f"{'':28}{'CPU ms/run':>12}{'runs/s':>10}   x {first}")
    for name, values in figures.items():
        cpu = statistics.median(value[0] for value in values) / runs * 1000
        wall = statistics.median(value[1] for value in values)
        ratio = statistics.median(a[0] / b[0] for a, b in zip(values, figures[first], strict=True))
        print(f"{name:28}{cpu:12.2f}{runs / wall:10.0f}{ratio:8.2f}")
    if "C posix_spawn loop" in figures:
        lean = [cpu for cpu, _ in figures["locust-tui, less start"]]
        goal(
            "CPU of a durable run, x C posix_spawn",
            paired(lean, [c for c, _ in figures["C posix_spawn loop"]]),
            6,
        )
    goal("memory of an idle shim (PSS, median of 50)", pss / 1024, 1, "MB")


if __name__ == "__main__":
    main()
