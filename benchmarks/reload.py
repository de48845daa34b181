"""What reading a plan of 1,000 workstreams costs, beside PyYAML's C loader of the same text in the same run.

`python benchmarks/reload.py [--workstreams 1000] [--rounds 9] [--json]`. The rounds alternate, the figures are medians of the
CPU of this process. "full" is everything a changed plan needs: guard, tree with places, validation, resolution, every check;
"cached" a plan that was read before, in a process that has not; "diff" compares it with the plan in force; "unchanged" only
finds out that the content is the one in force.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from figures import goal

from locust_tui.plans.diff import diff_plans
from locust_tui.plans.reading import load_plan, plan_digest, read_plan

GOALS = {"full": 1.25, "cached": 0.06, "unchanged": 0.01}


def plan_text(workstreams: int) -> str:
    """A plan that reads without a warning: weeks that fit the needs, deliverables, a criterion each."""
    lines = [
        "project: Large",
        "calendar: {start: 2025-11-17}",
        "agents:",
        '  coder: {command: "sh -c true"}',
        "workstreams:",
    ]
    for n in range(workstreams):
        needs = f"[ws-{n - 1:04d}, ws-{n - 7:04d}]" if n > 8 else "[]"
        lines += [
            f"  ws-{n:04d}:",
            f"    name: Workstream number {n}",
            f"    weeks: {2 * n + 1}-{2 * n + 2}",
            "    priority: high",
            "    agent: coder",
            f"    instructions: Do the thing number {n} with great care and attention to detail please",
            f"    needs: {needs}",
            "    deliverables: [one, two, three]",
            f"    accept: [{{name: tests pass, run: make test-{n}}}]",
        ]
    return "\n".join(lines) + "\n"


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU of `work` in ms; what it leaves behind is collected outside the measurement."""
    gc.collect()
    began = time.process_time()
    kept = work()
    spent = time.process_time() - began
    del kept
    return spent * 1000


def measure(path: Path, rounds: int) -> dict[str, float]:
    """Median CPU in ms of every way to read the plan at `path`."""
    text = path.read_text()
    in_force = load_plan(path)
    other = path.with_name("other.plan.yaml")
    other.write_text(text.replace("Workstream number 500", "Another name"))
    changed = load_plan(other)
    digest = plan_digest(text)
    ways: dict[str, Callable[[], object]] = {
        "yaml": lambda: yaml.load(text, Loader=yaml.CSafeLoader),
        "full": lambda: read_plan(path, cached=False),
        "cached": lambda: read_plan(path),
        "diff": lambda: diff_plans(in_force, changed),
        "unchanged": lambda: plan_digest(path.read_bytes()) == digest,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(cpu_ms(way))
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workstreams", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        path = Path(folder, "large.plan.yaml")
        path.write_text(plan_text(options.workstreams))
        found = measure(path, options.rounds)
    ratios = {name: value / found["yaml"] for name, value in found.items()}
    if options.json:
        json.dump({"cpu_ms": found, "ratio_to_yaml": ratios}, sys.stdout)
        print()
        return
    print(f"{options.workstreams} workstreams, CPU in ms, and as a share of PyYAML's C loader")
    for name, value in found.items():
        ratio = ratios[name]
        print(f"  {name:<10} {value:8.2f}   {f'x {ratio:.2f}' if ratio >= 0.5 else f'1/{1 / ratio:.0f}'}")
    for name, limit in GOALS.items():
        goal(f"reading a plan of {options.workstreams}, {name}, x PyYAML's C loader", ratios[name], limit)


if __name__ == "__main__":
    main()
