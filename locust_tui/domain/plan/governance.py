"""Measures, risks, routes, strategies and success of a plan."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.dataclass import dataclass

from ..criterion import Command, Criterion


@dataclass(frozen=True, slots=True)
class Kpi:
    id: str
    name: str
    measure: str
    low: float | None = None
    high: float | None = None
    """Target "2-3": low and high, both included."""
    above: float | None = None
    below: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    target: str = ""
    """As written: "2-3", "> 80%"."""


@dataclass(frozen=True, slots=True)
class RiskLink:
    """What a risk watches that is measured anyway: exactly one of a KPI, a gate's criterion, an expression."""

    kpi: str = ""
    """Missing its target triggers."""
    gate: str = ""
    criterion: str = ""
    """Its name or id at that gate; failing triggers."""
    when: str = ""
    """An expression over the plan's quantities; holding triggers."""

    def __str__(self) -> str:
        if self.kpi:
            return f"KPI {self.kpi}"
        return self.when or f"{self.criterion} at gate {self.gate}"


@dataclass(frozen=True, slots=True)
class Risk:
    id: str
    risk: str
    probability: str
    """A word of the scale, or a number as text."""
    impact: str
    owner: str | None = None
    mitigation: str = ""
    response: str | None = None
    watch: Criterion | None = None
    score: float | None = None
    scale: str = "levels"
    """ "levels": low, medium, high as 1, 2, 3; "pmbok": probabilities and shares of an impact. One for the whole register."""
    delay: float | None = None
    """Days that it costs where it happens."""
    link: RiskLink | None = None


@dataclass(frozen=True, slots=True)
class EscalationRoute:
    kind: str
    to: tuple[str, ...]
    within: float | None = None
    mode: str = "steps"


@dataclass(frozen=True, slots=True)
class NotifyRoute:
    """Where messages for one address go; a channel is a word, or a command."""

    address: str
    channels: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    id: str
    name: str
    kind: str
    description: str = ""
    options: dict[str, str] = field(default_factory=dict)
    """The kind's own keys, each value as JSON text."""


@dataclass(frozen=True, slots=True)
class SuccessCheck:
    name: str
    check: str | None = None
    due: str | None = None
    """After release: when to look."""
    criterion: Criterion | None = None


@dataclass(frozen=True, slots=True)
class VerdictLimits:
    """From where on the plan is at risk or off track. No standard exists: the defaults are the limits quoted most."""

    gap_at_risk: float = 10.0
    """Points of verified progress behind the planned one."""
    gap_off_track: float = 20.0
    spi_at_risk: float = 0.95
    """Schedule performance index: below it, at risk."""
    spi_off_track: float = 0.85
    spi_from: float = 10.0
    """Points expected before a low index alone means off track."""
    gate_days: float = 5.0
    """Working days that a gate may be overdue before the plan is off track; overdue at all, it is at risk."""
    stuck_days: float = 1.0
    """Working days that critical work may be failed, blocked or without an answer."""
    risk_score: float = 6.0
    """Score from which an open risk without a response puts the plan at risk."""
