"""What a worker costs while its agents work: hardly any processor, and bounded memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

from project import Project

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss_kib(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def test_fifty_silent_agents_cost_a_hundredth_of_a_core_and_40_mb(project: Project) -> None:
    lines = "".join(f"  w{n}: {{run: [sleep, '60']}}\n" for n in range(50))
    project.write(f"project: Rest\nresources: {{max_agents: 50}}\nworkstreams:\n{lines}")
    pid = project.up()
    project.reaches(lambda w: sum(r.pid is not None for r in w.runs.values()) == 50, 60)
    time.sleep(1.0)
    before, began = cpu_s(pid), time.monotonic()
    time.sleep(8.0)
    share = (cpu_s(pid) - before) / (time.monotonic() - began)
    print(f"worker with 50 live runs: {share:.2%} of a core, {pss_kib(pid) / 1024:.1f} MiB")
    assert share <= 0.015
    assert pss_kib(pid) <= 40 * 1024
    assert "pydantic" not in Path(f"/proc/{pid}/maps").read_text()
