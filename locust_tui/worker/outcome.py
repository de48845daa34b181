"""The end of a plan: whether anything can move without a person, and what each person has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from locust_tui.analysis.approvals import counting
from locust_tui.analysis.gates import standings
from locust_tui.analysis.holds import start_hold
from locust_tui.domain.plan import Gate, Workstream
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    CriterionState,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.world import WorkstreamStatus
from locust_tui.signs import stands

from .acceptance import holds, verdict
from .caps import startable_kind, why_not_startable
from .gate_life import first_unfinished, why_not_pending
from .outlook import Answers
from .running import ON_HOLD
from .sight import Sight
from .starting import readiness

_W = WorkstreamState
_G = GateState
_GOOD = frozenset({_W.ACCEPTED, _W.DEFERRED})
_NAMED = {
    _W.FAILED: "failed",
    _W.NEEDS_INPUT: "needs input",
    _W.PAUSED: "is paused",
    _W.CANCELLED: "was cancelled",
}


def at_rest(sight: Sight, answers: Answers) -> bool:
    """Nothing moves without a person. Call it where nothing is asked for.

    A run that waits for an answer or is paused does not move; an orchestrator's agent moves nothing by itself.
    """
    if sight.measuring or answers.moving:
        return False
    runs = (sight.world.runs[id] for id in answers.live)
    return all(run.subject not in sight.plan.workstreams or run.state in ON_HOLD for run in runs)


def open_points(sight: Sight, answers: Answers) -> tuple[tuple[str, ...], bool]:
    """(a line for each gate, failure and question, whether the plan went well).

    Well: every workstream is accepted or deferred, and every gate is open.
    """
    behind: list[tuple[str, str]] = []
    lines: list[str] = []
    ok = True
    for workstream in sight.plan.workstreams.values():
        status = sight.world.workstream(workstream.id)
        if status.state in _GOOD:
            continue
        ok = False
        lines += _workstream_point(sight, answers, workstream, status, behind)
    shut = [g for g in sight.plan.gates.values() if sight.world.gate(g.id).state not in OPEN_GATE_STATES]
    for gate in shut:
        lines += _gate_point(sight, gate)
    if shut and not lines and not behind:
        lines += [f"gate {gate.id} waits for {first_unfinished(sight, gate)}" for gate in shut]
    if behind and lines:
        names = ", ".join(id for id, _ in behind)
        lines.append(f"{names} {'waits' if len(behind) == 1 else 'wait'} behind that")
    elif behind:
        lines += [f"{id}: {why}" for id, why in behind]
    return tuple(lines), ok and not shut


def _workstream_point(
    sight: Sight,
    answers: Answers,
    workstream: Workstream,
    status: WorkstreamStatus,
    behind: list[tuple[str, str]],
) -> Iterator[str]:
    id, state = workstream.id, status.state
    if state in _NAMED:
        yield f"{id} {_NAMED[state]}: {status.reason}" if status.reason else f"{id} {_NAMED[state]}"
    elif state is _W.REVIEW:
        found = verdict(sight.wiring, sight.world, workstream, sight.now)
        waits = holds(sight.plan, sight.world, workstream, found)
        if not found.complete:
            waits = ("its checks",)
        mine = [w for w in waits if w.startswith(("a review", "a person"))]
        if mine or found.missing:
            yield f"{id} waits in review for {', '.join(waits)}"
        else:
            behind.append((id, f"in review: {', '.join(waits)}"))
    elif state is _W.RUNNING:
        yield f"{id} is running"
    else:
        ready, why, _ = readiness(sight, workstream, status)
        if ready is not _W.READY:
            behind.append((id, why))
        elif not startable_kind(sight.plan, workstream):
            yield f"{id} is ready, but {why_not_startable(sight.plan, workstream)}"
        elif sight.wiring.rank[id] in answers.startable:
            critical = partial(sight.wiring.critical, id)
            hold = start_hold(sight.plan, sight.world, workstream, sight.now, critical=critical)
            yield f"{id} is ready, but {hold or 'no slot is free'}"
        else:
            yield f"{id} is {stands(state)}"


def _gate_point(sight: Sight, gate: Gate) -> Iterator[str]:
    status = sight.world.gate(gate.id)
    if status.state is _G.PENDING:
        who = _whose_yes(sight, gate)
        asked = _unanswered(sight, gate)
        answers = f" and for a person's answer to {asked}" if asked else ""
        yield f"gate {gate.id} waits for a decision{f' by {who}' if who else ''}{answers}"
    elif status.state is _G.READY:
        yield f"gate {gate.id} is not passed: {why_not_pending(sight, gate)}"
    elif status.state in (_G.HOLD, _G.KILLED):
        word = "on hold" if status.state is _G.HOLD else "killed"
        why = f': "{status.reason}"' if status.reason else ""
        yield f"gate {gate.id} is {word}{why}"
    elif not all(id in sight.killed for id in sight.wiring.inputs(gate)) or not sight.wiring.inputs(gate):
        yield from _not_due_point(sight, gate)


def _whose_yes(sight: Sight, gate: Gate) -> str:
    """The roles whose yes is still missing: "boss and ana", "boss or ana", "2 of boss, ana, qa"."""
    found = standings(sight.plan, sight.world, gate, sight.now)
    given = {a.role for a in counting(sight.world.gate(gate.id), found)}
    missing = [role for role in gate.approvers if role not in given]
    lacking = max(1, gate.min_approvals - len(given))
    if lacking >= len(missing):
        return " and ".join(missing)
    return " or ".join(missing) if lacking == 1 else f"{lacking} of {', '.join(missing)}"


def _unanswered(sight: Sight, gate: Gate) -> str:
    """Criteria of the gate that only a person's signature is missing from, quoted."""
    found = standings(sight.plan, sight.world, gate, sight.now)
    return ", ".join(f'"{s.criterion.name}"' for s in found if s.state is CriterionState.WAITING)


def _not_due_point(sight: Sight, gate: Gate) -> Iterator[str]:
    """A gate that is not due is named only where what it waits for will never come, or nothing keeps it."""
    waits_for = first_unfinished(sight, gate)
    if waits_for is None:
        yield f"gate {gate.id} is not evaluated"
    elif sight.world.workstream(waits_for).state in OUT_OF_SCOPE:
        yield f"gate {gate.id} waits for {waits_for}, which was {sight.world.workstream(waits_for).state.value}"
