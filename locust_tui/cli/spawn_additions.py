"""What bringing an agent up puts into the plan: whom its name means, its type, its command, what it is to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import NotFoundError, RefusedError, UsageError, did_you_mean
from .draft import Draft, check_name

if TYPE_CHECKING:
    from ..domain.plan import AgentType, Plan
    from ..domain.world import World

ORCHESTRATOR = "orchestrator"
"""The type that makes the first agent of a project its meta-orchestrator."""
SCRIPTED = "demo"
"""The type that any plan may name without defining it."""


class Wanted(NamedTuple):
    """An agent as it was asked for; None where nothing was said."""

    name: str
    type: str
    role: str | None = None
    instructions: str | None = None
    workstream: str | None = None
    command: tuple[str, ...] | str | None = None
    """Arguments, or the text of a template."""
    force: bool = False
    orchestrator: str | None = None
    """Whose a free-standing piece of work is to be; an id."""
    keep_instructions: bool = False
    """Those that the work has already stay."""


class Subject(NamedTuple):
    id: str
    what: str
    """meta, orchestrator or workstream."""
    alias: str = ""
    """The name it was asked for by, where that is another one."""


def subject_of(plan: Plan, world: World, wanted: Wanted) -> Subject:
    """Whom the agent is for: what its name or --workstream means, else the meta-orchestrator or a new piece of work.

    Raises NotFoundError for an unknown workstream, UsageError and RefusedError for a name that is another's.
    """
    from ..analysis.addresses import address, known_names

    name = check_name(wanted.name, "name of an agent")
    known = known_names(plan, world.runs)
    if wanted.workstream is not None:
        id = address(plan, world.runs, wanted.workstream)
        if id not in plan.workstreams:
            near = did_you_mean(wanted.workstream, plan.workstreams) or "locust-tui ws ls"
            raise NotFoundError(f'no workstream "{wanted.workstream}"', help=near)
        holder = known.get(name)
        if holder is not None and holder != id:
            what = "the name of an orchestrator" if holder in plan.orchestrators else f"the name of {holder}"
            raise RefusedError(f"{name} is {what}", help="choose another --name")
        return Subject(id, "workstream", name if name != id else "")
    found = address(plan, world.runs, name)
    if found is None:
        if wanted.type == ORCHESTRATOR and plan.meta is None:
            return Subject(name, "meta")
        return Subject(name, "workstream")
    if found in plan.workstreams:
        return Subject(found, "workstream", name if name != found else "")
    if found in plan.orchestrators:
        return Subject(found, "orchestrator")
    if plan.meta is not None and found == plan.meta.id:
        return Subject(found, "meta")
    what = f"the run {found}" if found in world.runs else "a person or role of this plan"
    raise UsageError(f"{name} is {what}", help="choose another --name")


def add_agent(draft: Draft, plan: Plan, wanted: Wanted, subject: Subject) -> None:
    """Put into `draft` what the plan does not say of this agent yet. Raises UsageError, RefusedError."""
    add_type(draft, plan, wanted.type, wanted.command, force=wanted.force)
    if subject.what == "workstream":
        _add_work(draft, plan, wanted, subject)
    else:
        _add_boss(draft, plan, wanted, subject)


def add_type(
    draft: Draft,
    plan: Plan,
    name: str,
    command: tuple[str, ...] | str | None = None,
    *,
    force: bool = False,
) -> None:
    """The agent type, where the plan does not know it; its command, which a person typed."""
    place, known = f"agents/{check_name(name, 'type of agent')}", plan.agents.get(name)
    if command is None:
        if known is None and name != SCRIPTED:
            draft.put(place, {})
        return
    argv = _template(command)
    if known is not None and known.command == argv:
        return
    if known is not None and known.command and not force:
        raise RefusedError(
            f"agent type {name} has the command {_words(known)}",
            help="choose another --type, or --force to change it for all agents of this type",
        )
    draft.put(f"{place}/command", list(command) if isinstance(command, tuple) else command)


def _template(command: tuple[str, ...] | str) -> tuple[str, ...]:
    from ..plans.commands import parse_template
    from ..plans.quantities import BadValueError

    try:
        return parse_template(list(command) if isinstance(command, tuple) else command)
    except BadValueError as error:
        raise UsageError(error.message, help=error.help) from None


def _words(known: AgentType) -> str:
    import shlex

    return shlex.join(known.command)


def _add_boss(draft: Draft, plan: Plan, wanted: Wanted, subject: Subject) -> None:
    one = plan.meta if subject.what == "meta" else plan.orchestrators[subject.id]
    place = "meta" if subject.what == "meta" else f"orchestrators/{subject.id}"
    if one is None:
        draft.put("meta/id", subject.id)
    draft.put(f"{place}/agent", wanted.type, over=one.agent if one else None)
    if wanted.role is not None:
        draft.put(f"{place}/role", wanted.role, over=one.role if one else None)
    told = wanted.instructions or (
        None if one and one.instructions else wanted.role or f"Coordinate {subject.id}."
    )
    if told is not None:
        draft.put(f"{place}/instructions", told, over=one.instructions if one else None)


def _add_work(draft: Draft, plan: Plan, wanted: Wanted, subject: Subject) -> None:
    one, place = plan.workstreams.get(subject.id), f"workstreams/{subject.id}"
    if one is not None and one.run is not None:
        raise RefusedError(
            f"{one.id} runs a command of its own, no agent", help=f"locust-tui ws show {one.id}"
        )
    if one is None:
        draft.put(f"{place}/weight", 0)
        if wanted.orchestrator is not None:
            draft.put(f"{place}/orchestrator", wanted.orchestrator)
    draft.put(f"{place}/agent", wanted.type, over=one.agent if one else None)
    told = "\n\n".join(part for part in (wanted.role, wanted.instructions) if part)
    before = one.instructions if one else None
    if (told and not (before and wanted.keep_instructions)) or before is None:
        draft.put(f"{place}/instructions", told, over=before)
    if subject.alias:
        draft.put(f"aliases/{subject.alias}", subject.id, over=plan.aliases.get(subject.alias))
