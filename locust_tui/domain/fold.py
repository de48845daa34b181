"""The one reducer: what each event does to the world. Live state, rebuilt state and time travel all pass here."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from . import fold_agents as _agents  # noqa: F401 - its rules
from . import fold_coordination as _coordination  # noqa: F401
from . import fold_exchange as _exchange  # noqa: F401
from . import fold_plan as _plan  # noqa: F401
from . import fold_strategies as _strategies  # noqa: F401
from . import fold_work as _work  # noqa: F401
from .fold_gates import DECIDED_STATE
from .folding import PROJECT, Touched, fold_body
from .world import World

__all__ = ["DECIDED_STATE", "Touched", "apply"]


def apply(world: World, event: e.Event) -> tuple[Touched, ...]:
    """Change `world` by one event and name the rows that changed.

    Raises IllegalTransitionError, leaving the world as it was, for a state change outside the table.
    """
    touched = fold_body(event.body, world, event.at, event.by)
    world.revision = event.revision
    if world.project.ended is not None and isinstance(event.body, _GOES_ON):
        world.project = replace(world.project, ended=None)
        touched += PROJECT
    return touched


_GOES_ON = (
    e.WorkstreamMoved,
    e.WorkstreamReviewed,
    e.RunCreated,
    e.DeliverableVerified,
    e.GateApproved,
    e.GateDecided,
    e.CriterionSigned,
    e.CriterionWaived,
)
"""After one of these, a plan that had come to an end is on its way again."""
