"""Requests that answer, ask, or hand on what somebody has to decide."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


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
