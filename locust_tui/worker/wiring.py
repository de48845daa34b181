"""What `decide` needs of a plan and works out once: who depends on whom, which checks are whose, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from locust_tui.analysis.holds import NO_FLOAT
from locust_tui.analysis.network import planned_start_week
from locust_tui.analysis.schedule import critical_path
from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, Need, Plan, Priority, Workstream

from .caps import can_start

_PRIORITY = {p: i for i, p in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A check that a workstream's acceptance asks for; `deliverable` is what it verifies, where it does."""

    key: str
    criterion: Criterion
    name: str
    deliverable: str | None = None


@dataclass(frozen=True, slots=True)
class Coordinator:
    """An orchestrator, or the meta-orchestrator, that has an agent of its own; `subject` names its evaluation."""

    id: str
    subject: str
    agent_type: str
    members: tuple[str, ...]
    """Its workstreams."""
    first: tuple[str, ...] | None
    """It begins when one of these can be worked on; None: with the plan."""


class Wiring:
    """Immutable once built; one per plan in force. `floats`: plan weeks by workstream, when the caller has newer ones."""

    def __init__(self, plan: Plan, floats: Mapping[str, float] | None = None) -> None:
        self.plan = plan
        self.members = _members(plan)
        self.checks = {w.id: tuple(_own_checks(plan, w)) for w in plan.workstreams.values()}
        self.planned_week = {w.id: planned_start_week(plan, w) for w in plan.workstreams.values()}
        self.opened = frozenset(g.opens for g in plan.gates.values() if g.opens is not None)
        self.coordinators = tuple(_coordinators(plan, self.members))
        subjects = [*plan.workstreams, *plan.gates, *(c.subject for c in self.coordinators)]
        self.order = {subject: i for i, subject in enumerate(subjects)}
        self.floats = critical_path(plan).floats if floats is None else floats
        self.rank = _ranks(plan, self.floats)
        self.by_rank = sorted(self.rank, key=self.rank.__getitem__)
        self.readers = self._readers()
        self.gate_readers = {gate: frozenset(self._readers_of_gate(gate)) for gate in plan.gates}
        self._after: dict[str, frozenset[str]] = {}
        self._later: dict[str, frozenset[str]] = {}

    def critical(self, workstream: str) -> bool:
        """Whether the plan ends later when this workstream does; so is everything in a plan without dates."""
        return self.floats.get(workstream, 0.0) <= NO_FLOAT

    def inputs(self, gate: Gate) -> tuple[str, ...]:
        """Workstreams of the phase that the gate closes."""
        return self.members.get(gate.closes, ()) if gate.closes is not None else ()

    def _readers(self) -> dict[str, tuple[str, ...]]:
        """Workstream → subjects whose evaluation looks at its status, itself included."""
        plan = self.plan
        found: dict[str, dict[str, None]] = {id: {id: None} for id in plan.workstreams}
        for workstream in plan.workstreams.values():
            for target in self._targets(workstream.needs):
                if target in found:
                    found[target][workstream.id] = None
        for gate in plan.gates.values():
            for target in (*self.inputs(gate), *self._targets(gate.needs)):
                if target in found:
                    found[target][gate.id] = None
        for one in self.coordinators:
            for target in one.members:
                found[target][one.subject] = None
        return {id: tuple(subjects) for id, subjects in found.items()}

    def _readers_of_gate(self, gate: str) -> Iterator[str]:
        """Subjects whose evaluation looks at the gate's status, itself included."""
        plan = self.plan
        yield gate
        yield from self.members.get(plan.gates[gate].opens or "", ())
        for workstream in plan.workstreams.values():
            after = (check.criterion.after for check in self.checks[workstream.id])
            if gate in after or gate in self._targets(workstream.needs):
                yield workstream.id
        for other in plan.gates.values():
            if gate in (c.after for c in other.criteria) or gate in self._targets(other.needs):
                yield other.id

    def _targets(self, needs: tuple[Need, ...]) -> list[str]:
        """Workstreams and gates that the needs rest on, those of milestones included."""
        waiting, seen = [n.target for n in needs], dict[str, None]()
        while waiting:
            target = waiting.pop()
            if target not in seen:
                seen[target] = None
                if target not in self.plan.workstreams:
                    waiting += [n.target for m in self.plan.milestones if m.id == target for n in m.needs]
        return list(seen)

    def after(self, workstream: str) -> frozenset[str]:
        """Every workstream that waits for this one, however far down."""
        known = self._after.get(workstream)
        if known is None:
            known = self._after[workstream] = self._reach([workstream]) - {workstream}
        return known

    def later(self, gate: str) -> frozenset[str]:
        """Workstreams that never come to be when the gate is killed: those of later phases, and what needs the gate."""
        known = self._later.get(gate)
        if known is None:
            known = self._later[gate] = self._later_than(self.plan.gates[gate])
        return known

    def _later_than(self, gate: Gate) -> frozenset[str]:
        phases = list(self.plan.phases)
        first = len(phases)
        if gate.opens in phases:
            first = phases.index(gate.opens)
        elif gate.closes in phases:
            first = phases.index(gate.closes) + 1
        found = {id for phase in phases[first:] for id in self.members.get(phase, ())}
        direct = [w.id for w in self.plan.workstreams.values() if gate.id in self._targets(w.needs)]
        return frozenset(found) | self._reach(direct)

    def _reach(self, first: list[str]) -> frozenset[str]:
        seen, waiting = set(first), list(first)
        while waiting:
            for reader in self.readers[waiting.pop()]:
                if reader not in seen and reader in self.plan.workstreams:
                    seen.add(reader)
                    waiting.append(reader)
        return frozenset(seen)


def _members(plan: Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for workstream in plan.workstreams.values():
        if workstream.phase is not None:
            found.setdefault(workstream.phase, []).append(workstream.id)
    return {phase: tuple(ids) for phase, ids in found.items()}


def _own_checks(plan: Plan, workstream: Workstream) -> Iterator[OwnCheck]:
    for d in workstream.deliverables:
        if d.check is not None:
            key = criterion_key(f"deliverable:{workstream.id}", d.id)
            yield OwnCheck(key, d.check, f"deliverable {d.name}", d.id)
    for c in workstream.accept:
        yield OwnCheck(criterion_key(f"accept:{workstream.id}", c.id), c, c.name)
    for c in plan.meta.invariants if plan.meta else ():
        yield OwnCheck(criterion_key(f"invariant:{workstream.id}", c.id), c, f"invariant {c.name}")


def _coordinators(plan: Plan, members: Mapping[str, tuple[str, ...]]) -> Iterator[Coordinator]:
    meta = plan.meta
    if meta is not None and meta.instructions and meta.agent and can_start(plan, meta.agent):
        yield Coordinator(meta.id, f"agent:{meta.id}", meta.agent, tuple(plan.workstreams), None)
    for one in plan.orchestrators.values():
        if not one.instructions or not one.agent or not can_start(plan, one.agent):
            continue
        mine = tuple(w.id for w in plan.workstreams.values() if w.orchestrator == one.id)
        first_phase = next((p for p in one.phases if members.get(p)), None)
        first = tuple(id for id in mine if plan.workstreams[id].phase == first_phase) or mine
        yield Coordinator(one.id, f"agent:{one.id}", one.agent, mine, first)


def _ranks(plan: Plan, floats: Mapping[str, float]) -> dict[str, int]:
    """Whose turn it is: least float, then priority, then id."""
    turn = sorted(
        plan.workstreams.values(), key=lambda w: (floats.get(w.id, 0.0), _PRIORITY[w.priority], w.id)
    )
    return {w.id: i for i, w in enumerate(turn)}
