"""Whether a rule that a person set covers what an agent asks for, and what exactly a person is shown of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from locust_tui.agents.vocabulary import AskKind, Granted, Wants
from locust_tui.domain.events import AnswerDelivered, Answered, Asked, EventBody
from locust_tui.domain.world import RunStatus
from locust_tui.safe_text import masked

MOST_DETAIL = 256 * 1024
"""Characters of what would be done that are kept; what is longer says so."""
MOST_WORDS = 300
LONGEST_SECRET = 4096


def covering_rule(wants: Wants, rules: Iterable[str]) -> str | None:
    """The rule that lets it pass: the very one that "always" would make of it. A question is never answered by a rule.

    Broader rules ("Bash(git *)") are the adapter's, which knows the call's parameters; so nothing is matched here.
    """
    if wants.kind is not AskKind.PERMISSION or "allow" not in wants.choices or not wants.rule:
        return None
    return wants.rule if wants.rule in rules else None


def asked(run: RunStatus, number: int, wants: Wants, offset: int) -> Asked:
    """The request as the record has it. Its digest is of everything that a person is shown."""
    detail = wants.detail
    if len(detail) > MOST_DETAIL:
        more = len(detail) - MOST_DETAIL
        detail = f"{detail[:MOST_DETAIL]}\n[{more} characters more are not shown; look at {run.id}'s log]"
    what = one_line(wants.what) or wants.tool
    shown = (run.id, wants.kind.value, wants.id, what, wants.detail, wants.choices, wants.rule)
    return Asked(
        item=f"{wants.kind.value}:{run.id}:{number}",
        kind=wants.kind.value,
        subject=run.subject,
        run=run.id,
        what=what,
        detail=detail,
        choices=wants.choices,
        digest=digest(shown),
        ref=wants.id,
        rule=wants.rule,
        offset=offset,
    )


def granted_at_once(run: RunStatus, number: int, granted: Granted, offset: int) -> list[EventBody]:
    """What the adapter let pass by a rule, as question and answer: nobody was asked, and the record says why."""
    what = one_line(granted.what)
    shown = digest((run.id, granted.id, what, granted.rule))
    item = f"{AskKind.PERMISSION.value}:{run.id}:{number}"
    return [
        Asked(item, "permission", run.subject, run.id, what, "", (), shown, granted.id, "", offset),
        Answered(item, "allow", digest=shown, rule=granted.rule),
        AnswerDelivered(item),
    ]


def digest(shown: object) -> str:
    """SHA-256 of what is shown, in hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()


def one_line(text: str, most: int = MOST_WORDS) -> str:
    """The text on one line of bounded length; secrets are masked before it is cut, so that none is half shown."""
    line = " ".join(masked(text[: 4 * most + LONGEST_SECRET])[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
