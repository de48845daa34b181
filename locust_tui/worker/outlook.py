"""What `decide` is told besides plan, world and time, and what it remembers so that it looks only where something changed."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from locust_tui.domain.fold import Touched
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.world import World

from .actions import Action
from .caps import pool_of
from .sight import NOTHING, Proposal, Sight
from .wiring import Wiring

_DEAD = frozenset({WorkstreamState.FAILED, WorkstreamState.CANCELLED, WorkstreamState.DEFERRED})


@dataclass(slots=True)
class Answers:
    """The latest proposal of every subject, by what is asked of them all together."""

    actions: dict[str, tuple[Action, ...]] = field(default_factory=dict)
    wakes: dict[str, float] = field(default_factory=dict)
    startable: list[int] = field(default_factory=list)
    """Ranks, least first."""
    spare: set[str] = field(default_factory=set)
    """Orchestrators whose agents may begin."""
    moving: set[str] = field(default_factory=set)
    live: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Live run → agent type, pool."""
    dead: set[str] = field(default_factory=set)
    killed: dict[str, str] = field(default_factory=dict)


class _Facts(NamedTuple):
    measuring: frozenset[str] = frozenset()
    stopping: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    waited: Mapping[str, float] = {}


class Outlook:
    """One per plan in force; a new plan takes a new one.

    Assign the facts (`measuring`, `stopping`, `stale`, `waited`) whenever they change, and pass every applied
    event to `note`. What is remembered never changes an answer: a gap in the revisions, another world or a
    clock that runs back only mean that everything is looked at again.
    """

    def __init__(self, plan: Plan, floats: Mapping[str, float] | None = None) -> None:
        """`floats`: plan weeks by workstream, where the caller has them already; else from the plan's network."""
        self.plan = plan
        self.wiring = Wiring(plan, floats)
        self.measuring: Collection[str] = frozenset()
        """Keys of criteria being measured or waiting for a slot to be."""
        self.stopping: Collection[str] = frozenset()
        """Runs that were asked to stop and have not ended."""
        self.stale: Collection[str] = frozenset()
        """Keys whose inputs differ from what their results are bound to."""
        self.waited: Mapping[str, float] = {}
        """Seconds that a run spent waiting for a person or paused; left out of its time limit."""
        self.answers = Answers()
        self._world: World | None = None
        self._revision = -1
        self._now = float("-inf")
        self._facts = _Facts()
        self._rows: set[Touched] = set()
        self._heap: list[tuple[float, str]] = []

    def note(self, revision: int, touched: Iterable[Touched]) -> None:
        """An event was applied to the world: `touched` is what `fold.apply` named, `revision` the event's."""
        if revision == self._revision + 1:
            self._revision = revision
            self._rows.update(touched)

    def forget(self) -> None:
        """Look at everything the next time."""
        self._world = None

    def sight(self, world: World, now: float) -> Sight:
        a = self.answers
        return Sight(
            self.wiring, world, now, self.measuring, self.stopping, self.stale, self.waited, a.dead, a.killed
        )

    def changed(self, world: World, now: float) -> Collection[str]:
        """Subjects to look at again, having taken in what was noted; all of them when in doubt."""
        rows, self._rows = self._rows, set()
        complete = world is self._world and world.revision == self._revision and now >= self._now
        if not complete or any(row.table in ("gates", "project") for row in rows):
            self._start_over(world)
            found: Collection[str] = self.wiring.order
        else:
            found = self._touched(rows, world) | self._due(now)
        facts = _Facts(
            frozenset(self.measuring), frozenset(self.stopping), frozenset(self.stale), dict(self.waited)
        )
        if facts != self._facts:
            if complete:
                found = {*found, *self._owners_of_change(self._facts, facts)}
            self._facts = facts
        self._world, self._revision, self._now = world, world.revision, now
        return found

    def _start_over(self, world: World) -> None:
        self.answers = answers = Answers()
        self._heap.clear()
        answers.live = {r.id: (r.agent_type, pool_of(self.plan, r.subject)) for r in world.live_runs()}
        for id in self.plan.workstreams:
            status = world.workstreams.get(id)
            if status is not None and status.state in _DEAD:
                answers.dead.add(id)
        for gate in self.plan.gates:
            if gate in world.gates and world.gates[gate].state is GateState.KILLED:
                answers.killed.update((id, gate) for id in self.wiring.later(gate))

    def _touched(self, rows: set[Touched], world: World) -> set[str]:
        found: set[str] = set()
        readers = self.wiring.readers
        for table, id in rows:
            if table == "workstreams":
                if id in readers:
                    found.update(readers[id])
                    found |= self._turned(id, world)
            elif table == "runs":
                found |= self._run_changed(id, world)
            elif table == "criteria":
                found.add(self._owner(id))
        return found & self.wiring.order.keys()

    def _turned(self, workstream: str, world: World) -> frozenset[str]:
        """Everything downstream of a workstream that has just failed, or is no longer out."""
        dead = world.workstreams[workstream].state in _DEAD
        known = self.answers.dead
        if dead is (workstream in known):
            return frozenset()
        known.symmetric_difference_update({workstream})
        return self.wiring.after(workstream)

    def _run_changed(self, run_id: str, world: World) -> set[str]:
        run = world.runs[run_id]
        if run.live:
            self.answers.live[run_id] = (run.agent_type, pool_of(self.plan, run.subject))
        else:
            self.answers.live.pop(run_id, None)
        return {run.subject, f"agent:{run.subject}"}

    @staticmethod
    def _owner(key: str) -> str:
        """The workstream or gate of a criterion's key."""
        return key.partition("/")[0].partition(":")[2]

    def _due(self, now: float) -> set[str]:
        found: set[str] = set()
        wakes, heap = self.answers.wakes, self._heap
        while heap and (heap[0][0] <= now or wakes.get(heap[0][1]) != heap[0][0]):
            at, subject = heapq.heappop(heap)
            if wakes.get(subject) == at:
                del wakes[subject]
                found.add(subject)
        return found

    def _owners_of_change(self, old: _Facts, new: _Facts) -> set[str]:
        keys = (old.measuring ^ new.measuring) | (old.stale ^ new.stale)
        runs = old.stopping ^ new.stopping
        runs |= {r for r in {*old.waited, *new.waited} if old.waited.get(r) != new.waited.get(r)}
        found = {self._owner(key) for key in keys} | {run.rpartition(".")[0] for run in runs}
        return found & self.wiring.order.keys()

    def keep(self, subject: str, proposal: Proposal) -> None:
        """Remember what a subject asks for, in place of what it asked for before."""
        a = self.answers
        rank = self.wiring.rank.get(subject)
        if rank is None:
            (a.spare.add if proposal.startable else a.spare.discard)(subject)
        else:
            at = bisect_left(a.startable, rank)
            known = at < len(a.startable) and a.startable[at] == rank
            if proposal.startable and not known:
                a.startable.insert(at, rank)
            elif known and not proposal.startable:
                del a.startable[at]
        if proposal is NOTHING:
            a.actions.pop(subject, None)
            a.wakes.pop(subject, None)
            a.moving.discard(subject)
            return
        if proposal.actions:
            a.actions[subject] = proposal.actions
        else:
            a.actions.pop(subject, None)
        if proposal.moving:
            a.moving.add(subject)
        else:
            a.moving.discard(subject)
        if proposal.wake is None:
            a.wakes.pop(subject, None)
        elif a.wakes.get(subject) != proposal.wake:
            a.wakes[subject] = proposal.wake
            heapq.heappush(self._heap, (proposal.wake, subject))

    @property
    def wake_at(self) -> float | None:
        """The earliest moment at which any proposal may change by time alone."""
        heap, wakes = self._heap, self.answers.wakes
        while heap and wakes.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None
