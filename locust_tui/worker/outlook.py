"""What `decide` is told besides plan, world and time, and what it remembers so that it looks only where something changed."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import is_not
from typing import NamedTuple

from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.world import GateStatus, RunStatus, WorkstreamStatus, World

from .actions import Action
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
    live: set[str] = field(default_factory=set)
    """Live runs."""
    dead: set[str] = field(default_factory=set)
    """Workstreams that failed, were cancelled or deferred."""
    killed_gates: set[str] = field(default_factory=set)
    killed: dict[str, str] = field(default_factory=dict)
    """Workstream → the killed gate that ended it."""


class _Facts(NamedTuple):
    measuring: frozenset[str] = frozenset()
    stopping: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()


class _Seen(NamedTuple):
    """The world as it was looked at last. Its rows are never changed in place, so identity tells what is new."""

    world: World | None = None
    started: float | None = None
    workstreams: list[WorkstreamStatus] = []
    runs: list[RunStatus] = []
    gates: list[GateStatus] = []
    criteria: list[CriterionResult] = []

    @classmethod
    def of(cls, world: World) -> _Seen:
        return cls(
            world,
            world.project.started,
            list(world.workstreams.values()),
            list(world.runs.values()),
            list(world.gates.values()),
            list(world.criteria.values()),
        )


def _new_rows(rows: Mapping[str, object], seen: Sequence[object]) -> list[str]:
    """Keys of the rows that are not, at their place, the ones seen before."""
    changed = list(compress(rows, map(is_not, rows.values(), seen)))
    return changed + list(islice(rows, len(seen), None)) if len(rows) > len(seen) else changed


class Outlook:
    """One per plan in force; a new plan takes a new one.

    Assign the facts (`measuring`, `stopping`, `stale`, `waited`) whenever they change. What is remembered never
    changes an answer, only which subjects are looked at again to find it.
    """

    def __init__(self, plan: Plan, floats: Mapping[str, float] | None = None) -> None:
        """`floats`: plan weeks by workstream, where the caller has them already; else from the plan's network."""
        self.plan = plan
        self.wiring = Wiring(plan, floats)
        self.measuring: Collection[str] = frozenset()
        """Keys of criteria being measured or waiting for a slot to be."""
        self.stopping: Collection[str] = frozenset()
        """Runs that were asked to stop and have not ended, or have not begun: no time limit ends these."""
        self.short = ""
        """What the machine lacks now, in words: nothing is started meanwhile."""
        self.stale: Collection[str] = frozenset()
        """Keys whose inputs differ from what their results are bound to."""
        self.answers = Answers()
        self._seen = _Seen()
        self._facts = _Facts()
        self._now = float("-inf")
        self._heap: list[tuple[float, str]] = []

    def forget(self) -> None:
        """Look at everything the next time."""
        self._seen = _Seen()

    def sight(self, world: World, now: float) -> Sight:
        a = self.answers
        return Sight(self.wiring, world, now, self.measuring, self.stopping, self.stale, a.dead, a.killed)

    def changed(self, world: World, now: float) -> Collection[str]:
        """Subjects to look at again since the last call: what changed, and what time alone may have changed."""
        seen, facts = self._seen, self._present_facts()
        found: Collection[str]
        if (
            world is not seen.world
            or world.project.started != seen.started
            or now < self._now
            or self._killed_or_revived(world)
        ):
            self._start_over(world)
            found = self.wiring.order
        else:
            found = self._touched(world) | self._due(now) | self._owners_of_change(self._facts, facts)
        self._seen, self._facts, self._now = _Seen.of(world), facts, now
        return found

    def _present_facts(self) -> _Facts:
        return _Facts(frozenset(self.measuring), frozenset(self.stopping), frozenset(self.stale))

    def _killed_or_revived(self, world: World) -> bool:
        killed = {id for id, gate in world.gates.items() if gate.state is GateState.KILLED}
        return killed != self.answers.killed_gates

    def _start_over(self, world: World) -> None:
        self.answers = answers = Answers()
        self._heap.clear()
        answers.live = {run.id for run in world.live_runs()}
        for id in self.plan.workstreams:
            status = world.workstreams.get(id)
            if status is not None and status.state in _DEAD:
                answers.dead.add(id)
        for gate, standing in world.gates.items():
            if standing.state is GateState.KILLED:
                answers.killed_gates.add(gate)
                if gate in self.plan.gates:
                    answers.killed.update((id, gate) for id in self.wiring.later(gate))

    def _touched(self, world: World) -> set[str]:
        """Subjects that look at a row which changed."""
        found: set[str] = set()
        readers = self.wiring.readers
        for id in _new_rows(world.workstreams, self._seen.workstreams):
            if id in readers:
                found.update(readers[id])
                found |= self._turned(id, world)
        for id in _new_rows(world.runs, self._seen.runs):
            found |= self._run_changed(id, world)
        for id in _new_rows(world.gates, self._seen.gates):
            found |= self.wiring.gate_readers.get(id, frozenset())
        found.update(map(self._owner, _new_rows(world.criteria, self._seen.criteria)))
        return found & self.wiring.order.keys() if found else found

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
        (self.answers.live.add if run.live else self.answers.live.discard)(run_id)
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
        if new == old:
            return set()
        keys = (old.measuring ^ new.measuring) | (old.stale ^ new.stale)
        runs = old.stopping ^ new.stopping
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
