"""What a worker costs while its agents work: hardly any processor, and bounded memory."""

from __future__ import annotations

import json
import os
import statistics
import time
from pathlib import Path

import pytest

from project import Project, until

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


def test_fifty_silent_agents_cost_a_hundredth_of_a_core_and_40_mb(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a person, whose second worker finds compiled what the first has run: compiling takes 6 MiB more."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "compiled"))
    first = Project(tmp_path / "first")
    try:
        first.write("project: First\nworkstreams:\n  a: {run: exec sleep 60}\n")
        first.up()
        first.reaches(lambda w: any(r.pid for r in w.runs.values()))
        last = "anyio/_backends/_asyncio.*.pyc"  # once it watches the plan file
        until(lambda: any((tmp_path / "compiled").rglob(last)), what="all that a worker at rest has loaded")
    finally:
        first.end()
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
    assert share <= 0.015 * slower
    assert pss_kib(pid) <= 40 * 1024
    assert "pydantic" not in Path(f"/proc/{pid}/maps").read_text()
