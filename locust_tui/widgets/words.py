"""How states, ages and amounts are said: the same glyph, word and tone wherever a state stands."""

from __future__ import annotations

from typing import NamedTuple

from locust_tui.domain.snapshot import CriterionView, RunView
from locust_tui.domain.states import CriterionState, GateState, PhaseState, RunState, Verdict, WorkstreamState

from .tones import Tone


class Look(NamedTuple):
    glyph: str
    word: str
    tone: Tone


_W, _G, _R, _C, _V, _P = WorkstreamState, GateState, RunState, CriterionState, Verdict, PhaseState

WORKSTREAM: dict[WorkstreamState, Look] = {
    _W.PLANNED: Look("○", "planned", "wait"),
    _W.BLOCKED: Look("⊘", "blocked", "wait"),
    _W.READY: Look("⋯", "ready", "wait"),
    _W.RUNNING: Look("●", "running", "run"),
    _W.NEEDS_INPUT: Look("◐", "needs you", "you"),
    _W.REVIEW: Look("◐", "review", "you"),
    _W.REWORK: Look("⟳", "rework", "run"),
    _W.ACCEPTED: Look("✓", "accepted", "done"),
    _W.PAUSED: Look("⏸", "paused", "wait"),
    _W.FAILED: Look("✗", "failed", "bad"),
    _W.CANCELLED: Look("■", "cancelled", "wait"),
    _W.DEFERRED: Look("»", "deferred", "wait"),
}

GATE: dict[GateState, Look] = {
    _G.NOT_DUE: Look("○", "not due", "wait"),
    _G.READY: Look("⊘", "not met", "wait"),
    _G.PENDING: Look("◐", "pending", "you"),
    _G.GO: Look("✓", "go", "done"),
    _G.CONDITIONAL: Look("✓", "conditional go", "done"),
    _G.HOLD: Look("⏸", "on hold", "wait"),
    _G.RECYCLED: Look("⟳", "recycled", "run"),
    _G.KILLED: Look("■", "killed", "wait"),
}

RUN: dict[RunState, Look] = {
    _R.QUEUED: Look("⋯", "queued", "wait"),
    _R.STARTING: Look("●", "starting", "run"),
    _R.RUNNING: Look("●", "running", "run"),
    _R.WAITING: Look("◐", "waiting", "you"),
    _R.IDLE: Look("○", "idle", "wait"),
    _R.STALLED: Look("◇", "stalled", "you"),
    _R.LIMITED: Look("▣", "limited", "wait"),
    _R.PAUSED: Look("⏸", "paused", "wait"),
    _R.EXITED: Look("✓", "exited", "done"),
    _R.FAILED: Look("✗", "failed", "bad"),
    _R.KILLED: Look("■", "killed", "wait"),
    _R.LOST: Look("?", "lost", "bad"),
    _R.UNKNOWN: Look("?", "unknown", "wait"),
}

CRITERION: dict[CriterionState, Look] = {
    _C.PASS: Look("✓", "pass", "done"),
    _C.FAIL: Look("✗", "fail", "bad"),
    _C.ERROR: Look("✗", "error", "bad"),
    _C.STALE: Look("?", "stale", "wait"),
    _C.NOT_RUN: Look("○", "not run", "wait"),
    _C.WAITING: Look("◐", "waits", "you"),
    _C.WAIVED: Look("»", "waived", "wait"),
}

VERDICT: dict[Verdict, Look] = {
    _V.YES: Look("✓", "on track", "done"),
    _V.AT_RISK: Look("◐", "at risk", "you"),
    _V.NO: Look("✗", "off track", "bad"),
    _V.UNKNOWN: Look("?", "unknown", "wait"),
    _V.COMPLETE: Look("✓", "complete", "done"),
    _V.NOT_STARTED: Look("○", "not started", "wait"),
}

PHASE: dict[PhaseState, Look] = {
    _P.NOT_STARTED: Look("○", "not started", "wait"),
    _P.ACTIVE: Look("●", "active", "run"),
    _P.READY_FOR_GATE: Look("◐", "ready for gate", "you"),
    _P.GATE_PENDING: Look("◐", "gate pending", "you"),
    _P.PASSED: Look("✓", "passed", "done"),
    _P.CONDITIONAL: Look("✓", "conditional", "done"),
    _P.RECYCLED: Look("⟳", "recycled", "run"),
    _P.HELD: Look("⏸", "held", "wait"),
    _P.KILLED: Look("■", "killed", "wait"),
    _P.DONE: Look("✓", "done", "done"),
}


def age(seconds: float | None) -> str:
    """A short age: 12s, 3m, 2h, 4d; "—" when unknown. A moment ahead (clocks differ) is "0s"."""
    if seconds is None:
        return "—"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"


def since(moment: float | None, now: float) -> str:
    return "—" if moment is None else age(now - moment)


def points(value: float | None) -> str:
    """Whole points with their sign: "46%"; "—" when unknown. 99.7 is not 100."""
    if value is None:
        return "—"
    return f"{int(value)}%" if 99 < value < 100 else f"{value:.0f}%"


def bar(value: float | None, width: int) -> tuple[str, str]:
    """(filled, empty) of a progress bar of `width` cells; full only when it is full."""
    if value is None or width <= 0:
        return "", "─" * max(0, width)
    filled = max(0, min(width, round(value / 100 * width)))
    if filled == width and value < 100:
        filled -= 1
    return "━" * filled, "─" * (width - filled)


def plural(count: int, noun: str) -> str:
    """ "1 agent", "2 agents"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def measured(criterion: CriterionView) -> str:
    """Value and limit, "11.2 ms  < 10 ms", or what stands in their place."""
    if criterion.state is CriterionState.WAITING and criterion.waits_for:
        return f"waits: {criterion.waits_for}"
    parts = [p for p in (criterion.value_text, criterion.limit_text) if p]
    return "  ".join(parts) or CRITERION[criterion.state].word


def outcome(run: RunView) -> str:
    """How a run ended or that it goes on, in words."""
    word = RUN[run.state].word
    if run.signal is not None:
        return f"{word}, signal {run.signal}"
    if run.exit_code is not None:
        return f"{word}, exit {run.exit_code}"
    return word
