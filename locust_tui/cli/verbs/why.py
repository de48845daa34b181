"""`why`: why the plan, or a part of it, is in its state, and what would change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, did_you_mean
from ..command import Settings, verb
from ..output import ascii_only, columns, painter, put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import GateView, Snapshot
    from ...domain.studies.verdict import Verdicts
    from ...report.why import Why

_PLAN_FILES = (".yaml", ".yml")


@verb("why")
@click.argument("id", required=False)
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, id: str | None, plan: Path | None, as_json: bool) -> int:
    """Say why a workstream, gate, phase, orchestrator, run or thing in the inbox is in its state.

    Without one, why the plan is on track or not: each rule that was looked at, its value and its limit.
    """
    if id is not None and plan is None and id.endswith(_PLAN_FILES) and Path(id).is_file():
        plan, id = Path(id), None
    state = read_state(find_target(settings, plan))
    judged = _judged(state, id)
    if judged is not None:
        name, told, verdicts, more = judged
        from ...report.verdict_text import verdict_document, verdict_lines

        if as_json:
            put_json({**verdict_document(told, name, verdicts, tuple(more.get("possible", ()))), **more})
            return 0
        lines = verdict_lines(
            name, verdicts, paint=painter(settings), ascii_only=ascii_only(), width=columns()
        )
        put("\n".join([*lines, *_more_lines(more)]) + "\n")
        return 0
    assert id is not None
    found = _explain(state, id)
    if as_json:
        put_json(_document(found))
        return 0
    from ...safe_text import safe

    put("".join(safe(line, oneline=True) + "\n" for line in found.lines))
    return 0


def _judged(state: State, id: str | None) -> tuple[str, str, Verdicts, dict[str, Any]] | None:
    """(name, id, its verdict, what else there is to say) of the plan, an orchestrator or a phase; None for anything else."""
    from ...analysis.verdict_study import part_rules, plan_rules

    plan, world = state.plan, state.world
    if (
        id is None
        or (id == "plan" and id not in plan.workstreams)
        or (plan.meta is not None and id == plan.meta.id)
    ):
        snapshot = state.snapshot()
        return (
            plan.project.name,
            "plan",
            plan_rules(plan, world, snapshot),
            {"possible": _next_of_plan(snapshot)},
        )
    if id in plan.workstreams or id in plan.gates:
        return None
    boss = _orchestrator(state, id)
    phase = plan.phases.get(id.removeprefix("phase").strip(" -"))
    if boss is None and phase is None:
        return None
    snapshot = state.snapshot(forecast=False)
    for o in snapshot.orchestrators:
        if boss == o.id:
            rules = part_rules(plan, world, snapshot, o.workstreams, plan.orchestrators[o.id].phases)
            more: dict[str, Any] = {
                "blockers": {
                    w.id: w.blocker or w.why or "" for w in snapshot.workstreams if w.id in o.blockers
                },
                "agents_running": o.agents_running,
                "quota": o.quota,
                "waiting": [w.item for w in snapshot.waiting if o.id in w.wanted.split(", ")],
                "possible": [f"locust-tui why {id}" for id in o.blockers],
            }
            return f"{o.id} ({o.name})" if o.name != o.id else o.id, o.id, rules, more
    for p in snapshot.phases:
        if phase is not None and p.id == phase.id:
            members = [w.id for w in snapshot.workstreams if w.phase == p.id]
            rules = part_rules(plan, world, snapshot, members, (p.id,))
            closing = [g.id for g in snapshot.gates if g.closes == p.id]
            more = {"phase_state": p.state.value, "possible": [f"locust-tui why {g}" for g in closing]}
            return f"phase {p.id} ({p.name})", p.id, rules, more
    return None


def _orchestrator(state: State, id: str) -> str | None:
    from ...analysis.addresses import address

    found = address(state.plan, {}, id)
    return found if found in state.plan.orchestrators else None


def _next_of_plan(snapshot: Snapshot) -> list[str]:
    """What to look at where the plan is not on track: what waits for a person, and what is stuck."""
    named = " ".join(snapshot.reasons).split()
    stuck = [w.id for w in snapshot.workstreams if w.id in named] + [
        g.id for g in snapshot.gates if g.id in named
    ]
    return [f"locust-tui why {id}" for id in stuck[:5]] + ["locust-tui inbox"] * bool(snapshot.waiting)


def _more_lines(more: dict[str, Any]) -> list[str]:
    from ...safe_text import safe

    lines = []
    if "agents_running" in more:
        of = f" of {more['quota']}" if more["quota"] is not None else ""
        lines.append(f"agents: {more['agents_running']}{of} at work")
    if "phase_state" in more:
        lines.append(f"phase: {more['phase_state'].replace('-', ' ')}")
    lines += [f"blocked: {id}" + (f": {why}" if why else "") for id, why in more.get("blockers", {}).items()]
    lines += [f"waits for its word: {item}" for item in more.get("waiting", ())]
    lines += [f"next: {step}" for step in more.get("possible", ())]
    return ["", *(safe(line, oneline=True) for line in lines)] if lines else []


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
    from ...report.why_gate import out_of_scope, why_gate
    from ...state.record_now import record_now

    snapshot = state.snapshot(forecast=False)
    for w in snapshot.workstreams:
        if w.id.casefold() == wanted.casefold():
            return why_workstream(w, snapshot, record_now(state.world))
    for g in snapshot.gates:
        if g.id.casefold() == wanted.casefold():
            return why_gate(g, tuple(_ways_on(g, state)), out_of_scope(snapshot))
    gone = [r for r in snapshot.runs if not r.in_plan and r.subject.casefold() == wanted.casefold()]
    if gone:
        return why_gone(gone)
    for r in snapshot.runs:
        if r.id.casefold() == wanted.casefold():
            return why_run(r, snapshot, record_now(state.world))
    for item in snapshot.waiting:
        if item.item == wanted:
            return why_waiting(item)
    known = (
        [w.id for w in snapshot.workstreams]
        + [g.id for g in snapshot.gates]
        + [*state.plan.orchestrators, *state.plan.phases]
        + [r.id for r in snapshot.runs]
    )
    raise NotFoundError(
        f'no workstream, gate, phase, orchestrator or run "{wanted}"',
        help=did_you_mean(wanted, known) or "locust-tui status",
    )


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
