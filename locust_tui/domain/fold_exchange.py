"""What worktrees and merges, shared memory, messages and granted slots do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .coordination import MessageTry
from .folding import Touched, fold_body
from .people import Person
from .states import ATTEMPTED_STATES
from .world import GrantStatus, MemoryEntry, MessageStatus, World


@fold_body.register
def _(body: e.WorktreeMade, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(
        status,
        worktree=body.path,
        branch=body.branch,
        base=body.base,
        into=body.into,
        parts=body.parts,
        collected=0,
        commits=0,
        uncommitted=(),
        hindrance="",
        merged="",
        pull_request="",
        conflict=(),
        conflict_with=(),
    )
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.WorkCollected, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(
        status,
        collected=body.attempt,
        commits=body.commits,
        uncommitted=body.uncommitted,
        hindrance=body.problem,
    )
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.WorkMerged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(
        status,
        merged=body.commit,
        into=body.into or status.into,
        pull_request=body.pull_request,
        conflict=(),
        conflict_with=(),
    )
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.MergeConflicted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(status, conflict=body.files, conflict_with=body.others)
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.WorktreeRemoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    gone = replace(status, worktree="", branch="", conflict=(), conflict_with=(), hindrance="")
    if status.state in ATTEMPTED_STATES:
        gone = replace(gone, reason=f"its worktree was discarded by {by.name}, kept as {body.kept_as}")
    world.workstreams[status.id] = gone
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.MemoryStored, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.memory[body.key] = MemoryEntry(body.key, body.value, body.version, at, by.name)
    return (Touched("memory", body.key),)


@fold_body.register
def _(body: e.MemoryRemoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    old = world.memory.get(body.key)
    if old is None:
        return ()
    world.memory[body.key] = MemoryEntry(body.key, "", old.version + 1, at, by.name)
    return (Touched("memory", body.key),)


@fold_body.register
def _(body: e.MessageSent, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if body.id in world.messages:
        return ()
    world.messages[body.id] = MessageStatus(
        body.id, body.to, body.text, body.sender, at, body.reply_to, subject=body.subject,
        channel=body.channel, priority=body.priority, group=body.group, dead=body.dead, ways=body.ways,
    )  # fmt: skip
    return (Touched("messages", body.id),)


@fold_body.register
def _(body: e.MessageDelivered, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    message = world.messages.get(body.id)
    if message is None:
        return ()
    failed = tuple(f for f in message.failed if not f.startswith(f"{body.way}: "))
    delivered = tuple(way for way in message.delivered if way != body.way)
    tries = tuple(one for one in message.tries if one.way != body.way)
    if body.error:
        failed = (*failed, f"{body.way}: {body.error}")
    if body.error or body.begun:
        tries = (*tries, MessageTry(body.way, body.attempt, at, body.begun))
    else:
        delivered = (*delivered, body.way)
    world.messages[body.id] = replace(message, delivered=delivered, failed=failed, tries=tries)
    return (Touched("messages", body.id),)


@fold_body.register
def _(body: e.MessageRead, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    message = world.messages.get(body.id)
    if message is None or message.read is not None:
        return ()
    world.messages[body.id] = replace(message, read=at, reader=body.reader)
    return (Touched("messages", body.id),)


@fold_body.register
def _(body: e.MessageAcknowledged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    message = world.messages.get(body.id)
    if message is None or message.acknowledged is not None:
        return ()
    read = at if message.read is None else message.read
    world.messages[body.id] = replace(
        message, read=read, reader=message.reader or body.reader, acknowledged=at, acknowledged_by=body.reader
    )
    return (Touched("messages", body.id),)


@fold_body.register
def _(body: e.QuotaGranted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.grants[body.item] = GrantStatus(
        body.item, body.orchestrator, body.count, body.until, body.agent_type
    )
    return (Touched("grants", body.item),)
