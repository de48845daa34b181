"""A record of three weeks, written as a worker would: a gate held and then opened, a failure, a death, a change of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from locust_tui.analysis.overview import build_snapshot
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import ForecastView, Snapshot
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.plans.reading import read_data
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

T = TypeVar("T")
PATH = "harbour.yaml"
PLAN = """\
project: {name: Harbour Ferry, window: 4-7}
calendar: {start: 2026-01-05}
resources: {max_agents: 4}
phases:
  1: {name: Keel, weeks: 1-2}
  2: {name: Rigging, weeks: 3-6}
orchestrators:
  hull: {name: Hull Yard, phases: 1}
  deck: {name: Deck Crew, phases: 2}
workstreams:
  keel:  {name: Lay the keel, phase: 1, weeks: 1-2, run: "true"}
  ribs:  {name: Fit the ribs, phase: 1, weeks: 2, run: "true"}
  mast:  {name: Step the mast, phase: 2, weeks: 3-4, run: "true"}
  sails: {name: Sew the sails, phase: 2, weeks: 5-6, needs: mast, run: "true"}
gates:
  g1: {name: Keel to rigging, closes: 1, week: 2, mode: hard, approvers: [ana], criteria: [{name: hull is tight, run: "true"}]}
"""
LATER = PLAN.replace("Sew the sails", "Sew three sails")
NOW = datetime(2026, 1, 28, 9, tzinfo=UTC).timestamp()
LEFT = datetime(2026, 1, 19, 18, tzinfo=UTC).timestamp()
"""When somebody was last there: revision 25."""
ANA = Person("ana", "ana")


def moment(text: str) -> float:
    return datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=UTC).timestamp()


def read(text: str) -> tuple[Plan, str]:
    reading = read_data(text.encode(), Path(f"/{PATH}"))
    assert reading.plan is not None
    return reading.plan, reading.digest


def _attempt(ws: str, n: int, begin: str, end: str, *, ok: bool) -> Iterator[tuple[str, Person, e.EventBody]]:
    run, before = f"{ws}.{n}", S.PLANNED if n == 1 else S.FAILED
    yield begin, WORKER, e.WorkstreamMoved(ws, before, S.READY, "needs are met")
    yield begin, WORKER, e.WorkstreamMoved(ws, S.READY, S.RUNNING, f"attempt {n}")
    yield begin, WORKER, e.RunCreated(run, ws, n, "run", ("/bin/sh", "-c", "true"), "/")
    yield begin, WORKER, e.RunStarted(run, 4711 + n)
    if not end:
        return
    yield end, WORKER, e.RunEnded(run, R.EXITED if ok else R.FAILED, exit_code=0 if ok else 3)
    if ok:
        yield end, WORKER, e.WorkstreamMoved(ws, S.RUNNING, S.REVIEW, "exit 0")
        yield end, WORKER, e.WorkstreamMoved(ws, S.REVIEW, S.ACCEPTED, "exit 0")
    else:
        yield end, WORKER, e.WorkstreamMoved(ws, S.RUNNING, S.FAILED, "exit 3")


def history() -> list[tuple[str, Person, e.EventBody]]:
    """(moment, who, what) of each event, oldest first."""
    return sorted(_history(), key=lambda told: told[0])


def _history() -> Iterator[tuple[str, Person, e.EventBody]]:
    first, second = read(PLAN)[1], read(LATER)[1]
    yield "05T09:00", WORKER, e.WorkerStarted(4700, "boot", "0.1.0")
    yield "05T09:00", WORKER, e.ProjectStarted()
    yield "05T09:00", WORKER, e.PlanAccepted(first, PATH)
    yield from _attempt("keel", 1, "05T09:01", "15T16:00", ok=True)
    yield from _attempt("ribs", 1, "12T09:00", "16T12:00", ok=False)
    yield "16T18:00", WORKER, e.WorkerStarted(4800, "boot", "0.1.0")
    yield from _attempt("ribs", 2, "19T09:00", "19T17:00", ok=True)
    passed = CriterionResult(
        "gate:g1/hull-is-tight",
        CriterionState.PASS,
        evidence=Evidence(moment("20T09:00"), command="true", exit_code=0),
    )
    yield "20T09:00", WORKER, e.CriterionMeasured(passed)
    yield (
        "20T09:00",
        WORKER,
        e.GateMoved("g1", GateState.NOT_DUE, GateState.PENDING, "only people are missing"),
    )
    hold = Decision(DecisionKind.HOLD, ANA, moment("20T15:00"), "wait for the paint")
    yield "20T15:00", ANA, e.GateDecided("g1", hold)
    yield "22T10:00", Person("bo"), e.PlanAccepted(second, PATH, "workstream sails: name")
    yield "23T08:00", WORKER, e.GateMoved("g1", GateState.HOLD, GateState.PENDING, "asked again")
    yield "23T09:00", ANA, e.GateDecided("g1", Decision(DecisionKind.GO, ANA, moment("23T09:00"), "fine"))
    yield from _attempt("mast", 1, "23T09:01", "", ok=True)
    yield (
        "26T09:00",
        Person("mast.1"),
        e.WorkstreamReported("mast", "mast.1", progress=40, note="half way \x1b[31mup"),
    )


async def write(path: Path) -> None:
    """The record at `path`."""
    async with Store.open(path, ballast=0) as store:
        for text in (PLAN, LATER):
            plan, digest = read(text)
            await store.put_plan(digest, PATH, text, plan)
        for at, by, body in history():
            store.append_nowait(by, body, at=moment(at))


class Reader:
    """Reads it as a cockpit's reader does, without a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = 0

    async def read(self, what: Callable[[ReadOnlyStore], T]) -> T:
        self.reads += 1
        with ReadOnlyStore(self.path) as store:
            return what(store)


def present(path: Path) -> Snapshot:
    """What the cockpit shows now."""
    with ReadOnlyStore(path) as store:
        world = store.read_world()
    plan, digest = read(LATER)
    forecast = ForecastView(6.8, 7.3, 7.6, 70.0)
    return build_snapshot(plan, digest, PATH, world, NOW, worker_pid=4800, forecast=forecast)
