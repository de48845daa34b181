"""Where a plan that comes into force came from, and what it changes of gates: what its event says beside the plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from locust_tui.analysis.approvals import criterion_change
from locust_tui.analysis.baseline import changes_between
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.events import CriteriaStale, PlanAccepted
from locust_tui.domain.plan import Plan
from locust_tui.domain.quantity import format_value
from locust_tui.domain.states import CriterionState
from locust_tui.domain.studies.baseline import ChangeClass, PlanChange
from locust_tui.domain.world import World
from locust_tui.ownership import user_name
from locust_tui.plans.trust import trust_given

from .checks import checks_of

_OF_GATES = frozenset({
    ChangeClass.DATES, ChangeClass.CRITERIA, ChangeClass.LIMIT, ChangeClass.NEEDS, ChangeClass.PEOPLE,
})  # fmt: skip
_FOUND = {CriterionState.FAIL: "had failed", CriterionState.PASS: "had passed", CriterionState.ERROR: "could not be measured"}  # fmt: skip
WAS_STALE = "was last measured"


def with_origin(accepted: PlanAccepted, path: Path) -> PlanAccepted:
    """`accepted` with who owns the file, when it was saved, and who trusted it: as far as that is known. Reads the
    file system: call it in a thread."""
    trusted = trust_given(path)
    if trusted is not None:
        accepted = replace(accepted, trusted_by=trusted[0], trusted_at=trusted[1])
    try:
        facts = os.stat(path)
    except OSError:
        return accepted
    return replace(accepted, saved_by=user_name(facts.st_uid), saved_at=facts.st_mtime)


def gate_changes(old: Plan, new: Plan, world: World) -> tuple[PlanChange, ...]:
    """What `new` changes of gates, each criterion with how it stands as yet."""
    return tuple(_of_gates(old, new, world))


def _of_gates(old: Plan, new: Plan, world: World) -> Iterator[PlanChange]:
    for change in changes_between(old, new):
        if change.section == "gates" and change.kind in _OF_GATES:
            result = world.criteria.get(change.key) if change.key else None
            yield replace(change, found=_found(result))


def made_stale(old: Plan, new: Plan, world: World) -> list[CriteriaStale]:
    """The measured criteria whose definition differs in `new`; a new limit is named beside the old one."""
    before, after = checks_of(old), checks_of(new)
    keys: dict[str, list[str]] = {}
    for key, check in after.items():
        result = world.criteria.get(key)
        if result is None or result.state in (CriterionState.STALE, CriterionState.NOT_RUN):
            continue
        if key not in before or before[key].criterion != check.criterion:
            was = before[key].criterion if key in before else None
            keys.setdefault(criterion_change(was, check.criterion), []).append(key)
    return [CriteriaStale(tuple(found), why) for why, found in keys.items()]


def _found(result: CriterionResult | None) -> str:
    """ "had failed with 76.2 %"; empty where it was never measured."""
    if result is None:
        return ""
    words = _FOUND.get(result.state, "")
    value = result.value
    if result.state is CriterionState.STALE:
        words = WAS_STALE if value is not None else ""
    if not words:
        return ""
    return f"{words} with {format_value(value, result.unit)}" if value is not None else words
