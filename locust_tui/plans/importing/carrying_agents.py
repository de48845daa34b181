"""Commands that name agents and orchestrators, joined with what the document's text says of them."""

from __future__ import annotations

from typing import Any

from .draft import Draft, Leader, Top
from .finding import NOT_UNDERSTOOD
from .shell import ShellCommand
from .words import clean_id, folded, phases_in, references, weeks_in


def carry_agent(draft: Draft, command: ShellCommand) -> None:
    kind = clean_id(command.options.get("type", "")) or None
    name = clean_id(command.options.get("name", ""))
    if kind:
        draft.agents.setdefault(kind, command.line)
    workstream = references(command.options.get("workstream", ""), draft.known())[0]
    said = command.options.get("instructions") or None
    works_on = workstream[0][0] if workstream else _bears_its_number(draft, name)
    if works_on is not None:
        package = draft.packages[works_on]
        package.agent, package.instructions = package.agent or kind, said or package.instructions
        command.became = f"workstreams.{package.id}"
    elif kind == "orchestrator" and (draft.top is None or not draft.top.id) and draft.leader(name) is None:
        draft.top = draft.top or Top("", command.line)
        draft.top.id, draft.top.line, draft.top.agent = name or "meta", command.line, kind
        draft.top.role = command.options.get("role")
        draft.top.instructions = said
        command.became = f"meta (id {draft.top.id})"
    elif (leader := draft.leader(name)) is not None and name:
        leader.key, leader.agent = leader.key or name, leader.agent or kind
        leader.role, leader.instructions = (
            command.options.get("role") or leader.role,
            said or leader.instructions,
        )
        leader.lines["agent"] = command.line
        command.became = f"orchestrators.{leader.key}"
    else:
        command.why = "this agent works on no workstream of the document; spawn it while the plan runs"


def carry_orchestrate(draft: Draft, command: ShellCommand) -> None:
    config = command.config()
    if not config and "config" in command.options:
        draft.notes.note(NOT_UNDERSTOOD, "not understood: --config is no JSON object", command.line)
        return
    if "count" in config:
        kind = clean_id(str(config.get("type", "")))
        if kind:
            draft.agents.setdefault(kind, command.line)
        command.why = f"asks for {config['count']} more agents when it is called: locust-tui request-agents"
        return
    name = clean_id(str(config.get("name", "")))
    said = config.get("workstreams")
    text = ", ".join(map(str, said)) if isinstance(said, list) else ""
    found, unknown = references(text, draft.known())
    members = [id for id, _ in found]
    for id in unknown:
        draft.notes.warn("unknown-workstream", f'"{id}" is no workstream of the document', command.line)
    if name and members:
        _leader(draft, command, name, members, config)
    elif name:
        _worker(draft, command, config)


def _leader(
    draft: Draft, command: ShellCommand, name: str, members: list[str], config: dict[str, Any]
) -> None:
    leader = draft.leader(name, members)
    if leader is None:
        leader = Leader(name, command.line, members=list(members))
        draft.leaders.append(leader)
    if leader.key and leader.key != name:
        leader.names.setdefault(name, command.line)
    leader.key = leader.key or name
    kind = clean_id(str(config.get("agent", "")))
    if kind:
        draft.agents.setdefault(kind, command.line)
        leader.agent = leader.agent or kind
        leader.lines.setdefault("agent", command.line)
    leader.lines["key"] = command.line
    missing = [m for m in members if m not in leader.members]
    if missing and leader.line != command.line:
        draft.notes.warn(
            "membership",
            f"{name} is given {', '.join(missing)} here, which line {leader.line} does not",
            command.line,
        )
    leader.members += [m for m in missing if not any(m in x.members for x in draft.leaders)]
    _compare(draft, command, leader, config)
    command.became = f"orchestrators.{name}"


def _compare(draft: Draft, command: ShellCommand, leader: Leader, config: dict[str, Any]) -> None:
    """Phases and weeks of a command, against those of the document's text."""
    phases = phases_in(f"phase {config.get('phase', '')}")
    weeks = weeks_in(str(config.get("timeline", ""))) or weeks_in(f"weeks {config.get('weeks', '')}")
    where = leader.lines.get("phases", leader.line)
    if phases and leader.phases and phases != leader.phases:
        draft.notes.warn(
            "contradiction",
            f"{leader.name} has phases {'-'.join(phases)} here, but {'-'.join(leader.phases)} on line {where}; the latter is taken",
            command.line,
        )
    if weeks and leader.weeks and weeks != leader.weeks:
        draft.notes.warn(
            "contradiction",
            f"{leader.name} has weeks {weeks} here, but {leader.weeks} on line {where}; the latter is taken",
            command.line,
        )
    theirs = [p for p in dict.fromkeys(draft.packages[m].phase for m in leader.members) if p is not None]
    if phases and theirs and not leader.phases and not set(theirs) <= set(phases):
        draft.notes.warn(
            "contradiction",
            f"{leader.name} has phases {'-'.join(phases)} here, but its workstreams are in {', '.join(theirs)}; the latter is taken",
            command.line,
        )
        phases = []
    if phases and not leader.phases:
        leader.phases = phases
        leader.lines.setdefault("phases", command.line)
    leader.weeks = leader.weeks or weeks


def _worker(draft: Draft, command: ShellCommand, config: dict[str, Any]) -> None:
    """An agent for one workstream, as `--agent-config` names it: merged with the workstream, not counted twice."""
    found = _bears_its_number(draft, str(config.get("name", "")))
    kind = clean_id(str(config.get("type", "")))
    if found and kind:
        package = draft.packages[found]
        package.agent = package.agent or kind
        draft.agents.setdefault(kind, command.line)
        command.became = f"workstreams.{package.id}.agent"


def _bears_its_number(draft: Draft, name: str) -> str | None:
    """The workstream that an agent's name begins with: `ws01-core` and `WS-01_core` are of WS-01."""
    parts = name.replace("_", "-").split("-")
    known = draft.known()
    return next((known[key] for n in (1, 2) if (key := folded("-".join(parts[:n]))) in known), None)
