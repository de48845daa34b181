"""The one table of how states look: sign, plain-ASCII sign, word and tone, and which set a terminal gets.

The cockpit and every report draw from it, so a state looks and is called the same wherever it stands.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from locust_tui.domain.states import (
    AlertState,
    CriterionState,
    DecisionKind,
    GateState,
    PhaseState,
    RunState,
    Verdict,
    WorkstreamState,
    is_parked,
)

Meaning = Literal["done", "run", "you", "bad", "wait"]
"""What a colour tells: green done, blue running, yellow a person is needed, red failed, grey waiting."""


class Look(NamedTuple):
    glyph: str
    word: str
    tone: Meaning

    @property
    def ascii(self) -> str:
        """The sign where there is only ASCII."""
        return ASCII[self.glyph]


ASCII = {
    "○": ".", "⊘": "#", "⋯": "~", "●": "*", "◐": "!", "⟳": "@", "⏸": "=", "▣": "%", "◇": "-", "✓": "+",
    "✗": "x", "■": "X", "»": ">", "⚠": "&", "·": ":", "?": "?",
    "§": "$", "◆": "<", "◎": "o", "⊕": "0", "▲": "^",
}  # fmt: skip
"""The ASCII stand-in of every sign; two signs never share one."""

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

DECISION: dict[DecisionKind, Look] = {
    DecisionKind.GO: GATE[_G.GO],
    DecisionKind.CONDITIONAL: GATE[_G.CONDITIONAL],
    DecisionKind.HOLD: Look("⏸", "hold", "wait"),
    DecisionKind.RECYCLE: Look("⟳", "recycle", "run"),
    DecisionKind.KILL: Look("■", "kill", "wait"),
}

NEWS: dict[str, Look] = {
    "started": Look("●", "started", "run"),
    "stopped": Look("■", "stopped", "wait"),
    "at-rest": Look("⏸", "at rest", "wait"),
    "in-force": Look("✓", "in force", "done"),
    "held": Look("◐", "held", "you"),
    "reported": Look("·", "reported", "wait"),
    "info": Look("·", "info", "wait"),
    "warning": Look("⚠", "warning", "you"),
    "ok": Look("✓", "ok", "done"),
    "missed": Look("✗", "missed", "bad"),
    "asks": Look("◐", "asks", "you"),
    "answered": Look("✓", "answered", "done"),
    "withdrawn": Look("·", "withdrawn", "wait"),
    "open": Look("✓", "open", "done"),
    "refused": Look("✗", "refused", "bad"),
    "overloaded": Look("▣", "overloaded", "wait"),
    "manual": Look("·", "manual", "you"),
    "parked": Look("▣", "parked", "wait"),
}
"""What happens to a plan and its worker, and what notes say of themselves."""

ASKED: dict[str, Look] = {
    "permission": Look("§", "permission", "you"),
    "question": Look("?", "question", "you"),
    "gate": Look("◆", "gate", "you"),
    "review": Look("◎", "review", "you"),
    "request": Look("⊕", "request", "you"),
    "escalation": Look("▲", "escalation", "you"),
}
"""The kinds of things that wait for a person: a sign of its own for each, for all are of one colour."""

MESSAGE: dict[str, Look] = {
    "queued": Look("⋯", "queued", "wait"),
    "delivered": Look("»", "delivered", "run"),
    "read": Look("○", "read", "wait"),
    "acknowledged": Look("✓", "acknowledged", "done"),
    "dead": Look("✗", "dead", "bad"),
}
"""How far a message has come."""

ALERT: dict[AlertState | str, Look] = {
    AlertState.PENDING: Look("⋯", "pending", "you"),
    AlertState.FIRING: Look("⚠", "firing", "bad"),
    AlertState.ACKNOWLEDGED: Look("◐", "acknowledged", "you"),
    AlertState.RESOLVED: Look("✓", "resolved", "done"),
    "quiet": Look("·", "quiet", "wait"),
}
"""Where an alert rule stands at a scope; quiet: it never moved."""

RISK: dict[str, Look] = {
    "open": Look("○", "open", "wait"),
    "triggered": Look("⚠", "triggered", "bad"),
    "closed": Look("✓", "closed", "done"),
}

WAITS_FOR_OTHERS = Look("⋯", "review", "wait")
"""A review that no person can end yet: checks, needs or a gate are missing first."""

_TABLES: dict[type[str], Mapping[Any, Look]] = {
    WorkstreamState: WORKSTREAM,
    GateState: GATE,
    RunState: RUN,
    CriterionState: CRITERION,
    Verdict: VERDICT,
    PhaseState: PHASE,
    DecisionKind: DECISION,
    AlertState: ALERT,
}


_STANDS = {_W.NEEDS_INPUT: "waiting for input", _W.REVIEW: "in review", _W.REWORK: "in rework"}


def stands(state: WorkstreamState) -> str:
    """The state as it follows "it is": "in review", "not due"."""
    return _STANDS.get(state) or look_of(state).word


def look_of_run(state: RunState, reason: str) -> Look:
    """The look of a run's state; one that failed only as far as its account or budget let it go is parked."""
    return NEWS["parked"] if is_parked(state, reason) else RUN[state]


def look_of(state: str) -> Look:
    """The look of a state by its own kind (a gate's "ready" is not a workstream's), or of a word of `NEWS`.

    A bare word is looked up among the news first, then in every table; an unknown one gets "?".
    """
    table = _TABLES.get(type(state))
    if table is not None:
        return table[state]
    found = NEWS.get(state)
    if found is not None:
        return found
    for table in _TABLES.values():
        if state in table:
            return table[state]
    return Look("?", state, "wait")


def wants_ascii(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether a terminal with this environment and output encoding gets the ASCII set.

    The locale that was asked for counts, for Python writes UTF-8 even where LANG=C says there is none. Where
    nothing was said, the encoding decides. LOCUST_TUI_ASCII overrides both: 1 is ASCII, 0 everything.
    """
    wish = environ.get("LOCUST_TUI_ASCII", "")
    if wish:
        return wish != "0"
    locale = next((v for k in ("LC_ALL", "LC_CTYPE", "LANG") if (v := environ.get(k))), "")
    if locale in ("C", "POSIX"):
        return True
    try:
        return codecs.lookup(encoding or "ascii").name != "utf-8"
    except LookupError:
        return True


def environ_at_start(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ` with the locale it had when the process began: Python itself sets LC_CTYPE where there was none."""
    try:
        with open("/proc/self/environ", "rb") as file:
            pairs = (p.partition(b"=") for p in file.read().split(b"\0"))
            found = {k.decode(): v.decode("utf-8", "replace") for k, _, v in pairs if k == b"LC_CTYPE"}
    except OSError:
        return environ
    return {**{k: v for k, v in environ.items() if k != "LC_CTYPE"}, **found}
