"""`gate`: the evidence of gates, and decisions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import RefusedError
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import MEASURE_S, ask, os_user
from ..command import Settings, sub_verb, verb_group
from ..decisions import conditions_of, words
from ..lookup import find_gate
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, columns, narrate, painter, put, put_json
from ..past import state_at
from ..settling import settled
from ..target import State, Target, find_target, read_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...client.requests import Request
    from ...domain.snapshot import GateView, Snapshot


@verb_group("gate")
def command() -> None:
    """List, show, check and decide gates. For people: agents may look, never decide."""


@sub_verb(command, "ls")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="An array, as `gates` in status --json.")
def ls(settings: Settings, at: float | None, as_json: bool) -> int:
    """List every gate with its state."""
    snapshot = state_at(find_target(settings), at).snapshot(forecast=False)
    if as_json:
        from ...report.status_json import gate_document

        put_json([gate_document(g) for g in snapshot.gates])
    elif snapshot.gates:
        from ...report.status_text import gate_table

        put(
            "\n".join(gate_table(snapshot, paint=painter(settings), ascii_only=ascii_only(), width=columns()))
            + "\n"
        )
    else:
        narrate("the plan has no gates")
    return 0


@sub_verb(command, "show")
@click.argument("id")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, id: str, at: float | None, as_json: bool) -> int:
    """Show a gate's evidence: every criterion with value, limit, command, commit and age."""
    snapshot = state_at(find_target(settings), at).snapshot(forecast=False)
    _show(settings, find_gate(snapshot, id), snapshot, as_json)
    return 0


@sub_verb(command, "check")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True)
def check(settings: Settings, id: str, as_json: bool) -> int:
    """Measure the gate's criteria now. Exit 1 when a must criterion has not passed."""
    from ...client.requests import EvaluateGate

    target = _target(settings)
    ask(settings, target, EvaluateGate(_gate(target, id).id), timeout=MEASURE_S)
    gate = _judged(target, id)
    _show(settings, gate, read_state(target).snapshot(forecast=False), as_json)
    return 1 if any(c.must and c.state.value not in ("pass", "waived") for c in gate.criteria) else 0


@sub_verb(command, "sign")
@click.argument("id")
@click.argument("criterion")
@click.option("--note", default="", help="What was seen; kept with the signature.")
@click.option("--by", metavar="NAME", help="Who signs (default: the OS user).")
def sign(settings: Settings, id: str, criterion: str, note: str, by: str | None) -> int:
    """Sign one manual criterion."""
    from ...client.requests import SignCriterion

    target = _target(settings)
    gate = _gate(target, id)
    reply = ask(settings, target, SignCriterion(gate.id, criterion, by, note))
    role = reply.data.get("role")
    put(
        f"gate {gate.id}: {criterion} is signed"
        + (f" as {role}" if role else "")
        + f", revision {reply.revision}\n"
    )
    return 0


@sub_verb(command, "waive")
@click.argument("id")
@click.argument("criterion")
@click.option("--note", required=True, help="Why; a waiver stays on record for ever.")
@click.option("--until", metavar="DATE", help="A date, or a plan week.")
@click.option("--by", metavar="NAME", help="Who waives it (default: the OS user).")
def waive(settings: Settings, id: str, criterion: str, note: str, until: str | None, by: str | None) -> int:
    """Set one criterion aside, on record."""
    from ...client.requests import WaiveCriterion

    target = _target(settings)
    gate = _gate(target, id)
    reply = ask(settings, target, WaiveCriterion(gate.id, criterion, note, by, until))
    put(
        f"gate {gate.id}: {safe(criterion, oneline=True)} is waived by {safe(by or os_user(), oneline=True)}, revision {reply.revision}\n"
    )
    return 0


_ID = click.argument("id")
_NOTE = click.option("--note", default="", help="Why; kept with the decision.")
_BY = click.option("--by", metavar="NAME", help="Who decides (default: the OS user).")
_JSON = click.option("--json", "as_json", is_flag=True)


@sub_verb(command, "approve")
@_ID
@_NOTE
@_BY
@click.option(
    "--condition", "conditions", multiple=True, metavar="TEXT", help="A conditional go; may be repeated."
)
@click.option("--owner", "owners", multiple=True, metavar="NAME", help="Who sees to the condition.")
@click.option("--due", "dues", multiple=True, metavar="DATE", help="A date, or a plan week.")
@click.option(
    "--digest", help="Refuse when the evidence is no longer the one with this digest (see gate show)."
)
@_JSON
def approve(
    settings: Settings,
    id: str,
    note: str,
    by: str | None,
    conditions: tuple[str, ...],
    owners: tuple[str, ...],
    dues: tuple[str, ...],
    digest: str | None,
    as_json: bool,
) -> int:
    """Say yes to a gate; with --condition a conditional yes. Stale evidence is measured again first."""
    from ...client.requests import DecideGate
    from ...domain.states import DecisionKind

    kind = DecisionKind.CONDITIONAL if conditions else DecisionKind.GO
    agreed = conditions_of(conditions, owners, dues)
    return _decide(
        settings,
        id,
        lambda gate: DecideGate(gate.id, kind, note, by, agreed, evidence_digest=digest),
        as_json,
    )


@sub_verb(command, "hold")
@_ID
@_NOTE
@_BY
@_JSON
def hold(settings: Settings, id: str, note: str, by: str | None, as_json: bool) -> int:
    """Shut a gate until it is decided again."""
    from ...client.requests import DecideGate
    from ...domain.states import DecisionKind

    return _decide(settings, id, lambda gate: DecideGate(gate.id, DecisionKind.HOLD, note, by), as_json)


@sub_verb(command, "recycle")
@_ID
@_NOTE
@_BY
@click.option(
    "--workstream",
    "workstreams",
    multiple=True,
    metavar="ID",
    help="Whose work goes back (default: the owners of failed criteria).",
)
@_JSON
def recycle(
    settings: Settings,
    id: str,
    note: str,
    by: str | None,
    workstreams: tuple[str, ...],
    as_json: bool,
) -> int:
    """Send work back to rework; the gate is not due again until it is accepted."""
    from ...client.requests import DecideGate
    from ...domain.states import DecisionKind

    return _decide(
        settings,
        id,
        lambda gate: DecideGate(gate.id, DecisionKind.RECYCLE, note, by, workstreams=workstreams),
        as_json,
    )


@sub_verb(command, "kill")
@_ID
@_NOTE
@_BY
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
def kill(settings: Settings, id: str, note: str, by: str | None, yes: bool, as_json: bool) -> int:
    """End the project here: everything behind the gate is cancelled. Asks first."""
    from ...client.requests import DecideGate
    from ...domain.states import DecisionKind

    gate = _gate(_target(settings), id)
    if not yes:
        _confirm(gate)
    return _decide(settings, id, lambda gate: DecideGate(gate.id, DecisionKind.KILL, note, by), as_json)


def _confirm(gate: GateView) -> None:
    from ..terminal import asks, can_ask

    question = f"kill gate {gate.id}: all work of later phases is cancelled"
    if not can_ask():
        raise RefusedError(
            f"{question}; there is no terminal to ask on", help=f"locust-tui gate kill {gate.id} --yes"
        )
    if not asks(question):
        raise RefusedError("nothing was changed")


def _target(settings: Settings) -> Target:
    target = find_target(settings)
    refuse_agents(target.folder, "deciding gates")
    return target


def _gate(target: Target, wanted: str) -> GateView:
    return find_gate(read_state(target).snapshot(forecast=False), wanted)


def _judged(target: Target, wanted: str) -> GateView:
    """The gate once its state says what its criteria say: the worker draws that conclusion after the last result."""

    def look() -> tuple[GateView, bool]:
        state = read_state(target)
        gate = find_gate(state.snapshot(forecast=False), wanted)
        return gate, _is_judged(state, gate)

    return settled(target, look)


def _is_judged(state: State, gate: GateView) -> bool:
    from ...analysis.gates import evaluated_state, standings
    from ...domain.states import GateState

    if gate.state not in (GateState.NOT_DUE, GateState.READY, GateState.PENDING):
        return True
    found = standings(state.plan, state.world, state.plan.gates[gate.id], state.at)
    return evaluated_state(found, gate.waits_on) is gate.state


def _show(settings: Settings, gate: GateView, snapshot: Snapshot, as_json: bool) -> None:
    from ...report.details import gate_text
    from ...report.why_gate import out_of_scope

    if as_json:
        from ...report.details import gate_details

        put_json(gate_details(gate))
    else:
        put(gate_text(gate, out_of_scope(snapshot), paint=painter(settings), ascii_only=ascii_only()))


def _decide(settings: Settings, wanted: str, request: Callable[[GateView], Request], as_json: bool) -> int:
    target = _target(settings)
    gate = _gate(target, wanted)
    reply = ask(settings, target, request(gate), timeout=MEASURE_S)
    told: dict[str, Any] = reply.data
    if as_json:
        put_json({"gate": gate.id, **told, "revision": reply.revision})
        return 0
    if warning := told.get("warning"):
        narrate(f"warning: {warning}")
    put(words(gate.id, told) + f", revision {reply.revision}\n")
    return 0
