"""What waits for people, what they answered, and what is announced to them."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Something that waits for a person."""

    item: str
    """Stable id: "gate:g1", "review:WS-04", "permission:WS-05.1:3", "input:WS-05", "blocked:WS-06", "plan:confirm"."""
    kind: str
    """permission, question, review, gate, request, escalation"""
    wanted: str
    """For whom or what: the role or the workstream."""
    what: str
    since: float | None
    run: str | None = None
    choices: tuple[str, ...] = ()
    subject: str = ""
    """Workstream, orchestrator, gate or account that it is about."""
    detail: str = ""
    """All that the answer is about, in full: the whole command, the whole diff, the question's text."""
    digest: str = ""
    """What an answer made from this view is bound to; empty: answering it is bound to nothing shown here."""
    rule: str = ""
    """What "always" lets pass from then on, in exactly these words."""
    rank: int = 1
    """0 holds up the critical path, 1 holds up other work, 2 only wants to be seen."""


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """Something that waited for a person and does so no more."""

    item: str
    kind: str
    subject: str
    what: str
    at: float
    choice: str
    """One of its choices; empty: words of one's own, or nobody answered."""
    note: str = ""
    by: str = ""
    rule: str = ""
    """The rule of an "always"."""
    asked: float | None = None
    delivered: bool = True
    """The agent was told."""
    withdrawn: str = ""
    """Why nobody had to answer."""
    run: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An unread message that a terminal is to tell of."""

    id: str
    sender: str
    to: str
    headline: str
    """Its subject, or how its text begins."""
    owed: tuple[str, ...] = ()
    """Of bell and desktop those that the plan asks for and no terminal has done yet; empty: it is to a person."""
