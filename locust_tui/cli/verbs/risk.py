"""`risk`: the risk register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import ask
from ..command import Settings, sub_verb, verb_group
from ..output import columns, narrate, painter, put, put_json
from ..target import find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import RiskView, Snapshot
    from ...domain.studies.risks import RiskMove
    from ..target import Target


@verb_group("risk")
def command() -> None:
    """List, map, show, trigger, close and reopen the plan's risks."""


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def ls(settings: Settings, as_json: bool) -> int:
    """List the register: the highest score first, of equal ones the higher impact."""
    from ...report.risk_text import risk_document, risks_table

    snapshot = read_state(find_target(settings)).snapshot(forecast=False)
    if as_json:
        put_json([risk_document(risk) for risk in snapshot.risks])
    elif snapshot.risks:
        shown = risks_table(snapshot.risks, snapshot.at, paint=painter(settings), width=columns())
        put("\n".join(shown) + "\n")
    else:
        narrate("the plan has no risks")
    return 0


@sub_verb(command, "map")
@click.option(
    "--json", "as_json", is_flag=True, help="Cells from the highest probability down, each with its risks."
)
def map_(settings: Settings, as_json: bool) -> int:
    """Draw the risks on a map: probability upwards, impact to the right."""
    from ...report.risk_map import risk_map
    from ...report.risk_text import map_lines

    risks = read_state(find_target(settings)).snapshot(forecast=False).risks
    if as_json:
        found = risk_map(risks)
        cells = [
            {
                "probability": c.probability,
                "impact": c.impact,
                "level": c.level,
                "risks": [r.id for r in c.risks],
            }
            for row in found.rows
            for c in row
        ]
        put_json({"scale": found.scale, "cells": cells})
    elif risks:
        put("\n".join(map_lines(risks, paint=painter(settings), width=columns())) + "\n")
        put("! triggered, () closed; the whole register: locust-tui risk ls\n")
    else:
        narrate("the plan has no risks")
    return 0


@sub_verb(command, "show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, id: str, as_json: bool) -> int:
    """Show one risk: its score, owner, response, watch, why it is in its state, and how it came there."""
    from ...report.risk_text import history_document, risk_document, risk_lines

    target = find_target(settings)
    snapshot = read_state(target).snapshot(forecast=False)
    found = _find(snapshot, id)
    history = _history(target, found.id)
    if as_json:
        put_json({**risk_document(found), "history": history_document(history)})
    else:
        lines = risk_lines(found, snapshot.at, history)
        put("\n".join(safe(line, oneline=True) for line in lines) + "\n")
    return 0


def _history(target: Target, risk: str) -> tuple[RiskMove, ...]:
    from ...client.risk_history import risk_history
    from ...state.reader import ReadOnlyStore

    if not target.has_record:
        return ()
    with ReadOnlyStore(target.folder.store) as store:
        return risk_history(store, risk)


def _find(snapshot: Snapshot, wanted: str) -> RiskView:
    known = {risk.id: risk for risk in snapshot.risks}
    found = known.get(wanted) or {id.casefold(): r for id, r in known.items()}.get(wanted.casefold())
    if found is None:
        near = did_you_mean(wanted, known) or "locust-tui risk ls"
        raise NotFoundError(f'no risk "{wanted}"', help=near)
    return found


def _move(name: str, state: str, help_text: str) -> None:
    @sub_verb(command, name)
    @click.argument("id")
    @click.option("--note", default="", help="Why; kept with the event, told to its owner. It must be given.")
    @click.option("--by", metavar="NAME", help="Who says so (default: the OS user).")
    @click.option("--json", "as_json", is_flag=True)
    def move(settings: Settings, id: str, note: str, by: str | None, as_json: bool) -> int:
        from ...client.requests import MoveRisk
        from ...domain.states import RiskState

        target = find_target(settings)
        refuse_agents(target.folder, "moving risks")
        if not note.strip():
            raise UsageError("a note is wanted: it is what the record is asked for later", help="--note TEXT")
        reply = ask(settings, target, MoveRisk(id, RiskState(state), note, by))
        if as_json:
            put_json({**reply.data, "revision": reply.revision})
            return 0
        owner = reply.data.get("owner")
        told = f", its owner {owner} is told" if owner else ""
        put(safe(f"{reply.data['risk']} is {state}{told}, revision {reply.revision}", oneline=True) + "\n")
        return 0

    move.help = help_text


for _name, _state, _help in (
    ("trigger", "triggered", "It has happened: its owner is told, and the plan is at risk."),
    ("close", "closed", "It is over: no watch triggers it any more."),
    ("reopen", "open", "It may happen again: its watch counts from now on."),
):
    _move(_name, _state, _help)
