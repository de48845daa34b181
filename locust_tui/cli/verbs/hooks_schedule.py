"""`hooks schedule|on-event|ls|rm|run`: pipelines of this program's own verbs, by the clock and after events."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..asking import ask, tell
from ..command import Settings, sub_verb
from ..output import narrate, painter, put, put_json
from ..target import State, Target, find_target, read_state
from .hooks import command

if TYPE_CHECKING:
    from ...domain.plan import Hook

HOOK_S = 1_200.0
"""A hook's own time limit ends it before this."""


@sub_verb(command, "schedule")
@click.option("--cron", required=True, help='Minute, hour, day, month, weekday: "0 9 * * 1-5"; or @daily.')
@click.option("--task", "name", required=True, metavar="NAME", help="The same name again changes the hook.")
@click.option(
    "--script",
    required=True,
    help="Lines of verbs, joined by pipes: status --json | memory store daily/{date}",
)
@click.option("--shell", is_flag=True, help="The lines are a shell's.")
@click.option("--by", metavar="NAME", help="Who wants it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def schedule(
    settings: Settings, cron: str, name: str, script: str, shell: bool, by: str | None, as_json: bool
) -> int:
    """Run a script at times, in the plan's time zone, as long as the plan is up; what was missed is recorded."""
    from ...analysis.hook_times import check_cron

    check_cron(cron)
    return _add(settings, name, {"cron": cron}, script, shell, by, as_json)


@sub_verb(command, "on-event")
@click.option(
    "--event",
    required=True,
    help="blocker-detected, agent-exited, gate-failed, key-changed:GLOB, or an event's name.",
)
@click.option(
    "--action", required=True, help="Lines of verbs; {subject}, {note}, {key} … of the event are filled in."
)
@click.option(
    "--name", metavar="NAME", help="The same name again changes the hook (default: made from the event)."
)
@click.option("--shell", is_flag=True, help="The lines are a shell's.")
@click.option("--by", metavar="NAME", help="Who wants it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def on_event(
    settings: Settings, event: str, action: str, name: str | None, shell: bool, by: str | None, as_json: bool
) -> int:
    """Run a script once for every such event from now on; what was before is none of its."""
    from ...analysis.hook_events import check_event

    check_event(event)
    target = find_target(settings)
    return _add(
        settings,
        name or _name(read_state(target), event, action),
        {"event": event},
        action,
        shell,
        by,
        as_json,
    )


def _name(state: State, event: str, action: str) -> str:
    """A name for what has none: the same for the same action, another for another one after the same event."""
    stem = "on-" + re.sub(r"[^\w.-]+", "-", event).strip("-")[:50]
    hooks = state.plan.hooks
    for number in range(1, 1000):
        name = stem if number == 1 else f"{stem}-{number}"
        if name not in hooks or (hooks[name].event == event and hooks[name].script == action):
            return name
    raise UsageError(f"there are too many hooks after {event}", help="--name NAME")


def _add(
    settings: Settings,
    name: str,
    when: dict[str, str],
    script: str,
    shell: bool,
    by: str | None,
    as_json: bool,
) -> int:
    from ...analysis.hook_scripts import already_expanded, parse
    from ...client.requests import AddToPlan

    if "/" in name:
        raise UsageError(f'"{name}" is no name for a hook', help="letters, digits, dots and dashes")
    if not shell:
        parse(script)
    elif not script.strip():
        raise UsageError("the script does nothing")
    for text in already_expanded(script, time.time()):
        narrate(
            f'warning: the script holds "{text}", which will be the same whenever it runs; {{date}}, {{week}} and {{ts}} are filled in then'
        )
    target = find_target(settings)
    value: dict[str, Any] = {"do": script, "cron": None, "event": None, "shell": shell, **when}
    reply = ask(settings, target, AddToPlan(((f"hooks/{name}", json.dumps(value)),), by))
    state = read_state(target)
    document = _document(state, state.plan.hooks[name])
    if as_json:
        put_json({**document, "revision": reply.revision})
    else:
        following = f"; next run {document['next']}" if document["next"] else ""
        put(f"hook {name}: {document['when']}{following}, revision {reply.revision}\n")
    return 0


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def ls(settings: Settings, as_json: bool) -> int:
    """List the plan's hooks: when each runs next, how often it ran, failed and was missed."""
    from ...report.table import table

    state = read_state(find_target(settings))
    documents = [_document(state, hook) for hook in state.plan.hooks.values()]
    if as_json:
        put_json(documents)
    elif not documents:
        narrate("the plan has no hooks")
    else:
        rows = [
            (safe(d["name"]), safe(d["when"]), d["next"] or "—", *(str(d[k]) for k in ("runs", "failures", "missed")), _last(d))
            for d in documents
        ]  # fmt: skip
        header = ("HOOK", "WHEN", "NEXT", "RUNS", "FAILED", "MISSED", "LAST")
        put("\n".join(table(header, rows, paint=painter(settings))) + "\n")
        if state.worker_pid is None:
            narrate("no worker runs, so no hook does: locust-tui up")
    return 0


def _last(document: dict[str, Any]) -> str:
    if document["last_at"] is None:
        return "—"
    said = safe(" ".join(document["said"].split()), limit=60, oneline=True)
    return f"{'ok' if document['last_ok'] else 'failed'} {document['last_at']} {said}".rstrip()


def _document(state: State, hook: Hook) -> dict[str, Any]:
    from ...analysis.hook_times import next_cron
    from ...domain.coordination import HookStatus
    from ...report.figures import iso

    status = state.world.hooks.get(hook.name) or HookStatus(hook.name)
    following = next_cron(hook.cron, state.plan.calendar.timezone, time.time()) if hook.cron else None
    return {
        "name": hook.name,
        "when": hook.cron or hook.event or "called back",
        "cron": hook.cron or None,
        "event": hook.event or None,
        "shell": hook.shell,
        "do": hook.script,
        "next": iso(following) if following is not None else None,
        "runs": status.runs,
        "failures": status.failures,
        "missed": status.missed,
        "last": status.last or None,
        "last_at": iso(status.last_at) if status.last_at is not None else None,
        "last_ok": status.last_ok,
        "said": status.said,
        "running": bool(status.begun),
    }


@sub_verb(command, "rm")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who removes it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def rm(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Take a hook back that a command added; one of the plan file is removed there."""
    from ...client.requests import TakeFromPlan

    target = find_target(settings)
    _known(read_state(target), name)
    reply = ask(settings, target, TakeFromPlan((f"hooks/{name}",), by))
    if as_json:
        put_json({"name": name, "removed": True, "revision": reply.revision})
    else:
        put(f"hook {name} is removed, revision {reply.revision}\n")
    return 0


@sub_verb(command, "run")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who runs it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def run(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Run a hook now, and print what it prints."""
    from ...client.requests import RunHook

    target: Target = find_target(settings)
    _known(read_state(target), name)
    reply = tell(settings, target, RunHook(name, by), timeout=HOOK_S)
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(safe(str(reply.data["said"]), limit=100_000))
        narrate(f"{name} {'ran' if reply.data['ok'] else 'failed'}, revision {reply.revision}")
    return 0 if reply.data["ok"] else 1


def _known(state: State, name: str) -> None:
    if name not in state.plan.hooks:
        near = did_you_mean(name, state.plan.hooks)
        raise NotFoundError(f'there is no hook "{name}"', help=near or "locust-tui hooks ls")
