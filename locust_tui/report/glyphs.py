"""One sign for every state, the same wherever a state is shown, with a plain ASCII set beside it."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """What a colour means; a sign and a word always say the same."""

    DONE = "done"
    RUNNING = "running"
    PERSON = "person"
    FAILED = "failed"
    QUIET = "quiet"
    PLAIN = "plain"


_SIGNS: dict[str, tuple[str, str, Tone]] = {
    "planned": ("○", ".", Tone.QUIET),
    "blocked": ("⊘", "#", Tone.QUIET),
    "ready": ("⋯", "~", Tone.QUIET),
    "queued": ("⋯", "~", Tone.QUIET),
    "starting": ("⋯", "~", Tone.RUNNING),
    "running": ("●", "*", Tone.RUNNING),
    "waiting": ("◐", "!", Tone.PERSON),
    "needs-input": ("◐", "!", Tone.PERSON),
    "review": ("◐", "!", Tone.PERSON),
    "rework": ("⟳", "@", Tone.RUNNING),
    "paused": ("⏸", "=", Tone.QUIET),
    "limited": ("▣", "%", Tone.PERSON),
    "stalled": ("◇", "-", Tone.PERSON),
    "idle": ("○", ".", Tone.QUIET),
    "accepted": ("✓", "+", Tone.DONE),
    "exited": ("✓", "+", Tone.DONE),
    "failed": ("✗", "x", Tone.FAILED),
    "killed": ("■", "X", Tone.QUIET),
    "lost": ("?", "?", Tone.FAILED),
    "cancelled": ("■", "X", Tone.QUIET),
    "deferred": ("»", ">", Tone.QUIET),
    "unknown": ("?", "?", Tone.QUIET),
    # gates
    "not-due": ("○", ".", Tone.QUIET),
    "pending": ("◐", "!", Tone.PERSON),
    "go": ("✓", "+", Tone.DONE),
    "conditional": ("✓", "+", Tone.DONE),
    "hold": ("⏸", "=", Tone.PERSON),
    "recycle": ("⟳", "@", Tone.RUNNING),
    "recycled": ("⟳", "@", Tone.RUNNING),
    # criteria
    "pass": ("✓", "+", Tone.DONE),
    "fail": ("✗", "x", Tone.FAILED),
    "error": ("✗", "x", Tone.FAILED),
    "stale": ("?", "?", Tone.QUIET),
    "not-run": ("○", ".", Tone.QUIET),
    "waived": ("»", ">", Tone.PERSON),
    # the plan and its worker
    "started": ("●", "*", Tone.RUNNING),
    "stopped": ("■", "X", Tone.QUIET),
    "at-rest": ("⏸", "=", Tone.QUIET),
    "in-force": ("✓", "+", Tone.DONE),
    "held": ("◐", "!", Tone.PERSON),
    # notes
    "info": ("·", ".", Tone.QUIET),
    "reported": ("·", ".", Tone.QUIET),
    "warning": ("⚠", "!", Tone.PERSON),
    "kill": ("■", "X", Tone.FAILED),
    # verdicts
    "yes": ("✓", "+", Tone.DONE),
    "complete": ("✓", "+", Tone.DONE),
    "at-risk": ("◐", "!", Tone.PERSON),
    "no": ("✗", "x", Tone.FAILED),
    "not-started": ("○", ".", Tone.QUIET),
}


def glyph(state: str, *, ascii_only: bool = False) -> str:
    """The sign of a workstream's, run's, gate's, criterion's state or of a verdict."""
    sign = _SIGNS.get(state, ("?", "?", Tone.QUIET))
    return sign[1] if ascii_only else sign[0]


def tone(state: str) -> Tone:
    """What kind of news the state is."""
    return _SIGNS.get(state, ("?", "?", Tone.PLAIN))[2]
