"""The events of the log: what happened, typed. `KINDS` maps each event's stored name to its class."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .criterion import CriterionResult
from .held_plan import PlanError
from .people import Approval, Decision, Person, Signature, Waiver
from .states import AccountState, GateState, RunState, WorkstreamState


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
    errors: tuple[PlanError, ...] = ()
    removed: tuple[str, ...] = ()
    compared: bool = False
    refused: bool = False


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
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class RunSpoke:
    """What an agent's protocol said of the run itself; absent parts are None and leave what stood."""

    run: str
    session: str | None = None
    """What its conversation is resumed by."""
    model: str | None = None
    version: str | None = None
    account: str | None = None
    denied: int | None = None
    """Permissions refused so far, by whomever."""
    offset: int | None = None
    """Where reading its log goes on."""


@dataclass(frozen=True, slots=True)
class RunUsed:
    """What the run has used so far, all its turns together; None: its agent does not say."""

    run: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    """Read from or written to the model's cache, not counted in `input_tokens`."""
    cost_usd: float | None = None
    context_used: int | None = None
    """Tokens in the model's context now."""
    context_size: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class RunProduced:
    """The run left something that can be pointed at: a file, a commit, a deliverable."""

    run: str
    what: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Something waits for a person until it is answered or withdrawn."""

    item: str
    """Stable id: "permission:WS-04.1:3"."""
    kind: str
    """permission, question, request, escalation"""
    subject: str
    """Workstream or orchestrator that it is about."""
    run: str
    what: str
    """One line."""
    detail: str = ""
    """Everything the answer is about, as it is shown: the whole command, the whole diff."""
    choices: tuple[str, ...] = ()
    digest: str = ""
    """Of all the above: an answer is bound to it."""
    ref: str = ""
    """What the agent's protocol knows it by."""
    rule: str = ""
    """What "always" lets pass from then on, for this workstream: "Bash(npm test)"; empty: nothing."""
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A named person's answer, or the worker's by a rule that one set before."""

    item: str
    choice: str
    note: str = ""
    digest: str = ""
    rule: str = ""
    """The rule that answered, where nobody was asked."""


@dataclass(frozen=True, slots=True)
class AnswerDelivered:
    """The agent was told."""

    item: str


@dataclass(frozen=True, slots=True)
class AskWithdrawn:
    """Nobody needs the answer any more: the agent took it back, or ended."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Whether agents of an account can work now; "" is the account of all that name none, one per kind."""

    account: str
    state: AccountState
    why: str = ""
    run: str = ""
    """The run that learned it."""
    window: str = ""
    """Which of the account's limits: five_hour, weekly."""
    utilization: float | None = None
    """Points of that limit that are used."""
    resets_at: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetReached:
    """`points` of a budget are spent: a warning below 100, from there on nothing more starts in its scope."""

    scope: str
    """"plan", "orchestrator:ID", "workstream:ID" or "run:ID"."""
    measure: str
    """cost or tokens"""
    points: float
    spent: float
    limit: float


@dataclass(frozen=True, slots=True)
class WorktreeMade:
    workstream: str
    path: str
    branch: str
    base: str
    """Commit it began from."""
    into: str
    """Branch its work comes home to."""
    parts: tuple[str, ...] = ()
    """Workstreams whose work it is based on."""


@dataclass(frozen=True, slots=True)
class WorkCollected:
    """What an attempt left in its worktree, looked at after its run and before anything is merged."""

    workstream: str
    attempt: int
    head: str
    commits: int
    files: int
    committed: str = ""
    """Commit that was made, in the agent's name, of what it had left uncommitted."""
    uncommitted: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot come home as it is, in words; a person's next yes looks again."""


@dataclass(frozen=True, slots=True)
class WorkMerged:
    workstream: str
    commit: str
    into: str
    pull_request: str = ""
    """Its address, where one was opened in place of a merge."""


@dataclass(frozen=True, slots=True)
class MergeConflicted:
    workstream: str
    files: tuple[str, ...]
    others: tuple[str, ...] = ()
    """Workstreams whose merged work the conflict is with; empty: a person's own commits."""


@dataclass(frozen=True, slots=True)
class WorktreeRemoved:
    workstream: str
    kept_as: str = ""
    """Ref that still holds what was removed."""


@dataclass(frozen=True, slots=True)
class MemoryStored:
    key: str
    value: str
    """JSON text."""
    version: int
    run: str = ""
    """The run that wrote it; empty: a person."""


@dataclass(frozen=True, slots=True)
class MemoryRemoved:
    key: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class MessageSent:
    id: str
    to: str
    """A run, workstream, orchestrator, agent type or person."""
    text: str
    sender: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class MessageRead:
    id: str
    reader: str


@dataclass(frozen=True, slots=True)
class QuotaGranted:
    """So many slots more for an orchestrator than its pool says, until `until`."""

    orchestrator: str
    count: int
    item: str
    until: float | None = None


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
    | ApprovalLapsed
    | GateDecided
    | CriterionSigned
    | CriterionWaived
    | RunSpoke
    | RunUsed
    | RunProduced
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
    "approval.lapsed": ApprovalLapsed,
    "gate.decided": GateDecided,
    "criterion.signed": CriterionSigned,
    "criterion.waived": CriterionWaived,
    "run.spoke": RunSpoke,
    "run.used": RunUsed,
    "run.produced": RunProduced,
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
    "noted": Noted,
}

NAMES: dict[type[EventBody], str] = {cls: name for name, cls in KINDS.items()}


def subject_of(body: EventBody) -> str:
    """Id of the workstream, gate, run or criterion the event is about; empty for the project's own."""
    for name in (
        "run",
        "workstream",
        "gate",
        "subject",
        "item",
        "account",
        "scope",
        "orchestrator",
        "key",
        "to",
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
