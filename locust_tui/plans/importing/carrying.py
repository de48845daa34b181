"""What each command of the document becomes: a place in the plan, or the verb of this program that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...analysis.watched import METRICS
from ...domain.plan import Weeks
from .draft import Draft, Leader, Top
from .finding import NOT_UNDERSTOOD
from .shell import VERBS, ShellCommand
from .words import clean_id, phases_in, references, weeks_in


def carry(draft: Draft) -> None:
    """Take every command's meaning over into the draft, and say what has no equivalent."""
    for command in draft.commands:
        if command.verb is None:
            help_ = (
                "a command of the project itself belongs into a criterion: {run: …}" if command.rest else None
            )
            draft.notes.note(
                NOT_UNDERSTOOD, f"not understood: {_short(command.text)}: {command.why}", command.line, help_
            )
            continue
        reader = _READERS.get(command.verb)
        if reader is not None:
            reader(draft, command)
        for name in ("target", "to", "assigned-to", "orchestrator"):
            if name in command.options:
                draft.targets += [
                    (t.strip(), command.line) for t in command.options[name].split(",") if t.strip()
                ]
        if not command.became:
            command.why = (
                command.why or f"{VERBS[command.verb]} when it is called; nothing of it stands in a plan"
            )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _swarm(draft: Draft, command: ShellCommand) -> None:
    topology = command.options.get("topology", "hierarchical")
    if topology != "hierarchical":
        draft.notes.warn(
            "topology", f'topology "{topology[:40]}" is not offered; a plan is hierarchical', command.line
        )
    cap = command.options.get("max-agents", "")
    if cap.isdecimal() and 0 < int(cap[:9]) < 100_000:
        draft.values.setdefault("resources", {}).setdefault("max_agents", int(cap))
        draft.lines["resources", "max_agents"] = command.line
        command.became = f"resources.max_agents: {cap}"
    elif cap:
        draft.notes.warn("cap", f'--max-agents "{cap[:40]}" is no number of agents; left out', command.line)


def _agent(draft: Draft, command: ShellCommand) -> None:
    kind = clean_id(command.options.get("type", "")) or None
    name = clean_id(command.options.get("name", ""))
    if kind:
        draft.agents.setdefault(kind, command.line)
    workstream = references(command.options.get("workstream", ""), draft.known())[0]
    said = command.options.get("instructions") or None
    if workstream:
        package = draft.packages[workstream[0][0]]
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


def _memory(draft: Draft, command: ShellCommand) -> None:
    value = command.config()
    if isinstance(value.get("project"), str) and value["project"].strip():
        draft.values.setdefault("project", {}).setdefault("name", " ".join(value["project"].split())[:200])
        draft.lines["project", "name"] = command.line
        command.became = "project.name"
    if isinstance(value.get("timeline"), str) and (weeks := _window(value["timeline"])):
        draft.values.setdefault("project", {}).setdefault("window", str(weeks))
        draft.lines.setdefault(("project", "window"), command.line)
        command.became = f"{command.became}, project.window".lstrip(", ")
    for key in ("phases", "workstreams", "domain_orchestrators", "orchestrators"):
        if isinstance(value.get(key), int):
            draft.values.setdefault("counts", []).append((key.rpartition("_")[2], value[key], command.line))


def _window(text: str) -> Weeks | None:
    numbers = text.casefold().replace("weeks", "").replace("week", "").strip()
    return weeks_in(f"weeks {numbers}")


def _orchestrate(draft: Draft, command: ShellCommand) -> None:
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
    members = [id for id, _ in references(text, draft.known())[0]]
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
    name = str(config.get("name", ""))
    head = "-".join(name.replace("_", "-").split("-")[:2])
    found = references(f"{name}, {head}", draft.known())[0]
    kind = clean_id(str(config.get("type", "")))
    if found and kind:
        package = draft.packages[found[0][0]]
        package.agent = package.agent or kind
        draft.agents.setdefault(kind, command.line)
        command.became = f"workstreams.{package.id}.agent"


def _features(draft: Draft, command: ShellCommand) -> None:
    for word in command.words[:20]:
        name = "learned-estimates" if word == "neural-training" else word
        if name not in ("performance-tracking", "github-integration", "learned-estimates"):
            draft.notes.note(
                NOT_UNDERSTOOD,
                f'not understood: feature "{word[:60]}"; nothing here is like it',
                command.line,
            )
            continue
        draft.put("features", True, command.line, name)
        command.became = f"features.{name}"
        if word != name:
            draft.notes.note(
                "feature",
                "neural-training becomes learned-estimates: forecasts draw on this plan's own finished work; no neural network is trained",
                command.line,
            )


def _github(draft: Draft, command: ShellCommand) -> None:
    for option, key in (("repo", "repo"), ("branch", "branch"), ("pr-prefix", "pr_prefix")):
        if command.options.get(option):
            draft.values.setdefault("project", {})[key] = command.options[option][:200]
            draft.lines["project", key] = command.line
            command.became = "project.repo, branch, pr_prefix"


def _monitor(draft: Draft, command: ShellCommand) -> None:
    name = clean_id(command.options.get("name") or command.options.get("dashboard") or "main")
    seconds = command.options.get("refresh", "300").rstrip("s")
    metrics = [m.strip() for m in command.options.get("metrics", "progress").split(",") if m.strip()]
    known = {*METRICS, *draft.values.get("kpis", {})}
    for metric in metrics:
        if metric not in known:
            draft.notes.warn(
                "metric",
                f'monitor {name}: "{metric[:60]}" is no metric; left out',
                command.line,
                f"metrics are {', '.join(METRICS)}",
            )
    refresh = f"{int(seconds)}s" if seconds.isdecimal() and 0 < int(seconds[:9]) < 10**7 else "300s"
    draft.put(
        "monitors",
        {"name": name, "refresh": refresh, "metrics": [m for m in metrics if m in known]},
        command.line,
    )
    command.became = f"monitors: {name}"


def _alert(draft: Draft, command: ShellCommand) -> None:
    condition = command.options.get("condition", "")
    if not condition:
        command.why = "it has no --condition"
        return
    name = clean_id(command.options.get("name", "")) or f"alert-{len(draft.values.get('alerts', ())) + 1}"
    made: dict[str, Any] = {"name": name, "when": condition}
    action = command.options.get("action", "")
    if action.startswith("notify:"):
        made["notify"] = [t.strip() for t in action[7:].split(",") if t.strip()]
        draft.targets += [(t, command.line) for t in made["notify"]]
    elif action:
        draft.notes.note(
            NOT_UNDERSTOOD,
            f'not understood: action "{action[:60]}" of alert {name}',
            command.line,
            "notify:NAME is known",
        )
    draft.put("alerts", made, command.line)
    command.became = f"alerts: {name}"


def _schedule(draft: Draft, command: ShellCommand) -> None:
    script = command.options.get("script") or command.options.get("action") or ""
    name = clean_id(command.options.get("task") or command.options.get("event") or "hook")
    made: dict[str, Any] = {"do": "\n".join(line.strip() for line in script.splitlines() if line.strip())}
    when = "cron" if "cron" in command.options else "event"
    if not made["do"] or not command.options.get(when):
        command.why = "it says neither when nor what"
        return
    made[when] = command.options[when]
    draft.put("hooks", made, command.line, name)
    command.became = f"hooks.{name}"


_READERS: dict[tuple[str, str], Callable[[Draft, ShellCommand], None]] = {
    ("swarm", "init"): _swarm,
    ("agent", "spawn"): _agent,
    ("memory", "store"): _memory,
    ("task", "orchestrate"): _orchestrate,
    ("features", "enable"): _features,
    ("github", "config"): _github,
    ("monitor", "create"): _monitor,
    ("alert", "create"): _alert,
    ("hooks", "schedule"): _schedule,
    ("hooks", "on-event"): _schedule,
}


def command_json(command: ShellCommand) -> dict[str, Any]:
    """One command as a plain value."""
    return {
        "line": command.line,
        "text": command.text,
        "ours": command.ours or None,
        "became": command.became or None,
        "why": command.why or None,
    }
