"""What is asked before something is done to a workstream that is hard to take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locust_tui.client.requests import WorkstreamAction
from locust_tui.domain.snapshot import RunView, WorkstreamView
from locust_tui.widgets.form import Field
from locust_tui.widgets.row import Row
from locust_tui.widgets.words import CRITERION, WORKSTREAM, points

from .person import user_name


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    facts: Sequence[Row]
    fields: Sequence[Field]
    confirm: str
    """What has to be typed."""


def question(action: WorkstreamAction, workstream: WorkstreamView, run: RunView | None) -> Question:
    """Facts and fields of cancel, accept, reject or verify; confirmed with the workstream's id."""
    facts: list[Row] = []
    more: tuple[Field, ...] = ()
    title = f"{action.capitalize()} {workstream.id}"
    if action is WorkstreamAction.CANCEL:
        facts = _cancelling(workstream, run)
    elif action is WorkstreamAction.VERIFY:
        title = f"Verify a deliverable of {workstream.id}"
        left = [d for d in workstream.deliverables if not d.verified]
        facts = [Row("You say that you have looked and it is there.", "dim")]
        for item in left[:6]:
            facts.append(
                Row("○ ", "wait")
                .add(item.id)
                .add("  has a check of its own" if item.checkable else "", "dim")
            )
        first = next((d for d in left if not d.checkable), left[0] if left else None)
        more = (Field("deliverable", "deliverable", "its id", first.id if first else "", required=True),)
    else:
        facts = _reviewing(workstream)
        if action is WorkstreamAction.REJECT:
            facts.append(Row("The note goes to its agent with the next attempt.", "dim"))
    note = Field("note", "note", "why; it stands in the record", required=action is WorkstreamAction.REJECT)
    by = Field("by", "as", "your name, as it is recorded", user_name(), required=True)
    return Question(title, facts, (*more, note, by), workstream.id)


def _cancelling(workstream: WorkstreamView, run: RunView | None) -> list[Row]:
    facts = [Row(f"{workstream.id} {workstream.name} · {WORKSTREAM[workstream.state].word}")]
    if run is not None and run.ended is None:
        facts.append(Row(f"Its agent {run.agent_type} (pid {run.pid}) is stopped.", "you"))
    facts.append(Row("What needs it is blocked until it is opened again.", "dim"))
    return facts


def _reviewing(workstream: WorkstreamView) -> list[Row]:
    verified = points(workstream.verified)
    facts = [Row(f"{workstream.id} {workstream.name} · {verified} verified · attempt {workstream.attempt}")]
    for check in workstream.checks[:8]:
        look = CRITERION[check.state]
        facts.append(Row(f"{look.glyph} ", look.tone).add(check.name).add(f"  {look.word}", "dim"))
    if not workstream.checks:
        facts.append(Row("It has no checks: your word alone accepts it.", "you"))
    return facts
