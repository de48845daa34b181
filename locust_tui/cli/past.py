"""What the verbs that look back share: telling where the record may not tell everything, and comparing two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NotFoundError
from .moment import moment_in
from .output import narrate
from .target import State, Target, read_state, require_state

if TYPE_CHECKING:
    from ..domain.studies.moments import Differences


def state_at(target: Target, at: float | None, *, prefer_file: bool = False) -> State:
    """`read_state` now or at a `MOMENT`; of the past with what it may lack said on stderr."""
    state = read_state(target, at=at, prefer_file=prefer_file)
    if at is not None:
        tell_gaps(target, state)
    return state


def tell_gaps(target: Target, state: State) -> None:
    """Say on stderr what a state of the past may lack: repairs of the record, a broken chain, a worker's death."""
    if not state.recorded:
        return
    from ..state.history import death_after, warnings
    from ..state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        for line in warnings(store, state.world.revision):
            narrate(line)
        if state.world.project.plan_digest is None:
            narrate("no plan was in force yet; it is told of the first that was")
        elif (died := death_after(store, state.world)) is not None:
            narrate(died)


def compare(target: Target, before: float, after: float | None, *, forecast: bool = True) -> Differences:
    """What is otherwise between two moments (`MOMENT`); `after` None: now. NotFoundError without a record."""
    require_state(target)
    if not target.has_record:
        raise NotFoundError(
            "nothing has been recorded yet", help="locust-tui up starts the plan and its record"
        )
    import time
    from dataclasses import replace

    from ..client.time_travel import TimeTravel
    from ..state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        moments = [moment_in(store, at) for at in (before, time.time() if after is None else after)]
        found = TimeTravel().differences(store, moments[0], moments[1], forecast=forecast)
    if after is not None:
        return found
    # of now more is known than the record says: whether the worker lives
    return replace(found, verdict_after=read_state(target).snapshot(forecast=forecast).verdict.value)
