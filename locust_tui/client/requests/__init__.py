"""What a viewer may ask of the worker. Every request is acknowledged only after its effect is committed."""

from __future__ import annotations

from .asking import AcknowledgeEscalation as AcknowledgeEscalation
from .asking import AnswerAsk as AnswerAsk
from .asking import AnswerEscalation as AnswerEscalation
from .asking import AskPerson as AskPerson
from .asking import AwaitAnswer as AwaitAnswer
from .asking import EndGrant as EndGrant
from .asking import Escalate as Escalate
from .asking import MendAccount as MendAccount
from .asking import RequestAgents as RequestAgents
from .exchange import AcknowledgeMessage as AcknowledgeMessage
from .exchange import MemoryHistory as MemoryHistory
from .exchange import MessagesShown as MessagesShown
from .exchange import ReadMemory as ReadMemory
from .exchange import ReadMessages as ReadMessages
from .exchange import RemoveMemory as RemoveMemory
from .exchange import SendMessage as SendMessage
from .exchange import StoreMemory as StoreMemory
from .gates import DecideGate as DecideGate
from .gates import EvaluateGate as EvaluateGate
from .gates import SignCriterion as SignCriterion
from .gates import WaiveCriterion as WaiveCriterion
from .strategies import ApplyStrategy as ApplyStrategy
from .strategies import UndoStrategy as UndoStrategy
from .watching import AcknowledgeAlert as AcknowledgeAlert
from .watching import MoveRisk as MoveRisk
from .watching import RecordSuccess as RecordSuccess
from .watching import RunHook as RunHook
from .work import CommandWorkstream as CommandWorkstream
from .work import CreateTask as CreateTask
from .work import MoveTask as MoveTask
from .work import PlanAround as PlanAround
from .work import RemoveWorktree as RemoveWorktree
from .work import ReportProgress as ReportProgress
from .work import SendText as SendText
from .work import SteerWorkstream as SteerWorkstream
from .work import StopRun as StopRun
from .work import WorkstreamAction as WorkstreamAction
from .worker import AddToPlan as AddToPlan
from .worker import ConfirmPlan as ConfirmPlan
from .worker import KeepAlive as KeepAlive
from .worker import NotePlanChange as NotePlanChange
from .worker import Ping as Ping
from .worker import RecheckPlan as RecheckPlan
from .worker import RecreateRecord as RecreateRecord
from .worker import SetBaseline as SetBaseline
from .worker import Shutdown as Shutdown
from .worker import Subscribe as Subscribe
from .worker import TakeFromPlan as TakeFromPlan

Request = (
    Ping
    | Subscribe
    | SteerWorkstream
    | CommandWorkstream
    | EvaluateGate
    | DecideGate
    | SignCriterion
    | WaiveCriterion
    | ConfirmPlan
    | RecheckPlan
    | RecreateRecord
    | NotePlanChange
    | SetBaseline
    | StopRun
    | RemoveWorktree
    | ReportProgress
    | AnswerAsk
    | SendText
    | MendAccount
    | AskPerson
    | AwaitAnswer
    | RequestAgents
    | StoreMemory
    | ReadMemory
    | MemoryHistory
    | SendMessage
    | ReadMessages
    | MessagesShown
    | PlanAround
    | RemoveMemory
    | AcknowledgeMessage
    | AddToPlan
    | TakeFromPlan
    | CreateTask
    | MoveTask
    | Escalate
    | AcknowledgeEscalation
    | AnswerEscalation
    | EndGrant
    | AcknowledgeAlert
    | RunHook
    | MoveRisk
    | ApplyStrategy
    | UndoStrategy
    | RecordSuccess
    | KeepAlive
    | Shutdown
)

OPERATIONS: dict[str, type[Request]] = {
    "ping": Ping,
    "subscribe": Subscribe,
    "workstream.steer": SteerWorkstream,
    "workstream.command": CommandWorkstream,
    "gate.evaluate": EvaluateGate,
    "gate.decide": DecideGate,
    "criterion.sign": SignCriterion,
    "criterion.waive": WaiveCriterion,
    "plan.confirm": ConfirmPlan,
    "plan.recheck": RecheckPlan,
    "record.recreate": RecreateRecord,
    "plan.note": NotePlanChange,
    "baseline.set": SetBaseline,
    "run.stop": StopRun,
    "worktree.remove": RemoveWorktree,
    "run.report": ReportProgress,
    "ask.answer": AnswerAsk,
    "run.send": SendText,
    "account.mend": MendAccount,
    "agent.ask": AskPerson,
    "agent.await": AwaitAnswer,
    "agent.request": RequestAgents,
    "memory.store": StoreMemory,
    "memory.read": ReadMemory,
    "memory.history": MemoryHistory,
    "message.send": SendMessage,
    "message.read": ReadMessages,
    "message.shown": MessagesShown,
    "plan.around": PlanAround,
    "memory.remove": RemoveMemory,
    "message.acknowledge": AcknowledgeMessage,
    "plan.add": AddToPlan,
    "plan.take": TakeFromPlan,
    "task.create": CreateTask,
    "task.move": MoveTask,
    "escalation.raise": Escalate,
    "escalation.acknowledge": AcknowledgeEscalation,
    "escalation.answer": AnswerEscalation,
    "grant.end": EndGrant,
    "alert.acknowledge": AcknowledgeAlert,
    "hook.run": RunHook,
    "risk.move": MoveRisk,
    "strategy.apply": ApplyStrategy,
    "strategy.undo": UndoStrategy,
    "success.record": RecordSuccess,
    "worker.keep": KeepAlive,
    "worker.shutdown": Shutdown,
}

NAMES: dict[type[Request], str] = {cls: name for name, cls in OPERATIONS.items()}

AGENT_OPERATIONS = frozenset(
    {
        "ping",
        "run.report",
        "workstream.command",
        "agent.ask",
        "agent.await",
        "agent.request",
        "memory.store",
        "memory.read",
        "memory.history",
        "memory.remove",
        "message.send",
        "message.read",
        "message.acknowledge",
        "task.create",
        "task.move",
        "escalation.raise",
        "escalation.acknowledge",
        "escalation.answer",
        "plan.around",
        "hook.run",
    }
)
"""All that a caller from inside a run may ask."""
