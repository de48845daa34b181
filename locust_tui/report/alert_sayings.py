"""In words: what alerts did and where they stand, and what people found of the plan's success."""

from __future__ import annotations

from ..domain import events as e
from ..domain.coordination import AlertStatus
from ..domain.states import AlertState
from .figures import rounded
from .saying import Said, joined, say

_SIGNS = {
    AlertState.PENDING: "pending",
    AlertState.FIRING: "warning",
    AlertState.ACKNOWLEDGED: "info",
    AlertState.RESOLVED: "done",
}


@say.register
def _(body: e.AlertMoved) -> Said:
    where = f" in {body.scope}" if body.scope else ""
    said = f"alert {body.alert}{where} is {body.state.value}"
    return Said(
        _SIGNS[body.state], joined(said, "; ".join(filter(None, (values_words(body.values), body.why))))
    )


@say.register
def _(body: e.SuccessRecorded) -> Said:
    said = f"found {'met' if body.met else 'not met'}"
    return Said(
        "done" if body.met else "failed", joined(said, "; ".join(filter(None, (body.value, body.note))))
    )


def alert_words(alert: AlertStatus) -> str:
    """ "phase-gate in 2 is firing: expected_progress 40, phase_progress 12"; why, where it rests on no figures."""
    where = f" in {alert.scope}" if alert.scope else ""
    return joined(f"{alert.alert}{where} is {alert.state.value}", values_words(alert.values) or alert.why)


def values_words(values: tuple[tuple[str, float | None], ...]) -> str:
    return ", ".join(f"{name} {rounded(value)}" for name, value in values)
