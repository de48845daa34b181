"""`alert`: conditions that are watched, and what became of them."""

from __future__ import annotations

from typing import Any

import click

from ...errors import UsageError
from ...safe_text import safe
from ..alerting import (
    alert_document,
    alert_row,
    findings,
    nowhere,
    rule_named,
    rules_of,
    scopes_on_record,
    truth_of,
    values_of,
    warn_of_nobody,
    where_of,
)
from ..asking import ask
from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import find_target, read_state


@verb_group("alert")
def command() -> None:
    """Create, list, acknowledge, test and remove alerts."""


@sub_verb(command, "create")
@click.option("--name", required=True, help="What it is called; the same name again changes it.")
@click.option("--condition", required=True, help='Like "phase_progress < expected_progress - 10".')
@click.option(
    "--action",
    "actions",
    multiple=True,
    help="notify:NAME, notify --to A,B --priority high, or verbs as hooks run them.",
)
@click.option("--for", "hold", metavar="DURATION", help="How long it must hold before it fires: 10m.")
@click.option("--severity", type=click.Choice(["info", "warning", "critical"]))
@click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def create(
    settings: Settings,
    name: str,
    condition: str,
    actions: tuple[str, ...],
    hold: str | None,
    severity: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    """Watch a condition for ever, and tell somebody once each time it begins to hold."""
    from ...analysis.alert_actions import action_of
    from ...analysis.alert_readings import OVERDUE_GATE
    from ...analysis.hook_events import ALERT_FIRING
    from ...analysis.restored import RESTORED
    from ..adding import add, named

    if named(name, "an alert") in (OVERDUE_GATE, RESTORED):
        raise UsageError(f'"{name}" is the name of an alert that every plan has', help="another one")
    told = [action_of(text) for text in actions]
    rule: dict[str, Any] = {"when": condition, "notify": [to for a in told for to in a.notify]}
    rule["severity"] = severity or next((a.severity for a in told if a.severity), "warning")
    if hold:
        rule["for"] = f"{hold}s" if hold.isdigit() else hold
    target = find_target(settings)
    values: dict[str, object] = {f"alerts/{name}": rule}
    if script := "\n".join(a.script for a in told if a.script):
        values[f"hooks/{_hook(name)}"] = {"event": f"{ALERT_FIRING}{name}", "do": script}
    reply = add(settings, target, values, by)
    state = read_state(target)
    earlier = state.world.additions.get(f"hooks/{_hook(name)}")
    if f"hooks/{_hook(name)}" not in values and earlier is not None and earlier.value:
        from ...client.requests import TakeFromPlan

        reply = ask(settings, target, TakeFromPlan((earlier.path,), by))
        state = read_state(target)
    made = rule_named(state, name)
    found = findings(state, made)
    if as_json:
        put_json({**alert_document(state, made, found), "revision": reply.revision})
        return 0
    put(
        f"alert {safe(name, oneline=True)} watches {safe(condition, oneline=True)}, revision {reply.revision}\n"
    )
    for reading in found:
        put(f"  now{where_of(reading)}: {values_of(reading)}{truth_of(reading)}\n")
    if not found:
        narrate(nowhere(state))
    if script:
        narrate(f"when it fires, hook {_hook(name)} runs: {safe(script, oneline=True)}")
    warn_of_nobody(state, made, acts=bool(script))
    return 0


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def ls(settings: Settings, as_json: bool) -> int:
    """List every alert with its state and its values now."""
    from ...report.figures import UNKNOWN
    from ...report.table import table

    state = read_state(find_target(settings))
    rules = rules_of(state)
    if as_json:
        put_json([alert_document(state, rule, findings(state, rule)) for rule in rules])
        return 0
    rows: list[tuple[Any, ...]] = []
    for rule in rules:
        found = findings(state, rule)
        scopes = dict.fromkeys((*(r.scope for r in found), *scopes_on_record(state, rule)))
        now = {r.scope: r for r in found}
        rows += [alert_row(state, rule, scope, now.get(scope)) for scope in scopes or ("",)]
    lines = table(("ALERT", "SCOPE", "STATE", "FIRED", "TELLS", "NOW", "CONDITION"), rows, right=frozenset({3}), paint=painter(settings))  # fmt: skip
    text = "\n".join(lines) + "\n" if lines else ""
    put(text.replace(UNKNOWN, "-") if ascii_only() else text)
    if not state.plan.alerts:
        narrate(
            'one of your own: locust-tui alert create --name N --condition "progress < expected_progress - 10"'
        )
    return 0


command.add_command(ls, "list")


@sub_verb(command, "ack")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who knows (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def ack(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Say that you know of a firing alert (NAME, or NAME/SCOPE): it stays until its condition clears."""
    from ...client.requests import AcknowledgeAlert

    reply = ask(settings, find_target(settings), AcknowledgeAlert(name, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(f"{', '.join(reply.data['acknowledged'])} acknowledged by {safe(reply.data['by'], oneline=True)}, revision {reply.revision}\n")  # fmt: skip
    return 0


@sub_verb(command, "test")
@click.argument("name", required=False)
@click.option("--condition", help="Of an alert that does not exist yet.")
@click.option("--json", "as_json", is_flag=True)
def test(settings: Settings, name: str | None, condition: str | None, as_json: bool) -> int:
    """Evaluate an alert, or a condition, now; nothing is sent. Exit code 1 when it would not fire, or is unknown."""
    from ...analysis.expression import compile_expression
    from ...analysis.quantities import known_names
    from ...domain.plan import AlertRule

    if (name is None) is (condition is None):
        raise UsageError("name an alert, or give a --condition")
    state = read_state(find_target(settings))
    rule = AlertRule("test", condition) if condition is not None else rule_named(state, name or "")
    if rule.when and condition is not None:
        compile_expression(rule.when, known_names(state.plan))
    found = findings(state, rule)
    if as_json:
        put_json(alert_document(state, rule, found)["scopes"])
    for reading in found if not as_json else ():
        put(f"{safe(rule.name, oneline=True)}{where_of(reading)}: {values_of(reading)}{truth_of(reading)}\n")
    if not found:
        narrate(nowhere(state))
    return 0 if any(r.holds for r in found) else 1


@sub_verb(command, "rm")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def rm(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Remove an alert that a command created."""
    from ..adding import take

    target = find_target(settings)
    state = read_state(target)
    names = [a.name for a in state.plan.alerts]
    reply = take(settings, target, state.world, f"alerts/{name}", names, by, also=f"hooks/{_hook(name)}")
    if as_json:
        put_json({"name": name, "removed": True, "revision": reply.revision})
    else:
        put(f"alert {safe(name, oneline=True)} is removed, revision {reply.revision}\n")
    return 0


def _hook(name: str) -> str:
    """The hook that carries an alert's verbs out."""
    return f"alert-{name}"
