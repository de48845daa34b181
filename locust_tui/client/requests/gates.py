"""Requests about gates and their criteria."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind


@dataclass(frozen=True, slots=True)
class EvaluateGate:
    """Measure the gate's criteria now; answered when all are measured."""

    gate: str


@dataclass(frozen=True, slots=True)
class DecideGate:
    gate: str
    kind: DecisionKind
    note: str = ""
    by: str | None = None
    conditions: tuple[Condition, ...] = ()
    workstreams: tuple[str, ...] = ()
    """recycle: which go back to rework; empty: the owners of failed criteria."""
    evidence_digest: str | None = None
    """Of what the person saw: evidence, what the plan says of the gate, earlier decisions. Another one by now refuses
    the decision. None: evaluated afresh first."""


@dataclass(frozen=True, slots=True)
class SignCriterion:
    gate: str
    criterion: str
    by: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class WaiveCriterion:
    gate: str
    criterion: str
    note: str
    by: str | None = None
    until: str | None = None
