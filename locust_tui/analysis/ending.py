"""The moment that a plan is told of: time stands still for a plan that has come to its good end."""

from __future__ import annotations

from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World

from .verdict import is_complete


def told_at(plan: Plan, world: World, now: float) -> float:
    """`now`, or the moment of the end once everything is accepted and every gate open: week, KPIs and verdict of a
    finished plan stay what they were."""
    ended = world.project.ended
    return min(now, ended) if ended is not None and is_complete(plan, world) else now
