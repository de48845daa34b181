"""The life of an alert at one scope: pending, firing, acknowledged, resolved. Pure; the clock is an argument.

A condition fires once it has held for as long as its rule asks. It goes on firing, without another word, until it has
been clear, on the safe side of its band, for the whole cooldown. What is unknown fires nothing and resolves nothing.
"""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import WEEK_S, Calendar
from locust_tui.domain.states import AlertState

COOLDOWN_S = 300.0
"""Of a plan whose weeks are real; in scaled plans it shrinks with the week."""
_ON = frozenset({AlertState.FIRING, AlertState.ACKNOWLEDGED})


def cooldown(calendar: Calendar) -> float:
    """Seconds for which a condition must be clear before its alert is resolved."""
    return COOLDOWN_S * min(1.0, calendar.week_s / WEEK_S)


@dataclass(frozen=True, slots=True)
class Standing:
    """`since` is when it came into its state; None as state: it has never moved."""

    state: AlertState | None = None
    since: float = 0.0
    clear_since: float | None = None
    """Of one that fires: since when its condition has been clear without a break."""

    @property
    def on(self) -> bool:
        """It fires, whether or not somebody has said that they know."""
        return self.state in _ON


@dataclass(frozen=True, slots=True)
class Step:
    """What one look comes to. `says`: people are told of it. `again_at`: the latest moment for the next look."""

    standing: Standing
    moved: bool = False
    says: bool = False
    why: str = ""
    again_at: float | None = None


def step(
    standing: Standing, *, holds: bool | None, clear: bool | None, hold: float, cooldown: float, now: float
) -> Step:
    """One look at a condition.

    `holds` is its truth, `clear` whether it is false on the far side of its band too; None: unknown. `hold` and
    `cooldown` are seconds.
    """
    if standing.on:
        return _while_firing(standing, clear, cooldown, now)
    if standing.state is AlertState.PENDING:
        return _while_pending(standing, holds, hold, now)
    if holds is not True:
        return Step(standing)
    if hold <= 0:
        return Step(Standing(AlertState.FIRING, now), True, True)
    return Step(Standing(AlertState.PENDING, now), True, False, f"for {hold:g} s", now + hold)


def _while_firing(standing: Standing, clear: bool | None, cooldown: float, now: float) -> Step:
    if clear is not True:
        return Step(Standing(standing.state, standing.since))
    since = now if standing.clear_since is None else standing.clear_since
    if now - since >= cooldown:
        return Step(Standing(AlertState.RESOLVED, now), True, True, "clear")
    return Step(Standing(standing.state, standing.since, since), again_at=since + cooldown)


def _while_pending(standing: Standing, holds: bool | None, hold: float, now: float) -> Step:
    if holds is not True:
        why = "it held no longer" if holds is False else "it is not known any more"
        return Step(
            Standing(AlertState.RESOLVED, now), True, False, f"{why}, after {now - standing.since:.0f} s"
        )
    if now - standing.since >= hold:
        return Step(Standing(AlertState.FIRING, now), True, True, f"for {hold:g} s")
    return Step(standing, again_at=standing.since + hold)
