"""In words: escalations, granted slots that end, and risks."""

from __future__ import annotations

from ..domain import events as e
from ..domain.states import RiskState
from .figures import until
from .saying import Said, joined, say


@say.register
def _(body: e.EscalationRaised) -> Said:
    to = ", ".join(body.route if body.mode == "all" else body.route[:1])
    return Said("asks", joined(f"{body.id}: {body.kind} escalation to {to}", body.what))


@say.register
def _(body: e.EscalationStepped) -> Said:
    due = f", until {until(body.due)} UTC" if body.due is not None else ""
    return Said("asks", f"{body.id}: {body.why or 'the next of its route is asked'}{due}")


@say.register
def _(body: e.EscalationAcknowledged) -> Said:
    return Said("info", f"{body.id}: {body.party} deals with it")


@say.register
def _(body: e.EscalationAnswered) -> Said:
    return Said("answered", joined(f"{body.id}, {body.party}: {body.decision}", body.note))


@say.register
def _(body: e.EscalationClosed) -> Said:
    return Said("answered", joined(f"{body.id} is closed: {body.why}", body.decision))


@say.register
def _(body: e.GrantEnded) -> Said:
    return Said("info", f"the slots of {body.item} are taken back: {body.why}")


@say.register
def _(body: e.RiskMoved) -> Said:
    state = "warning" if body.state is RiskState.TRIGGERED else "info"
    return Said(state, joined(f"risk {body.risk} is {body.state}", body.why))
