"""What differs between two plans, field by field; and from the record: what was agreed, who changed what, when and why."""

from __future__ import annotations

from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.baseline import PlanChange

from .baseline_fields import field_changes
from .plan_parts import differing


def changes_between(old: Plan, new: Plan) -> tuple[PlanChange, ...]:
    """Every field that differs, in the plan's order of sections; what was worked out of another field is left out.

    The changes have no revision, moment or person: two plans know of none. `recorded_changes` gives those of the record.
    """
    return tuple(change for pair in differing(old, new) for change in field_changes(pair))
