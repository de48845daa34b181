"""The command as a person runs it, and a plan with three weeks of history in its record."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.people import Decision, Person
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.plans.reading import read_plan
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

Tui = Callable[..., subprocess.CompletedProcess[str]]

HARBOUR = """\
project: {name: Harbour Ferry, short: Harbour, window: 4-7}
calendar: {start: 2026-01-05}
resources: {max_agents: 4, pools: {hull: 2, deck: 1}}
phases:
  1: {name: Keel, weeks: 1-3}
  2: {name: Rigging, weeks: 3-6}
orchestrators:
  hull: {name: Hull Yard, phases: 1}
  deck: {name: Deck Crew, phases: 2}
workstreams:
  keel:  {name: Lay the keel, phase: 1, weeks: 1-2, run: "true", deliverables: [drawing, timber]}
  ribs:  {name: Fit the ribs, phase: 1, weeks: 2-3, needs: {keel: 50%}, run: "true"}
  mast:  {name: Step the mast, phase: 2, weeks: 3-4, needs: keel, run: "true"}
  sails: {name: Sew the sails, phase: 2, weeks: 5-6, needs: [mast, ribs], run: "true"}
gates:
  g1:
    name: Keel to rigging
    closes: 1
    week: 3
    approvers: [ana]
    criteria: [{name: hull is tight, run: "true"}]
risks:
  - {risk: Timber is late, probability: high, impact: high, mitigation: Order a month ahead}
  - {risk: Storm, probability: low, impact: medium, mitigation: "Work under a roof"}
"""

BO = Person("bo", uid=1000, pid=42)
WORKER = Person("worker")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def harbour_history() -> Iterable[tuple[str, Person, e.EventBody]]:
    """Weeks 1 to 3 of the harbour plan: the keel is accepted, the ribs failed, the mast is under way."""
    yield "2026-01-05T09:00", WORKER, e.WorkerStarted(4700, "boot", "0.1.0")
    yield "2026-01-05T09:00", WORKER, e.ProjectStarted()
    yield "2026-01-05T09:01", WORKER, e.WorkstreamMoved("keel", S.PLANNED, S.READY, "it needs nothing")
    yield "2026-01-05T09:01", WORKER, e.WorkstreamMoved("keel", S.READY, S.RUNNING, "attempt 1")
    yield "2026-01-05T09:01", WORKER, e.RunCreated("keel.1", "keel", 1, "run", ("/bin/sh", "-c", "true"), "/")
    yield "2026-01-05T09:01", WORKER, e.RunStarted("keel.1", 4711)
    yield "2026-01-08T10:00", BO, e.DeliverableVerified("keel", "drawing", True, "verified by bo")
    yield "2026-01-15T16:00", WORKER, e.RunEnded("keel.1", R.EXITED, exit_code=0)
    yield "2026-01-15T16:00", WORKER, e.WorkstreamMoved("keel", S.RUNNING, S.REVIEW, "exit 0")
    yield "2026-01-15T16:01", WORKER, e.WorkstreamReviewed("keel", 1, True)
    yield "2026-01-15T16:01", WORKER, e.WorkstreamMoved("keel", S.REVIEW, S.ACCEPTED, "exit 0")
    yield "2026-01-19T09:00", WORKER, e.WorkstreamMoved("ribs", S.PLANNED, S.READY, "needs are met")
    yield "2026-01-19T09:00", WORKER, e.WorkstreamMoved("ribs", S.READY, S.RUNNING, "attempt 1")
    yield "2026-01-19T09:00", WORKER, e.RunCreated("ribs.1", "ribs", 1, "run", ("/bin/sh", "-c", "true"), "/")
    yield "2026-01-19T09:00", WORKER, e.RunStarted("ribs.1", 4712)
    yield "2026-01-20T12:00", WORKER, e.RunEnded("ribs.1", R.FAILED, exit_code=3)
    yield "2026-01-20T12:00", WORKER, e.WorkstreamMoved("ribs", S.RUNNING, S.FAILED, "exit 3")
    yield "2026-01-21T09:00", WORKER, e.WorkstreamMoved("mast", S.PLANNED, S.READY, "needs are met")
    yield "2026-01-21T09:00", WORKER, e.WorkstreamMoved("mast", S.READY, S.RUNNING, "attempt 1")
    yield "2026-01-21T09:00", WORKER, e.RunCreated("mast.1", "mast", 1, "run", ("/bin/sh", "-c", "true"), "/")
    yield "2026-01-21T09:00", WORKER, e.RunStarted("mast.1", 4713)
    yield (
        "2026-01-22T09:00",
        Person("mast.1"),
        e.WorkstreamReported("mast", "mast.1", progress=40, note="half way \x1b[31mup"),
    )
    # week 4: what happened after the report of week 3 must not be in it
    evidence = Evidence(moment("2026-01-27T09:00"), command="true", exit_code=0, detail="exit 0")
    passed = CriterionResult("gate:g1/hull-is-tight", CriterionState.PASS, evidence=evidence)
    yield "2026-01-27T09:00", WORKER, e.CriterionMeasured(passed)
    yield (
        "2026-01-27T09:00",
        WORKER,
        e.GateMoved("g1", GateState.NOT_DUE, GateState.PENDING, "only people are missing"),
    )
    ana = Person("ana", "ana", 1000, 43)
    yield (
        "2026-01-28T09:00",
        ana,
        e.GateDecided("g1", Decision(DecisionKind.GO, ana, moment("2026-01-28T09:00"), "fine")),
    )


async def write_history(plan: Path) -> None:
    """A record beside `plan` that holds the plan and the harbour's history."""
    folder = StateFolder(plan)
    folder.prepare()
    reading = read_plan(plan)
    assert reading.plan is not None
    async with Store.open(folder.store, ballast=0) as store:
        await store.put_plan(reading.digest, str(plan), reading.text, reading.plan)
        start = moment("2026-01-05T09:00")
        await store.append(WORKER, e.PlanAccepted(reading.digest, str(plan)), at=start)
        for at, by, body in harbour_history():
            await store.append(by, body, at=moment(at))


@pytest.fixture
def tui(tmp_path: Path) -> Tui:
    """Run `locust-tui ARGS` in `tmp_path`, without a terminal."""

    def run(*args: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
        options: dict[str, object] = {"cwd": tmp_path, "stdin": subprocess.DEVNULL, "timeout": 60, **more}
        command = [sys.executable, "-m", "locust_tui", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]

    return run


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """The harbour plan, which never ran."""
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(HARBOUR)
    return plan


@pytest.fixture
def sailed(harbour: Path) -> Path:
    """The harbour plan with its record."""
    asyncio.run(write_history(harbour))
    return harbour


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(os.environ)
