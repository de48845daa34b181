"""Risks: score, level, exposure and place on the map, and what their watches make of them."""

from __future__ import annotations

from locust_tui.domain.coordination import RiskStatus
from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Risk
from locust_tui.domain.quantity import limit_text
from locust_tui.domain.snapshot import RiskView
from locust_tui.domain.states import CriterionState, RiskState
from locust_tui.domain.world import World

PMBOK = "pmbok"
LEVELS = {"low": 1.0, "medium": 2.0, "high": 3.0}
WORDS = ("very-low", "low", "medium", "high", "very-high")
PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
IMPACTS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Of WORDS: the probability and impact scales of the PMBOK Guide, figure 11-10."""
_SHORT = {"l": "low", "m": "medium", "h": "high"}
_BOUNDS = {"levels": (2.0, 6.0), PMBOK: (0.05, 0.18)}
"""Up to the first a score is low, from the second on it is high. For PMBOK the usual ones; they are the organisation's."""
_DIGITS = 6
"""A product of two decimals is compared with a bound that is one."""


def risk_score(risk: Risk) -> float:
    """Probability × impact on the risk's scale; numbers are taken as they are."""
    if risk.score is not None:
        return risk.score
    return round(
        _factor(risk.probability, risk.scale) * _factor(risk.impact, risk.scale, impact=True), _DIGITS
    )


def risk_level(score: float, scale: str = "levels") -> str:
    """Of levels 1–2 low, 3–4 medium, 6–9 high; of PMBOK ≤ .05 low, ≥ .18 high."""
    low, high = _BOUNDS[scale]
    if score >= high:
        return "high"
    return "medium" if score > low else "low"


def exposure_days(risk: Risk) -> float | None:
    """Days that the risk costs by expectation: its probability × its delay; None without a delay.

    Of levels low, medium, high count as .3, .5, .7, the probabilities that PMBOK gives to these words.
    """
    if risk.delay is None:
        return None
    return round(_factor(risk.probability, PMBOK) * risk.delay, _DIGITS)


def map_cell(risk: Risk) -> tuple[int, int]:
    """(probability, impact) as steps of the map, 1 for the least; a number is put at the nearest step."""
    if risk.scale == PMBOK:
        return (
            _nearest(PROBABILITIES, _factor(risk.probability, PMBOK)),
            _nearest(IMPACTS, _factor(risk.impact, PMBOK, impact=True)),
        )
    steps = (_factor(risk.probability, "levels"), _factor(risk.impact, "levels"))
    return min(3, max(1, round(steps[0]))), min(3, max(1, round(steps[1])))


def _nearest(steps: tuple[float, ...], value: float) -> int:
    return 1 + min(range(len(steps)), key=lambda i: abs(steps[i] - value))


def cell_level(scale: str, probability: int, impact: int) -> str:
    """Level of a cell of the map."""
    if scale == PMBOK:
        return risk_level(round(PROBABILITIES[probability - 1] * IMPACTS[impact - 1], _DIGITS), PMBOK)
    return risk_level(float(probability * impact))


def _factor(word: str, scale: str, *, impact: bool = False) -> float:
    word = word.strip().lower()
    word = _SHORT.get(word, word)
    if scale == PMBOK and word in WORDS:
        return (IMPACTS if impact else PROBABILITIES)[WORDS.index(word)]
    if word in LEVELS:
        return LEVELS[word]
    try:
        return float(word)
    except ValueError:
        return 0.0


def is_answered(risk: Risk) -> bool:
    """A response that is in hand: one that the plan states, or a mitigation with an owner."""
    return bool(risk.response) or bool(risk.mitigation and risk.owner)


def moved_by_watch(risk: Risk, world: World) -> tuple[RiskState, str] | None:
    """(what the watch's latest result makes of the risk, why); None: it stays what it is.

    A failing watch triggers an open risk; one that passes again opens a risk that a watch had triggered. What a
    person closed stays closed, and a result from before the risk was moved last says nothing.
    """
    status, result = world.risks.get(risk.id), world.criteria.get(criterion_key("risk", risk.id))
    if result is None or (risk.watch is None and risk.link is None):
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
    ranked = sorted(plan.risks, key=lambda r: (-risk_score(r), -_factor(r.impact, r.scale, impact=True)))
    return tuple(_view(risk, world) for risk in ranked)


def _view(risk: Risk, world: World) -> RiskView:
    result = world.criteria.get(criterion_key("risk", risk.id))
    evidence = result.evidence if result is not None else None
    status = world.risks.get(risk.id) or RiskStatus(risk.id)
    state, why = moved_by_watch(risk, world) or (status.state, status.why)
    score = risk_score(risk)
    probability, impact = map_cell(risk)
    return RiskView(
        risk.id, risk.risk, risk.mitigation, risk.owner, score, risk_level(score, risk.scale), state.value,
        since=status.since, why=why, by=status.by, response=risk.response or "",
        probability=risk.probability, impact=risk.impact,
        watch="" if not watched(risk) else (result.state if result else CriterionState.NOT_RUN).value,
        watched_at=evidence.at if evidence is not None else None,
        scale=risk.scale, row=probability, column=impact, delay_days=risk.delay, exposure_days=exposure_days(risk),
        watches=watched(risk), found=evidence.detail if evidence is not None else "",
        log=(evidence.log or "") if evidence is not None else "",
    )  # fmt: skip


def watched(risk: Risk) -> str:
    """What the risk watches, in words: "run make bench", "KPI quality"; empty: nothing."""
    if risk.link is not None:
        return str(risk.link)
    if risk.watch is None:
        return ""
    from .baseline_words import probe

    limit = limit_text(risk.watch.limit)
    return " and ".join(probe(p) for p in risk.watch.probes) + (f" {limit}" if limit else "")
