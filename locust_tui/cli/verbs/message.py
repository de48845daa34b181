"""`message`: what people, orchestrators and agents write to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import LocustTuiError, NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..asking import tell
from ..command import Settings, sub_verb, verb_group
from ..messaging import from_stdin, send, token
from ..output import columns, narrate, painter, put, put_json
from ..target import Target, find_target

if TYPE_CHECKING:
    from ...domain.coordination import MessageStatus
    from ...domain.plan import Plan
    from ...domain.world import World

PRIORITIES = ("low", "normal", "high", "urgent")


@verb_group("message")
def command() -> None:
    """Send, list, show and acknowledge messages."""


@sub_verb(command, "send")
@click.argument("to", metavar="[TO]", required=False)
@click.argument("text", required=False)
@click.option("--to", "also", multiple=True, metavar="NAME,…", help="To these, where no TO is given.")
@click.option("--channel", default="", help="To everybody who belongs to it.")
@click.option("--subject", default="", help="One line.")
@click.option("--priority", type=click.Choice(PRIORITIES), default="normal", show_default=True)
@click.option("--reply-to", default="", metavar="ID", help="The message that it answers.")
@click.option("--from", "sender", default="", metavar="NAME", help="In whose name (default: your own).")
@click.option("--json", "as_json", is_flag=True)
def send_one(
    settings: Settings,
    to: str | None,
    text: str | None,
    also: tuple[str, ...],
    channel: str,
    subject: str,
    priority: str,
    reply_to: str,
    sender: str,
    as_json: bool,
) -> int:
    """Send TEXT to TO: a name, names divided by commas, or a channel; - reads the text from standard input. With --reply-to
    TO may be left out: it goes to whoever wrote that.

    Exit 3 where nobody is called so: the message is then kept as a dead letter, and the others get theirs. From inside a run
    it goes to its superior, to those below and beside it, to people, and back to whoever wrote; else exit 4.
    """
    if (also or channel or reply_to) and text is None:
        to, text = None, to
    target = find_target(settings)
    named = ",".join((*((to,) if to else ()), *also))
    if reply_to and not named and not channel:
        named = _find(_world(target), reply_to).sender
    if not named and not channel:
        raise UsageError("a message goes to somebody", help="locust-tui message send NAME TEXT")
    if text is None:
        raise UsageError(
            "there is nothing to say", help='locust-tui message send NAME "TEXT", or - for stdin'
        )
    return send(
        settings, target, to=named, text=from_stdin(text), channel=channel, subject=subject, priority=priority,
        reply_to=reply_to, sender=sender, as_json=as_json,
    )  # fmt: skip


@sub_verb(command, "ls")
@click.option("--to", metavar="NAME", help="Only those to this address (inside a run: its own).")
@click.option("--from", "sender", metavar="NAME", help="Only those from this one.")
@click.option("--channel", help="Only those sent to this channel.")
@click.option("--unread", is_flag=True, help="Only those that nobody has read.")
@click.option("--dead", is_flag=True, help="Only dead letters: those that reach nobody.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the latest N.")
@click.option("--json", "as_json", is_flag=True, help="An array, whole texts in it.")
def ls(
    settings: Settings,
    to: str | None,
    sender: str | None,
    channel: str | None,
    unread: bool,
    dead: bool,
    last: int | None,
    as_json: bool,
) -> int:
    """List messages, oldest first, with their states: queued, delivered, read, acknowledged, or dead.

    Reads the record, marks nothing as read and never starts a worker.
    """
    from ...domain.coordination import oldest_first
    from ...report.messages_text import message_document, messages_table

    target = find_target(settings)
    world = _world(target)
    found = oldest_first(world.messages.values())
    if dead:
        found = [m for m in found if m.dead]
    mine = _addresses(target, world, to)
    if mine:
        found = [m for m in found if m.to in mine]
    if sender is not None:
        theirs = _named(target, world, sender)
        found = [m for m in found if m.sender in (theirs, sender)]
    if channel is not None:
        found = [m for m in found if m.channel == channel.removeprefix("#")]
    if unread:
        found = [m for m in found if m.read is None and (dead or not m.dead)]
    found = found[-last:] if last else found
    if as_json:
        put_json([message_document(m) for m in found])
    elif found:
        put("\n".join(messages_table(found, paint=painter(settings), width=columns())) + "\n")
    else:
        narrate("no such message")
    return 0


@sub_verb(command, "show")
@click.argument("ids", nargs=-1, metavar="[ID]…")
@click.option("--unread", is_flag=True, help="All of your own that you have not read.")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def show(settings: Settings, ids: tuple[str, ...], unread: bool, as_json: bool) -> int:
    """Print messages in full. Your own count as read from then on, where a worker is there to note it.

    A person's own are those that no agent reads: to people and roles, and to orchestrators without an agent.
    """
    from ...report.messages_text import message_document, message_text

    target = find_target(settings)
    world = _world(target)
    if bool(ids) == unread:
        raise UsageError("name messages, or say --unread", help="locust-tui message ls")
    found = [_find(world, id) for id in ids] if ids else _own_unread(target, world)
    if as_json:
        put_json([message_document(m) for m in found])
    else:
        put("\n".join(message_text(m) for m in found))
    if not found:
        narrate("no unread message")
        return 0
    _note_read(settings, target, [m.id for m in found])
    return 0


@sub_verb(command, "ack")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--by", metavar="NAME", help="Who acknowledges it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def ack(settings: Settings, ids: tuple[str, ...], by: str | None, as_json: bool) -> int:
    """Acknowledge messages: read, and dealt with."""
    from ...client.requests import AcknowledgeMessage

    target = find_target(settings)
    told = []
    for id in ids:
        reply = tell(settings, target, AcknowledgeMessage(id, by, token()))
        told.append({**reply.data, "revision": reply.revision})
        if not as_json:
            put(
                f"{id} is acknowledged by {safe(reply.data['by'], oneline=True)}, revision {reply.revision}\n"
            )
    if as_json:
        put_json(told)
    return 0


def _world(target: Target) -> World:
    """What stands in the record; empty where the plan never ran."""
    from ...domain.world import World
    from ...state.reader import ReadOnlyStore

    if not target.has_record:
        return World()
    with ReadOnlyStore(target.folder.store) as store:
        return store.read_world()


def _plan(target: Target) -> Plan | None:
    from ...state.reader import ReadOnlyStore

    if not target.has_record:
        return None
    with ReadOnlyStore(target.folder.store) as store:
        found = store.plan()
    return found[0] if found is not None else None


def _find(world: World, id: str) -> MessageStatus:
    found = world.messages.get(id)
    if found is None:
        near = did_you_mean(id, list(world.messages)[-500:], cutoff=0.75)
        raise NotFoundError(f"there is no message {id}", help=near or "locust-tui message ls")
    return found


def _named(target: Target, world: World, name: str) -> str:
    """The id behind a name. NotFoundError with near names where neither the plan nor a message knows it."""
    from ...analysis.addresses import address, known_names

    plan = _plan(target)
    found = address(plan, world.runs, name) if plan is not None else None
    written = {m.to for m in world.messages.values()} | {m.sender for m in world.messages.values()}
    if found is None and name not in written:
        known = [*written, *(known_names(plan, world.runs) if plan is not None else ())]
        raise NotFoundError(f'nobody is called "{name}"', help=did_you_mean(name, known))
    return found or name


def _addresses(target: Target, world: World, to: str | None) -> frozenset[str]:
    """Those whose messages are wanted; empty: everybody's."""
    from ..agent_scope import run_we_are_in

    if to is not None:
        return frozenset({_named(target, world, to), to})
    run = world.runs.get(run_we_are_in(target.folder) or "")
    return frozenset({run.id, run.subject}) if run is not None else frozenset()


def _own_unread(target: Target, world: World) -> list[MessageStatus]:
    from ...analysis.addresses import has_agent
    from ...domain.coordination import oldest_first

    unread = [m for m in oldest_first(world.messages.values()) if m.read is None and not m.dead]
    if own := _addresses(target, world, None):
        return [m for m in unread if m.to in own]
    plan = _plan(target)
    return [m for m in unread if plan is None or not has_agent(plan, world.runs, m.to)]


def _note_read(settings: Settings, target: Target, ids: list[str]) -> None:
    """Put on record that they were read; nothing is started for that."""
    from ...client.requests import ReadMessages
    from ..target import worker_pid

    if worker_pid(target.folder) is None:
        return
    try:
        tell(settings, target, ReadMessages(False, token(), tuple(ids)))
    except LocustTuiError as error:
        narrate(f"it was not noted that they were read: {error.message}")
