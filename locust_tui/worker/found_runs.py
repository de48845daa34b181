"""What a worker does first on a record that is older than it was: it says so, and puts the runs on record that began since.

Their folders know them: that they began, as whom, and how they ended. So nothing of them starts a second time.
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from locust_tui.analysis.restored import RESTORED
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import (
    AlertMoved,
    EventBody,
    Noted,
    RunCreated,
    RunStarted,
    WorkstreamMoved,
)
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import WORKSTREAM_TRANSITIONS, AlertState, WorkstreamState
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.state.readmit import fewest_moves
from locust_tui.state.store import Store

from .caps import agent_type_of
from .steady_clock import in_record_time
from .supervisor import Supervisor
from .wiring import Wiring

log = logging.getLogger(__name__)

_W = WorkstreamState
_RUN = re.compile(r"(.+)\.([1-9][0-9]{0,8})")
_REASON = "found: its run began after the record was last written"
_BY_WORK = {
    state: frozenset(
        following for following in legal if following in (_W.PLANNED, _W.READY, _W.REWORK, _W.RUNNING)
    )
    for state, legal in WORKSTREAM_TRANSITIONS.items()
}
"""The moves that lead to work under way."""


def opening_words(store: Store) -> list[EventBody]:
    """What the record says of its own opening; with it the alert that holds starts until a person knows."""
    if store.recovered is None:
        return []
    log.error("%s", store.recovered)
    words: list[EventBody] = [Noted("error", store.recovered)]
    if store.is_older:
        words.append(AlertMoved(RESTORED, "", AlertState.FIRING, (), store.recovered))
    return words


class FoundRuns:
    """Of one start of a worker."""

    def __init__(
        self, store: Store, executor: Executor, supervisor: Supervisor, runs: Path, clock: Clock
    ) -> None:
        self._store = store
        self._clock = clock
        self._executor = executor
        self._supervisor = supervisor
        self._runs = runs

    async def take_up(self, plan: Plan | None) -> None:
        """Put every run on record of which only its folder knows; one whose work nobody knows is told, and left alone."""
        types = _agent_types(plan) if plan is not None else {}
        for subject, attempt in self._unknown():
            run_id = f"{subject}.{attempt}"
            try:
                found = self._executor.poll(run_id)
            except x.RunFolderRefusedError as refusal:
                await self._store.append(WORKER, Noted("warning", f"{refusal.message}: left alone", run_id))
                continue
            if found.kind is x.RecoveryKind.NEVER_STARTED:
                continue
            if subject in types:
                work = plan is not None and subject in plan.workstreams
                await self._put_on_record(run_id, subject, attempt, types[subject], found, work=work)
            elif found.alive:
                words = f"{run_id} (pid {found.agent_pid}) runs, and neither record nor plan know its work: left alone"
                await self._store.append(WORKER, Noted("error", words, run_id))

    def _unknown(self) -> list[tuple[str, int]]:
        known = self._store.world.runs
        names = [name for name in os.listdir(self._runs) if name not in known]
        found = [match for name in names if (match := _RUN.fullmatch(name)) is not None]
        return sorted((match[1], int(match[2])) for match in found)

    async def _put_on_record(
        self, run_id: str, subject: str, attempt: int, agent_type: str, found: x.Recovery, *, work: bool
    ) -> None:
        bodies: list[EventBody] = []
        if work:
            now = self._store.world.workstream(subject).state
            moves = fewest_moves(now, _W.RUNNING, _BY_WORK)
            bodies += [WorkstreamMoved(subject, old, new, _REASON) for old, new in moves]
        bodies.append(RunCreated(run_id, subject, attempt, agent_type, (), ""))
        if found.alive and found.agent_pid is not None:
            bodies.append(RunStarted(run_id, found.agent_pid, found.shim_pid))
        begun = found.started_wall
        at = None if begun is None else in_record_time(begun, self._clock())
        await self._store.append(WORKER, *bodies, at=at)
        await self._supervisor.take_up(run_id)


def _agent_types(plan: Plan) -> dict[str, str]:
    """Of everything that has runs: workstreams, and orchestrators with agents of their own."""
    types = {one.id: one.agent_type for one in Wiring(plan).coordinators}
    return types | {id: agent_type_of(workstream) for id, workstream in plan.workstreams.items()}
