"""Events of what is asked, answered, remembered and said between people and agents."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


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
    """One message to one address; what goes to several is several messages of one `group`."""

    id: str
    to: str
    """A run, workstream, orchestrator, agent type or person; as it was written, where `dead` says that nobody is it."""
    text: str
    sender: str
    reply_to: str = ""
    subject: str = ""
    channel: str = ""
    priority: str = "normal"
    group: str = ""
    dead: str = ""
    """Why it reaches nobody; empty: it does."""
    ways: tuple[str, ...] = ()
    """Names of the ways that it is to be delivered by, as the plan had them when it was sent."""


@dataclass(frozen=True, slots=True)
class MessageDelivered:
    """One of the address's ways took it, or failed to."""

    id: str
    way: str
    """inbox, bell, desktop, conversation, command, webhook:HOST, apprise:SCHEME …; never a secret address."""
    error: str = ""
    attempt: int = 1
    begun: bool = False
    """It is about to be handed over: what became of it follows, unless the worker dies meanwhile."""


@dataclass(frozen=True, slots=True)
class MessageRead:
    id: str
    reader: str


@dataclass(frozen=True, slots=True)
class MessageAcknowledged:
    id: str
    reader: str


@dataclass(frozen=True, slots=True)
class QuotaGranted:
    """So many slots more for an orchestrator than its pool says, or of an agent type than its cap, until `until`."""

    orchestrator: str
    count: int
    item: str
    until: float | None = None
    agent_type: str = ""
