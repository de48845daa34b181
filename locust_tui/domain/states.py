"""Every state that something can be in, and the one table of legal transitions of workstreams and gates."""

from __future__ import annotations

from enum import StrEnum


class WorkstreamState(StrEnum):
    PLANNED = "planned"
    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    NEEDS_INPUT = "needs-input"
    REVIEW = "review"
    REWORK = "rework"
    ACCEPTED = "accepted"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEFERRED = "deferred"


class GateState(StrEnum):
    NOT_DUE = "not-due"
    READY = "ready"
    """Evaluated; some must criterion has not passed."""
    PENDING = "pending"
    """Every must criterion of a machine passed; only people are missing."""
    GO = "go"
    CONDITIONAL = "conditional"
    HOLD = "hold"
    RECYCLED = "recycle"
    KILLED = "killed"

    @classmethod
    def _missing_(cls, value: object) -> GateState | None:
        """Logs hold the word it had before."""
        return cls.RECYCLED if value == "recycled" else None


class RunState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    IDLE = "idle"
    STALLED = "stalled"
    LIMITED = "limited"
    PAUSED = "paused"
    EXITED = "exited"
    FAILED = "failed"
    KILLED = "killed"
    LOST = "lost"
    UNKNOWN = "unknown"


PARKED = "parked: "
"""So begin the reasons of runs whose account or budget let them go no further: their session goes on in another attempt."""


WAITS_TO_START = "waits to start: "
"""So begin the reasons of runs that the machine has no room for at the moment: they are started once it has."""


def is_parked(state: RunState, reason: str) -> bool:
    """Whether a run that ended like this only waits for its account or budget."""
    return state is RunState.FAILED and reason.startswith(PARKED)


class CriterionState(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    STALE = "stale"
    NOT_RUN = "not-run"
    WAITING = "waiting"
    """The machine's part passed; a person's signature is missing."""
    WAIVED = "waived"


class PhaseState(StrEnum):
    NOT_STARTED = "not-started"
    ACTIVE = "active"
    READY_FOR_GATE = "ready-for-gate"
    GATE_PENDING = "gate-pending"
    PASSED = "passed"
    CONDITIONAL = "conditional"
    RECYCLED = "recycled"
    HELD = "held"
    KILLED = "killed"
    DONE = "done"
    """Finished and no gate closes it."""


class DecisionKind(StrEnum):
    GO = "go"
    CONDITIONAL = "conditional"
    HOLD = "hold"
    RECYCLE = "recycle"
    KILL = "kill"


class AccountState(StrEnum):
    """What an account lets its agents do."""

    OPEN = "open"
    LIMITED = "limited"
    """Its usage limit is reached: nothing starts before it resets."""
    REFUSED = "refused"
    """Login or payment failed: nothing starts before a person says that it is mended."""
    OVERLOADED = "overloaded"
    """The service asks for patience: nothing starts until then."""


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class RiskState(StrEnum):
    OPEN = "open"
    TRIGGERED = "triggered"
    CLOSED = "closed"


class AlertState(StrEnum):
    PENDING = "pending"
    """The condition holds, not yet for as long as the rule asks."""
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Verdict(StrEnum):
    YES = "yes"
    AT_RISK = "at-risk"
    NO = "no"
    UNKNOWN = "unknown"
    COMPLETE = "complete"
    NOT_STARTED = "not-started"


_W = WorkstreamState
_OUT_OF_SCOPE = {_W.CANCELLED, _W.DEFERRED}

WORKSTREAM_TRANSITIONS: dict[WorkstreamState, frozenset[WorkstreamState]] = {
    _W.PLANNED: frozenset({_W.BLOCKED, _W.READY, _W.PAUSED} | _OUT_OF_SCOPE),
    _W.BLOCKED: frozenset({_W.PLANNED, _W.READY, _W.PAUSED} | _OUT_OF_SCOPE),
    _W.READY: frozenset({_W.PLANNED, _W.BLOCKED, _W.RUNNING, _W.PAUSED, _W.FAILED} | _OUT_OF_SCOPE),
    _W.RUNNING: frozenset(
        {_W.READY, _W.NEEDS_INPUT, _W.REVIEW, _W.REWORK, _W.PAUSED, _W.FAILED, _W.CANCELLED, _W.DEFERRED}
    ),
    _W.NEEDS_INPUT: frozenset(
        {_W.READY, _W.RUNNING, _W.REVIEW, _W.REWORK, _W.PAUSED, _W.FAILED} | _OUT_OF_SCOPE
    ),
    _W.REVIEW: frozenset({_W.ACCEPTED, _W.REWORK, _W.NEEDS_INPUT, _W.FAILED} | _OUT_OF_SCOPE),
    _W.REWORK: frozenset({_W.RUNNING, _W.NEEDS_INPUT, _W.REVIEW, _W.PAUSED, _W.FAILED} | _OUT_OF_SCOPE),
    _W.PAUSED: frozenset(
        {_W.PLANNED, _W.BLOCKED, _W.READY, _W.RUNNING, _W.REVIEW, _W.REWORK, _W.NEEDS_INPUT, _W.FAILED}
        | _OUT_OF_SCOPE
    ),
    _W.FAILED: frozenset({_W.READY, _W.REWORK} | _OUT_OF_SCOPE),
    _W.ACCEPTED: frozenset({_W.REWORK}),
    _W.CANCELLED: frozenset({_W.PLANNED}),
    _W.DEFERRED: frozenset({_W.PLANNED}),
}

_G = GateState
_DECIDED = {_G.GO, _G.CONDITIONAL, _G.HOLD, _G.RECYCLED, _G.KILLED}

GATE_TRANSITIONS: dict[GateState, frozenset[GateState]] = {
    _G.NOT_DUE: frozenset({_G.READY, _G.PENDING, _G.HOLD, _G.KILLED}),
    _G.READY: frozenset({_G.NOT_DUE, _G.PENDING, _G.CONDITIONAL} | (_DECIDED - {_G.GO})),
    _G.PENDING: frozenset({_G.NOT_DUE, _G.READY} | _DECIDED),
    _G.HOLD: frozenset({_G.NOT_DUE, _G.READY, _G.PENDING} | (_DECIDED - {_G.HOLD})),
    _G.RECYCLED: frozenset({_G.NOT_DUE, _G.READY, _G.PENDING, _G.HOLD, _G.KILLED}),
    _G.GO: frozenset({_G.HOLD, _G.RECYCLED, _G.KILLED}),
    _G.CONDITIONAL: frozenset({_G.GO, _G.HOLD, _G.RECYCLED, _G.KILLED}),
    _G.KILLED: frozenset({_G.HOLD}),
}

OPEN_GATE_STATES = frozenset({GateState.GO, GateState.CONDITIONAL})
"""A gate in one of these lets the next phase through."""

UNFINISHED = frozenset(WorkstreamState) - {_W.ACCEPTED, _W.CANCELLED, _W.DEFERRED}
OUT_OF_SCOPE = frozenset(_OUT_OF_SCOPE)
"""Workstreams in one of these leave both sums of every progress figure."""

ATTEMPTED_STATES = frozenset({_W.RUNNING, _W.NEEDS_INPUT, _W.REVIEW, _W.REWORK, _W.PAUSED, _W.FAILED})
"""There has been an attempt, and its work is neither finished nor given up."""

LIVE_RUN_STATES = frozenset(
    {
        RunState.STARTING,
        RunState.RUNNING,
        RunState.WAITING,
        RunState.IDLE,
        RunState.STALLED,
        RunState.LIMITED,
        RunState.PAUSED,
    }
)
"""A run in one of these holds a slot: its process exists or is being started."""


STANDING_STILL = frozenset({RunState.WAITING, RunState.PAUSED, RunState.LIMITED})
"""A live run in one of these waits for a person or its account: no time limit and no hours of work count it."""


class IllegalTransitionError(ValueError):
    """A state change outside the table; it is refused and logged, never carried out."""


def check_workstream_transition(old: WorkstreamState, new: WorkstreamState) -> None:
    """Raise IllegalTransitionError unless `old` → `new` stands in the table."""
    if new not in WORKSTREAM_TRANSITIONS[old]:
        raise IllegalTransitionError(f"a workstream cannot go from {old} to {new}")


def check_gate_transition(old: GateState, new: GateState) -> None:
    """Raise IllegalTransitionError unless `old` → `new` stands in the table."""
    if new not in GATE_TRANSITIONS[old]:
        raise IllegalTransitionError(f"a gate cannot go from {old} to {new}")
