"""The draft as the values of a plan file, each place with the line of the document that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...analysis.addresses import OPERATOR
from .document import plain
from .draft import GENERIC, Draft, Leader
from .finding import NOT_UNDERSTOOD
from .gates import ask_for_commands, criterion, due_week
from .words import clean_id, folded, keywords, slug

Place = tuple[str | int, ...]
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


@dataclass(slots=True)
class Assembled:
    """A plan file's values. `lines`: place → line of the document; `comments`: place → words instead of one."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        """The line of `place`, or of the nearest place around it."""
        for depth in range(len(place), 0, -1):
            if place[:depth] in self.lines:
                return self.lines[place[:depth]]
        return None

    def put(self, place: Place, value: Any, line: int | None = None) -> None:
        """A value at a place of keys; None is left out."""
        if value is None or value == "" or value == []:
            return
        block: dict[Any, Any] = self.values
        for step in place[:-1]:
            block = block.setdefault(step, {})
        block[place[-1]] = value
        if line is not None:
            self.lines[place] = line


def assemble(draft: Draft) -> Assembled:
    """Everything that was understood, in the plan file's order."""
    made = Assembled()
    made.put(("version",), 1)
    _project(draft, made)
    _name_leaders(draft)
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
    _top(draft, made)
    for stage in draft.stages.values():
        place = ("phases", stage.id)
        made.put(place, {}, stage.line)
        made.values["phases"] = made.values.get("phases", {})
        made.values["phases"][stage.id] = _kept(
            {"name": stage.name, "weeks": str(stage.weeks) if stage.weeks else None}
        )
        made.lines[place] = stage.line
    _leaders(draft, made)
    _packages(draft, made)
    _gates(draft, made)
    _rest(draft, made)
    return made


def _number(phase: str | None) -> str | int | None:
    """Phases are written without quotes where they are numbers."""
    return int(phase) if phase is not None and phase.isdecimal() and str(int(phase)) == phase else phase


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _project(draft: Draft, made: Assembled) -> None:
    given = draft.values.get("project", {})
    heading = next((s for s in draft.document.sections() if s.level), None)
    title = heading.title if heading else ""
    words = title.split()
    while len(words) > 1 and words[-1].casefold() in _NO_NAMES:
        words.pop()
    short = " ".join(words).strip(" :–—-") or title or draft.document.file.rpartition(".")[0] or "Imported"
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


def _name_leaders(draft: Draft) -> None:
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


def _top(draft: Draft, made: Assembled) -> None:
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


def _leaders(draft: Draft, made: Assembled) -> None:
    owners: dict[str, str] = {}
    for leader in draft.leaders:
        phases = [p for p in leader.phases if owners.setdefault(p, leader.key) == leader.key]
        names = [n for n in leader.names if clean_id(n) == n and folded(n) not in draft.known()]
        made.put(("orchestrators", leader.key), _kept({"name": leader.name}), leader.line)
        place = ("orchestrators", leader.key)
        for key, value in {
            "id": names[0] if names else None,
            "agent": leader.agent,
            "phases": _span(phases),
            "focus": leader.focus,
            "role": leader.role,
            "instructions": leader.instructions,
            "deliverables": leader.deliverables,
        }.items():
            made.put(
                (*place, key),
                value,
                leader.names[names[0]] if key == "id" and names else leader.lines.get(key),
            )
        for name in names[1:]:
            made.put(("aliases", name), leader.key, leader.names[name])


def _span(phases: list[str]) -> Any:
    if (
        len(phases) > 1
        and all(p.isdecimal() for p in phases)
        and int(phases[-1]) - int(phases[0]) == len(phases) - 1
    ):
        return f"{phases[0]}-{phases[-1]}"
    return _number(phases[0]) if len(phases) == 1 else phases


def _packages(draft: Draft, made: Assembled) -> None:
    owner = {id: leader for leader in draft.leaders for id in leader.members}
    default = next(iter(draft.agents))
    without = [
        p for p in draft.packages.values() if not p.agent and not (p.id in owner and owner[p.id].agent)
    ]
    if without and draft.agents[default]:
        draft.notes.note(
            "agent",
            f"no agent type is given for {', '.join(p.id for p in without[:8])}{' …' if len(without) > 8 else ''}; {default} is taken",
            without[0].line,
        )
    for package in draft.packages.values():
        place = ("workstreams", package.id)
        leader = owner.get(package.id)
        agent = package.agent or (None if leader is not None and leader.agent else default)
        made.put(place, {"name": package.name}, package.line)
        for key, value in {
            "phase": _number(package.phase),
            "orchestrator": leader.key if leader is not None else None,
            "weeks": str(package.weeks) if package.weeks else None,
            "priority": package.priority,
            "weight": package.weight,
            "agent": agent,
            "instructions": _instructions(package.instructions, package.name, leader),
            "deliverables": [d for d in dict.fromkeys(package.deliverables) if slug(d)],
        }.items():
            made.put((*place, key), value, package.lines.get(key))
        for id, (condition, line) in package.needs.items():
            made.put((*place, "needs", id), condition, line)


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
        made.put((*place, "closes"), _number(gate.closes) if gate.closes in draft.stages else None)
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
    for section in (
        "risks",
        "strategies",
        "escalation",
        "monitors",
        "alerts",
        "reports",
        "success",
        "after_release",
    ):
        items = draft.values.get(section)
        if items:
            made.values[section] = items
            made.lines.update({(section, n): draft.lines[section, n] for n in range(len(items))})
    for route in made.values.get("escalation", ()):
        route["to"] = [party for name in route["to"] if (party := _party(draft, name))]
    made.values["escalation"] = [r for r in made.values.get("escalation", ()) if r["to"]]
    if not made.values["escalation"]:
        del made.values["escalation"]
    if draft.top is not None:
        for report in made.values.get("reports", ()):
            report["to"] = [draft.top.id]


def _party(draft: Draft, name: str) -> str:
    """Who is meant on a route: the orchestrator concerned, the meta-orchestrator, or a role."""
    words = keywords(name)
    if draft.top is not None and ("meta" in words or name.casefold() == draft.top.id.casefold()):
        return draft.top.id
    leader = draft.leader(name)
    if leader is not None and words - GENERIC:
        return leader.key
    return "orchestrator" if words & {"orchestrator", "lead"} else slug(name)
