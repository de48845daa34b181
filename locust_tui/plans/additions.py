"""What commands have put into a plan, laid over what its file says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from ..errors import UsageError

_NAMED_BY = {
    "milestones": "name",
    "monitors": "name",
    "alerts": "name",
    "reports": "name",
    "success": "name",
    "after_release": "name",
    "risks": "id",
    "strategies": "id",
}
"""Blocks that are lists in the file → the key by which an item of theirs is known."""


def lay_over(value: dict[str, Any], additions: Mapping[str, str]) -> None:
    """Change the tree `value` in place: each addition's JSON at its place, mappings joined key by key.

    A place is made of keys with slashes between; in a list, of the item's name. Raises UsageError for a place that
    no plan has room for.
    """
    value.setdefault("workstreams", {})
    before = set(value.get("orchestrators") or ())
    for path, text in sorted(additions.items()):
        if text:
            _put(value, path, json.loads(text))
    if isinstance(bosses := value.get("orchestrators"), dict) and set(bosses) - before:
        _in_order_of_phases(bosses, before)


def _in_order_of_phases(bosses: dict[str, Any], of_file: Collection[str]) -> None:
    """Those that were added come after the file's own, the one with the earliest phase first."""

    def turn(name: str) -> tuple[bool, int, str, str]:
        boss = bosses[name]
        phases = boss.get("phases") if isinstance(boss, dict) else None
        first = str(phases[0]) if isinstance(phases, list) and phases else ""
        return not first, int(first) if first.isdecimal() else 0, first, name

    for name in sorted((n for n in bosses if n not in of_file), key=turn):
        bosses[name] = bosses.pop(name)


def digest_with(digest: str, additions: Mapping[str, str]) -> str:
    """The digest of a file's content with additions over it; the content's own where there are none."""
    there = sorted((path, text) for path, text in additions.items() if text)
    if not there:
        return digest
    return hashlib.sha256(json.dumps([digest, there]).encode()).hexdigest()


def _put(tree: dict[str, Any], path: str, new: Any) -> None:
    top, _, rest = path.partition("/")
    key = _NAMED_BY.get(top)
    if key is not None and rest:
        _put_named(tree, top, key, rest, new)
        return
    block, steps = tree, path.split("/")
    if top == "project" and rest and isinstance(tree.get(top), (str, int, float)):
        tree[top] = {"name": str(tree[top])}  # the short form, written out
    for step in steps[:-1]:
        if not isinstance(block.get(step), dict):
            if block.get(step) is not None:
                raise UsageError(f'"{path}" is no place in this plan: {step} holds a value of its own')
            block[step] = {}
        block = block[step]
    last = steps[-1]
    if isinstance(new, dict) and isinstance(block.get(last), dict):
        _join(block[last], new)
    else:
        block[last] = new


def _put_named(tree: dict[str, Any], top: str, key: str, name: str, new: Any) -> None:
    items = tree.setdefault(top, [])
    if not isinstance(items, list) or not isinstance(new, dict):
        raise UsageError(f'"{top}/{name}" is no place in this plan')
    for item in items:
        if isinstance(item, dict) and item.get(key) == name:
            _join(item, new)
            return
    items.append({key: name, **new})


def _join(old: dict[str, Any], new: dict[str, Any]) -> None:
    for key, item in new.items():
        if isinstance(item, dict) and isinstance(old.get(key), dict):
            _join(old[key], item)
        else:
            old[key] = item
