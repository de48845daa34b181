"""What one evaluation looks at, and what it says: the inputs and the answer of every rule of `decide`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from locust_tui.domain.clock import project_start, week_end
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World

from .actions import Action
from .wiring import Wiring


class Proposal(NamedTuple):
    """What one workstream, gate or orchestrator asks for."""

    actions: tuple[Action, ...] = ()
    wake: float | None = None
    """The answer may change by time alone at this moment."""
    startable: bool = False
    """It starts as soon as a slot is free."""
    moving: bool = False
    """At `wake` it goes on without anybody's doing."""


NOTHING = Proposal()


@dataclass(frozen=True, slots=True)
class Sight:
    """One moment: the world, the time, and what the worker knows besides."""

    wiring: Wiring
    world: World
    now: float
    measuring: Collection[str]
    stopping: Collection[str]
    stale: Collection[str]
    dead: Collection[str]
    """Workstreams that failed, were cancelled or deferred."""
    killed: Mapping[str, str]
    """Workstream → the killed gate that ended it."""

    @property
    def plan(self) -> Plan:
        return self.wiring.plan

    def week_start(self, week: int) -> float | None:
        """First moment of a plan week; None before the plan has started."""
        start = project_start(self.plan.calendar, self.world.project.started)
        return None if start is None else week_end(self.plan.calendar, start, week - 1)

    def latest_run(self, status: WorkstreamStatus) -> RunStatus | None:
        return self.world.runs.get(f"{status.id}.{status.attempt}") if status.attempt else None


def earliest(*moments: float | None) -> float | None:
    return min((m for m in moments if m is not None), default=None)
