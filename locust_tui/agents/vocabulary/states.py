"""What an agent is doing, and what went wrong: the kinds that everything else is told by."""

from __future__ import annotations

from enum import StrEnum


class Activity(StrEnum):
    """What the agent is doing, as its protocol says."""

    WORKING = "working"
    WAITING = "waiting"
    """For a person: a permission or an answer."""
    IDLE = "idle"
    """Its turn is over, and nothing runs in the background."""
    RETRYING = "retrying"


class Trouble(StrEnum):
    """Why a turn or a run went wrong. Who deals with it follows from the kind alone."""

    USAGE_LIMIT = "usage-limit"
    """The account's limit is reached: parked until it resets."""
    RATE_LIMIT = "rate-limit"
    """Too many requests at once: back-off."""
    OVERLOADED = "overloaded"
    NETWORK = "network"
    AUTH = "auth"
    """A person's, at the first sign."""
    BILLING = "billing"
    """A person's, at the first sign."""
    CONTEXT = "context"
    MODEL = "model"
    """No such model, or not for this account."""
    REFUSED = "refused"
    """The model declined."""
    MAX_TURNS = "max-turns"
    BUDGET = "budget"
    """The agent program's own budget."""
    DENIED = "denied"
    SANDBOX = "sandbox"
    PROTOCOL = "protocol"
    """It said something that cannot be understood, or ended in the middle."""
    INTERRUPTED = "interrupted"
    SERVER = "server"
    UNKNOWN = "unknown"


REFUSALS = frozenset({Trouble.AUTH, Trouble.BILLING})
"""What only a person can mend."""


class AskKind(StrEnum):
    PERMISSION = "permission"
    QUESTION = "question"
