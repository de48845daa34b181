"""Keys of strategies that say nothing to their kind, crews that can do nothing, and work that needs what is deferred."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...analysis.strategies.offered import OPTIONS
from ...domain.plan import Need, Plan
from ...errors import did_you_mean
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place, need_place


def check_strategy_options(plan: Plan, tree: Tree, findings: Findings) -> None:
    for strategy in plan.strategies:
        where = item_place(tree, "strategies", strategy.id, "id")
        known = OPTIONS[strategy.kind]
        for name, text in strategy.options.items():
            if name not in known and not name.startswith("x-"):
                help = did_you_mean(name, known) or f"of kind {strategy.kind} it knows {', '.join(known)}"
                message = f'"{name}" says nothing to strategy {strategy.id}'
                findings.warning("strategy", message, help, at=(*where, name), key=True)
            elif wrong := _wrong(plan, name, json.loads(text)):
                message, example = wrong
                findings.error("strategy", f"strategy {strategy.id}: {message}", example, at=(*where, name))
    _check_scope(plan, tree, findings)


def _wrong(plan: Plan, name: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with the value of a key, and how one looks."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name == "gain" and not (number and 0 < value < 1):
        return "gain is between 0 and 1", "gain: 0.7"
    if name == "percent" and not (number and 0 < value < 100):
        return "percent is between 0 and 100", "percent: 50"
    if name in ("max_agents_per_workstream", "from") and not (
        isinstance(value, int) and number and value > 0
    ):
        return f"{name} is a whole number above 0", f"{name}: 2"
    if name == "rate" and not (number and value >= 0):
        return "rate is dollars an hour", "rate: 90"
    if name in ("further", "relink") and not isinstance(value, bool):
        return f"{name} is true or false", f"{name}: true"
    if name == "adds":
        return _wrong_adds(plan, value)
    if name == "workstreams":
        unknown = [
            w for w in (value if isinstance(value, list) else [value]) if str(w) not in plan.workstreams
        ]
        if unknown:
            near = did_you_mean(str(unknown[0]), plan.workstreams) or "name workstreams of this plan"
            return f'"{unknown[0]}" is no workstream', near
    return None


def _wrong_adds(plan: Plan, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return "adds names agent types and how many of each", "adds: {coder: 2}"
    for name, count in value.items():
        if name not in plan.agents:
            return f'it adds "{name}", which is no agent type', did_you_mean(
                name, plan.agents
            ) or "agents: names them"
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            return f"it adds {count} of {name}", f"adds: {{{name}: 2}}"
    return None


def _check_scope(plan: Plan, tree: Tree, findings: Findings) -> None:
    for owner, name, need in _needing(plan):
        place, key = need_place(tree, owner, need)
        to = plan.workstreams[need.target].defer
        message = f"{name} needs {need.target}, which is deferred to {to}: it will stay blocked"
        help = f"take the need of {need.target} out, or defer {name}, too"
        findings.warning("deferred-need", message, help, at=place, key=key)
    for w in plan.workstreams.values():
        if w.crew is not None and w.run is not None:
            findings.warning(
                "crew",
                f"crew has no effect on {w.id}: a command does it",
                "take it out",
                at=("workstreams", w.id, "crew"),
            )


def _needing(plan: Plan) -> Iterator[tuple[Where, str, Need]]:
    gone = {w.id for w in plan.workstreams.values() if w.defer}
    for w in plan.workstreams.values():
        for need in w.needs:
            if need.target in gone and not w.defer:
                yield ("workstreams", w.id), w.id, need
    for gate in plan.gates.values():
        for need in gate.needs:
            if need.target in gone:
                yield ("gates", gate.id), f"gate {gate.id}", need
