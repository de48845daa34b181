"""What is looked at after the release: whether it is understood when."""

from __future__ import annotations

from ...analysis.after_release import is_due_text
from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree


def check_after_release(plan: Plan, tree: Tree, findings: Findings) -> None:
    """A due date that nobody understands never comes; without one, it is looked at the release."""
    for number, check in enumerate(plan.after_release):
        if check.due is not None and not is_due_text(check.due):
            findings.warning(
                "due-date",
                f'"{check.due}" is no due date, so "{check.name}" is never due',
                "due: 1 month, 2 weeks, each release, or a date",
                at=("after_release", number, "due"),
            )
