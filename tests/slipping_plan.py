"""A told history: the demo plan in weeks of seven days, whose first workstreams take longer than planned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Calendar, Plan
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan
from locust_tui.state.store import Store

S = WorkstreamState
DEMO = Path(__file__).parents[1] / "demo_plans" / "locust" / "locust-plan.yaml"
START = 1_762_128_000.0
"""Monday 2025-11-03, 00:00 UTC."""
WEEK = 7 * 86_400.0
DIGEST = "d" * 64
WORKS: tuple[tuple[str, float, float | None], ...] = (
    ("WS-01", 0.0, 2.2),
    ("WS-02", 1.2, 3.9),
    ("WS-03", 1.2, 4.1),
    ("WS-04", 2.9, 5.2),
    ("WS-05", 2.3, 6.5),
    ("WS-06", 3.9, None),
    ("WS-07", 4.1, 6.2),
)
"""(workstream, week in which its run began, week in which it was accepted)."""


def at_week(week: float) -> float:
    return START + week * WEEK


@cache
def slipping_plan() -> Plan:
    return replace(load_plan(DEMO), calendar=Calendar(start=START, start_date="2025-11-03"))


def told(until: float = 6.6) -> list[tuple[float, e.EventBody]]:
    """(moment, what happened) up to the end of plan week `until`, oldest first."""
    found: list[tuple[float, e.EventBody]] = [
        (START + 1, e.PlanAccepted(DIGEST, "locust-plan.yaml")),
        (START + 1, e.ProjectStarted()),
    ]
    for work, began, ended in WORKS:
        begin = max(START + 2, at_week(began))
        found += [
            (begin, e.WorkstreamMoved(work, S.PLANNED, S.READY)),
            (begin, e.WorkstreamMoved(work, S.READY, S.RUNNING)),
            (begin, e.RunCreated(f"{work}.1", work, 1, "coder", ("true",), "/")),
        ]
        if ended is not None:
            found += [
                (at_week(ended), e.WorkstreamMoved(work, S.RUNNING, S.REVIEW)),
                (at_week(ended), e.WorkstreamMoved(work, S.REVIEW, S.ACCEPTED)),
            ]
    return sorted((one for one in found if one[0] <= at_week(until)), key=lambda one: one[0])


def events(until: float = 6.6) -> list[e.Event]:
    return [e.Event(n, at, WORKER, body) for n, (at, body) in enumerate(told(until), start=1)]


def world(until: float = 6.6) -> World:
    found = World()
    for event in events(until):
        apply(found, event)
    return found


async def write(path: Path, until: float = 6.6) -> None:
    """Put the told history on record."""
    async with Store.open(path) as store:
        await store.put_plan(DIGEST, "locust-plan.yaml", DEMO.read_text(), slipping_plan())
        for at, body in told(until):
            await store.append(WORKER, body, at=at)
