"""`alert`: conditions that are watched, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..asking import ask
from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...analysis.alert_readings import Reading
    from ...domain.plan import AlertRule


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
    from ..adding import add

    if name == OVERDUE_GATE or "/" in name:
        raise UsageError(f'"{name}" cannot be an alert\'s name', help="another one, without slashes")
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
    made = _rule(state, name)
    found = _now(state, made)
    if as_json:
        put_json({**_document(state, made, found), "revision": reply.revision})
        return 0
    put(f"alert {name} watches {safe(condition, oneline=True)}, revision {reply.revision}\n")
    for reading in found:
        put(f"  now{_where(reading)}: {_values(reading)}{_truth(reading)}\n")
    if not found:
        narrate(_nowhere(state))
    _warn_of_nobody(state, made)
    return 0


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def ls(settings: Settings, as_json: bool) -> int:
    """List every alert with its state and its values now."""
    from ...analysis.alert_readings import OVERDUE_GATE
    from ...report.figures import UNKNOWN
    from ...report.table import table

    state = read_state(find_target(settings))
    rules = _rules(state)
    if as_json:
        put_json([_document(state, rule, _now(state, rule)) for rule in rules])
        return 0
    rows: list[tuple[Any, ...]] = []
    for rule in rules:
        found = _now(state, rule)
        scopes = dict.fromkeys((*(r.scope for r in found), *_scopes_on_record(state, rule)))
        now = {r.scope: r for r in found}
        rows += [_row(state, rule, scope, now.get(scope)) for scope in scopes or ("",)]
    lines = table(("ALERT", "SCOPE", "STATE", "FIRED", "TELLS", "NOW", "CONDITION"), rows, right=frozenset({3}), paint=painter(settings))  # fmt: skip
    text = "\n".join(lines) + "\n" if lines else ""
    put(text.replace(UNKNOWN, "-") if ascii_only() else text)
    if not [r for r in rules if r.name != OVERDUE_GATE]:
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
    rule = AlertRule("test", condition) if condition is not None else _rule(state, name or "")
    if rule.when and condition is not None:
        compile_expression(rule.when, known_names(state.plan))
    found = _now(state, rule)
    if as_json:
        put_json(_document(state, rule, found)["scopes"])
    for reading in found if not as_json else ():
        put(f"{rule.name}{_where(reading)}: {_values(reading)}{_truth(reading)}\n")
    if not found:
        narrate(_nowhere(state))
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
        put(f"alert {name} is removed, revision {reply.revision}\n")
    return 0


def _hook(name: str) -> str:
    """The hook that carries an alert's verbs out."""
    return f"alert-{name}"


def _rules(state: State) -> list[AlertRule]:
    from ...analysis.alert_readings import OVERDUE_GATE
    from ...domain.plan import AlertRule

    built_in = [AlertRule(OVERDUE_GATE, "")] if any(g.week for g in state.plan.gates.values()) else []
    return [*state.plan.alerts, *built_in]


def _rule(state: State, name: str) -> AlertRule:
    """NotFoundError with near names."""
    known = {rule.name: rule for rule in _rules(state)}
    if name not in known:
        near = did_you_mean(name, known) or "locust-tui alert ls"
        raise NotFoundError(f'no alert "{name}"', help=near)
    return known[name]


def _now(state: State, rule: AlertRule) -> list[Reading]:
    """What the rule finds at each of its scopes; nothing before the plan was started."""
    from ...analysis.alert_readings import OVERDUE_GATE, readings, rule_readings

    if state.world.project.started is None:
        return []
    if rule.name == OVERDUE_GATE:
        return [r for r in readings(state.plan, state.world, state.at) if r.rule.name == OVERDUE_GATE]
    return list(rule_readings(rule, state.plan, state.world, state.at))


def _scopes_on_record(state: State, rule: AlertRule) -> list[str]:
    return [a.scope for a in state.world.alerts.values() if a.alert == rule.name]


def _document(state: State, rule: AlertRule, found: list[Reading]) -> dict[str, Any]:
    from ...report.figures import iso

    now = {r.scope: r for r in found}
    scopes = []
    for scope in dict.fromkeys((*now, *_scopes_on_record(state, rule))):
        reading, on_record = now.get(scope), state.world.alerts.get(f"{rule.name}/{scope}")
        told: dict[str, Any] = {
            "scope": scope or None,
            "state": on_record.state.value if on_record else _quiet(state, rule, reading),
            "since": iso(on_record.since) if on_record else None,
            "fired": on_record.fired if on_record else 0,
            "holds": reading.holds if reading else None,
            "values": dict(reading.values) if reading else {},
        }
        if told["holds"] is None:
            told["holds_reason"] = (reading.why if reading else "") or "it is not watched now"
        scopes.append(told)
    return {
        "name": rule.name,
        "condition": rule.when or None,
        "for_s": rule.hold,
        "severity": rule.severity,
        "notify": list(rule.notify),
        "state": _worst([str(s["state"]) for s in scopes] or [_quiet(state, rule, None)]),
        "scopes": scopes,
    }


_ORDER = ("firing", "acknowledged", "pending", "unknown", "resolved", "ok")


def _worst(states: list[str]) -> str:
    return min(states, key=_ORDER.index, default="unknown")


def _quiet(state: State, rule: AlertRule, reading: Reading | None) -> str:
    """Of one that never moved."""
    from ...analysis.alert_readings import OVERDUE_GATE

    if reading is None and rule.name == OVERDUE_GATE and state.world.project.started is not None:
        return "ok"
    return "unknown" if reading is None or reading.holds is None else "ok"


def _row(state: State, rule: AlertRule, scope: str, reading: Reading | None) -> tuple[Any, ...]:
    from ...report.glyphs import Tone

    on_record = state.world.alerts.get(f"{rule.name}/{scope}")
    word = on_record.state.value if on_record else _quiet(state, rule, reading)
    tones = {"firing": Tone.FAILED, "acknowledged": Tone.PERSON, "pending": Tone.PERSON}
    values = _values(reading) if reading else ""
    when = rule.when or "a gate is shut after its week"
    fired = str(on_record.fired) if on_record else ""
    return (
        rule.name,
        scope,
        (word, tones.get(word, Tone.QUIET)),
        fired,
        ", ".join(rule.notify),
        values,
        when,
    )


def _where(reading: Reading) -> str:
    return f" (phase {reading.scope})" if reading.scope else ""


def _values(reading: Reading) -> str:
    from ...report.figures import rounded

    return ", ".join(f"{name} {rounded(value)}" for name, value in reading.values) or reading.why


def _truth(reading: Reading) -> str:
    return {True: ": it holds", False: ": it does not hold", None: ": unknown, so it does not fire"}[
        reading.holds
    ]


def _nowhere(state: State) -> str:
    if state.world.project.started is None:
        return "unknown now: nothing has been started"
    return "unknown now: no phase is under way"


def _warn_of_nobody(state: State, rule: AlertRule) -> None:
    from ...analysis.recipients import recipients

    if not rule.notify:
        narrate(
            "it tells nobody: it stands in alert ls and in the cockpit; --action notify:NAME tells somebody"
        )
    for one in recipients(state.plan, state.world, ",".join(rule.notify)):
        if one.dead:
            narrate(
                f"warning: {one.dead}: its messages go to the dead-letter box{f'; {one.near}' if one.near else ''}"
            )
