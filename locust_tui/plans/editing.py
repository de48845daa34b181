"""The changes of a strategy written into a plan file's text, each where it stands: comments, quotes and every line that
they do not touch stay as they were.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..domain.plan import Need, Plan
from ..domain.studies.strategies import (
    CapRaised,
    CrewSet,
    CriterionSetAside,
    Deferred,
    Edit,
    NeedLoosened,
    NeedMoved,
    PlanEdit,
)
from ..errors import UsageError
from .builder import build_tree
from .entries import put_item, set_item, take_out, value_at
from .marks import Value, set_value
from .tree import Where


def edit_text(text: str, edits: Iterable[PlanEdit]) -> str:
    """`text` with all of `edits` in it. UsageError where one cannot be made without touching more than its own place."""
    for edit in edits:
        text = _edit(text, edit)
    return text


def reverse_text(text: str, edits: Sequence[PlanEdit]) -> str:
    """`text` without `edits`, which it has: the last one first. UsageError as for `edit_text`."""
    for edit in reversed(edits):
        match edit:
            case CrewSet():
                text = take_out(text, ("workstreams", edit.workstream, "crew"))
            case Deferred():
                text = take_out(text, ("workstreams", edit.workstream, "defer"))
            case CapRaised():
                text = _edit(text, replace(edit, after=edit.before))
            case NeedLoosened():
                text = _edit(text, replace(edit, condition=edit.before))
            case _:
                raise UsageError(
                    f"the needs of {edit.workstream} cannot be moved back", help="edit the plan file by hand"
                )
    return text


def split(text: str, edits: Iterable[Edit]) -> tuple[tuple[PlanEdit, ...], tuple[PlanEdit, ...]]:
    """Those that the file of `text` has a place for, and those that belong to what commands added to the plan."""
    tree = build_tree(text).value if text else None
    value = tree if isinstance(tree, dict) else {}
    in_file: list[PlanEdit] = []
    added: list[PlanEdit] = []
    for edit in edits:
        if not isinstance(edit, CriterionSetAside):
            (in_file if _has_place(value, edit) else added).append(edit)
    return tuple(in_file), tuple(added)


def _has_place(value: dict[str, Any], edit: PlanEdit) -> bool:
    if not isinstance(edit, CapRaised):
        return edit.workstream in (value.get("workstreams") or {})
    place = _cap_place(value, edit)
    try:
        value_at(value, place)
    except (KeyError, TypeError):
        return False
    return True


def as_additions(plan: Plan, edits: Iterable[PlanEdit]) -> dict[str, str]:
    """The same changes as commands put them over a plan file: place → JSON. `plan`: with the changes made in it.

    UsageError for needs that would have to be taken away.
    """
    found: dict[str, str] = {}
    for edit in edits:
        if isinstance(edit, CapRaised):
            found["/".join(edit.place)] = json.dumps(edit.after)
            continue
        place, w = f"workstreams/{edit.workstream}", plan.workstreams[edit.workstream]
        match edit:
            case CrewSet():
                found[f"{place}/crew"] = json.dumps(_crew(edit))
            case Deferred():
                found[f"{place}/defer"] = json.dumps(edit.to)
            case NeedLoosened():
                found[f"{place}/needs"] = json.dumps({n.target: need_value(n) for n in w.needs})
            case NeedMoved():
                raise UsageError(
                    f"{edit.workstream} was added by a command: its need of {edit.target} cannot be taken away there",
                    help="write the workstream into a plan file first",
                )
    return found


def plan_diff(before: str, after: str, name: str) -> str:
    """The unified diff of two texts of the plan file `name`."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", n=2, lineterm=""
    )
    return "\n".join(lines)


def need_value(need: Need) -> Value:
    """A need's condition as the file writes it behind its name."""
    return {"condition": need.condition, "hard": True} if need.hard else need.condition


def _crew(edit: CrewSet) -> Value:
    return {"agents": edit.agents, "gain": edit.gain}


def _edit(text: str, edit: PlanEdit) -> str:
    match edit:
        case CrewSet():
            return set_value(text, ("workstreams", edit.workstream, "crew"), _crew(edit))
        case Deferred():
            return set_value(text, ("workstreams", edit.workstream, "defer"), edit.to)
        case CapRaised():
            return set_value(text, _cap_place(build_tree(text).value, edit), edit.after)
        case NeedLoosened():
            return _loosen(text, edit)
        case NeedMoved():
            return _move(text, edit)


_CAP_NAMES = {
    ("resources", "max_agents"): ("max_agents", "max_parallel", "concurrency"),
    ("agents", "max"): ("max", "max_parallel"),
}


def _cap_place(value: Any, edit: CapRaised) -> Where:
    """The place as this file spells it."""
    *block, last = edit.place
    names = _CAP_NAMES.get((edit.place[0], last), (last,))
    try:
        inside = value_at(value, tuple(block))
        return (*block, next((name for name in names if name in inside), last))
    except (KeyError, TypeError):
        return edit.place


def _needs_place(value: Any, workstream: str) -> Where:
    block = value_at(value, ("workstreams", workstream))
    key = "needs" if "needs" in block else "depends_on"
    return ("workstreams", workstream, key)


def _same(written: Any, target: str) -> bool:
    return unicodedata.normalize("NFC", str(written)) == target


def _loosen(text: str, edit: NeedLoosened) -> str:
    value = build_tree(text).value
    where = _needs_place(value, edit.workstream)
    needs = value_at(value, where)
    if isinstance(needs, dict):
        return set_value(text, (*where, edit.target), edit.condition)
    if not isinstance(needs, list):
        return set_value(text, where, {str(needs): edit.condition})
    for i, item in enumerate(needs):
        if isinstance(item, dict) and edit.target in item:
            return set_value(text, (*where, i, edit.target), edit.condition)
        if not isinstance(item, dict) and _same(item, edit.target):
            return set_item(text, (*where, i), {str(item): edit.condition})
    raise UsageError(f"{edit.workstream} does not need {edit.target} in the plan file")


def _move(text: str, edit: NeedMoved) -> str:
    value = build_tree(text).value
    where = _needs_place(value, edit.workstream)
    needs = value_at(value, where)
    alone = not isinstance(needs, dict | list) or _count(needs) == 1
    if alone and not edit.instead:
        return take_out(text, where)
    new = {n.target: need_value(n) for n in edit.instead}
    if not isinstance(needs, dict | list):
        return set_value(text, where, _shortest(edit.instead))
    for need in edit.instead:
        if isinstance(needs, dict):
            text = set_value(text, (*where, need.target), new[need.target])
        else:
            text = put_item(text, where, _item(need))
    return take_out(text, (*where, *_step(needs, edit.target)))


def _count(needs: Any) -> int:
    if isinstance(needs, dict):
        return len(needs)
    return sum(len(item) if isinstance(item, dict) else 1 for item in needs)


def _shortest(needs: tuple[Need, ...]) -> Value:
    if all(n.condition == "done" and not n.hard for n in needs):
        return needs[0].target if len(needs) == 1 else [n.target for n in needs]
    return {n.target: need_value(n) for n in needs}


def _item(need: Need) -> Value:
    return need.target if need.condition == "done" and not need.hard else {need.target: need_value(need)}


def _step(needs: Any, target: str) -> Where:
    """Where in a list or a block of needs `target` stands."""
    if isinstance(needs, dict):
        return (target,)
    for i, item in enumerate(needs):
        if isinstance(item, dict) and target in item:
            return (i, target) if len(item) > 1 else (i,)
        if not isinstance(item, dict) and _same(item, target):
            return (i,)
    raise UsageError(f"the plan file does not say that it needs {target}")
