"""Requests about the shared memory and messages."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


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
