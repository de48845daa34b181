"""All figures of a plan at one moment: earned value, flow, KPIs, success."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from locust_tui.domain.events import Event, PlanAccepted
from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.figures import FiguresStudy
from locust_tui.domain.world import World

from .earned_value import EARNED_KINDS, earned_study
from .ending import told_at
from .flow import FLOW_KINDS, flow
from .kpi_figures import KPI_KINDS, kpi_study
from .success import SUCCESS_KINDS, scoreboard

KINDS = tuple(dict.fromkeys((*EARNED_KINDS, *FLOW_KINDS, *KPI_KINDS, *SUCCESS_KINDS)))
"""Stored names of the events that figures are computed from."""


def figures(
    plan: Plan,
    world: World,
    now: float,
    events: Iterable[Event] = (),
    plans: Mapping[str, Plan] | None = None,
) -> FiguresStudy:
    """`events`: of KINDS, oldest first; those behind the world's revision are left out. `plans`: those once in force.

    The clock of a finished plan has stopped, but not that of what is looked at after its release.
    """
    known = [e for e in events if e.revision <= world.revision]
    at = told_at(plan, world, now)
    return FiguresStudy(
        at,
        world.revision,
        earned_study(plan, world, at, known, plans),
        flow(plan, world, at, known),
        kpi_study(plan, world, at, known),
        scoreboard(plan, world, now, known),
    )


def plans_of(events: Iterable[Event]) -> tuple[str, ...]:
    """Digests of the plans that were in force, each once; none where there was only ever one."""
    digests = tuple(dict.fromkeys(e.body.digest for e in events if isinstance(e.body, PlanAccepted)))
    return digests if len(digests) > 1 else ()
