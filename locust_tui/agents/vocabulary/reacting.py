"""What one line, or one wish of ours, comes to: events, and messages to the agent."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .asking import FileOffered, FileWanted, Granted, Wants, WantsNoMore
from .course import ActivityChanged, Failed, LimitHeard, Reports, Retrying, TurnEnded, Used
from .telling import PlanStated, Said, SessionStarted, ToolEnded, ToolStarted

AgentEvent = (
    SessionStarted
    | Said
    | ToolStarted
    | ToolEnded
    | PlanStated
    | Wants
    | WantsNoMore
    | Granted
    | ActivityChanged
    | Retrying
    | Used
    | LimitHeard
    | TurnEnded
    | Failed
    | Reports
    | FileWanted
    | FileOffered
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to the agent. `key` names it for ever: the same adapter in the same state makes the same key."""

    key: str
    line: bytes
    """With its newline."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one line, or one wish of ours, comes to."""

    events: tuple[AgentEvent, ...] = ()
    send: tuple[Outgoing, ...] = ()
    closes: bool = False
    """Its input ends behind `send`: this program begins when it has read all of it."""


NO_REACTION = Reaction()
