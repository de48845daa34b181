"""Where in the file the parts of a plan stand, whatever form they were written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from ...domain.plan import Need, Plan
from ..resolve_criteria import slug
from ..tree import Tree, Where

NEEDS_KEYS = ("needs", "depends_on")


def raw(tree: Tree, where: Where) -> Any:
    """The file's own value at `where`; None when nothing is written there."""
    value = tree.value
    for step in where:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def written_key(tree: Tree, where: Where, *keys: str) -> Where:
    """`where` with whichever of `keys` is written there (the first when none is)."""
    block = raw(tree, where)
    found = next((key for key in keys if isinstance(block, dict) and key in block), keys[0])
    return (*where, found)


def need_place(tree: Tree, owner: Where, need: Need) -> tuple[Where, bool]:
    """Place of one need of the block at `owner`, and whether its key is meant rather than its value."""
    where = written_key(tree, owner, *NEEDS_KEYS)
    value = raw(tree, where)
    if isinstance(value, dict):
        return (*where, need.target), True
    if isinstance(value, list):
        for position, item in enumerate(value):
            if isinstance(item, dict) and need.target in item:
                return (*where, position, need.target), True
            if unicodedata.normalize("NFC", str(item)) == need.target:
                return (*where, position), False
    return where, False


def milestone_place(tree: Tree, index: int) -> Where:
    """Place of the n-th milestone, written as a list or as a block of names."""
    value = raw(tree, ("milestones",))
    if isinstance(value, dict):
        return ("milestones", list(value)[index])
    return ("milestones", index)


def item_place(tree: Tree, section: str, name: str, *keys: str) -> Where:
    """Place of the item of a list section whose `keys` give `name`."""
    value = raw(tree, (section,))
    if isinstance(value, dict):
        return (section, name)
    for position, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and any(str(item.get(key)) == name for key in keys):
            return (section, position)
    return (section,)


def name_place(tree: Tree, where: Where, name: str) -> Where:
    """Place of one name in the text or list at `where`."""
    value = raw(tree, where)
    if isinstance(value, list):
        for position, item in enumerate(value):
            if unicodedata.normalize("NFC", str(item)) == name:
                return (*where, position)
    return where


def shared_ids(plan: Plan, tree: Tree) -> set[str]:
    """Ids that more than one thing has: what needs one of them may mean either."""
    owners = Counter([*plan.workstreams, *plan.gates, *(m.id for m in plan.milestones)])
    twice = {d.key for d in tree.duplicates if d.where in (("workstreams",), ("gates",))}
    return twice | {id_ for id_, count in owners.items() if count > 1}


def written_ids(tree: Tree) -> set[str]:
    """Every id the file gives to a workstream, gate or milestone, broken ones included."""
    found: set[str] = set()
    for section in ("workstreams", "gates", "milestones"):
        value = raw(tree, (section,))
        if isinstance(value, dict):
            found.update(value)
        if section == "milestones":
            names = (
                value
                if isinstance(value, dict)
                else [i.get("name") for i in value or () if isinstance(i, dict)]
            )
            found.update(slug(str(name)) for name in names if name)
            found.update(str(name) for name in names if name)
    return found
