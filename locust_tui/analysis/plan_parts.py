"""The parts of a plan, paired by id with those of another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from locust_tui.domain.plan import Plan

VALUES = (
    "version",
    "schedule",
    "people",
    "aliases",
    "channels",
    "features",
    "free",
    "budget",
    "accounts",
    "git",
)
BLOCKS = ("project", "calendar", "resources", "meta", "verdict")
KEYED = ("workstreams", "gates", "phases", "orchestrators", "agents", "kpis", "notify", "hooks")
LISTED = {"milestones": "id", "risks": "id", "strategies": "id", "facts": "id", "monitors": "name", "alerts": "name", "reports": "name", "success": "name", "after_release": "name", "escalation": "kind"}  # fmt: skip


class Pair(NamedTuple):
    """One part that differs; None on the side where it is not there."""

    section: str
    """`plan` for a value of the plan itself, with that value's name as `id`; else the section's name."""
    id: str
    old: Any
    new: Any


def differing(old: Plan, new: Plan) -> Iterator[Pair]:
    """The parts that differ, by section; within one those of the new plan in its order, then those that are gone."""
    for name in VALUES:
        if getattr(old, name) != getattr(new, name):
            yield Pair("plan", name, getattr(old, name), getattr(new, name))
    for name in BLOCKS:
        if getattr(old, name) != getattr(new, name):
            yield Pair(name, "", getattr(old, name), getattr(new, name))
    for name in (*KEYED, *LISTED):
        yield from _items(name, parts(old, name), parts(new, name))


def parts(plan: Plan, section: str) -> dict[str, Any]:
    """The parts of a section by their ids; of those with the same name each later one gets a mark behind it."""
    held = getattr(plan, section)
    if section in KEYED:
        return dict(held)
    found: dict[str, Any] = {}
    for item in held:
        name = str(getattr(item, LISTED[section]))
        while name in found:
            name += "'"
        found[name] = item
    return found


def _items(section: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Pair]:
    for id_, item in new.items():
        if old.get(id_) != item:
            yield Pair(section, id_, old.get(id_), item)
    for id_, item in old.items():
        if id_ not in new:
            yield Pair(section, id_, item, None)
