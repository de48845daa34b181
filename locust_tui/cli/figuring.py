"""What the verbs of figures read: the state now or at a moment, with the part of the log that the figures rest on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .command import Settings
from .past import state_at
from .target import find_target

if TYPE_CHECKING:
    from ..domain.events import Event
    from ..domain.plan import Plan
    from ..domain.studies.figures import FiguresStudy


def figures_at(settings: Settings, plan: Path | None, at: float | None) -> FiguresStudy:
    """The figures now, or as they were at a moment; of a plan that never ran, from its file."""
    from ..analysis.figures import KINDS, figures, plans_of
    from ..state.record_now import record_now

    target = find_target(settings, plan)
    state = state_at(target, at, prefer_file=True)
    events: list[Event] = []
    plans: dict[str, Plan] = {}
    if state.recorded:
        from ..state.reader import ReadOnlyStore

        with ReadOnlyStore(target.folder.store) as store:
            events = [e for e in store.events(kinds=KINDS) if e.revision <= state.world.revision]
            plans = {digest: store.plan_of(digest)[0] for digest in plans_of(events)}
    now = record_now(state.world) if at is None else state.at  # the state of a finished plan is as of its end
    return figures(state.plan, state.world, now, events, plans)
