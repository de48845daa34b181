"""Checks of a plan as a whole: what no single value shows."""

from __future__ import annotations

from ...analysis.soundness import in_scope
from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree
from .after_release import check_after_release
from .agents import check_agents
from .capacity import check_capacity
from .criteria import check_criteria
from .cycles import check_cycles
from .dates import check_dates
from .expressions import check_expressions
from .gates import check_gates
from .hooks import check_hooks
from .ids import check_ids
from .measures import check_measures
from .names import check_names
from .people import check_people
from .strategies import check_strategies
from .strategy_options import check_strategy_options
from .words import check_words
from .work import check_work


def check_plan(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Add every error, warning and note about how the parts of `plan` fit together.

    Whether a plan holds what it promises is asked of plans without errors alone, and not of work that it defers. What depends on this machine (programs on PATH) is left to `programs`.
    """
    for check in (
        check_ids,
        check_names,
        check_cycles,
        check_work,
        check_agents,
        check_criteria,
        check_people,
        check_expressions,
        check_hooks,
        check_after_release,
        check_strategy_options,
    ):
        check(plan, tree, findings)
    planned = in_scope(plan)
    check_capacity(planned, tree, findings)
    if findings.failed:
        return
    for check in (check_dates, check_gates, check_measures, check_strategies, check_words):
        check(planned, tree, findings)
