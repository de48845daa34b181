"""What a criterion counts as now: the measurement, joined with signatures, waivers and its age."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.criterion import Criterion, CriterionResult
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import Signature, Waiver
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import OPEN_GATE_STATES, CriterionState
from locust_tui.domain.world import GateStatus, World

from .due import is_past

PASSED = frozenset({CriterionState.PASS, CriterionState.WAIVED})


@dataclass(frozen=True, slots=True)
class CriterionStanding:
    criterion: Criterion
    key: str
    state: CriterionState
    result: CriterionResult | None
    counts: bool
    """It is a must and already looked at: Go needs it."""
    waits_for: str = ""
    """Role whose signature is missing; "an approver" where any approver may sign."""
    named_signer: bool = False
    """`waits_for` is a role that the plan names for this criterion."""
    waiver: Waiver | None = None
    signers: tuple[str, ...] = ()
    """Names of those whose answers count now."""

    @property
    def passed(self) -> bool:
        return self.state in PASSED


def standing(
    criterion: Criterion, key: str, plan: Plan, world: World, now: float, gate: GateStatus | None = None
) -> CriterionStanding:
    """The effective state of a criterion; `gate` holds the signatures and waivers of a gate's criterion."""
    result = world.criteria.get(key)
    waiver = _waiver(criterion, plan, world, now, gate) if gate is not None else None
    counts = criterion.must and bool(criterion.machine or criterion.manual) and _looked_at(criterion, world)
    if waiver is not None:
        return CriterionStanding(criterion, key, CriterionState.WAIVED, result, counts, waiver=waiver)
    state = _measured(criterion, result, now)
    if state is not CriterionState.PASS or not criterion.manual:
        return CriterionStanding(criterion, key, state, result, counts)
    signed = [s for s in gate.signatures if s.criterion == criterion.id] if gate is not None else []
    signers = tuple(dict.fromkeys(s.by.name for s in signed))
    missing = _missing_signer(criterion, signed)
    if missing is None:
        return CriterionStanding(criterion, key, CriterionState.PASS, result, counts, signers=signers)
    return CriterionStanding(
        criterion,
        key,
        CriterionState.WAITING,
        result,
        counts,
        missing or "an approver",
        named_signer=bool(missing),
        signers=signers,
    )


def _measured(criterion: Criterion, result: CriterionResult | None, now: float) -> CriterionState:
    """State of the machine's part; a criterion without one passes it."""
    if not criterion.machine and (criterion.manual or result is None):
        return CriterionState.PASS if criterion.manual else CriterionState.NOT_RUN
    if result is None:
        return CriterionState.NOT_RUN
    if result.state is CriterionState.STALE or expired(criterion, result, now):
        return CriterionState.STALE
    return CriterionState.PASS if result.state is CriterionState.WAITING else result.state


def expired(criterion: Criterion, result: CriterionResult, now: float) -> bool:
    """Whether the result is older than the plan lets it count."""
    if criterion.max_age is None or result.evidence is None:
        return False
    return result.evidence.at + criterion.max_age < now


def _missing_signer(criterion: Criterion, signed: Sequence[Signature]) -> str | None:
    """First role whose signature is missing; "" stands for any approver, None for nobody."""
    for probe in criterion.manual:
        if not any(probe.by is None or probe.by in (s.by.role, s.by.name) for s in signed):
            return probe.by or ""
    return None


def _waiver(criterion: Criterion, plan: Plan, world: World, now: float, gate: GateStatus) -> Waiver | None:
    for waiver in reversed(gate.waivers):
        if waiver.criterion == criterion.id and not is_past(waiver.until, plan, world, now):
            return waiver
    return None


def _looked_at(criterion: Criterion, world: World) -> bool:
    """A criterion `after` the decision never holds it; one after another gate waits for that gate."""
    if criterion.after is None:
        return True
    return criterion.after != "decision" and world.gate(criterion.after).state in OPEN_GATE_STATES
