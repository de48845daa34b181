"""How states, ages and amounts are said: the same glyph, word and tone wherever a state stands."""

from __future__ import annotations

from locust_tui.domain.snapshot import CriterionView, RunView
from locust_tui.domain.states import CriterionState
from locust_tui.report.figures import age
from locust_tui.report.figures import percent as points
from locust_tui.signs import ASKED, CRITERION, GATE, PHASE, RUN, VERDICT, WORKSTREAM, Look, look_of_run

__all__ = [
    "ASKED", "CRITERION", "GATE", "PHASE", "RUN", "VERDICT", "WORKSTREAM", "Look",
    "age", "bar", "look_of_run", "measured", "outcome", "plural", "points", "since",
]  # fmt: skip


def since(moment: float | None, now: float) -> str:
    return "—" if moment is None else age(now - moment)


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


def measured(criterion: CriterionView, *, number: int = 0) -> str:
    """Value and limit, "11.2 ms  < 10 ms", or what stands in their place; a value with a limit ends at `number`."""
    if criterion.state is CriterionState.WAITING and criterion.waits_for:
        return f"waits: {criterion.waits_for}"
    if criterion.value_text and criterion.limit_text:
        return f"{criterion.value_text:>{number}}  {criterion.limit_text}"
    parts = [p for p in (criterion.value_text, criterion.limit_text) if p]
    return "  ".join(parts) or CRITERION[criterion.state].word


def outcome(run: RunView) -> str:
    """How a run ended or that it goes on, in words."""
    word = look_of_run(run.state, run.reason).word
    if run.signal is not None:
        return f"{word}, signal {run.signal}"
    if run.exit_code is not None:
        return f"{word}, exit {run.exit_code}"
    return word
