"""Which events a hook answers: by a word for what happened, or by the name an event is stored under."""

from __future__ import annotations

from fnmatch import fnmatchcase

from locust_tui.domain import events as e
from locust_tui.domain.states import AlertState, GateState, WorkstreamState
from locust_tui.errors import UsageError, did_you_mean

KEY_CHANGED = "key-changed:"
ALERT_FIRING = "alert-firing:"
WORDS = {
    "blocker-detected": "a workstream is blocked, failed or needs input, or its agent says what stands in its way",
    "agent-exited": "a run of an agent ended, however it did",
    "gate-failed": "a gate was evaluated and a must criterion had not passed, or it was decided against",
    KEY_CHANGED + "GLOB": "a key of the shared memory was stored or removed",
    ALERT_FIRING + "GLOB": "an alert began to fire",
}
_STUCK = (WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT)
_NO = (GateState.READY, GateState.HOLD, GateState.RECYCLED, GateState.KILLED)
_KINDS = {
    "blocker-detected": (e.NAMES[e.WorkstreamReported], e.NAMES[e.WorkstreamMoved]),
    "agent-exited": (e.NAMES[e.RunEnded],),
    "gate-failed": (e.NAMES[e.GateMoved],),
}
_OWN = frozenset({"hook.ran", "hook.began", "hook.armed", "hook.missed"})
"""A hook that answered these would answer itself."""


def check_event(name: str) -> None:
    """Raises UsageError, with near names, for what is no event that a hook can answer."""
    if any(name.startswith(word) and len(name) > len(word) for word in (KEY_CHANGED, ALERT_FIRING)):
        return
    if name in WORDS or (name in e.KINDS and name not in _OWN):
        return
    near = did_you_mean(name, [*WORDS, *(k for k in e.KINDS if k not in _OWN)])
    raise UsageError(
        f'there is no event "{name}"', help=near or f"{', '.join(WORDS)}, or one of: locust-tui events"
    )


def kinds(name: str) -> tuple[str, ...]:
    """Stored names of the events that a hook of the event `name` may answer: only those need be read for it."""
    if name.startswith(KEY_CHANGED):
        return (e.NAMES[e.MemoryStored], e.NAMES[e.MemoryRemoved])
    if name.startswith(ALERT_FIRING):
        return (e.NAMES[e.AlertMoved],)
    return _KINDS.get(name, (name,))


def answers(name: str, body: e.EventBody) -> bool:
    """Whether a hook of the event `name` runs for this one."""
    if name.startswith(KEY_CHANGED):
        changed = isinstance(body, e.MemoryStored | e.MemoryRemoved)
        return changed and fnmatchcase(e.subject_of(body), name.removeprefix(KEY_CHANGED))
    if name.startswith(ALERT_FIRING):
        fires = isinstance(body, e.AlertMoved) and body.state is AlertState.FIRING
        return fires and fnmatchcase(getattr(body, "alert", ""), name.removeprefix(ALERT_FIRING))
    if name == "blocker-detected":
        if isinstance(body, e.WorkstreamReported):
            return bool(body.blocker)
        return isinstance(body, e.WorkstreamMoved) and body.new in _STUCK
    if name == "agent-exited":
        return isinstance(body, e.RunEnded)
    if name == "gate-failed":
        return isinstance(body, e.GateMoved) and body.new in _NO
    return e.NAMES[type(body)] == name
