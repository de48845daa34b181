"""What follows from a plan alone and is looked up at every snapshot: members, dependents, checks, held starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import Gate, Plan, Weeks, Workstream

from .decision_basis import terms
from .gates import held_starts
from .network import Network, build_network

Check = tuple[str, Criterion]
"""A criterion with the key of its result."""


def check_criteria(plan: Plan, w: Workstream) -> tuple[Check, ...]:
    """What `w` must pass to be accepted: its own checks, then the plan's invariants."""
    own = [(criterion_key(f"accept:{w.id}", c.id), c) for c in w.accept]
    invariants = plan.meta.invariants if plan.meta is not None else ()
    return (*own, *((criterion_key(f"invariant:{w.id}", c.id), c) for c in invariants))


@dataclass
class PlanIndex:
    plan: Plan

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.plan.workstreams)

    @cached_property
    def position(self) -> dict[str, int]:
        return {work: i for i, work in enumerate(self.ids)}

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Phase → its workstreams."""
        found: dict[str, list[str]] = {phase: [] for phase in self.plan.phases}
        for w in self.plan.workstreams.values():
            if w.phase is not None:
                found.setdefault(w.phase, []).append(w.id)
        return {phase: tuple(ids) for phase, ids in found.items()}

    @cached_property
    def weeks(self) -> tuple[Weeks | None, ...]:
        """Every different span of planned weeks."""
        return tuple(dict.fromkeys(w.weeks for w in self.plan.workstreams.values()))

    @cached_property
    def span(self) -> tuple[int, ...]:
        """Of each workstream, which of `weeks` it has."""
        number = {weeks: i for i, weeks in enumerate(self.weeks)}
        return tuple(number[w.weeks] for w in self.plan.workstreams.values())

    @cached_property
    def checks(self) -> dict[str, tuple[Check, ...]]:
        return {w.id: check_criteria(self.plan, w) for w in self.plan.workstreams.values()}

    @cached_property
    def check_owner(self) -> dict[str, str]:
        """Key of a check's result → its workstream."""
        return {key: work for work, checks in self.checks.items() for key, _ in checks}

    @cached_property
    def dependents(self) -> dict[str, tuple[str, ...]]:
        """Workstream → workstreams that need it."""
        found: dict[str, list[str]] = {work: [] for work in self.ids}
        for w in self.plan.workstreams.values():
            for need in w.needs:
                if need.target in found:
                    found[need.target].append(w.id)
        return {work: tuple(ids) for work, ids in found.items()}

    @cached_property
    def gate_affects(self) -> dict[str, tuple[str, ...]]:
        """Gate → workstreams whose standing its state can change."""
        found: dict[str, dict[str, None]] = {gate: {} for gate in self.plan.gates}
        for gate in self.plan.gates.values():
            found[gate.id].update(dict.fromkeys(self.members.get(gate.opens or "", ())))
        for w in self.plan.workstreams.values():
            named = [n.target for n in w.needs] + [c.after for _, c in self.checks[w.id] if c.after]
            for target in named:
                if target in found:
                    found[target][w.id] = None
        return {gate: tuple(ids) for gate, ids in found.items()}

    @cached_property
    def unsteady(self) -> tuple[str, ...]:
        """Workstreams whose standing the clock or a milestone can change: looked at every time."""
        nodes = {*self.plan.workstreams, *self.plan.gates}
        return tuple(
            w.id
            for w in self.plan.workstreams.values()
            if any(c.max_age is not None for _, c in self.checks[w.id])
            or any(n.target not in nodes for n in w.needs)
        )

    @cached_property
    def held_starts(self) -> dict[str, tuple[str, ...]]:
        return {g.id: held_starts(self.plan, g) for g in self.plan.gates.values()}

    @cached_property
    def gate_terms(self) -> dict[str, str]:
        """Gate → digest of what the plan says that a decision on it is about."""
        return {g.id: terms(g, self.held_starts[g.id], self.later[g.id]) for g in self.plan.gates.values()}

    @cached_property
    def later(self) -> dict[str, tuple[str, ...]]:
        """Gate → workstreams that never come to be once it is killed: those of later phases, and what needs the gate."""
        return {g.id: self._later(g) for g in self.plan.gates.values()}

    def _later(self, gate: Gate) -> tuple[str, ...]:
        phases = list(self.plan.phases)
        first = len(phases)
        if gate.opens in phases:
            first = phases.index(gate.opens)
        elif gate.closes in phases:
            first = phases.index(gate.closes) + 1
        found = {id for phase in phases[first:] for id in self.members[phase]}
        waiting = [w.id for w in self.plan.workstreams.values() if any(n.target == gate.id for n in w.needs)]
        while waiting:
            work = waiting.pop()
            if work not in found:
                waiting += self.dependents[work]
            found.add(work)
        return tuple(work for work in self.ids if work in found)

    @cached_property
    def network(self) -> Network:
        return build_network(self.plan)
