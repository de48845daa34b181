"""Checks of a plan as a whole: what no single value shows."""

from __future__ import annotations

from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree


def check_plan(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Add every error and warning about how the parts of `plan` fit together."""
