"""What a viewer may ask of the worker. Every request is acknowledged only after its effect is committed."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind


class WorkstreamAction(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    CANCEL = "cancel"
    DEFER = "defer"
    REOPEN = "reopen"
    ACCEPT = "accept"
    REJECT = "reject"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Ping:
    """Is somebody there? The answer's data: pid, version, plan, revision."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """From now on this connection is told every new revision."""

    viewer: bool = True
    """A cockpit: the worker stays while it is connected."""


@dataclass(frozen=True, slots=True)
class SteerWorkstream:
    workstream: str
    action: WorkstreamAction
    note: str = ""
    by: str | None = None
    """Name of the person; None: the OS user of the connection."""
    deliverable: str | None = None
    """verify only."""


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
    """The evidence the person saw; another digest by now refuses the decision. None: evaluated afresh first."""


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


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """Put the held plan in force, with everything it removes."""

    digest: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RecheckPlan:
    """Read the plan file and its trust again, at once."""


@dataclass(frozen=True, slots=True)
class StopRun:
    run: str
    """A run's id, or a workstream's or orchestrator's: its latest run."""


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """What an agent says about its own work; allowed from inside its own run only."""

    workstream: str
    run: str | None = None
    progress: float | None = None
    note: str | None = None
    blocker: str | None = None
    next: str | None = None
    deliverable: str | None = None


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """`up`: the worker stays although nothing runs."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the worker; agents go on unless told otherwise."""

    stop_agents: bool = False


Request = (
    Ping
    | Subscribe
    | SteerWorkstream
    | EvaluateGate
    | DecideGate
    | SignCriterion
    | WaiveCriterion
    | ConfirmPlan
    | RecheckPlan
    | StopRun
    | ReportProgress
    | KeepAlive
    | Shutdown
)

OPERATIONS: dict[str, type[Request]] = {
    "ping": Ping,
    "subscribe": Subscribe,
    "workstream.steer": SteerWorkstream,
    "gate.evaluate": EvaluateGate,
    "gate.decide": DecideGate,
    "criterion.sign": SignCriterion,
    "criterion.waive": WaiveCriterion,
    "plan.confirm": ConfirmPlan,
    "plan.recheck": RecheckPlan,
    "run.stop": StopRun,
    "run.report": ReportProgress,
    "worker.keep": KeepAlive,
    "worker.shutdown": Shutdown,
}

NAMES: dict[type[Request], str] = {cls: name for name, cls in OPERATIONS.items()}

AGENT_OPERATIONS = frozenset({"ping", "run.report"})
"""All that a caller from inside a run may ask."""
