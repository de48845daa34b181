"""The draft as the values of a plan file, each place with the line of the document that it comes from."""

from __future__ import annotations

from pathlib import Path

from .assembled import Assembled, kept, number
from .assembling_people import name_leaders, party, put_leaders, put_top
from .draft import Draft, Leader
from .finding import NOT_UNDERSTOOD
from .gates import ask_for_commands, criterion, due_week
from .marks import plain
from .words import folded, slug

_NO_NAMES = frozenset(
    {
        "meta-orchestrator",
        "orchestrator",
        "plan",
        "orchestration",
        "meta",
        "work",
        "project",
        "document",
        "–",
        "—",
        "-",
    }
)
"""Words at the end of a title that are not the project's."""


def assemble(draft: Draft) -> Assembled:
    """Everything that was understood, in the plan file's order."""
    made = Assembled()
    made.put(("version",), 1)
    _project(draft, made)
    name_leaders(draft)
    if any(p.weeks for p in draft.packages.values()) and not any(p.needs for p in draft.packages.values()):
        made.put(("schedule",), "as-planned")
        made.comments["schedule",] = (
            "the document names no dependencies between workstreams; their weeks order them"
        )
        draft.notes.note(
            "no-needs",
            "the document names no dependencies between workstreams; phases order them: nothing starts before its planned week",
            None,
            "needs: in the plan, and schedule: asap",
        )
    _agents(draft, made)
    _resources(draft, made)
    put_top(draft, made)
    for stage in draft.stages.values():
        weeks = str(stage.weeks) if stage.weeks else None
        made.put(("phases", stage.id), kept({"name": stage.name, "weeks": weeks}), stage.line)
    put_leaders(draft, made)
    _packages(draft, made)
    _gates(draft, made)
    _rest(draft, made)
    return made


def _project(draft: Draft, made: Assembled) -> None:
    given = draft.values.get("project", {})
    heading = next((s for s in draft.document.sections() if s.level), None)
    title = heading.title if heading else ""
    words = title.split()
    while len(words) > 1 and words[-1].casefold() in _NO_NAMES:
        words.pop()
    short = " ".join(words).strip(" :–—-") or title or Path(draft.document.file).stem or "Imported"
    line = heading.line if heading else 1
    if heading is not None:
        draft.document.take(heading)
    made.put(
        ("project", "name"), given.get("name") or short[:200], draft.lines.get(("project", "name"), line)
    )
    if given.get("name") and given["name"] != short:
        made.put(("project", "short"), short[:200], line)
    for key in ("repo", "branch", "pr_prefix", "window"):
        made.put(("project", key), given.get(key), draft.lines.get(("project", key)))


def _agents(draft: Draft, made: Assembled) -> None:
    for package in draft.packages.values():
        if package.agent:
            draft.agents.setdefault(package.agent, package.lines.get("agent", package.line))
    for leader in draft.leaders:
        if leader.agent:
            draft.agents.setdefault(leader.agent, leader.lines.get("agent", leader.line))
    if not draft.agents:
        draft.agents["coder"] = 0
        draft.notes.warn(
            "agent",
            "the document names no agent type; every workstream has the agent coder",
            None,
            'agents: {coder: {command: "claude -p {instructions}"}}',
        )
    for name, line in draft.agents.items():
        if name != "demo":
            made.values.setdefault("agents", {})[name] = {}
            if line:
                made.lines["agents", name] = line
                draft.notes.warn(
                    "no-command",
                    f"agent type {name} has no command in the document, so nothing can start it",
                    line,
                    f'agents: {{{name}: {{command: "claude -p {{instructions}}"}}}} in the plan',
                )


def _resources(draft: Draft, made: Assembled) -> None:
    for key, value in draft.values.get("resources", {}).items():
        made.put(("resources", key), value, draft.lines.get(("resources", key)))
    pools: dict[str, tuple[int, int]] = {}
    for leader in draft.leaders:
        if leader.quota is not None:
            pools[leader.key] = leader.quota, leader.lines.get("quota", leader.line)
    for name, size in draft.values.get("pools", {}).items():
        owner = draft.leader(name)
        line = draft.lines["pools", name]
        if owner is not None:
            pools[owner.key] = size, line
        elif "float" in name.casefold() or "shared" in name.casefold():
            pools["floating"] = size, line
        else:
            draft.notes.note(
                NOT_UNDERSTOOD, f'not understood: pool "{name}" belongs to no orchestrator', line
            )
    for key, (size, line) in pools.items():
        made.put(("resources", "pools", key), size, line)


def _packages(draft: Draft, made: Assembled) -> None:
    owner = {id: leader for leader in draft.leaders for id in leader.members}
    default = next((a for a in draft.agents if a != "orchestrator"), "orchestrator")
    without = [
        p for p in draft.packages.values() if not p.agent and not (p.id in owner and owner[p.id].agent)
    ]
    if without and draft.agents[default]:
        draft.notes.note(
            "agent",
            f"no agent type is given for {', '.join(p.id for p in without[:8])}{' …' if len(without) > 8 else ''}; {default} is taken",
            without[0].line,
        )
    noted = [p for p in draft.packages.values() if p.done_when]
    if noted:
        draft.notes.note(
            "accept",
            f"what makes {', '.join(p.id for p in noted[:5])}{' …' if len(noted) > 5 else ''} done is kept in their notes",
            noted[0].lines["notes"],
            'accept: [{name: …, run: "…"}] has it checked',
        )
    for package in draft.packages.values():
        place = ("workstreams", package.id)
        leader = owner.get(package.id)
        agent = package.agent or (None if leader is not None and leader.agent else default)
        made.put(place, {"name": package.name}, package.line)
        for key, value in {
            "phase": number(package.phase),
            "orchestrator": leader.key if leader is not None else None,
            "weeks": str(package.weeks) if package.weeks else None,
            "priority": package.priority,
            "estimate": [package.duration] * 3 if package.duration and not package.weeks else None,
            "weight": package.weight,
            "agent": agent,
            "instructions": _instructions(package.instructions, package.name, leader),
            "deliverables": _deliverables(package.deliverables),
            "notes": f"Done when: {'; '.join(package.done_when)}" if package.done_when else None,
        }.items():
            made.put((*place, key), value, package.lines.get(key))
        for id, (condition, line) in package.needs.items():
            made.put((*place, "needs", id), condition, line)


_SHORT = 40


def _deliverables(names: list[str]) -> list[object]:
    """Names as they stand where they are short; a sentence gets an id."""
    found: dict[str, object] = {}
    for name in names:
        id = slug(name) if len(name) > _SHORT else name
        if slug(name):
            found.setdefault(id, name if id == name else {"id": id, "name": name})
    return list(found.values())


def _instructions(said: str | None, name: str, leader: Leader | None) -> str:
    """The document's own words; where it has none for a workstream, its name and its orchestrator's focus."""
    if said:
        return " ".join(said.split())
    if leader is None or not leader.focus:
        return name
    return f"{name}, a part of {leader.name}: {leader.focus}"


def _gates(draft: Draft, made: Assembled) -> None:
    phases = list(draft.stages)
    known = {folded(id) for id in draft.packages}
    for gate in draft.barriers:
        while folded(gate.id) in known:
            gate.id = f"gate-{gate.id}"
        place = ("gates", gate.id)
        made.put(place, {"name": gate.name}, gate.line)
        made.put((*place, "closes"), number(gate.closes) if gate.closes in draft.stages else None)
        if gate.last and gate.closes in phases and phases.index(gate.closes) < len(phases) - 1:
            draft.notes.note(
                "gate", f"{gate.name} ends phase {gate.closes}, which is not the last", gate.line
            )
        made.put((*place, "week"), due_week(gate, draft.stages))
        made.put((*place, "approvers"), gate.approvers)
        criteria: list[dict[str, object]] = []
        for text, line in gate.criteria:
            if plain(text):
                made.lines[(*place, "criteria", len(criteria))] = line
                criteria.append(criterion(draft, gate, text, line))
        made.put((*place, "criteria"), criteria)
        ask_for_commands(draft, gate, criteria)


def _rest(draft: Draft, made: Assembled) -> None:
    for section in ("kpis", "features", "hooks"):
        for key, value in draft.values.get(section, {}).items():
            made.put((section, key), value, draft.lines[section, key])
    for section in _LISTS:
        _list(draft, made, section)
    if draft.top is not None:
        for report in made.values.get("reports", ()):
            report["to"] = [draft.top.id]


_LISTS = ("risks", "strategies", "escalation", "monitors", "alerts", "reports", "success", "after_release")


def _list(draft: Draft, made: Assembled, section: str) -> None:
    """A block of the plan that is a list; routes get the ids of those they lead to."""
    items: list[dict[str, object]] = []
    for n, item in enumerate(draft.values.get(section, ())):
        if section == "escalation":
            item["to"] = [who for name in item["to"] if (who := party(draft, name))]
            if not item["to"]:
                continue
        made.lines[section, len(items)] = draft.lines[section, n]
        items.append(item)
    made.put((section,), items)
