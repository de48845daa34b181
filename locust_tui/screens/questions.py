"""What is asked before something is done to a workstream that is hard to take back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from locust_tui.client.requests import WorkstreamAction
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import RunView, Snapshot, WorkstreamView
from locust_tui.widgets.cards import called
from locust_tui.widgets.form import Field
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View
from locust_tui.widgets.words import CRITERION, WORKSTREAM, points

from .deciders import as_field
from .gate_forms import agent_words
from .person import user_name
from .person_form import FormField, Offer


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    facts: Sequence[Row]
    fields: Sequence[Field]
    confirm: str
    """What has to be typed."""


def question(
    action: WorkstreamAction, workstream: WorkstreamView, view: View, look: Callable[[], Snapshot | None]
) -> Question:
    """Facts and fields of cancel, retry, reopen, accept, reject or verify; confirmed with the workstream's id."""
    facts: list[Row] = []
    more: tuple[Field, ...] = ()
    title = f"{action.capitalize()} {workstream.id}"
    roles: Sequence[str] = ()
    if action is WorkstreamAction.CANCEL:
        facts = _cancelling(workstream, view.latest_run(workstream.id), view)
    elif action is WorkstreamAction.RETRY:
        facts = _trying_again(workstream, view)
    elif action is WorkstreamAction.REOPEN:
        facts = [Row(f"{called(workstream.id, workstream.name)} · {WORKSTREAM[workstream.state].word}")]
        facts.append(Row("It counts as accepted no more, and a new attempt starts.", "you"))
    elif action is WorkstreamAction.VERIFY:
        title = f"Verify a deliverable of {workstream.id}"
        facts = [Row("You say that you have looked and it is there.", "dim")]
        more = (_deliverable(workstream),)
    else:
        facts, roles = _reviewing(workstream), workstream.reviewers
        if action is WorkstreamAction.REJECT:
            facts.append(Row("The note goes to its agent with the next attempt.", "dim"))
    note = Field("note", "note", "why; it stands in the record", required=action is WorkstreamAction.REJECT)
    by = as_field(look, lambda: roles, user_name(), what="reviewer")
    return Question(title, facts, (*more, note, by), workstream.id)


def _deliverable(workstream: WorkstreamView) -> FormField:
    """A choice of what no machine checks, and otherwise of all that is not verified."""
    left = [d for d in workstream.deliverables if not d.verified]
    offered = [d for d in left if not d.checkable] or left
    options = tuple(
        Offer(d.id, d.name + (" (has a check of its own)" if d.checkable else "")) for d in offered
    )
    first = options[0].value if options else ""
    return FormField("deliverable", "deliverable", "its id", first, required=True, options=options)


def _trying_again(workstream: WorkstreamView, view: View) -> list[Row]:
    """What the new attempt ends: an agent that is there, and what it asks."""
    facts = [Row(f"{called(workstream.id, workstream.name)} · {WORKSTREAM[workstream.state].word}")]
    run = view.latest_run(workstream.id)
    if run is not None and run.ended is None:
        facts.append(Row("ends    ", "dim").add(f"{agent_words(run)} ({run.agent_type})", "you"))
        asked = [w.kind for w in view.snapshot.waiting if w.run == run.id and w.digest]
        if asked:
            facts.append(Row(f"It only waits for an answer to its {asked[0]}: ! opens the inbox.", "you"))
    return facts


def _cancelling(workstream: WorkstreamView, run: RunView | None, view: View) -> list[Row]:
    facts = [Row(f"{called(workstream.id, workstream.name)} · {WORKSTREAM[workstream.state].word}")]
    if run is not None and run.ended is None:
        facts.append(Row("stops   ", "dim").add(f"{agent_words(run)} ({run.agent_type})", "you"))
    else:
        facts.append(Row("stops   ", "dim").add("nothing: no agent works on it"))
    blocked = [w.id for w in view.snapshot.workstreams if any(n.id == workstream.id for n in w.needs)]
    if blocked:
        facts.append(Row("blocks  ", "dim").add(f"{', '.join(blocked)}, until it is opened again"))
    return facts


def _reviewing(workstream: WorkstreamView) -> list[Row]:
    verified = points(workstream.verified)
    facts = [
        Row(f"{called(workstream.id, workstream.name)} · {verified} verified · attempt {workstream.attempt}")
    ]
    for check in workstream.checks[:8]:
        look = CRITERION[check.state]
        facts.append(Row(f"{look.glyph} ", look.tone).add(check.name).add(f"  {look.word}", "dim"))
    if not workstream.checks:
        facts.append(Row("It has no checks: your word alone accepts it.", "you"))
    return facts
