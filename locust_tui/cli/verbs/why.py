"""`why`: why a workstream or a gate is in its state, and what would change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...domain.states import OUT_OF_SCOPE
from ...errors import NotFoundError, did_you_mean
from ...signs import GATE
from ..command import Settings, verb
from ..output import put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import GateView, RunView, Snapshot, WorkstreamView


@verb("why")
@click.argument("id")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, id: str, plan: Path | None, as_json: bool) -> int:
    """Say why a workstream, gate or run is in its state."""
    state = read_state(find_target(settings, plan))
    found = _explain(state, id)
    word = found.pop("word", "")
    if as_json:
        put_json(found)
        return 0
    from ...safe_text import safe

    lines = [
        f"{found['id']} is {found.pop('instead', '') or word or found['state']}"
        + (f": {found['why']}" if found["why"] else "")
    ]
    lines += [f"  {line}" for line in found["because"]]
    lines += [f"  next: {line}" for line in found["possible"]]
    put("".join(safe(line, oneline=True) + "\n" for line in lines))
    return 0


def _explain(state: State, wanted: str) -> dict[str, Any]:
    snapshot = state.snapshot(forecast=False)
    for w in snapshot.workstreams:
        if w.id.casefold() == wanted.casefold():
            return _workstream(w, snapshot)
    for g in snapshot.gates:
        if g.id.casefold() == wanted.casefold():
            return _gate(g, state)
    gone = [r for r in snapshot.runs if not r.in_plan and r.subject.casefold() == wanted.casefold()]
    if gone:
        return _gone(gone)
    for r in snapshot.runs:
        if r.id == wanted:
            because = [f"says the {r.source}"] + ([f"exit {r.exit_code}"] if r.exit_code is not None else [])
            return {
                "id": r.id,
                "state": r.state.value,
                "why": r.reason or None,
                "because": because,
                "possible": [],
            }
    known = (
        [w.id for w in snapshot.workstreams] + [g.id for g in snapshot.gates] + [r.id for r in snapshot.runs]
    )
    raise NotFoundError(
        f'no workstream, gate or run "{wanted}"', help=did_you_mean(wanted, known) or "locust-tui status"
    )


def _gone(runs: list[RunView]) -> dict[str, Any]:
    """Work that left the plan, whose agents nobody stopped."""
    because, possible = [], []
    for r in runs:
        alive = r.ended is None
        pid = f" (pid {r.pid})" if alive and r.pid else ""
        because.append(f"run {r.id}{pid}: {r.state.value}" + (", it goes on until it ends" if alive else ""))
        if alive:
            possible.append(f"locust-tui kill {r.id}")
    id = runs[0].subject
    return {
        "id": id,
        "state": "removed",
        "why": "no longer in the plan",
        "because": because,
        "possible": possible,
    }


def _workstream(w: WorkstreamView, snapshot: Snapshot) -> dict[str, Any]:
    because = [f"need {n.id} ({n.condition}): {n.why or 'not met'}" for n in w.needs if not n.met]
    because += [
        f"check {c.name}: {c.state.value}" + (f", {c.detail}" if c.detail else "")
        for c in w.checks
        if c.state.value != "pass"
    ]
    run = next((r for r in snapshot.runs if r.id == w.run), None)
    if run is not None:
        end = f", exit {run.exit_code}" if run.exit_code is not None else ""
        because.append(f"run {run.id}: {run.state.value}{end}" + (f", {run.reason}" if run.reason else ""))
    if w.blocker:
        because.append(f"the agent says it is blocked by: {w.blocker}")
    more = {"verify": " DELIVERABLE", "reject": " --note WHY"}
    gone = [v.id for v in snapshot.workstreams if v.state in OUT_OF_SCOPE]
    possible = [f"locust-tui ws reopen {n.id}" for n in w.needs if not n.met and n.id in gone]
    possible += [f"locust-tui ws {action} {w.id}{more.get(action, '')}" for action in w.actions]
    told = {"id": w.id, "state": w.state.value, "why": w.why, "because": because, "possible": possible}
    return {**told, "instead": w.instead} if w.instead else told


def _gate(g: GateView, state: State) -> dict[str, Any]:
    because = [f"waits for {wanted}" for wanted in g.waits_on]
    because += [
        f"{'must' if c.must else 'should'} {c.name}: {c.state.value}"
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
    return {
        "id": g.id,
        "state": g.state.value,
        "word": GATE[g.state].word,
        "why": g.reason or None,
        "because": because,
        "possible": _ways_on(g, state),
    }


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
