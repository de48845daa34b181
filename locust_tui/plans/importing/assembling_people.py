"""The meta-orchestrator and the orchestrators as the plan has them: keys, aliases, and who is meant on a route."""

from __future__ import annotations

from typing import Any

from ...analysis.addresses import OPERATOR
from .assembled import Assembled, kept, number
from .draft import GENERIC, Draft, Leader
from .words import clean_id, folded, keywords, slug


def name_leaders(draft: Draft) -> None:
    """Keys for all orchestrators, unique; a name that commands use and nothing has goes to the nearest one."""
    if draft.top is not None and not draft.top.id:
        draft.top.id = slug(draft.top.name) or "meta"
    taken = {folded(p) for p in draft.packages} | ({folded(draft.top.id)} if draft.top else set())
    for leader in draft.leaders:
        key = leader.key or slug(leader.name) or "orchestrator"
        while folded(key) in taken:
            key += "-2"
        leader.key = key
        taken.add(folded(key))
    for name, line in draft.targets:
        known = name.casefold() in (
            OPERATOR,
            draft.top.id.casefold() if draft.top else "",
            *(x.key.casefold() for x in draft.leaders),
        )
        if known or folded(name) in draft.known():
            continue
        owner = draft.leader(name)
        if owner is None:
            draft.notes.warn(
                "unknown-name",
                f'"{name[:60]}" is addressed, and is nobody in the document',
                line,
                "aliases: {NAME: ID} in the plan says who is meant",
            )
            continue
        if clean_id(name) == name and name.casefold() not in (n.casefold() for n in owner.names):
            owner.names[name] = line
            draft.notes.warn(
                "alias",
                f"{name} is another name of {owner.key}; it becomes an alias, so that messages to either arrive",
                line,
            )


def put_top(draft: Draft, made: Assembled) -> None:
    top = draft.top
    if top is None:
        return
    made.put(("meta", "id"), top.id, top.line)
    if top.agent is None and top.instructions is not None:
        top.agent = next(iter(draft.agents))
    for key in ("agent", "role", "instructions"):
        value = getattr(top, key)
        made.put(("meta", key), " ".join(value.split()) if value else None)
    for name, line in top.names.items():
        if clean_id(name) == name and name.casefold() != top.id.casefold():
            made.put(("aliases", name), top.id, line)


def put_leaders(draft: Draft, made: Assembled) -> None:
    """Each orchestrator under its key; what the drawing calls it is its `id`, every other name an alias."""
    owners: dict[str, str] = {}
    meant: dict[str, str] = {folded(leader.key): leader.key for leader in draft.leaders}
    for leader in draft.leaders:
        phases = [p for p in leader.phases if owners.setdefault(p, leader.key) == leader.key]
        names = _other_names(draft, leader, meant)
        node = leader.node if leader.node in names else None
        place = ("orchestrators", leader.key)
        made.put(place, kept({"name": leader.name}), leader.line)
        made.put((*place, "id"), node, leader.names.get(node or ""))
        for key, value in {
            "agent": leader.agent,
            "phases": _span(phases),
            "focus": leader.focus,
            "role": leader.role,
            "instructions": leader.instructions,
            "deliverables": leader.deliverables,
        }.items():
            made.put((*place, key), value, leader.lines.get(key))
        for name in names:
            if name != node:
                made.put(("aliases", name), leader.key, leader.names[name])


def _other_names(draft: Draft, leader: Leader, meant: dict[str, str]) -> list[str]:
    """Names of an orchestrator that are nobody else's and can be ids; `meant` grows by them."""
    found = []
    for name, line in leader.names.items():
        if clean_id(name) != name or folded(name) in draft.known():
            continue
        other = meant.setdefault(folded(name), leader.key)
        if other == leader.key:
            found.append(name)
        else:
            draft.notes.warn(
                "alias", f"{name} is a name of {leader.key} here, and of {other}; the latter keeps it", line
            )
    return [name for name in found if folded(name) != folded(leader.key)]


def _span(phases: list[str]) -> Any:
    if (
        len(phases) > 1
        and all(p.isdecimal() for p in phases)
        and int(phases[-1]) - int(phases[0]) == len(phases) - 1
    ):
        return f"{phases[0]}-{phases[-1]}"
    return number(phases[0]) if len(phases) == 1 else phases


def party(draft: Draft, name: str) -> str:
    """Who is meant on a route: the orchestrator concerned, the meta-orchestrator, or a role."""
    words = keywords(name)
    if draft.top is not None and ("meta" in words or name.casefold() == draft.top.id.casefold()):
        return draft.top.id
    leader = draft.leader(name)
    if leader is not None and words - GENERIC:
        return leader.key
    return "orchestrator" if words & {"orchestrator", "lead"} else slug(name)
