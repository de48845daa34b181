"""One orchestrator of a document as additions to a plan that is there already."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ...analysis.addresses import address
from ...domain.plan import Plan
from ...errors import NotFoundError, RefusedError, did_you_mean
from .importing import Imported

_NAME = re.compile(r"\w[\w.-]{0,63}")


def orchestrator_from(document: Imported, name: str) -> dict[str, str]:
    """What adds one orchestrator of the document to a plan: place → JSON.

    It comes with its workstreams, phases, the gates that close these, its agent types and its aliases. Where a document
    has one orchestrator, that one is meant, and `name` becomes an alias of it. Raises NotFoundError (exit 3) with near names.
    """
    values = document.values
    there = values.get("orchestrators", {})
    id = _id(document, name)
    works = {k: w for k, w in values["workstreams"].items() if w.get("orchestrator") == id}
    phases = dict.fromkeys(document.plan.orchestrators[id].phases)
    phases |= dict.fromkeys(str(w["phase"]) for w in works.values() if "phase" in w)
    kinds = {there[id].get("agent"), *(w.get("agent") for w in works.values())}
    found: dict[str, Any] = {f"agents/{k}": v for k, v in values.get("agents", {}).items() if k in kinds}
    found |= {f"phases/{p}": values["phases"][p] for p in phases if p in values.get("phases", {})}
    found[f"orchestrators/{id}"] = there[id]
    found |= {f"workstreams/{key}": work for key, work in works.items()}
    found |= {f"gates/{k}": g for k, g in values.get("gates", {}).items() if str(g.get("closes")) in phases}
    found |= {f"aliases/{k}": v for k, v in values.get("aliases", {}).items() if v == id}
    if _called(document, name) is None:
        found[f"aliases/{name}"] = id
    return {place: json.dumps(value, ensure_ascii=False) for place, value in found.items()}


def _id(document: Imported, name: str) -> str:
    there = document.values.get("orchestrators", {})
    id = _called(document, name)
    if id is not None:
        return id
    if len(there) == 1 and _NAME.fullmatch(name):
        return str(next(iter(there)))
    known = [n for key, value in there.items() for n in (key, value.get("id"), value.get("name")) if n]
    listed = f"it has {', '.join(there)}" if there else "it has none"
    raise NotFoundError(
        f'{document.file} has no orchestrator "{name}"', help=did_you_mean(name, known) or listed
    )


def _called(document: Imported, name: str) -> str | None:
    """The document's orchestrator whose id, alias or name this is."""
    there = document.values.get("orchestrators", {})
    id = address(document.plan, {}, name)
    if id in there:
        return str(id)
    return next((str(k) for k, v in there.items() if v.get("name", "").casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True)
class Fitted:
    """`places`: place → JSON of what is new to the plan; `notes`: what stays as it is there, in words."""

    places: dict[str, str]
    notes: tuple[str, ...]


def fitted(additions: Mapping[str, str], plan: Plan) -> Fitted:
    """The additions beside what the plan has: its phases, gates and agent types stay, needs on what it lacks are left out.

    Raises RefusedError where it has a workstream or an orchestrator of that name already.
    """
    values: dict[str, Any] = {place: json.loads(text) for place, text in additions.items()}
    new = {place.partition("/")[2] for place in values if place.startswith("workstreams/")}
    fit: dict[str, Any] = {}
    notes: list[str] = []
    owned = {p for o in plan.orchestrators.values() for p in o.phases}
    for place, value in values.items():
        section, _, id = place.partition("/")
        if section in ("workstreams", "orchestrators") and id in getattr(plan, section):
            raise RefusedError(
                f"{section.removesuffix('s')} {id} is in the plan already; nothing was added",
                help=f"locust-tui spawn orchestrator {id}"
                if section == "orchestrators"
                else f"locust-tui ws show {id}",
            )
        if section in ("phases", "agents", "aliases") and id in getattr(plan, section):
            notes.append(f"{section.removesuffix('s')} {id} stays as the plan has it")
            continue
        if section == "gates":
            _gate(plan, fit, notes, id, value)
            continue
        if section == "workstreams" and "needs" in value:
            value["needs"] = _needs(plan, new, notes, id, value["needs"])
        if section == "orchestrators" and "phases" in value:
            _phases(values, owned, notes, id, value)
        fit[place] = value
    return Fitted({p: json.dumps(v, ensure_ascii=False) for p, v in fit.items()}, tuple(notes))


def _gate(plan: Plan, fit: dict[str, Any], notes: list[str], id: str, gate: dict[str, Any]) -> None:
    """A gate under its id or the next free one; not where the plan has one that closes its phase."""
    there = plan.gates_closing(str(gate.get("closes")))
    if there:
        notes.append(f"gate {there[0].id} stays the one that closes phase {gate['closes']}")
        return
    n = len(plan.gates) + 1
    free = id
    while free in plan.gates or f"gates/{free}" in fit:
        free = f"g{n}"
        n += 1
    if free != id:
        notes.append(f"gate {id} of the document becomes {free}")
    fit[f"gates/{free}"] = gate


def _needs(plan: Plan, new: set[str], notes: list[str], id: str, needs: dict[str, str]) -> dict[str, str]:
    missing = [target for target in needs if target not in new and target not in plan.workstreams]
    notes += [f"{id} needs {target}, which is not in the plan; that need is left out" for target in missing]
    return {t: c for t, c in needs.items() if t in new or t in plan.workstreams}


def _phases(
    values: dict[str, Any], owned: set[str], notes: list[str], id: str, value: dict[str, Any]
) -> None:
    """A phase belongs to one orchestrator; workstreams name theirs, so that none is lost."""
    said = value["phases"]
    listed = [p.partition("/")[2] for p in values if p.startswith("phases/")]
    if isinstance(said, str | int):
        first, _, last = str(said).partition("-")
        listed = [
            p
            for p in listed
            if p == first
            or (last and first.isdecimal() and p.isdecimal() and int(first) <= int(p) <= int(last))
        ]
    else:
        listed = [str(p) for p in said]
    taken = [p for p in listed if p in owned]
    if taken:
        notes.append(
            f"phase {', '.join(taken)} belongs to another orchestrator of the plan; {id} has only work in it"
        )
        value["phases"] = [p for p in listed if p not in owned]
