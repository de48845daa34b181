"""What a viewer may ask of the worker. Every request is acknowledged only after its effect is committed."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind, RiskState, TaskState


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
class CommandWorkstream:
    """What an orchestrator's agent may do to a workstream below it: start, retry, pause, resume. Its data: state."""

    workstream: str
    action: WorkstreamAction
    note: str = ""
    token: str = ""


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
    token: str = ""
    """Of the run, as AskPerson's."""


@dataclass(frozen=True, slots=True)
class RemoveWorktree:
    """Take a workstream's worktree and branch away; refused while anything in it has not come home. Its data: trash."""

    workstream: str
    discard: bool = False
    """Give up what has not come home; all of it stays in the trash ref."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerAsk:
    """A person's answer to a permission, a question or a request in the inbox."""

    item: str
    choice: str
    note: str = ""
    by: str | None = None
    digest: str | None = None
    """Of what the person saw; another one by now refuses the answer. None: whatever stands there now."""


@dataclass(frozen=True, slots=True)
class SendText:
    """A line to an agent: typed into its terminal or input, or said as the user's next message."""

    run: str
    text: str


@dataclass(frozen=True, slots=True)
class MendAccount:
    """A person says that login or payment of an account work again, or that its limit is lifted."""

    account: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class AskPerson:
    """An agent's question; answered with the item at once. `key` makes the same question the same item."""

    text: str
    options: tuple[str, ...] = ()
    key: str = ""
    token: str = ""
    """Of the run that asks, where the caller's ancestors do not tell it (the tool server's)."""


@dataclass(frozen=True, slots=True)
class AwaitAnswer:
    """The answer to an item, as soon as there is one; after `wait_s` without one its data says so: `answered` false."""

    item: str
    wait_s: float = 30.0
    token: str = ""
    taken: bool = False
    """The caller has the answer: from then on it counts as told."""


@dataclass(frozen=True, slots=True)
class RequestAgents:
    """More slots for an orchestrator, or of an agent type; decided by the plan's rule or in the inbox."""

    count: int
    why: str = ""
    orchestrator: str | None = None
    token: str = ""
    agent_type: str = ""
    expires: float | None = None
    """Seconds that the grant lasts; None: what the plan says."""


@dataclass(frozen=True, slots=True)
class StoreMemory:
    key: str
    value: str
    """JSON text."""
    version: int | None = None
    """Only if the entry has this version now (0: only if there is none)."""
    token: str = ""
    words: bool = False
    """A value that is no JSON is a text, and stored as a JSON string."""


@dataclass(frozen=True, slots=True)
class ReadMemory:
    """Entries whose keys match the glob `key`, computed ones among them."""

    key: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class MemoryHistory:
    """The `last` versions of a key. Its data: versions, oldest first."""

    key: str
    last: int = 20
    token: str = ""


@dataclass(frozen=True, slots=True)
class RemoveMemory:
    """Its data: key, version. The versions before stay in the record."""

    key: str
    by: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class SendMessage:
    """To a name, to several of them divided by commas, or to all who belong to a channel; its data: ids, dead."""

    to: str
    text: str
    reply_to: str = ""
    token: str = ""
    subject: str = ""
    channel: str = ""
    priority: str = "normal"
    sender: str = ""
    """A person's: the address in whose name it is sent."""


@dataclass(frozen=True, slots=True)
class AcknowledgeMessage:
    message: str
    by: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class MessagesShown:
    """A terminal has rung or told the desktop for these messages. Its data: shown, those that still waited for it."""

    messages: tuple[str, ...]
    way: str
    """bell or desktop"""


@dataclass(frozen=True, slots=True)
class ReadMessages:
    """Messages to the caller's workstream, orchestrator or run; they count as read from then on."""

    unread_only: bool = True
    token: str = ""
    messages: tuple[str, ...] = ()
    """Only these; empty: all of the caller's."""


@dataclass(frozen=True, slots=True)
class PlanAround:
    """What an agent should know: its workstream, what it needs and who waits for it, its gate, its orchestrator."""

    token: str = ""


@dataclass(frozen=True, slots=True)
class AddToPlan:
    """Put values into the plan in force, over what its file says: all of them or none. Its data: summary, changes."""

    values: tuple[tuple[str, str], ...]
    """(place, JSON of what the plan file could hold there): ("workstreams/docs-1", '{"agent": "coder"}')."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TakeFromPlan:
    """Take back what commands had put into the plan at these places."""

    paths: tuple[str, ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CreateTask:
    """An item in a queue, and a message about it to whom it is assigned. Its data: id."""

    title: str
    assignee: str
    priority: str = "medium"
    description: str = ""
    source: str = ""
    agent_type: str = ""
    id: str = ""
    """A name of one's own: the same one again changes nothing."""
    token: str = ""


@dataclass(frozen=True, slots=True)
class MoveTask:
    task: str
    state: TaskState
    note: str = ""
    by: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Something that its own level cannot settle. Its data: id, kind, to."""

    what: str
    subject: str = ""
    """Workstream or orchestrator it is about; an agent's own run's, where it is empty."""
    kind: str = ""
    """Empty: from what it is about."""
    detail: str = ""
    urgency: str = "medium"
    by: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgeEscalation:
    escalation: str
    party: str = ""
    by: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class AnswerEscalation:
    """A party's decision. Empty `party`: the one that is waited for. `pass_on`: leave it to the next of the route."""

    escalation: str
    decision: str
    party: str = ""
    note: str = ""
    consequences: str = ""
    pass_on: bool = False
    by: str | None = None
    token: str = ""
    digest: str | None = None
    """Of what was seen; another one by now refuses the answer. None: whatever stands there now."""


@dataclass(frozen=True, slots=True)
class EndGrant:
    """Take granted slots back."""

    item: str
    why: str = ""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    alert: str
    """Its name, or NAME/SCOPE."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RunHook:
    """Run a hook's pipeline now, and wait for its end. Its data: ok, said."""

    hook: str
    by: str | None = None
    token: str = ""
    input: str = ""
    """What the first verb of each line reads on standard input."""
    about: str = ""
    """What it is called back for: the key of a memory; empty: a person asks."""


@dataclass(frozen=True, slots=True)
class MoveRisk:
    risk: str
    state: RiskState
    note: str = ""
    by: str | None = None


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
    | CommandWorkstream
    | EvaluateGate
    | DecideGate
    | SignCriterion
    | WaiveCriterion
    | ConfirmPlan
    | RecheckPlan
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
