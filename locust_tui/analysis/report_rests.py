"""The events behind what a report says, by what they are about, so that every figure of it can name them."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain import events as e
from locust_tui.domain.studies.rests import Rests, rests_on

WORK, GATE, CRITERION, RISK, RUN = "work", "gate", "criterion", "risk", "run"
ITEM, ESCALATION, PLAN, SPEND, START = "item", "escalation", "plan", "spend", "start"

_ABOUT: dict[type[e.EventBody], str] = {
    e.WorkstreamMoved: WORK,
    e.WorkstreamReviewed: WORK,
    e.WorkstreamReported: WORK,
    e.DeliverableVerified: WORK,
    e.GateMoved: GATE,
    e.GateApproved: GATE,
    e.GateDecided: GATE,
    e.ApprovalLapsed: GATE,
    e.RiskMoved: RISK,
    e.RunStarted: RUN,
    e.RunEnded: RUN,
    e.Asked: ITEM,
    e.Answered: ITEM,
    e.AskWithdrawn: ITEM,
    e.QuotaGranted: ITEM,
    e.GrantEnded: ITEM,
    e.EscalationRaised: ESCALATION,
    e.EscalationStepped: ESCALATION,
    e.EscalationAnswered: ESCALATION,
    e.EscalationClosed: ESCALATION,
}
_ALL = {
    e.PlanAccepted: PLAN,
    e.AdditionMade: PLAN,
    e.AdditionRemoved: PLAN,
    e.RunUsed: SPEND,
    e.ProjectStarted: START,
}


def report_rests(events: Iterable[e.Event]) -> tuple[tuple[str, Rests], ...]:
    """("work:WS-01", its events) and so on for gate, criterion, risk, run, item and escalation; and for "plan", "spend",
    "start", and "work" as a whole."""
    found: dict[str, list[int]] = {PLAN: [], SPEND: [], START: [], WORK: []}
    for event in events:
        body = event.body
        kind = _ABOUT.get(type(body))
        if kind is not None:
            found.setdefault(f"{kind}:{_id(body)}", []).append(event.revision)
            if kind == WORK:
                found[WORK].append(event.revision)
        elif isinstance(body, e.CriterionMeasured):
            found.setdefault(f"{CRITERION}:{body.result.key}", []).append(event.revision)
        elif isinstance(body, e.CriterionSigned | e.CriterionWaived):
            found.setdefault(f"{GATE}:{body.gate}", []).append(event.revision)
        elif (whole := _ALL.get(type(body))) is not None:
            found[whole].append(event.revision)
    return tuple((name, rests_on(revisions)) for name, revisions in found.items())


def _id(body: e.EventBody) -> str:
    for name in ("workstream", "gate", "risk", "run", "item", "id"):
        value = getattr(body, name, None)
        if value:
            return str(value)
    return e.subject_of(body)
