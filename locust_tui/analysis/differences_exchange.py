"""What is otherwise of what waits for people, their answers, escalations, messages and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locust_tui.domain import events as e
from locust_tui.domain.states import TaskState
from locust_tui.domain.studies.moments import Change, Group, Sense

if TYPE_CHECKING:
    from .differences import PlanAt, Trail


def waiting_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """What waits for a person now and did not before."""
    had = {w.item for w in before.snapshot.waiting}
    for one in after.snapshot.waiting:
        if one.item not in had:
            yield Change(
                Group.WAITING, one.subject or one.item, one.what, "", f"{one.kind} for {one.wanted}", Sense.YOU, "",
                one.since, trail.revision(one.item, e.Asked), one.item,
            )  # fmt: skip


def exchange_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Questions answered or withdrawn, escalations raised and closed, messages and tasks in number."""
    for ask in after.world.asks.values():
        old = before.world.asks.get(ask.item)
        if ask.open or (old is not None and not old.open):
            continue
        kind = e.AskWithdrawn if ask.withdrawn else e.Answered
        told = "withdrawn" if ask.withdrawn else ask.choice or "answered"
        event = trail.latest(ask.item, kind)
        yield Change(
            Group.EXCHANGE, ask.item, ask.what, "asked", told, Sense.PLAIN, ask.by,
            ask.answered if ask.answered is not None else (event.at if event else None),
            event.revision if event else None, ask.withdrawn or ask.note,
        )  # fmt: skip
    for one in after.world.escalations.values():
        was = before.world.escalations.get(one.id)
        if one.open and was is None:
            yield Change(
                Group.EXCHANGE, one.id, one.what.partition("\n")[0], "", f"waits for {', '.join(one.waits_for)}",
                Sense.YOU, one.by, one.raised, trail.revision(one.id, e.EscalationRaised),
            )  # fmt: skip
        elif not one.open and (was is None or was.open):
            yield Change(
                Group.EXCHANGE, one.id, one.what.partition("\n")[0], "open" if was else "", one.decision or "closed",
                Sense.GOOD, "", one.closed, trail.revision(one.id, e.EscalationClosed), one.closed_why,
            )  # fmt: skip
    yield from _messages(before, after)
    yield from _tasks(before, after)


def _messages(before: PlanAt, after: PlanAt) -> Iterator[Change]:
    sent = [m for id, m in after.world.messages.items() if id not in before.world.messages]
    if not sent:
        return
    dead = sum(bool(m.dead) for m in sent)
    words = f"{len(sent)} sent" + (f", {dead} reach nobody" if dead else "")
    yield Change(Group.EXCHANGE, "", "messages", "", words, at=max(m.sent for m in sent))


def _tasks(before: PlanAt, after: PlanAt) -> Iterator[Change]:
    new = [t for id, t in after.world.tasks.items() if id not in before.world.tasks]
    done = [
        t
        for id, t in after.world.tasks.items()
        if t.state is not TaskState.OPEN
        and (id not in before.world.tasks or before.world.tasks[id].state is TaskState.OPEN)
    ]
    if new or done:
        words = ", ".join(
            filter(None, (f"{len(new)} new" if new else "", f"{len(done)} done" if done else ""))
        )
        yield Change(Group.EXCHANGE, "", "tasks", "", words)
