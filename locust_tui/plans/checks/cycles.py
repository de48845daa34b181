"""Workstreams, gates and milestones that wait for each other for ever."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.dataclass import dataclass

from ...domain.plan import GateMode, Need, Plan
from ..findings import Findings
from ..tree import Tree, Where
from .places import milestone_place, need_place, shared_ids


@dataclass(frozen=True, slots=True)
class _Arrow:
    """`after` waits for `before`."""

    before: str
    after: str
    owner: Where
    need: Need | None
    """None where a gate's phase makes the arrow."""


def check_cycles(plan: Plan, tree: Tree, findings: Findings) -> None:
    """One error per knot of things that wait for each other; needs of a workstream on itself apart."""
    arrows: dict[str, dict[str, _Arrow]] = {}
    doubtful = shared_ids(plan, tree)
    for arrow in _arrows(plan, tree):
        if arrow.before in doubtful or arrow.after in doubtful:
            continue
        if arrow.before == arrow.after:
            _self_need(arrow, tree, findings)
        else:
            arrows.setdefault(arrow.after, {}).setdefault(arrow.before, arrow)
    for knot in _knots({after: list(before) for after, before in arrows.items()}):
        _report(_shortest_loop(knot, arrows), plan, tree, findings)


def _self_need(arrow: _Arrow, tree: Tree, findings: Findings) -> None:
    if arrow.need is not None:
        at, key = need_place(tree, arrow.owner, arrow.need)
        findings.error("cycle", f"{arrow.after} needs itself", "remove this need", at=at, key=key)


def _arrows(plan: Plan, tree: Tree) -> Iterator[_Arrow]:
    for id_, workstream in plan.workstreams.items():
        for need in workstream.needs:
            yield _Arrow(need.target, id_, ("workstreams", id_), need)
    members: dict[str, list[str]] = {}
    for id_, workstream in plan.workstreams.items():
        if workstream.phase is not None:
            members.setdefault(workstream.phase, []).append(id_)
    for id_, gate in plan.gates.items():
        for need in gate.needs:
            yield _Arrow(need.target, id_, ("gates", id_), need)
        for member in members.get(gate.closes or "", ()):
            yield _Arrow(member, id_, ("gates", id_, "closes"), None)
        if gate.mode is not GateMode.ADVISORY:
            for member in members.get(gate.opens or "", ()):
                yield _Arrow(id_, member, ("workstreams", member, "phase"), None)
    for number, milestone in enumerate(plan.milestones):
        for need in milestone.needs:
            yield _Arrow(need.target, milestone.id, milestone_place(tree, number), need)


def _knots(before: dict[str, list[str]]) -> list[set[str]]:
    """Strongly connected components of more than one node (Tarjan 1972, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    knots: list[set[str]] = []
    for root in before:
        if root in order:
            continue
        work = [(root, iter(before.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for other in following:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(before.get(other, ()))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    knot = set()
                    while (member := stack.pop()) != node:
                        on_stack.discard(member)
                        knot.add(member)
                    on_stack.discard(node)
                    if knot:
                        knots.append(knot | {node})
    return knots


def _shortest_loop(knot: set[str], arrows: dict[str, dict[str, _Arrow]]) -> list[_Arrow]:
    """A shortest loop through the knot's first member, as arrows from `before` to `after`."""
    start = next(node for node in arrows if node in knot)
    came: dict[str, str] = {}
    front = [start]
    while front:
        following: list[str] = []
        for node in front:
            for before in arrows.get(node, {}):
                if before == start:
                    return _walk(node, start, came, arrows)
                if before in knot and before not in came:
                    came[before] = node
                    following.append(before)
        front = following
    raise AssertionError("a knot always holds a loop")


def _walk(node: str, start: str, came: dict[str, str], arrows: dict[str, dict[str, _Arrow]]) -> list[_Arrow]:
    loop = [arrows[node][start]]
    while node != start:
        loop.append(arrows[came[node]][node])
        node = came[node]
    return loop


def _report(loop: list[_Arrow], plan: Plan, tree: Tree, findings: Findings) -> None:
    order = {
        id_: n for n, id_ in enumerate([*plan.workstreams, *plan.gates, *(m.id for m in plan.milestones)])
    }
    # what waits for something written below it is most often the mistake
    written = [a for a in loop if a.need is not None] or loop
    closing = max(
        written, key=lambda a: (order.get(a.before, 0) > order.get(a.after, 0), order.get(a.after, 0))
    )
    at = loop.index(closing)
    names = [a.after for a in loop[at:] + loop[:at]]
    chain = " → ".join([*names, names[0]])
    only_work = all(name in plan.workstreams for name in names)
    who = "these workstreams wait for each other" if only_work else "these wait for each other"
    where, key = (
        (closing.owner, False) if closing.need is None else need_place(tree, closing.owner, closing.need)
    )
    span = findings.place(where, key)
    line = f"line {span.line} ({closing.after} needs {closing.before}) closes the circle" if span else ""
    findings.error(
        "cycle", f"{who}: {chain}", f"remove one need; {line}" if line else "remove one need", span=span
    )
