"""The network of a plan: its workstreams, gates and milestones as nodes, its needs as relations, in topological order."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, GateMode, Need, NeedKind, Plan, Workstream
from locust_tui.errors import UsageError

UNDATED_WEEKS = 1.0
"""Duration of a workstream that has neither weeks nor an estimate."""


class NetworkCycleError(UsageError):
    """Nodes that wait for each other. `loop` names them in order, first and last alike."""

    def __init__(self, loop: Sequence[str]) -> None:
        self.loop = tuple(loop)
        super().__init__(
            f"these wait for each other: {' → '.join(self.loop)}", help="remove one of these needs"
        )


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes in topological order; every list is indexed by node. Durations and releases in plan weeks.

    A node starts no earlier than the finish of each node in `fs` and, for each (i, p) in `ss`, no earlier than
    the start of i plus the fraction p of its duration; it finishes no earlier than each node in `ff`.
    """

    ids: tuple[str, ...]
    index: dict[str, int]
    durations: tuple[float, ...]
    releases: tuple[float, ...]
    """Planned start of each node; only counts where a calculation asks for planned dates."""
    fs: tuple[tuple[int, ...], ...]
    ss: tuple[tuple[tuple[int, float], ...], ...]
    ff: tuple[tuple[int, ...], ...]
    fs_after: tuple[tuple[int, ...], ...]
    ss_after: tuple[tuple[tuple[int, float], ...], ...]
    ff_after: tuple[tuple[int, ...], ...]
    works: tuple[int, ...]
    """Nodes that are workstreams, in plan order."""
    days: int
    """Working days of a plan week."""

    def __len__(self) -> int:
        return len(self.ids)


def planned_duration(workstream: Workstream) -> float:
    """Plan weeks: from its weeks, else the most likely value of its estimate, else one; times its crew's gain."""
    if workstream.weeks is not None:
        return workstream.weeks.duration * workstream.gain
    return (workstream.estimate[1] if workstream.estimate else UNDATED_WEEKS) * workstream.gain


def planned_start_week(plan: Plan, workstream: Workstream) -> int | None:
    """First planned week of a workstream, else of its phase, else None."""
    if workstream.weeks is not None:
        return workstream.weeks.first
    phase = plan.phases.get(workstream.phase or "")
    return phase.weeks.first if phase is not None and phase.weeks is not None else None


def gate_holds_start(plan: Plan, gate: Gate, workstream: Workstream) -> bool:
    """Whether `gate`, while shut, bars the start of `workstream` by its mode alone.

    Overlap lets work start that is planned to start in or before the gate's week; without a week on
    either side it bars like `hard`.
    """
    if gate.opens is None or workstream.phase != gate.opens or gate.mode is GateMode.ADVISORY:
        return False
    if gate.mode is GateMode.HARD:
        return True
    first = planned_start_week(plan, workstream)
    return first is None or gate.week is None or first > gate.week


def gate_holds_acceptance(gate: Gate, workstream: Workstream) -> bool:
    """Whether `gate`, while shut, bars the acceptance of `workstream` by its mode alone."""
    return gate.opens is not None and workstream.phase == gate.opens and gate.mode is not GateMode.ADVISORY


def overlap_fraction(plan: Plan, need: Need) -> float | None:
    """Share of the target's duration after which the need is met; None where it must be finished first.

    A deliverable counts as its rank among the target's deliverables.
    """
    target = plan.workstreams.get(need.target)
    if target is None or need.kind is NeedKind.DONE:
        return None
    if need.kind is NeedKind.STARTED:
        return 0.0
    if need.kind is NeedKind.PERCENT:
        return min(1.0, max(0.0, (need.percent or 0.0) / 100.0))
    ranks = [d.id for d in target.deliverables]
    if need.deliverable not in ranks:
        return None
    return (ranks.index(need.deliverable) + 1) / len(ranks)


class _Relations:
    """Relations of every node while the network is being built; whatever is in `ss` is in `ff` too."""

    def __init__(self, plan: Plan, strict: bool) -> None:
        self.plan = plan
        self.strict = strict
        self.fs: dict[str, dict[str, None]] = {}
        self.ss: dict[str, dict[str, float]] = {}
        self.ff: dict[str, dict[str, None]] = {}

    def add(self, node: str) -> None:
        self.fs[node], self.ss[node], self.ff[node] = {}, {}, {}

    def needs(self, node: str, needs: tuple[Need, ...]) -> None:
        for need in needs:
            if need.target not in self.fs:
                continue
            fraction = None if self.strict else overlap_fraction(self.plan, need)
            if fraction is None:
                self.fs[node][need.target] = None
            else:
                self.ss[node][need.target] = max(fraction, self.ss[node].get(need.target, 0.0))
                self.ff[node][need.target] = None

    def hold(self, gate: Gate, workstream: Workstream) -> None:
        if gate_holds_start(self.plan, gate, workstream):
            self.fs[workstream.id][gate.id] = None
        elif gate_holds_acceptance(gate, workstream):
            self.ff[workstream.id][gate.id] = None

    def before(self, node: str) -> tuple[str, ...]:
        """In plan order: the order of the nodes must be the same in every process."""
        return (*self.fs[node], *self.ff[node])


def _relations(plan: Plan, strict: bool, gates: bool) -> _Relations:
    relations = _Relations(plan, strict)
    for node in [*plan.workstreams, *plan.gates, *(m.id for m in plan.milestones)]:
        relations.add(node)
    members: dict[str, list[str]] = {}
    for w in plan.workstreams.values():
        relations.needs(w.id, w.needs)
        if w.phase is not None:
            members.setdefault(w.phase, []).append(w.id)
    for gate in plan.gates.values():
        relations.needs(gate.id, gate.needs)
        for member in members.get(gate.closes or "", ()):
            relations.fs[gate.id][member] = None
        if gates:
            for member in members.get(gate.opens or "", ()):
                relations.hold(gate, plan.workstreams[member])
    for milestone in plan.milestones:
        relations.needs(milestone.id, milestone.needs)
    return relations


def _topological(relations: _Relations) -> tuple[str, ...]:
    sorter = TopologicalSorter({node: relations.before(node) for node in relations.fs})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        raise NetworkCycleError(error.args[1]) from None


def build_network(plan: Plan, *, strict: bool = False, gates: bool = False) -> Network:
    """The plan's network; `strict` reads every need as done, `gates` adds what shut phase gates hold.

    Gates and milestones are nodes without duration, and count wherever a need names them. Raises
    NetworkCycleError.
    """
    relations = _relations(plan, strict, gates)
    ids = _topological(relations)
    index = {node: i for i, node in enumerate(ids)}
    fs = tuple(tuple(index[t] for t in relations.fs[node]) for node in ids)
    ss = tuple(tuple((index[t], p) for t, p in relations.ss[node].items()) for node in ids)
    ff = tuple(tuple(index[t] for t in relations.ff[node]) for node in ids)
    fs_after: list[list[int]] = [[] for _ in ids]
    ss_after: list[list[tuple[int, float]]] = [[] for _ in ids]
    ff_after: list[list[int]] = [[] for _ in ids]
    for j in range(len(ids)):
        for i in fs[j]:
            fs_after[i].append(j)
        for i, p in ss[j]:
            ss_after[i].append((j, p))
        for i in ff[j]:
            ff_after[i].append(j)
    works = plan.workstreams
    return Network(
        ids=ids,
        index=index,
        durations=tuple(planned_duration(works[node]) if node in works else 0.0 for node in ids),
        releases=tuple(
            float((planned_start_week(plan, works[node]) or 1) - 1) if node in works else 0.0 for node in ids
        ),
        fs=fs,
        ss=ss,
        ff=ff,
        fs_after=tuple(map(tuple, fs_after)),
        ss_after=tuple(map(tuple, ss_after)),
        ff_after=tuple(map(tuple, ff_after)),
        works=tuple(index[node] for node in works),
        days=len(plan.calendar.workdays) or 5,
    )
