"""Risks: score, level and whether the watch has fired."""

from __future__ import annotations

from locust_tui.domain.coordination import RiskStatus
from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Risk
from locust_tui.domain.snapshot import RiskView
from locust_tui.domain.states import CriterionState, RiskState
from locust_tui.domain.world import World

_LEVELS = {"l": 1.0, "low": 1.0, "m": 2.0, "medium": 2.0, "h": 3.0, "high": 3.0}
HIGH_SCORE = 6.0


def risk_score(risk: Risk) -> float:
    """Probability × impact with low, medium, high as 1, 2, 3; numbers are taken as they are."""
    if risk.score is not None:
        return risk.score
    return _factor(risk.probability) * _factor(risk.impact)


def risk_level(score: float) -> str:
    """1–2 low, 3–4 medium, 6–9 high."""
    if score >= HIGH_SCORE:
        return "high"
    return "medium" if score > 2 else "low"


def is_answered(risk: Risk) -> bool:
    """A response that is in hand: one that the plan states, or a mitigation with an owner."""
    return bool(risk.response) or bool(risk.mitigation and risk.owner)


def moved_by_watch(risk: Risk, world: World) -> tuple[RiskState, str] | None:
    """(what the watch's latest result makes of the risk, why); None: it stays what it is.

    A failing watch triggers an open risk; one that passes again opens a risk that a watch had triggered. What a
    person closed stays closed, and a result from before the risk was moved last says nothing.
    """
    status, result = world.risks.get(risk.id), world.criteria.get(criterion_key("risk", risk.id))
    if result is None:
        return None
    evidence = result.evidence
    if status is not None and (evidence is None or evidence.at <= (status.since or 0.0)):
        return None
    words = (evidence.detail or evidence.command or "") if evidence is not None else ""
    said = f": {words}" if words else ""
    state = status.state if status is not None else RiskState.OPEN
    if state is RiskState.OPEN and result.state is CriterionState.FAIL:
        return RiskState.TRIGGERED, f"its watch failed{said}"
    by_watch = status is not None and status.by == WORKER.name
    if state is RiskState.TRIGGERED and by_watch and result.state is CriterionState.PASS:
        return RiskState.OPEN, f"its watch passes again{said}"
    return None


def risk_views(plan: Plan, world: World) -> tuple[RiskView, ...]:
    """Risks by score, ties by impact, then plan order."""
    views = []
    for risk in sorted(plan.risks, key=lambda r: (-risk_score(r), -_factor(r.impact))):
        result = world.criteria.get(criterion_key("risk", risk.id))
        status = world.risks.get(risk.id) or RiskStatus(risk.id)
        state, why = moved_by_watch(risk, world) or (status.state, status.why)
        score = risk_score(risk)
        views.append(
            RiskView(
                risk.id, risk.risk, risk.mitigation, risk.owner, score, risk_level(score), state.value,
                since=status.since, why=why, by=status.by, response=risk.response or "",
                probability=risk.probability, impact=risk.impact,
                watch="" if risk.watch is None else (result.state if result else CriterionState.NOT_RUN).value,
                watched_at=result.evidence.at if result is not None and result.evidence is not None else None,
            )
        )  # fmt: skip
    return tuple(views)


def _factor(word: str) -> float:
    known = _LEVELS.get(word.strip().lower())
    if known is not None:
        return known
    try:
        return float(word)
    except ValueError:
        return 0.0
