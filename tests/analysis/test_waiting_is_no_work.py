"""Time in which a run waits for a person or its account, or is paused, is no hour of work."""

from __future__ import annotations

import pytest

from locust_tui.analysis.history import History
from locust_tui.domain import events as e
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.states import RunState as R
from locust_tui.domain.world import World

PLAN = Plan(Project("P", "P"), {"a": Workstream("a", "A", agent="c", instructions="x")})
H = 3600.0


def world_of(*happened: tuple[float, EventBody]) -> World:
    world = World()
    for at, body in happened:
        apply(world, Event(world.revision + 1, at * H, WORKER, body))
    return world


def hours(world: World, at: float, *, rework: bool = False) -> float:
    return History(PLAN, world, at * H).run_hours(at * H, rework=rework)


def begun(attempt: int = 1) -> list[tuple[float, EventBody]]:
    run = f"a.{attempt}"
    return [(1, e.RunCreated(run, "a", attempt, "c", (), ".")), (1, e.RunStarted(run, 7))]


@pytest.mark.parametrize("still", [R.WAITING, R.PAUSED, R.LIMITED])
def test_what_stood_still_is_left_out_while_it_does_and_ever_after(still: R) -> None:
    happened = [*begun(2), (3, e.RunChanged("a.2", still, "protocol"))]
    assert hours(world_of(*happened), 8) == 2
    happened.append((9, e.RunChanged("a.2", R.RUNNING, "protocol")))
    assert hours(world_of(*happened), 10) == 3
    happened.append((11, e.RunEnded("a.2", R.EXITED, 0)))
    assert hours(world_of(*happened), 20) == hours(world_of(*happened), 20, rework=True) == 4


def test_a_run_that_ends_while_it_waits_worked_until_then() -> None:
    happened = [*begun(), (2, e.RunChanged("a.1", R.WAITING, "protocol", "one")), (4, e.RunChanged("a.1", R.WAITING, "protocol", "two"))]  # fmt: skip
    ended = e.RunEnded("a.1", R.KILLED, signal=15, ended=7 * H)
    world = world_of(*happened, (9, ended))
    assert hours(world, 20) == 1
    assert world.runs["a.1"].stood_still == 5 * H
