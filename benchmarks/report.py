"""What a weekly report costs: of a record of 10,000 events, each form, beside a plain loop that reads and folds the same record.

`python benchmarks/report.py [--events 10000] [--rounds 5]`. The contestants alternate in one run, the figures are medians. A
report folds the record once, whatever the week; the loop beside it reads the rows, decodes them and folds them, and no more.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import alternate, goal, paired
from ground import COMMAND, DEMO, own_machine

from locust_tui.cli.verbs.report import FORMATS, rendered
from locust_tui.client.report_study import read_record, recorded_ground
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import RunState
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan, read_plan
from locust_tui.report.build import report_of
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

START = 1_763_337_600.0
WEEK_S = 7 * 86_400.0
WEEKS = 8
GOAL_S = 1.0
BARE = 80.0
"""How many times the start of a bare interpreter the whole command may take."""


async def write(plan: Path, count: int) -> None:
    """Attempts at fifteen workstreams, spread over eight weeks, most of them sent back."""
    load_plan(plan)
    folder = StateFolder(plan)
    folder.prepare()
    reading = read_plan(plan)
    assert reading.plan is not None
    works = list(reading.plan.workstreams)
    async with Store.open(folder.store, ballast=0) as store:
        await store.put_plan(reading.digest, str(plan), reading.text, reading.plan)
        await store.append(WORKER, e.PlanAccepted(reading.digest, str(plan)), at=START)
        await store.append(WORKER, e.WorkerStarted(4711, "boot", "0"), e.ProjectStarted(), at=START)
        written, attempt = 3, 0
        while written < count:
            attempt += 1
            bodies: list[e.EventBody] = []
            for work in works:
                run = f"{work}.{attempt}"
                first = [e.WorkstreamMoved(work, S.PLANNED, S.READY, "")] if attempt == 1 else []
                before = S.READY if attempt == 1 else S.REWORK
                bodies += [
                    *first,
                    e.WorkstreamMoved(work, before, S.RUNNING, f"attempt {attempt}"),
                    e.RunCreated(run, work, attempt, "coder", ("true",), "/"),
                    e.RunStarted(run, 1000 + attempt),
                    e.RunUsed(run, input_tokens=1000, output_tokens=200, cost_usd=0.02),
                    e.WorkstreamReported(work, run, progress=50, note="half of it"),
                    e.RunEnded(run, RunState.EXITED, exit_code=0),
                    e.WorkstreamMoved(work, S.RUNNING, S.REVIEW, "exit 0"),
                    e.WorkstreamReviewed(work, attempt, False, "not yet"),
                    e.WorkstreamMoved(work, S.REVIEW, S.REWORK, "sent back"),
                ]
            await store.append(WORKER, *bodies, at=START + WEEKS * WEEK_S * min(1.0, written / count))
            written += len(bodies)


def fold_alone(store_path: Path) -> float:
    began = time.perf_counter()
    with ReadOnlyStore(store_path) as store:
        world = World()
        for event in store.events():
            apply(world, event)
    return time.perf_counter() - began


def report(store_path: Path, week: int, forms: tuple[str, ...]) -> float:
    began = time.perf_counter()
    with ReadOnlyStore(store_path) as store:
        record = read_record(store)
    assert record is not None
    made = report_of(recorded_ground(record, START + WEEKS * WEEK_S, week=week))
    for form in forms:
        rendered(made, form)
    return time.perf_counter() - began


def command(*argv: str, cwd: Path) -> float:
    began = time.perf_counter()
    subprocess.run(argv, cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with own_machine() as home:
        plan = home / "plan" / "locust-plan.yaml"
        plan.parent.mkdir()
        text = (DEMO / "locust-plan.yaml").read_text()
        plan.write_text(text.replace("week: 2s", "start: 2025-11-17"))
        asyncio.run(write(plan, asked.events))
        store = StateFolder(plan).store
        contestants = {
            "read and fold alone": lambda _n: fold_alone(store),
            "report, as Markdown": lambda _n: report(store, WEEKS, ("md",)),
            "report, in all forms": lambda _n: report(store, WEEKS, FORMATS),
            "report of week 2": lambda _n: report(store, 2, ("md",)),
            "bare interpreter": lambda _n: command(sys.executable, "-c", "pass", cwd=plan.parent),
            "locust-tui report": lambda _n: command(COMMAND, "report", "--week", str(WEEKS), cwd=plan.parent),
        }
        found = alternate(contestants, asked.rounds)
    print(f"a record of {asked.events:,} events, {WEEKS} weeks")
    for name, times in found.items():
        print(f"  {name:<24}{statistics.median(times) * 1e3:9.1f} ms")
    goal("locust-tui report, seconds", statistics.median(found["locust-tui report"]), GOAL_S, "s")
    folded = paired(found["report, as Markdown"], found["read and fold alone"])
    goal("a report beside reading and folding its record", folded, 4.0)
    early = paired(found["report of week 2"], found["report, as Markdown"])
    goal("a past week beside the present one", early, 1.2)
    bare = paired(found["locust-tui report"], found["bare interpreter"])
    goal("the command beside a bare interpreter", bare, BARE)


if __name__ == "__main__":
    main()
