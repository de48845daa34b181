"""Requests about work and the runs that do it."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.states import TaskState


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
class SendText:
    """A line to an agent: typed into its terminal or input, or said as the user's next message."""

    run: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanAround:
    """What an agent should know: its workstream, what it needs and who waits for it, its gate, its orchestrator."""

    token: str = ""


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
