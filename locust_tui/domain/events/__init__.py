"""The events of the log: what happened, typed. `KINDS` maps each event's stored name to its class."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..people import Person
from .coordination import AdditionMade as AdditionMade
from .coordination import AdditionRemoved as AdditionRemoved
from .coordination import EscalationAcknowledged as EscalationAcknowledged
from .coordination import EscalationAnswered as EscalationAnswered
from .coordination import EscalationClosed as EscalationClosed
from .coordination import EscalationRaised as EscalationRaised
from .coordination import EscalationStepped as EscalationStepped
from .coordination import GrantEnded as GrantEnded
from .coordination import RiskMoved as RiskMoved
from .coordination import TaskCreated as TaskCreated
from .coordination import TaskMoved as TaskMoved
from .exchange import AnswerDelivered as AnswerDelivered
from .exchange import Answered as Answered
from .exchange import Asked as Asked
from .exchange import AskWithdrawn as AskWithdrawn
from .exchange import MemoryRemoved as MemoryRemoved
from .exchange import MemoryStored as MemoryStored
from .exchange import MessageAcknowledged as MessageAcknowledged
from .exchange import MessageDelivered as MessageDelivered
from .exchange import MessageRead as MessageRead
from .exchange import MessageSent as MessageSent
from .exchange import QuotaGranted as QuotaGranted
from .gates import ApprovalLapsed as ApprovalLapsed
from .gates import CriteriaStale as CriteriaStale
from .gates import CriterionMeasured as CriterionMeasured
from .gates import CriterionSigned as CriterionSigned
from .gates import CriterionWaived as CriterionWaived
from .gates import GateApproved as GateApproved
from .gates import GateDecided as GateDecided
from .gates import GateMoved as GateMoved
from .project import BaselineSet as BaselineSet
from .project import MachineSlept as MachineSlept
from .project import Noted as Noted
from .project import PlanAccepted as PlanAccepted
from .project import PlanHeld as PlanHeld
from .project import PlanNoted as PlanNoted
from .project import PlanNotRewritten as PlanNotRewritten
from .project import PlanReleased as PlanReleased
from .project import PlanRewriting as PlanRewriting
from .project import ProjectEnded as ProjectEnded
from .project import ProjectStarted as ProjectStarted
from .project import WorkerStarted as WorkerStarted
from .project import WorkerStopped as WorkerStopped
from .runs import AccountChanged as AccountChanged
from .runs import BudgetReached as BudgetReached
from .runs import RunChanged as RunChanged
from .runs import RunCreated as RunCreated
from .runs import RunEnded as RunEnded
from .runs import RunProduced as RunProduced
from .runs import RunSpoke as RunSpoke
from .runs import RunStarted as RunStarted
from .runs import RunUsed as RunUsed
from .runs import RunWanted as RunWanted
from .strategies import StrategyApplied as StrategyApplied
from .strategies import StrategyUndone as StrategyUndone
from .watching import AlertMoved as AlertMoved
from .watching import HookArmed as HookArmed
from .watching import HookBegan as HookBegan
from .watching import HookMissed as HookMissed
from .watching import HookRan as HookRan
from .watching import ReportWritten as ReportWritten
from .watching import SuccessRecorded as SuccessRecorded
from .work import DeliverableVerified as DeliverableVerified
from .work import MergeConflicted as MergeConflicted
from .work import WorkCollected as WorkCollected
from .work import WorkMerged as WorkMerged
from .work import WorkstreamMoved as WorkstreamMoved
from .work import WorkstreamReported as WorkstreamReported
from .work import WorkstreamReviewed as WorkstreamReviewed
from .work import WorktreeMade as WorktreeMade
from .work import WorktreeRemoved as WorktreeRemoved

EventBody = (
    ProjectStarted
    | ProjectEnded
    | WorkerStarted
    | WorkerStopped
    | MachineSlept
    | PlanAccepted
    | PlanHeld
    | PlanReleased
    | PlanRewriting
    | PlanNotRewritten
    | PlanNoted
    | BaselineSet
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
    | ApprovalLapsed
    | GateDecided
    | CriterionSigned
    | CriterionWaived
    | RunSpoke
    | RunUsed
    | RunProduced
    | RunWanted
    | Asked
    | Answered
    | AnswerDelivered
    | AskWithdrawn
    | AccountChanged
    | BudgetReached
    | WorktreeMade
    | WorkCollected
    | WorkMerged
    | MergeConflicted
    | WorktreeRemoved
    | MemoryStored
    | MemoryRemoved
    | MessageSent
    | MessageRead
    | QuotaGranted
    | MessageDelivered
    | MessageAcknowledged
    | AdditionMade
    | AdditionRemoved
    | EscalationAcknowledged
    | EscalationAnswered
    | EscalationClosed
    | EscalationRaised
    | EscalationStepped
    | GrantEnded
    | RiskMoved
    | StrategyApplied
    | StrategyUndone
    | TaskCreated
    | TaskMoved
    | AlertMoved
    | HookArmed
    | HookBegan
    | HookMissed
    | HookRan
    | ReportWritten
    | SuccessRecorded
    | Noted
)

KINDS: dict[str, type[EventBody]] = {
    "project.started": ProjectStarted,
    "project.ended": ProjectEnded,
    "worker.started": WorkerStarted,
    "worker.stopped": WorkerStopped,
    "machine.slept": MachineSlept,
    "plan.accepted": PlanAccepted,
    "plan.held": PlanHeld,
    "plan.released": PlanReleased,
    "plan.rewriting": PlanRewriting,
    "plan.not-rewritten": PlanNotRewritten,
    "plan.noted": PlanNoted,
    "baseline.set": BaselineSet,
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
    "approval.lapsed": ApprovalLapsed,
    "gate.decided": GateDecided,
    "criterion.signed": CriterionSigned,
    "criterion.waived": CriterionWaived,
    "run.spoke": RunSpoke,
    "run.used": RunUsed,
    "run.produced": RunProduced,
    "run.wanted": RunWanted,
    "asked": Asked,
    "answered": Answered,
    "answer.delivered": AnswerDelivered,
    "ask.withdrawn": AskWithdrawn,
    "account.changed": AccountChanged,
    "budget.reached": BudgetReached,
    "worktree.made": WorktreeMade,
    "work.collected": WorkCollected,
    "work.merged": WorkMerged,
    "merge.conflicted": MergeConflicted,
    "worktree.removed": WorktreeRemoved,
    "memory.stored": MemoryStored,
    "memory.removed": MemoryRemoved,
    "message.sent": MessageSent,
    "message.read": MessageRead,
    "quota.granted": QuotaGranted,
    "message.delivered": MessageDelivered,
    "message.acknowledged": MessageAcknowledged,
    "addition.made": AdditionMade,
    "addition.removed": AdditionRemoved,
    "escalation.acknowledged": EscalationAcknowledged,
    "escalation.answered": EscalationAnswered,
    "escalation.closed": EscalationClosed,
    "escalation.raised": EscalationRaised,
    "escalation.stepped": EscalationStepped,
    "grant.ended": GrantEnded,
    "risk.moved": RiskMoved,
    "strategy.applied": StrategyApplied,
    "strategy.undone": StrategyUndone,
    "task.created": TaskCreated,
    "task.moved": TaskMoved,
    "alert.moved": AlertMoved,
    "hook.armed": HookArmed,
    "hook.began": HookBegan,
    "hook.missed": HookMissed,
    "hook.ran": HookRan,
    "report.written": ReportWritten,
    "success.recorded": SuccessRecorded,
    "noted": Noted,
}

NAMES: dict[type[EventBody], str] = {cls: name for name, cls in KINDS.items()}


def subject_of(body: EventBody) -> str:
    """Id of the workstream, gate, run or criterion the event is about; empty for the project's own."""
    if isinstance(body, MemoryStored | MemoryRemoved):
        return body.key
    if isinstance(body, MessageSent):
        return body.to
    for name in (
        "run",
        "workstream",
        "gate",
        "subject",
        "item",
        "account",
        "scope",
        "orchestrator",
        "to",
        "path",
        "hook",
        "alert",
        "risk",
        "check",
        "id",
    ):
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
