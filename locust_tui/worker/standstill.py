"""Shows runs that somebody stopped by a signal: such a run does nothing, and nothing of it would tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Mapping

from locust_tui.domain.events import EventBody, RunChanged
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus

from .run_ends import asked_to_stop

LOOK_S = 1.0
PROCESS = "process"


class Standstill:
    """Of one worker. `stopped`: run → why it stands still, of all whose processes somebody else stopped."""

    def __init__(
        self, stopped: Callable[[], Mapping[str, str]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stopped = stopped
        self._clock = clock
        self._looked = float("-inf")
        self._seen: Mapping[str, str] = {}
        self._lasting: dict[str, str] = {}
        self._before: dict[str, str] = {}
        """What was said of a run before it was stopped."""

    def words(self, run_id: str) -> str:
        """Why it stands still; empty: it does not."""
        return self._lasting.get(run_id, "")

    def look(self, live: Iterable[RunStatus], spoken: Container[str]) -> list[EventBody]:
        """Runs that were stopped, and those that go on, as events; those of `spoken` somebody else tells of.

        A stop counts when two looks see it.
        """
        now = self._clock()
        if now - self._looked < LOOK_S:
            return []
        self._looked = now
        before, self._seen = self._seen, self._stopped()
        self._lasting = {run: why for run, why in self._seen.items() if run in before}
        changes = (self._change(run) for run in live if run.id not in spoken and asked_to_stop(run) is None)
        return [change for change in changes if change is not None]

    def _change(self, run: RunStatus) -> RunChanged | None:
        why = self._lasting.get(run.id)
        told = run.state is RunState.STALLED and run.source == PROCESS
        if why is not None and (run.state is RunState.RUNNING or (told and run.reason != why)):
            if not told:
                self._before[run.id] = run.reason
            return RunChanged(run.id, RunState.STALLED, PROCESS, why)
        if why is None and told:
            return RunChanged(run.id, RunState.RUNNING, PROCESS, self._before.pop(run.id, ""))
        return None
