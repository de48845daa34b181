"""What bringing a domain orchestrator up puts into the plan: itself, its phases, and its workstreams as planned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import RefusedError, UsageError, did_you_mean
from .draft import Draft, check_name
from .spawn_additions import add_type

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..domain.plan import Plan
    from ..domain.world import World


class Domain(NamedTuple):
    """An orchestrator as its configuration says it."""

    name: str
    agent: str | None = None
    workstreams: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    weeks: str = ""
    """As a plan file writes it: "3-8"; empty: not said."""
    role: str | None = None
    instructions: str | None = None


class Placed(NamedTuple):
    """Where it is in the plan: the id, and the alias it got, where an orchestrator of these workstreams was there."""

    id: str
    alias: str
    workstreams: tuple[str, ...]
    new: tuple[str, ...]
    """Workstreams that the plan did not have."""


DOMAIN_KEYS = ("agent", "name", "workstreams", "phase", "phases", "timeline", "weeks", "role", "instructions")
REQUEST_KEYS = ("type", "count", "for", "expires")
AGENT_KEYS = ("type", "name", "expertise", "memory_key", "instructions", "workstream")


def parse_block(option: str, text: str, *known: Collection[str]) -> dict[str, Any]:
    """The JSON object behind an option, with no key outside one of the sets `known`.

    UsageError with line and column for what is no JSON.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{option} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}",
            help='an object in single quotes: \'{"name": "core", "workstreams": ["WS-01"]}\'',
        ) from None
    if not isinstance(found, dict):
        raise UsageError(f"{option} must be a JSON object, not {type(found).__name__}")
    names = [key for keys in known for key in keys]
    for key in found:
        if key not in names:
            near = did_you_mean(key, names) or f"it may have {', '.join(dict.fromkeys(names))}"
            raise UsageError(f'{option} has an unknown key "{key}"', help=near)
    return found


def domain_of(block: dict[str, Any]) -> Domain:
    """The orchestrator of a `--config`. UsageError names the key that is wrong."""
    from ..plans.quantities import BadValueError, parse_weeks
    from ..plans.schema.values import parse_phases

    name = check_name(_text(block, "name", required=True) or "", "name of an orchestrator")
    listed = block.get("workstreams", [])
    if not isinstance(listed, list) or not all(isinstance(w, str) for w in listed):
        raise UsageError('"workstreams" must be a list of ids', help='["WS-01", "WS-02"]')
    timeline = block.get("timeline", block.get("weeks", ""))
    try:
        weeks = str(parse_weeks(timeline)) if timeline != "" else ""
        phases = parse_phases(block.get("phases", block.get("phase")))
    except BadValueError as error:
        raise UsageError(error.message, help=error.help) from None
    return Domain(
        name,
        _text(block, "agent"),
        tuple(check_name(w, "id of a workstream") for w in listed),
        phases,
        weeks,
        _text(block, "role"),
        _text(block, "instructions"),
    )


def _text(block: dict[str, Any], key: str, *, required: bool = False) -> str | None:
    value = block.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'"{key}" must be a text', help=f'"{key}": "…"')
    return value


def add_domain(draft: Draft, plan: Plan, world: World, wanted: Domain) -> Placed:
    """Put into `draft` what the plan does not have of it. RefusedError where its workstreams are another's."""
    from ..analysis.addresses import address

    ids = tuple(dict.fromkeys(_workstream(plan, world, w) for w in wanted.workstreams))
    id = _same_orchestrator(plan, world, wanted.name, ids)
    known = plan.orchestrators.get(id)
    if known is None and address(plan, world.runs, id) is not None:
        raise RefusedError(f"{id} is the name of {address(plan, world.runs, id)}", help="choose another name")
    place = f"orchestrators/{id}"
    if wanted.agent is not None:
        add_type(draft, plan, wanted.agent)
        draft.put(f"{place}/agent", wanted.agent, over=known.agent if known else None)
    if id != wanted.name:
        draft.put(f"aliases/{wanted.name}", id, over=plan.aliases.get(wanted.name))
    elif known is None:
        draft.put(f"{place}/name", id)
    if wanted.role is not None:
        draft.put(f"{place}/role", wanted.role, over=known.role if known else None)
    told = wanted.instructions or (None if known and known.instructions else _instructions(wanted, ids))
    if told is not None:
        draft.put(f"{place}/instructions", told, over=known.instructions if known else None)
    if wanted.weeks and (known is None or known.weeks is None):
        draft.put(f"{place}/weeks", wanted.weeks)
    _add_phases(draft, plan, id, wanted)
    new = tuple(w for w in ids if w not in plan.workstreams)
    for w in ids:
        work = plan.workstreams.get(w)
        draft.put(f"workstreams/{w}/orchestrator", id, over=work.orchestrator if work else None)
        if work is None and len(wanted.phases) == 1:
            draft.put(f"workstreams/{w}/phase", wanted.phases[0])
    return Placed(id, wanted.name if id != wanted.name else "", ids, new)


def _workstream(plan: Plan, world: World, name: str) -> str:
    from ..analysis.addresses import address

    found = address(plan, world.runs, name)
    if found is None or found in plan.workstreams:
        return found or name
    raise UsageError(f'"{name}" is no workstream: it is the name of {found}')


def _same_orchestrator(plan: Plan, world: World, name: str, ids: tuple[str, ...]) -> str:
    """The orchestrator that is meant: of this name, or the one that has just these workstreams under another name."""
    from ..analysis.addresses import address

    found = address(plan, world.runs, name)
    meant = found if found in plan.orchestrators else None
    owners = {plan.workstreams[w].orchestrator for w in ids if w in plan.workstreams} - {None}
    others = owners - {meant}
    if meant is not None and not others:
        return meant
    if meant is None and len(owners) == 1:
        (owner,) = owners
        if owner is not None and set(plan.orchestrators[owner].workstreams) <= set(ids):
            return owner
    if others:
        held = {w: plan.workstreams[w].orchestrator for w in ids if w in plan.workstreams}
        words = ", ".join(f"{w} is {o}'s" for w, o in held.items() if o is not None and o != meant)
        raise RefusedError(f"{name} cannot have them: {words}", help="a workstream has one orchestrator")
    return name


def _add_phases(draft: Draft, plan: Plan, id: str, wanted: Domain) -> None:
    owners = {phase: o.id for o in plan.orchestrators.values() for phase in o.phases}
    mine = [p for p in wanted.phases if owners.get(p, id) == id]
    known = plan.orchestrators.get(id)
    if mine and (known is None or not set(mine) <= set(known.phases)):
        draft.put(
            f"orchestrators/{id}/phases", list(dict.fromkeys((*(known.phases if known else ()), *mine)))
        )
    used = {w.phase for w in plan.workstreams.values() if w.phase is not None}
    if used - set(plan.phases):
        return  # the plan names phases without listing them: a list would have to hold them all
    for phase in wanted.phases:
        if phase not in plan.phases:
            draft.put(f"phases/{phase}/name", f"Phase {phase}")
            if wanted.weeks and len(wanted.phases) == 1:
                draft.put(f"phases/{phase}/weeks", wanted.weeks)


def _instructions(wanted: Domain, ids: tuple[str, ...]) -> str:
    what = f"the workstreams {', '.join(ids)}" if ids else "your part of the project"
    phase = f" of phase {', '.join(wanted.phases)}" if wanted.phases else ""
    weeks = f" (weeks {wanted.weeks})" if wanted.weeks else ""
    return f"Coordinate {what}{phase}{weeks}."
