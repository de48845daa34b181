"""Signs and tones of states for printed reports, out of the table that the cockpit draws from."""

from __future__ import annotations

from enum import StrEnum

from ..signs import look_of


class Tone(StrEnum):
    """What a colour means; a sign and a word always say the same."""

    DONE = "done"
    RUNNING = "run"
    PERSON = "you"
    FAILED = "bad"
    QUIET = "wait"
    PLAIN = "plain"


def glyph(state: str, *, ascii_only: bool = False) -> str:
    """The sign of a workstream's, run's, gate's, criterion's state, of a verdict or of a piece of news."""
    look = look_of(state)
    return look.ascii if ascii_only else look.glyph


def word(state: str) -> str:
    """What people call the state: "needs you", "not met"."""
    return look_of(state).word


def tone(state: str) -> Tone:
    """What kind of news the state is."""
    return Tone(look_of(state).tone)
