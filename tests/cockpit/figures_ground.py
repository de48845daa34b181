"""A cockpit's figures over a told history on record: runs that cost something, a failed review, a gate, scope that left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from fake_port import FakePort
from piloting import tell_record

import slipping_plan as told
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, RunState
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.state.store import Store


def history() -> list[tuple[float, e.EventBody]]:
    """(moment, what happened), oldest first, up to the middle of week 7."""
    found = [pair for at, body in told.told() for pair in _more(at, body)]
    return sorted([*found, *_besides()], key=lambda one: one[0])


def _more(at: float, body: e.EventBody) -> Iterator[tuple[float, e.EventBody]]:
    """What goes with it: begun runs start, reviews say yes, and what ends has cost something."""
    if isinstance(body, e.WorkstreamMoved) and body.new is S.REVIEW:
        run = f"{body.workstream}.1"
        for deliverable in told.slipping_plan().workstreams[body.workstream].deliverables:
            yield at, e.DeliverableVerified(body.workstream, deliverable.id)
        yield at, e.RunUsed(run, cost_usd=150.0)
        yield at, e.RunEnded(run, RunState.EXITED, 0, ended=at)
    if isinstance(body, e.WorkstreamMoved) and body.new is S.ACCEPTED:
        if body.workstream == "WS-03":
            yield at, e.WorkstreamReviewed(body.workstream, 1, False)
        yield at, e.WorkstreamReviewed(body.workstream, 1, True)
    yield at, body
    if isinstance(body, e.RunCreated):
        yield at, e.RunStarted(body.run, 1)


def _besides() -> Iterator[tuple[float, e.EventBody]]:
    for part, week in (("command-registry", 5.2), ("fuzzy-search", 6.1)):
        yield told.at_week(week), e.DeliverableVerified("WS-06", part)
    yield told.at_week(5.6), e.WorkstreamMoved("WS-10", S.PLANNED, S.DEFERRED, "to v0.2")
    at = told.at_week(5.3)
    yield at, e.GateMoved("g1", GateState.NOT_DUE, GateState.PENDING)
    yield at, e.GateDecided("g1", Decision(DecisionKind.GO, Person("ana"), at))
    for key, value, unit, week in (
        ("fact/critical_bugs", 2.0, None, 6.0),
        ("fact/documented_public_items", 100.0, "%", 6.0),
        ("gate:g1/unit-test-coverage-for-core-modules", 91.4, "%", 5.2),
    ):
        evidence = Evidence(told.at_week(week), command="measure")
        yield (
            evidence.at,
            e.CriterionMeasured(CriterionResult(key, CriterionState.PASS, value, unit, evidence=evidence)),
        )


@asynccontextmanager
async def on_record(port: FakePort, folder: Path, *more: tuple[float, e.EventBody]) -> AsyncIterator[None]:
    """`port` tells of that history, and `more`, from now on."""
    path = folder / "store.db"
    async with Store.open(path) as store:
        await store.put_plan(told.DIGEST, "locust-plan.yaml", told.DEMO.read_text(), told.slipping_plan())
        for at, together in groupby((*history(), *more), key=itemgetter(0)):
            await store.append(WORKER, *(body for _, body in together), at=at)
    async with tell_record(port, path):
        yield
