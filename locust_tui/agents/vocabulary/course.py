"""How it goes on: activity, retries, use, limits, the ends of turns, failures and reports."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .states import Activity, Trouble


@dataclass(frozen=True, slots=True)
class ActivityChanged:
    activity: Activity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retrying:
    """The program retries by itself."""

    trouble: Trouble
    attempt: int
    of: int | None = None
    delay_s: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """Cumulative over the session's process; None: not said."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    context_used: int | None = None
    context_size: int | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class LimitHeard:
    """Word of the account's usage limit. `resets_at`: seconds since the epoch; `utilization`: points."""

    reached: bool
    window: str = ""
    utilization: float | None = None
    resets_at: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """One turn is over; the run is not. `ok` is judged by what failed, never by the word success."""

    ok: bool
    text: str = ""
    """The agent's closing words, or the error's."""
    trouble: Trouble | None = None
    resets_at: float | None = None
    denials: tuple[str, ...] = ()
    """Tools that it was not allowed to use."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something is wrong beyond the turn: login, protocol, a tool server that is down. `fatal`: the run cannot go on."""

    trouble: Trouble
    message: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Reports:
    """What the agent claims about its work through its own protocol (tool calls of ours are not repeated here)."""

    progress: float | None = None
    note: str | None = None
