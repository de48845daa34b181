"""The columns of the board and what a card says in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import CriterionState, WorkstreamState

from .row import BLANK, Row
from .view import View
from .words import Look, bar, points, since

_W = WorkstreamState


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    name: str
    states: frozenset[WorkstreamState]
    height: int
    """Lines of a card."""
    empty: tuple[str, str]


COLUMNS = (
    Column("waiting", "Waiting", frozenset({_W.PLANNED, _W.BLOCKED}), 2, ("Nothing waits.", "")),
    Column("ready", "Ready", frozenset({_W.READY}), 2, ("Nothing is ready.", "enter: why")),
    Column(
        "running",
        "Running",
        frozenset({_W.RUNNING, _W.PAUSED, _W.NEEDS_INPUT, _W.REWORK, _W.FAILED}),
        3,
        ("Nothing runs.", "s starts one."),
    ),
    Column("review", "Review", frozenset({_W.REVIEW}), 3, ("No review.", "! shows all")),
    Column(
        "done",
        "Done",
        frozenset({_W.ACCEPTED, _W.DEFERRED, _W.CANCELLED}),
        1,
        ("Nothing is done.", "A accepts."),
    ),
)


@dataclass(frozen=True, slots=True)
class Card:
    workstream: WorkstreamView
    look: Look
    run_age: str
    """Age of its latest run: how long it goes on, or when it ended."""
    agent: str
    since: str


def card(view: View, workstream: WorkstreamView) -> Card:
    run = view.latest_run(workstream.id)
    age = ""
    if run is not None:
        age = since(run.started or run.created, view.now)
    agent = (run.agent_type if run else workstream.agent) or ""
    return Card(workstream, view.look(workstream), age, agent, since(workstream.since, view.now))


def card_rows(column: str, item: Card, width: int) -> Sequence[Row]:
    workstream, look = item.workstream, item.look
    head = Row(f"{look.glyph} ", look.tone).add(workstream.id).add(" ").add(workstream.name, "dim")
    if column == "done":
        if workstream.state is not _W.ACCEPTED:
            head.end(look.word, look.tone)
        elif width >= 24:
            head.end(item.since, "dim")
        return (head,)
    if column in ("waiting", "ready"):
        held = workstream.why or look.word
        return (head, Row("  ").add(held, "dim"))
    if column == "review":
        return (
            head,
            Row("  ").add(workstream.why or look.word, "you"),
            Row("  ").add(_checks(workstream), "dim"),
        )
    if workstream.state is not _W.RUNNING or look.tone != "run":
        return (head, *_stopped(item, width))
    return (head, _progress(item, width), _attempt(item, width))


def _stopped(item: Card, width: int) -> tuple[Row, Row]:
    """Its state and why; the reason takes the second line where it does not fit beside the state."""
    reason = item.workstream.why or item.workstream.blocker or ""
    word = Row("  ").add(item.look.word, item.look.tone)
    if not reason:
        return word, _attempt(item, width)
    if len(item.look.word) + len(reason) + 5 > width:
        return word, Row("  ").add(reason, "dim")
    return word.add(f" · {reason}", "dim"), _attempt(item, width)


def _progress(item: Card, width: int) -> Row:
    workstream = item.workstream
    row = Row("  ").add(f"{points(workstream.verified)} ")
    says = ""
    if workstream.reported is not None and workstream.reported > workstream.verified and width >= 22:
        says = f" says {points(workstream.reported)}"
    full, rest = bar(workstream.verified, width - 3 - len(points(workstream.verified)) - len(says))
    row.add(full, "run").add(rest, "dim")
    if says:
        row.add(says, "dim")
    return row


def _attempt(item: Card, width: int) -> Row:
    parts = [f"a{item.workstream.attempt}" if item.workstream.attempt else "", item.run_age, item.agent]
    parts = [part for part in parts if part]
    text = " · ".join(parts)
    if len(text) + 2 > width:
        text = " ".join(parts)
    return Row("  ").add(text, "dim") if text else BLANK


def _checks(workstream: WorkstreamView) -> str:
    if not workstream.checks:
        return f"{points(workstream.verified)} verified"
    passed = sum(1 for c in workstream.checks if c.state in (CriterionState.PASS, CriterionState.WAIVED))
    return f"{passed} of {len(workstream.checks)} checks pass"
