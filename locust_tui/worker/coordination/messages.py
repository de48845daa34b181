"""Messages: sending them, by whom to whom; reading and acknowledging them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from locust_tui.analysis.addresses import (
    OPERATOR,
    address,
    has_agent,
    known_names,
    may_message,
    superior,
)
from locust_tui.analysis.recipients import Recipient, recipients
from locust_tui.analysis.routes import SHOWN, missing
from locust_tui.client import requests as r
from locust_tui.domain.coordination import MessageStatus, oldest_first
from locust_tui.domain.events import EventBody, MessageAcknowledged, MessageDelivered, MessageRead
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.store import Store

from ..callers import Caller, is_hook
from ..told import Told
from .posting import PRIORITIES, posted

MOST_TEXT = 16_384
MOST_SUBJECT = 200
MOST_UNREAD = 200
"""Messages of one sender to one address that nobody has read."""
MOST_ENTRIES = 200
"""Messages told at once."""
MOST_DEAD = 1000
"""Dead letters kept: whoever writes more to nobody is told so."""
_ANONYMOUS = "an agent"


class Messages:
    """A Taker. `plan()` raises RefusedError while no plan is in force."""

    def __init__(self, store: Store, plan: Callable[[], Plan]) -> None:
        self._store, self._plan = store, plan

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.SendMessage | r.ReadMessages | r.AcknowledgeMessage | r.MessagesShown)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        world = self._store.world
        run = world.runs.get(caller.run)
        match request:
            case r.SendMessage():
                return send(self._plan(), world, request, caller, run)
            case r.ReadMessages():
                return read(self._plan(), world, request, caller, run)
            case r.AcknowledgeMessage():
                return acknowledge(world, request, caller, run)
            case r.MessagesShown():
                return shown(self._plan(), world, request)
            case _:
                raise NotImplementedError(type(request).__name__)


def send(plan: Plan, world: World, request: r.SendMessage, caller: Caller, run: RunStatus | None) -> Told:
    """A message to each recipient in the record; those to nobody among them, as dead letters.

    Raises UsageError, NotFoundError for a sender or a message to reply to that is none, RefusedError where the
    hierarchy or the bound of unread ones does not let one of them through: then none is sent.
    """
    _check(world, request)
    to = recipients(plan, world, request.to, request.channel)
    if not to:
        raise UsageError("a message goes to somebody", help="name them, or a channel")
    sender = _sender(plan, world, request, caller, run)
    to = tuple(one for one in to if not (one.channel and one.to == sender)) or to
    _bound(world, to, sender)
    if run is not None:
        for one in to:
            if not one.dead and not _may(plan, world, run, one.to, request.reply_to):
                raise _refused(plan, run.subject, _subject(world, one.to))
    group = f"m{len(world.messages) + 1}" if len(to) > 1 else ""
    events: list[EventBody] = []
    for number, one in enumerate(to, 1):
        events += posted(
            plan, world, one, request.text, sender, number=number, subject=request.subject,
            priority=request.priority, reply_to=request.reply_to, group=group,
        )  # fmt: skip
    ids = [f"m{len(world.messages) + n}" for n in range(1, len(to) + 1)]
    pairs = list(zip(ids, to, strict=True))
    data: dict[str, Any] = {
        "sent": [{"id": id, "to": one.to} for id, one in pairs if not one.dead],
        "dead": [
            {"id": id, "to": one.to, "why": one.dead, "help": one.near} for id, one in pairs if one.dead
        ],
    }
    return Told({"id": ids[0], "to": to[0].to, **data}, tuple(events))


def _check(world: World, request: r.SendMessage) -> None:
    if not request.text.strip() or len(request.text) > MOST_TEXT:
        raise UsageError(f"a message has 1 to {MOST_TEXT} characters")
    if len(request.subject) > MOST_SUBJECT:
        raise UsageError(f"a subject has at most {MOST_SUBJECT} characters")
    if request.priority not in PRIORITIES:
        raise UsageError(f'"{request.priority}" is no priority', help=f"one of {', '.join(PRIORITIES)}")
    if request.reply_to and request.reply_to not in world.messages:
        raise NotFoundError(f"there is no message {request.reply_to} to reply to")


def _bound(world: World, to: Iterable[Recipient], sender: str) -> None:
    waiting: dict[str, int] = {}
    dead = 0
    for m in world.messages.values():
        if m.dead:
            dead += 1
        elif m.read is None and m.sender == sender:
            waiting[m.to] = waiting.get(m.to, 0) + 1
    for one in to:
        if not one.dead and waiting.get(one.to, 0) >= MOST_UNREAD:
            raise RefusedError(
                f"{one.to} has {waiting[one.to]} messages of yours to read", help="wait until they are read"
            )
        if one.dead and dead >= MOST_DEAD:
            raise NotFoundError(f"{one.dead}, and the dead-letter box is full", help=one.near or None)


def _sender(plan: Plan, world: World, request: r.SendMessage, caller: Caller, run: RunStatus | None) -> str:
    """An agent writes as itself. A person, or a hook, writes as whom they name, else as themselves where the plan knows them."""
    named = address(plan, world.runs, request.sender) if request.sender else None
    if request.sender and named is None:
        near = did_you_mean(request.sender, known_names(plan, world.runs))
        raise NotFoundError(f'nobody is called "{request.sender}"', help=near or "--from names the sender")
    if run is not None:
        if named not in (None, run.id, run.subject):
            raise RefusedError(f"{run.id} writes as {run.subject}, not as {named}")
        return run.subject
    if named is not None:
        if caller.agent and not is_hook(caller):
            raise RefusedError(f"only people and hooks name a sender, not {caller.run or _ANONYMOUS}")
        return named
    if caller.agent:
        return caller.run or _ANONYMOUS
    return address(plan, world.runs, caller.name) or OPERATOR


def _may(plan: Plan, world: World, run: RunStatus, to: str, reply_to: str) -> bool:
    """To people always, and back to whoever wrote; else what the hierarchy lets through."""
    whom = _subject(world, to)
    if whom == run.subject or not _in_hierarchy(plan, whom):
        return True
    answered = world.messages.get(reply_to)
    if answered is not None and answered.sender == to and answered.to in (run.id, run.subject):
        return True
    return may_message(plan, run.subject, whom)


def _subject(world: World, to: str) -> str:
    return world.runs[to].subject if to in world.runs else to


def _in_hierarchy(plan: Plan, id: str) -> bool:
    meta = plan.meta is not None and plan.meta.id == id
    return meta or id in plan.workstreams or id in plan.orchestrators


def _refused(plan: Plan, who: str, whom: str) -> RefusedError:
    up, theirs = superior(plan, who), superior(plan, whom)
    beside = f", which {theirs} is above" if theirs not in (None, up) else ""
    right = f"write to {up}, which passes it on" if up is not None else "ask a person"
    return RefusedError(f"{who} may not write to {whom}{beside}", help=right)


def read(plan: Plan, world: World, request: r.ReadMessages, caller: Caller, run: RunStatus | None) -> Told:
    """Messages to the caller, oldest first; unread ones count as read from then on.

    An agent's are those to its run, its workstream or its orchestrator. A person's are those that no agent reads;
    of those named by id that an agent reads, a person may see the text, which leaves them unread.
    """
    if request.messages:
        found = [_message(world, id) for id in request.messages]
        for m in found:
            if caller.agent and not _is_of(m, run):
                raise NotFoundError(f"no message {m.id} is to {run.subject if run else 'this caller'}")
    else:
        found = [m for m in _of(plan, world, caller, run) if not (request.unread_only and m.read)]
    left_out = max(0, len(found) - MOST_ENTRIES)
    found = found[:MOST_ENTRIES] if request.unread_only else found[-MOST_ENTRIES:]
    reader = run.subject if run is not None else caller.name
    mine = (m for m in found if run is not None or not (m.dead or has_agent(plan, world.runs, m.to)))
    events = tuple(MessageRead(m.id, reader) for m in mine if m.read is None)
    return Told({"messages": [told(m) for m in found], "left_out": left_out}, events)


def _of(plan: Plan, world: World, caller: Caller, run: RunStatus | None) -> Iterator[MessageStatus]:
    for m in oldest_first(world.messages.values()):
        if run is not None:
            if _is_of(m, run) and not m.dead:
                yield m
        elif not caller.agent and not m.dead and not has_agent(plan, world.runs, m.to):
            yield m


def _is_of(m: MessageStatus, run: RunStatus | None) -> bool:
    return run is not None and m.to in (run.id, run.subject)


def told(m: MessageStatus) -> dict[str, Any]:
    """A message as agents get it."""
    return {
        "id": m.id, "from": m.sender, "to": m.to, "subject": m.subject, "text": m.text, "sent": m.sent,
        "priority": m.priority, "reply_to": m.reply_to, "state": m.state,
    }  # fmt: skip


def acknowledge(world: World, request: r.AcknowledgeMessage, caller: Caller, run: RunStatus | None) -> Told:
    """Read, and dealt with. An agent's own only; a person may do so for whoever it was sent to."""
    m = _message(world, request.message)
    if caller.agent and not _is_of(m, run):
        raise RefusedError(f"{m.id} is to {m.to}, which acknowledges it")
    if m.dead:
        raise RefusedError(f"{m.id} reached nobody: {m.dead}", help="send it anew, to somebody")
    reader = run.subject if run is not None else request.by or caller.name
    events = (MessageAcknowledged(m.id, reader),) if m.acknowledged is None else ()
    after = replace(m, acknowledged=m.sent) if m.acknowledged is None else m
    by = m.acknowledged_by or reader
    return Told({"id": m.id, "state": after.state, "by": by}, events)


def shown(plan: Plan, world: World, request: r.MessagesShown) -> Told:
    """A terminal has told of them. What another one did first is not told again."""
    if request.way not in SHOWN:
        raise UsageError(f'"{request.way}" is no way of a terminal', help=" or ".join(sorted(SHOWN)))
    known = (world.messages[id] for id in dict.fromkeys(request.messages) if id in world.messages)
    ids = [m.id for m in known if request.way in missing(plan, world, m)]
    return Told({"shown": ids}, tuple(MessageDelivered(id, request.way) for id in ids))


def _message(world: World, id: str) -> MessageStatus:
    found = world.messages.get(id)
    if found is None:
        near = did_you_mean(id, list(world.messages)[-500:], cutoff=0.75)
        raise NotFoundError(f"there is no message {id}", help=near or "locust-tui message ls")
    return found
