"""Risks: score, level and whether the watch has fired."""

from __future__ import annotations

from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.plan import Plan, Risk
from locust_tui.domain.snapshot import RiskView
from locust_tui.domain.states import CriterionState
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


def risk_views(plan: Plan, world: World) -> tuple[RiskView, ...]:
    """Risks by score, ties by impact, then plan order. A watch that failed has triggered its risk."""
    views = []
    for risk in sorted(plan.risks, key=lambda r: (-risk_score(r), -_factor(r.impact))):
        result = world.criteria.get(criterion_key("risk", risk.id))
        state = "triggered" if result is not None and result.state is CriterionState.FAIL else "open"
        score = risk_score(risk)
        views.append(
            RiskView(risk.id, risk.risk, risk.mitigation, risk.owner, score, risk_level(score), state)
        )
    return tuple(views)


def _factor(word: str) -> float:
    known = _LEVELS.get(word.strip().lower())
    if known is not None:
        return known
    try:
        return float(word)
    except ValueError:
        return 0.0
