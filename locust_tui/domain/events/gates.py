"""Events of gates and criteria."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..criterion import CriterionResult
from ..people import Approval, Decision, Signature, Waiver
from ..states import GateState


@dataclass(frozen=True, slots=True)
class CriterionMeasured:
    result: CriterionResult


@dataclass(frozen=True, slots=True)
class CriteriaStale:
    keys: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class GateMoved:
    gate: str
    old: GateState
    new: GateState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GateApproved:
    """One role's yes; the decision follows when enough roles gave theirs."""

    gate: str
    approval: Approval


@dataclass(frozen=True, slots=True)
class ApprovalLapsed:
    """A role's yes counts no more: what it was said to is no longer what the gate asks, or rests on."""

    gate: str
    role: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class GateDecided:
    gate: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class CriterionSigned:
    gate: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class CriterionWaived:
    gate: str
    """Empty: it is a workstream's criterion."""
    waiver: Waiver
    workstream: str = ""
    key: str = ""
    """Of the result of a workstream's criterion."""
