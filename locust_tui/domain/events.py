"""The events of the log: what happened, typed. `KINDS` maps each event's stored name to its class."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .criterion import CriterionResult
from .people import Approval, Decision, Person, Signature, Waiver
from .states import GateState, RunState, WorkstreamState


@dataclass(frozen=True, slots=True)
class ProjectStarted:
    """The first time a worker was asked to run the plan."""


@dataclass(frozen=True, slots=True)
class ProjectEnded:
    """Nothing can move without a person."""

    summary: str


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    pid: int
    boot_id: str
    version: str


@dataclass(frozen=True, slots=True)
class WorkerStopped:
    reason: str


@dataclass(frozen=True, slots=True)
class PlanAccepted:
    """From now on this plan is in force. The plan itself is stored by its digest."""

    digest: str
    path: str
    summary: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """The file changed, and the last good plan stays in force."""

    digest: str
    why: str
    summary: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReleased:
    """What was held is no longer there: the file equals the plan in force again."""


@dataclass(frozen=True, slots=True)
class WorkstreamMoved:
    workstream: str
    old: WorkstreamState
    new: WorkstreamState
    reason: str = ""
    retry_at: float | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class WorkstreamReported:
    """What an agent said about its own work; absent parts are None."""

    workstream: str
    run: str | None = None
    progress: float | None = None
    """Points, 0 to 100."""
    note: str | None = None
    blocker: str | None = None
    next: str | None = None
    deliverable: str | None = None
    stream: str | None = None
    """"log" or "events": the file of the run that said it."""
    offset: int | None = None
    """Where reading that file goes on: a report is taken once, whoever restarts."""


@dataclass(frozen=True, slots=True)
class DeliverableVerified:
    """`verified` False takes an earlier verification back."""

    workstream: str
    deliverable: str
    verified: bool = True
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamReviewed:
    workstream: str
    attempt: int
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunCreated:
    """Intent: committed before anything is started."""

    run: str
    subject: str
    attempt: int
    agent_type: str
    argv: tuple[str, ...]
    cwd: str
    env_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str
    pid: int
    shim_pid: int | None = None


@dataclass(frozen=True, slots=True)
class RunChanged:
    run: str
    state: RunState
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The one terminal record of a run. Unknown stays unknown: `lost` has neither code nor signal."""

    run: str
    state: RunState
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    ended: float | None = None
    """From the run folder; the event's own time when the folder does not know."""
    max_rss_kib: int | None = None
    cpu_s: float | None = None


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
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth keeping that changes no state: a refused request, a clock jump."""

    level: str
    text: str
    subject: str = ""
    stream: str | None = None
    """"log" or "events", where the run `subject` said it: the file it stands in."""
    offset: int | None = None
    """Where reading that file goes on."""


EventBody = (
    ProjectStarted
    | ProjectEnded
    | WorkerStarted
    | WorkerStopped
    | PlanAccepted
    | PlanHeld
    | PlanReleased
    | WorkstreamMoved
    | WorkstreamReported
    | DeliverableVerified
    | WorkstreamReviewed
    | RunCreated
    | RunStarted
    | RunChanged
    | RunEnded
    | CriterionMeasured
    | CriteriaStale
    | GateMoved
    | GateApproved
    | GateDecided
    | CriterionSigned
    | CriterionWaived
    | Noted
)

KINDS: dict[str, type[EventBody]] = {
    "project.started": ProjectStarted,
    "project.ended": ProjectEnded,
    "worker.started": WorkerStarted,
    "worker.stopped": WorkerStopped,
    "plan.accepted": PlanAccepted,
    "plan.held": PlanHeld,
    "plan.released": PlanReleased,
    "workstream.moved": WorkstreamMoved,
    "workstream.reported": WorkstreamReported,
    "deliverable.verified": DeliverableVerified,
    "workstream.reviewed": WorkstreamReviewed,
    "run.created": RunCreated,
    "run.started": RunStarted,
    "run.changed": RunChanged,
    "run.ended": RunEnded,
    "criterion.measured": CriterionMeasured,
    "criteria.stale": CriteriaStale,
    "gate.moved": GateMoved,
    "gate.approved": GateApproved,
    "gate.decided": GateDecided,
    "criterion.signed": CriterionSigned,
    "criterion.waived": CriterionWaived,
    "noted": Noted,
}

NAMES: dict[type[EventBody], str] = {cls: name for name, cls in KINDS.items()}


def subject_of(body: EventBody) -> str:
    """Id of the workstream, gate, run or criterion the event is about; empty for the project's own."""
    for name in ("run", "workstream", "gate", "subject"):
        value = getattr(body, name, None)
        if value:
            return str(value)
    return body.result.key if isinstance(body, CriterionMeasured) else ""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log. `revision` is monotonic without gaps; `at` is wall time in seconds since the epoch."""

    revision: int
    at: float
    by: Person
    body: EventBody
