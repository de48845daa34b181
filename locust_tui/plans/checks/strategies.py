"""Strategies that would change nothing."""

from __future__ import annotations

import json

from ...analysis.soundness import descoped
from ...domain.plan import Plan, Strategy
from ..findings import Findings
from ..tree import Tree
from .places import item_place, written_key

_SHOWN = 5
_NOTHING = 0.05
"""Weeks that are no saving."""


def check_strategies(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn where leaving out what could be left out ends no earlier; the plan must have no errors."""
    if not any(w.weeks or w.estimate for w in plan.workstreams.values()):
        return
    for strategy in plan.strategies:
        ids = _candidates(plan, strategy)
        if strategy.kind != "descope" or not ids:
            continue
        found = descoped(plan, ids)
        if found.saved >= _NOTHING:
            continue
        named = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
        none = "it is not" if len(ids) == 1 else "none of them is"
        findings.warning(
            "descope",
            f"deferring {named} saves 0 weeks and frees {found.freed:g} agent-weeks: {none} on the critical path",
            "name work of the critical path; locust-tui critical-path shows it",
            at=written_key(tree, item_place(tree, "strategies", strategy.id, "id"), "candidates"),
        )


def _candidates(plan: Plan, strategy: Strategy) -> list[str]:
    value = json.loads(strategy.options.get("candidates") or "[]")
    names = [str(v) for v in value] if isinstance(value, list) else [str(value)]
    return [name for name in names if name in plan.workstreams]
