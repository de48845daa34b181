"""What a worker costs while its agents work: hardly any processor, and bounded memory."""

from __future__ import annotations

import json
import os
import statistics
import time
from pathlib import Path

from project import Project

TICKS = os.sysconf("SC_CLK_TCK")
REFERENCE_S = 0.0015
"""What `some_work` takes of the core whose hundredth is meant."""


def some_work() -> float:
    """Seconds of this thread for a fixed piece of work, such as a worker does."""
    began = time.thread_time()
    for _ in range(40):
        json.loads(json.dumps({str(n): [n, str(n)] for n in range(50)}))
    return time.thread_time() - began


def cpu_s(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss_kib(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def test_fifty_silent_agents_cost_hardly_any_processor_and_bounded_memory(project: Project) -> None:
    """Nothing polls hard or grows: what exactly it takes is measured by the benchmarks, on an idle machine.

    Where no bytecode is kept, as in many containers, what compiling leaves behind takes 6 MiB more.
    """
    lines = "".join(f"  w{n}: {{run: [sleep, '60']}}\n" for n in range(50))
    project.write(f"project: Rest\nresources: {{max_agents: 50}}\nworkstreams:\n{lines}")
    pid = project.up()
    project.reaches(lambda w: sum(r.pid is not None for r in w.runs.values()) == 50, 60)
    time.sleep(1.0)
    before, began, pieces = cpu_s(pid), time.monotonic(), list[float]()
    while time.monotonic() < began + 8.0:
        pieces.append(some_work())
        time.sleep(0.25)
    share = (cpu_s(pid) - before) / (time.monotonic() - began)
    slower = max(1.0, statistics.median(pieces) / REFERENCE_S)
    print(
        f"worker with 50 live runs: {share:.2%} of a core, {pss_kib(pid) / 1024:.1f} MiB; {slower:.1f} × slower"
    )
    assert share <= 0.03 * slower
    assert pss_kib(pid) <= 56 * 1024
    assert "pydantic" not in Path(f"/proc/{pid}/maps").read_text()
