"""When a run is silent, or busy without a product: two pure rules over moments."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import AgentType

STALL_S = 600.0
"""Of agents that speak a protocol, where the plan says nothing."""
FRUITLESS_S = 2700.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds; None: for ever."""

    stall: float | None = None
    fruitless: float | None = None


def patience(kind: AgentType | None, *, protocol: bool) -> Patience:
    """What the agent type says; else the defaults of agents that speak a protocol, and none for commands."""
    stall = kind.stall if kind is not None else None
    fruitless = kind.fruitless if kind is not None else None
    if protocol:
        return Patience(STALL_S if stall is None else stall, FRUITLESS_S if fruitless is None else fruitless)
    return Patience(stall, None)


def silent(now: float, last_byte: float, patience: Patience) -> str | None:
    """Why the run counts as stalled, or None. `last_byte`: when it last wrote anything, or began."""
    if patience.stall is None or now - last_byte < patience.stall:
        return None
    return f"not a byte for {in_words(patience.stall)}"


def fruitless(now: float, last_product: float, patience: Patience) -> str | None:
    """Why a busy run counts as stalled, or None. `last_product`: of the run, or when its work began or went on."""
    if patience.fruitless is None or now - last_product < patience.fruitless:
        return None
    return f"busy for {in_words(patience.fruitless)}, nothing produced"


def in_words(seconds: float) -> str:
    """45 m, 1 h 30 m, 20 s."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n]
    return " ".join(parts[:2]) or f"{seconds:g} s"
