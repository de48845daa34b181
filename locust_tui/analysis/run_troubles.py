"""Live runs that get no further: not begun yet, stalled, limited, between two tries, or waiting for a person."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.states import WAITS_TO_START, RunState
from locust_tui.domain.world import RunStatus


def troubles(live: Iterable[RunStatus]) -> dict[str, str]:
    """Subject → why its run gets no further, or what it waits for, in words."""
    return {run.subject: words for run in live if (words := trouble(run) or _waits(run))}


def _waits(run: RunStatus) -> str:
    return run.reason if run.state is RunState.WAITING else ""


def trouble(run: RunStatus) -> str:
    """Of one that asks nobody: "a.1 is stalled: not a byte for 10 m", "account claude is limited until 18:48 UTC"; empty: nothing is known of any."""
    match run.state:
        case RunState.STALLED:
            return f"{run.id} is stalled: {run.reason}" if run.reason else f"{run.id} is stalled"
        case RunState.LIMITED:
            return run.reason or f"{run.id} is limited"
        case RunState.STARTING if run.reason.startswith(WAITS_TO_START):
            return f"{run.id} {run.reason}"
        case RunState.RUNNING | RunState.IDLE if run.source == "protocol":
            return run.reason
    return ""
