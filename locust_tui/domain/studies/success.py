"""The scoreboard of success: the plan's success checks, and what is looked at after the release."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from .rests import NOTHING, Rests


class Met(StrEnum):
    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    """It cannot be told; the reason says why."""


class WatchState(StrEnum):
    NOT_RELEASED = "not-released"
    AHEAD = "ahead"
    DUE = "due"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class FactReading:
    """One name that a check speaks of. `value` None: nobody knows it."""

    name: str
    value: float | bool | str | None
    unit: str = ""
    at: float | None = None
    """When it was measured; None: it is computed from the record, now."""
    max_age: float | None = None
    """Seconds after which it is stale."""
    stale: bool = False
    reason: str = ""
    """Why there is no value."""


@dataclass(frozen=True, slots=True)
class SuccessLine:
    name: str
    check: str
    """The expression, the measurement in words, or the question to a person."""
    met: Met
    reason: str
    facts: tuple[FactReading, ...] = ()
    by: str = ""
    """Who said so, where a person did."""
    at: float | None = None
    note: str = ""
    rests: Rests = NOTHING
    asks: bool = False
    """A person's word is what it waits for, or rests on."""


@dataclass(frozen=True, slots=True)
class WatchLine:
    """Something that is looked at after the release."""

    name: str
    due: str
    """As written: "1 month", "each release"."""
    due_at: float | None
    state: WatchState
    what: str
    """What is to be looked at, in words, or the command that measures it."""
    met: Met
    reason: str = ""
    value: str = ""
    by: str = ""
    at: float | None = None
    note: str = ""
    rests: Rests = NOTHING


@dataclass(frozen=True, slots=True)
class Scoreboard:
    at: float
    lines: tuple[SuccessLine, ...]
    released_at: float | None
    release: str
    """What counts as the release, in words, or why there is none yet."""
    watches: tuple[WatchLine, ...] = ()

    @property
    def met(self) -> int:
        return sum(line.met is Met.MET for line in self.lines)
