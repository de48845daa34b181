"""Live runs that get no further and ask nobody: stalled, limited, or between two tries."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus


def troubles(live: Iterable[RunStatus]) -> dict[str, str]:
    """Subject → why its run gets no further, in words."""
    return {run.subject: words for run in live if (words := trouble(run))}


def trouble(run: RunStatus) -> str:
    """ "a.1 is stalled: not a byte for 10 m", "account claude is limited until 18:48 UTC"; empty: nothing is known of any."""
    match run.state:
        case RunState.STALLED:
            return f"{run.id} is stalled: {run.reason}" if run.reason else f"{run.id} is stalled"
        case RunState.LIMITED:
            return run.reason or f"{run.id} is limited"
        case RunState.RUNNING | RunState.IDLE if run.source == "protocol":
            return run.reason
    return ""
