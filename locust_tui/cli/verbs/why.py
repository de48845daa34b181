"""`why`: why a workstream or a gate is in its state, and what would change it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, did_you_mean
from ...signs import CRITERION, GATE
from ..command import Settings, verb
from ..output import put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import GateView
    from ...report.why import Why


@verb("why")
@click.argument("id")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, id: str, plan: Path | None, as_json: bool) -> int:
    """Say why a workstream, gate, run or thing in the inbox is in its state."""
    state = read_state(find_target(settings, plan))
    found = _explain(state, id)
    if as_json:
        put_json(_document(found))
        return 0
    from ...safe_text import safe

    put("".join(safe(line, oneline=True) + "\n" for line in found.lines))
    return 0


def _document(found: Why) -> dict[str, Any]:
    told = {
        "id": found.id,
        "state": found.state,
        "why": found.why,
        "because": list(found.because),
        "possible": list(found.possible),
    }
    return {**told, "instead": found.instead} if found.instead else told


def _explain(state: State, wanted: str) -> Why:
    from ...report.why import why_gone, why_run, why_waiting, why_workstream

    snapshot = state.snapshot(forecast=False)
    for w in snapshot.workstreams:
        if w.id.casefold() == wanted.casefold():
            return why_workstream(w, snapshot, time.time())
    for g in snapshot.gates:
        if g.id.casefold() == wanted.casefold():
            return _gate(g, state)
    gone = [r for r in snapshot.runs if not r.in_plan and r.subject.casefold() == wanted.casefold()]
    if gone:
        return why_gone(gone)
    for r in snapshot.runs:
        if r.id.casefold() == wanted.casefold():
            return why_run(r, snapshot, time.time())
    for item in snapshot.waiting:
        if item.item == wanted:
            return why_waiting(item)
    known = (
        [w.id for w in snapshot.workstreams] + [g.id for g in snapshot.gates] + [r.id for r in snapshot.runs]
    )
    raise NotFoundError(
        f'no workstream, gate or run "{wanted}"', help=did_you_mean(wanted, known) or "locust-tui status"
    )


def _gate(g: GateView, state: State) -> Why:
    from ...report.why import Why

    because = [f"waits for {wanted}" for wanted in g.waits_on]
    because += [
        f"{'must' if c.must else 'should'} {c.name}: {CRITERION[c.state].word}"
        + (f", {c.value_text}" if c.value_text else "")
        + (f" (limit {c.limit_text})" if c.limit_text else "")
        + (f", waits for {c.waits_for}" if c.waits_for else "")
        + (f", {c.detail}" if c.detail else "")
        for c in g.criteria
        if c.state.value not in ("pass", "waived")
    ]
    because += [
        f"condition: {c.text}, {c.owner}, due {c.due}" + (" (overdue)" if c.overdue else "")
        for c in g.open_conditions
    ]
    if g.signs and "go" in g.choices:
        because.append(f"a go also answers: {', '.join(g.signs)}")
    if g.state.value == "pending":
        missing = [a for a in g.approvers if a not in g.approved_by]
        because.append(
            f"{len(g.approved_by)} of {g.min_approvals} approvals"
            + (f"; may approve: {', '.join(missing)}" if missing else "")
        )
    ways = tuple(_ways_on(g, state))
    return Why(g.id, g.state.value, g.reason or None, tuple(because), ways, word=GATE[g.state].word)


def _ways_on(g: GateView, state: State) -> list[str]:
    """What brings the gate on, then the other decisions that are possible now."""
    from ...analysis.gate_steps import gate_steps
    from ...analysis.gates import standings

    gate, verbs = state.plan.gates[g.id], {"go": "approve", "conditional": "approve"}
    steps = gate_steps(gate, state.world, standings(state.plan, state.world, gate, state.at))
    more = {"conditional": " --condition TEXT --owner NAME --due DATE"}
    named = [c for c in g.choices if c != "go" or not any(step[1] == "approve" for step in steps)]
    return [f"locust-tui {' '.join(step)}" for step in steps] + [
        f"locust-tui gate {verbs.get(c, c)} {g.id}{more.get(c, '')}" for c in named
    ]
