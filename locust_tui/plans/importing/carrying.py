"""What each command of the document becomes: a place in the plan, or the verb of this program that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...analysis.watched import METRICS
from ...domain.plan import Weeks
from .carrying_agents import carry_agent, carry_orchestrate
from .draft import Draft
from .finding import NOT_UNDERSTOOD
from .shell import VERBS, ShellCommand
from .words import clean_id, weeks_in


def carry(draft: Draft) -> None:
    """Take every command's meaning over into the draft, and say what has no equivalent."""
    known = {command.block for command in draft.commands if command.verb is not None}
    for command in draft.commands:
        if command.verb is None:
            _unknown(draft, command, alone=command.block in known)
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


def _unknown(draft: Draft, command: ShellCommand, *, alone: bool) -> None:
    """Say what has no equivalent: command by command, or a whole block in which nothing has."""
    words = f"{_short(command.text)}: {command.why}"
    line = command.line
    if not alone:
        line = command.block
        number = sum(c.block == line for c in draft.commands)
        if number > 1:
            words = f"{number} lines of commands that no verb of this program is like"
    help_ = "a command of the project itself belongs into a criterion: {run: …}"
    draft.notes.note(NOT_UNDERSTOOD, f"not understood: {words}", line, help_ if command.rest else None)


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
    when = "cron" if "cron" in command.options else "event"
    do = _script(draft, script, command.line)
    if not do or not command.options.get(when):
        command.why = "it says neither when nor what"
        return
    draft.put("hooks", {"do": do, when: command.options[when]}, command.line, name)
    command.became = f"hooks.{name}"


_CLOCK = {
    "+%s": "{ts}",
    "+%U": "{week}",
    "+%V": "{week}",
    "+%W": "{week}",
    "+%F": "{date}",
    "+%Y%m%d": "{date}",
    "+%Y-%m-%d": "{date}",
}
"""What the shell's `date` was asked for → the placeholder that stands for it when the hook runs."""


def _script(draft: Draft, script: str, line: int) -> str:
    """The lines of a hook; a line that ends with a pipe goes on, and dates are filled in when it runs."""
    lines: list[str] = []
    for words in filter(None, map(str.strip, script.splitlines())):
        if lines and lines[-1].endswith("|"):
            lines[-1] += f" {words}"
        else:
            lines.append(words)
    text = "\n".join(lines)
    for asked, placeholder in _CLOCK.items():
        if f"$(date {asked})" in text:
            text = text.replace(f"$(date {asked})", placeholder)
            draft.notes.note(
                "date",
                f"$(date {asked}) becomes {placeholder}: a shell would fill it in once, when the hook is made",
                line,
            )
    return text


_READERS: dict[tuple[str, str], Callable[[Draft, ShellCommand], None]] = {
    ("swarm", "init"): _swarm,
    ("agent", "spawn"): carry_agent,
    ("memory", "store"): _memory,
    ("task", "orchestrate"): carry_orchestrate,
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
