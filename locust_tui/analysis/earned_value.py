"""Earned value: what was planned, what is verified, what it cost, and when it ends if work goes on as it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from locust_tui.domain.events import Event
from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.figures import Curve, EarnedStudy, EarnedValue
from locust_tui.domain.world import World

EARNED_KINDS = (
    "project.started",
    "plan.accepted",
    "workstream.moved",
    "deliverable.verified",
    "run.created",
    "run.started",
    "run.changed",
    "run.used",
    "run.ended",
)
"""Stored names of the events that earned value is computed from: `store.events(kinds=EARNED_KINDS)`."""


def earned_study(
    plan: Plan,
    world: World,
    now: float,
    events: Iterable[Event] = (),
    plans: Mapping[str, Plan] | None = None,
) -> EarnedStudy:
    """Everything: project, phases, orchestrators, curve. `plans`: those once in force, by digest, for the curve."""
    raise NotImplementedError


def earned_value(
    plan: Plan, world: World, now: float, ids: Iterable[str] | None = None, events: Iterable[Event] = ()
) -> EarnedValue:
    """Earned value of the workstreams `ids` (default: all) at `now`."""
    raise NotImplementedError


def earned_curve(
    plan: Plan,
    world: World,
    now: float,
    events: Iterable[Event] = (),
    plans: Mapping[str, Plan] | None = None,
) -> Curve:
    """Planned and earned value week by week. Without `events` what is earned is known only for now."""
    raise NotImplementedError
