"""What one look at the plan rests on: plan, world, moment, and the numbers that several views share."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.clock import plan_time
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, World

from .actuals import plan_start


@dataclass(frozen=True, slots=True)
class Situation:
    plan: Plan
    world: World
    now: float
    """Seconds since the epoch."""
    worker_pid: int | None
    live: tuple[RunStatus, ...]
    """Runs that hold a slot."""
    floats: dict[str, float] = field(default_factory=dict)
    """Total float of each workstream in weeks; empty without dates."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Subject → why its live run gets no further, though no person is asked."""

    @property
    def start(self) -> float | None:
        return plan_start(self.plan, self.world)

    @property
    def at(self) -> float:
        """Plan weeks since the start of week 1."""
        return plan_time(self.plan.calendar, self.start, self.now)


def has_dates(plan: Plan) -> bool:
    """Whether any workstream says how long it takes or when it is planned."""
    return any(w.weeks is not None or w.estimate is not None for w in plan.workstreams.values())
