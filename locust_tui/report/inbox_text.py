"""What waits for a person, as text: the list with what each answer is about, and one thing in full."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.snapshot import Snapshot, WaitingView
from ..safe_text import safe
from .figures import age
from .table import Paint, plain, table

HEADER = ("ITEM", "FOR", "SINCE", "CHOICES", "WHAT")
MOST_LINES, MOST_CHARACTERS = 4, 300
"""Of a request's detail and of a rule that the list shows; the rest is in `inbox ITEM`."""
MOST_WHAT = 400
"""Characters of a cell of the list."""


def beyond_the_list(w: WaitingView) -> int:
    """Characters of what the answer is about that the list has no room for."""
    return sum(len(text) - len(shown) for text, shown in ((w.detail.strip(), _detail(w)), (w.rule, _rule(w))))


def inbox_lines(snapshot: Snapshot, *, paint: Paint = plain, ascii_only: bool = False) -> list[str]:
    """A row for each thing, under it what would be done where the row does not say all of it; empty: nothing waits."""
    rows = [
        (
            w.item,
            w.wanted,
            age(snapshot.at - w.since) if w.since is not None else "",
            ", ".join(w.choices),
            w.what,
        )
        for w in snapshot.waiting
    ]
    head, *body = table(HEADER, rows, paint=paint) or [""]
    lines = [head] if head else []
    for line, w in zip(body, snapshot.waiting, strict=True):
        lines.append(line)
        if not _in_row(w):
            lines += _quoted(_detail(w), ascii_only)
        if w.rule:
            lines.append(f"    always allows: {_harmless(_rule(w))}")
        if more := beyond_the_list(w):
            lines.append(f"    … {more} characters more: locust-tui inbox {w.item}")
    return lines


def item_lines(w: WaitingView, now: float, *, ascii_only: bool = False) -> list[str]:
    """Everything that an answer to it is about; what an agent wrote stands behind a bar, and none of it is left out."""
    since = f", for {age(now - w.since)}" if w.since is not None else ""
    article = "an" if w.kind[:1] in "aeiou" else "a"
    lines = [f"{w.item}: {article} {w.kind} for {w.wanted}{since}"]
    lines += _quoted(w.what, ascii_only)
    if w.detail.strip() and w.detail.strip() != w.what.strip():
        lines += ["  in full:", *_quoted(w.detail, ascii_only)]
    if w.rule:
        lines += ["  always allows from then on, for this workstream, in exactly these words:"]
        lines += _quoted(w.rule, ascii_only)
    if w.choices:
        lines.append(f"  choices: {', '.join(map(_harmless, w.choices))}")
    if w.digest:
        lines.append(f"  digest: {w.digest}")
    return lines


def _detail(w: WaitingView) -> str:
    """Of the detail, what the list shows, in the row itself or under it."""
    detail = w.detail.strip()
    return detail if _in_row(w) else _beginning(detail)


def _in_row(w: WaitingView) -> bool:
    detail = w.detail.strip()
    return "\n" not in detail and detail in w.what[:MOST_WHAT]


def _rule(w: WaitingView) -> str:
    return _beginning(w.rule)


def _beginning(text: str) -> str:
    return "\n".join(text.split("\n")[:MOST_LINES])[:MOST_CHARACTERS]


def _quoted(text: str, ascii_only: bool) -> Iterator[str]:
    for line in text.split("\n"):
        yield f"    {'|' if ascii_only else '┃'} {_harmless(line)}"


def _harmless(text: str) -> str:
    return safe(text.replace("\t", "    "), limit=max(1, len(text) * 4), oneline=True)
