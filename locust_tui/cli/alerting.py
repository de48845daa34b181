"""Alerts as the command line tells them: what each rule finds now, and where it stands on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, did_you_mean
from .output import narrate

if TYPE_CHECKING:
    from ..analysis.alert_readings import Reading
    from ..domain.plan import AlertRule
    from .target import State


def rules_of(state: State) -> list[AlertRule]:
    from ..analysis.alert_readings import OVERDUE_GATE
    from ..analysis.restored import RESTORED
    from ..domain.plan import AlertRule

    built_in = [AlertRule(OVERDUE_GATE, "")] if any(g.week for g in state.plan.gates.values()) else []
    if f"{RESTORED}/" in state.world.alerts:
        built_in.append(AlertRule(RESTORED, "", severity="critical"))
    return [*state.plan.alerts, *built_in]


def rule_named(state: State, name: str) -> AlertRule:
    """NotFoundError with near names."""
    known = {rule.name: rule for rule in rules_of(state)}
    if name not in known:
        near = did_you_mean(name, known) or "locust-tui alert ls"
        raise NotFoundError(f'no alert "{name}"', help=near)
    return known[name]


def findings(state: State, rule: AlertRule) -> list[Reading]:
    """What the rule finds at each of its scopes; nothing before the plan was started."""
    from ..analysis.alert_readings import OVERDUE_GATE, readings, rule_readings
    from ..analysis.restored import RESTORED

    if state.world.project.started is None or rule.name == RESTORED:
        return []
    if rule.name == OVERDUE_GATE:
        return [r for r in readings(state.plan, state.world, state.at) if r.rule.name == OVERDUE_GATE]
    return list(rule_readings(rule, state.plan, state.world, state.at))


def scopes_on_record(state: State, rule: AlertRule) -> list[str]:
    return [a.scope for a in state.world.alerts.values() if a.alert == rule.name]


def alert_document(state: State, rule: AlertRule, found: list[Reading]) -> dict[str, Any]:
    from ..report.figures import iso

    now = {r.scope: r for r in found}
    scopes = []
    for scope in dict.fromkeys((*now, *scopes_on_record(state, rule))):
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
    from ..analysis.alert_readings import OVERDUE_GATE

    if reading is None and rule.name == OVERDUE_GATE and state.world.project.started is not None:
        return "ok"
    return "unknown" if reading is None or reading.holds is None else "ok"


def alert_row(state: State, rule: AlertRule, scope: str, reading: Reading | None) -> tuple[Any, ...]:
    from ..analysis.restored import ABOUT, RESTORED
    from ..report.glyphs import Tone

    on_record = state.world.alerts.get(f"{rule.name}/{scope}")
    word = on_record.state.value if on_record else _quiet(state, rule, reading)
    tones = {"firing": Tone.FAILED, "acknowledged": Tone.PERSON, "pending": Tone.PERSON}
    values = values_of(reading) if reading else on_record.why if on_record and not rule.when else ""
    when = rule.when or (ABOUT if rule.name == RESTORED else "a gate is shut after its week")
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


def where_of(reading: Reading) -> str:
    return f" (phase {reading.scope})" if reading.scope else ""


def values_of(reading: Reading) -> str:
    from ..report.figures import rounded

    return ", ".join(f"{name} {rounded(value)}" for name, value in reading.values) or reading.why


def truth_of(reading: Reading) -> str:
    return {True: ": it holds", False: ": it does not hold", None: ": unknown, so it does not fire"}[
        reading.holds
    ]


def nowhere(state: State) -> str:
    if state.world.project.started is None:
        return "unknown now: nothing has been started"
    return "unknown now: no phase is under way"


def warn_of_nobody(state: State, rule: AlertRule, *, acts: bool = False) -> None:
    """Say that nobody is told, unless it `acts`, and whom of those told nobody is called like."""
    from ..analysis.recipients import recipients

    if not rule.notify and not acts:
        narrate(
            "it tells nobody: it stands in alert ls and in the cockpit; --action notify:NAME tells somebody"
        )
    for one in recipients(state.plan, state.world, ",".join(rule.notify)):
        if one.dead:
            narrate(
                f"warning: {one.dead}: its messages go to the dead-letter box{f'; {one.near}' if one.near else ''}"
            )
