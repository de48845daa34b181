"""Which events of the log the figures of earned value rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from locust_tui.domain.events import (
    DeliverableVerified,
    Event,
    RunEnded,
    RunStarted,
    RunUsed,
    WorkstreamMoved,
)
from locust_tui.domain.plan import Workstream
from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

EARNED_KINDS = (
    "project.started",
    "plan.accepted",
    "workstream.moved",
    "deliverable.verified",
    "run.started",
    "run.used",
    "run.ended",
)
"""Stored names of the events that earned value is computed from: `store.events(kinds=EARNED_KINDS)`."""


class Evidence:
    """Revisions by what they are about; without events only the plan is named."""

    def __init__(self, world: World, events: Iterable[Event]) -> None:
        digest = world.project.plan_digest
        self._plan = f"plan {digest[:12]}" if digest else "the plan file"
        self._work: dict[str, list[int]] = {}
        self._scope: dict[str, list[int]] = {}
        self._runs: dict[str, list[int]] = {}
        for event in events:
            body = event.body
            match body:
                case WorkstreamMoved():
                    if WorkstreamState.ACCEPTED in (body.old, body.new):
                        self._work.setdefault(body.workstream, []).append(event.revision)
                    if OUT_OF_SCOPE & {body.old, body.new}:
                        self._scope.setdefault(body.workstream, []).append(event.revision)
                case DeliverableVerified():
                    self._work.setdefault(body.workstream, []).append(event.revision)
                case RunUsed():
                    if body.cost_usd is not None:
                        self._runs.setdefault(body.run, []).append(event.revision)
                case RunStarted() | RunEnded():
                    self._runs.setdefault(body.run, []).append(event.revision)

    def of_work(self, works: Sequence[Workstream]) -> Rests:
        """Verifications and acceptances of the work, and what left the scope."""
        found = (r for w in works for r in (*self._work.get(w.id, ()), *self._scope.get(w.id, ())))
        return rests_on(found, f"weights of {self._plan}")

    def of_scope(self, works: Sequence[Workstream], what: str) -> Rests:
        """What left the scope, or came back; `what` of the plan it rests on besides."""
        return rests_on((r for w in works for r in self._scope.get(w.id, ())), f"{what} {self._plan}")

    def of_runs(self, runs: Iterable[str]) -> Rests:
        """Starts, ends and meters of runs."""
        return rests_on((r for run in runs for r in self._runs.get(run, ())), f"rates of {self._plan}")
