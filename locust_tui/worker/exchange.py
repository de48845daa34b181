"""What agents ask for through their tools: shared memory, messages, questions, more agents, a look at the plan.

Pure: a request, the world and who speaks come in; events and the data told come out. Errors are the worker's words.
"""

from __future__ import annotations

import hashlib
import json
import re
from fnmatch import fnmatchcase
from typing import Any

from locust_tui.analysis import addresses
from locust_tui.analysis.needs import need_state
from locust_tui.client import requests as r
from locust_tui.domain.events import (
    Asked,
    MemoryStored,
    MessageRead,
    MessageSent,
)
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import MemoryEntry, MessageStatus, RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.safe_text import masked

from .told import Told

MOST_VALUE = 65_536
MOST_KEY = 256
MOST_TEXT = 16_384
MOST_ENTRIES = 200
MOST_KEYS = 10_000
MOST_UNREAD = 200
"""Messages of one sender to one address that nobody has read."""
MOST_OPTION = 500
MOST_QUESTIONS = 20
"""Open at a time, of one run: nobody's inbox is flooded."""
DERIVED = "locust/"
"""Keys below this are computed, never written."""
GRANT = "grant"
AGENTS = "agents:"
"""A request for agents is known by this, its orchestrator and the number."""
_KEY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")


def store_memory(world: World, request: r.StoreMemory, run: RunStatus | None) -> Told:
    """A new version of an entry. UsageError for a key or value that is none, RefusedError for another version."""
    if len(request.key) > MOST_KEY or not _KEY.fullmatch(request.key):
        raise UsageError(f'"{request.key[:80]}" is no key', help="words with slashes between: api/schema")
    if request.key.startswith(DERIVED):
        raise RefusedError(f"{request.key} is computed from the plan; nobody writes it")
    if len(request.value.encode()) > MOST_VALUE:
        raise UsageError(f"a value is at most {MOST_VALUE} bytes of JSON", help="store the path of a file")
    try:
        json.loads(request.value)
    except ValueError as error:
        raise UsageError(f"the value is no JSON: {error}", help="put a text in double quotes") from None
    known = world.memory.get(request.key)
    if known is None and len(world.memory) >= MOST_KEYS:
        raise RefusedError(f"the memory holds {MOST_KEYS} keys already", help="write to one of them")
    there = known.version if known is not None and known.value else 0
    if request.version is not None and request.version != there:
        raise RefusedError(
            f"{request.key} has version {there}, not {request.version}", help="read it again, then decide"
        )
    version = (known.version if known is not None else 0) + 1
    event = MemoryStored(request.key, request.value, version, run.id if run else "")
    return Told({"key": request.key, "version": version}, (event,))


def read_memory(world: World, request: r.ReadMemory) -> Told:
    """Entries whose keys match; a single key that is not there is NotFoundError with near names."""
    present = {key: entry for key, entry in world.memory.items() if entry.value}
    found = [present[key] for key in sorted(present) if fnmatchcase(key, request.key)]
    if not found and not set(request.key) & set("*?["):
        near = did_you_mean(request.key, present)
        raise NotFoundError(
            f"there is no memory of {request.key}", help=near or "memory_read with * lists all"
        )
    left_out = max(0, len(found) - MOST_ENTRIES)
    return Told({"entries": [_entry(e) for e in found[:MOST_ENTRIES]], "left_out": left_out})


def _entry(entry: MemoryEntry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "value": json.loads(entry.value),
        "version": entry.version,
        "by": entry.by,
        "at": entry.at,
    }


def send_message(plan: Plan, world: World, request: r.SendMessage, sender: str) -> Told:
    """A message in the record; NotFoundError for an address that nobody has."""
    if not request.text.strip() or len(request.text) > MOST_TEXT:
        raise UsageError(f"a message has 1 to {MOST_TEXT} characters")
    if request.reply_to and request.reply_to not in world.messages:
        raise NotFoundError(f"there is no message {request.reply_to} to reply to")
    to = address(plan, world, request.to)
    waiting = sum(m.read is None and m.sender == sender and m.to == to for m in world.messages.values())
    if waiting >= MOST_UNREAD:
        raise RefusedError(f"{to} has {waiting} messages of yours to read", help="wait until they are read")
    id = f"m{len(world.messages) + 1}"
    return Told({"id": id, "to": to}, (MessageSent(id, to, request.text, sender, request.reply_to),))


def address(plan: Plan, world: World, name: str) -> str:
    """The id behind a name. Raises NotFoundError with near names."""
    found = addresses.address(plan, world.runs, name)
    if found is None:
        near = did_you_mean(name, addresses.known_names(plan, world.runs))
        raise NotFoundError(
            f'nobody is called "{name}"', help=near or f"workstreams: {', '.join(plan.workstreams)}"
        )
    return found


def read_messages(world: World, request: r.ReadMessages, run: RunStatus | None, reader: str) -> Told:
    """Messages to the run, its workstream or orchestrator, oldest first; unread ones count as read from then on."""
    mine = {run.id, run.subject} if run is not None else {reader, "operator"}
    found = [m for m in world.messages.values() if m.to in mine and not (request.unread_only and m.read)]
    found = found[-MOST_ENTRIES:]
    events = tuple(MessageRead(m.id, reader) for m in found if m.read is None)
    return Told({"messages": [_message(m) for m in found]}, events)


def _message(m: MessageStatus) -> dict[str, Any]:
    return {"id": m.id, "from": m.sender, "text": m.text, "sent": m.sent, "reply_to": m.reply_to}


def ask_person(world: World, request: r.AskPerson, run: RunStatus) -> Told:
    """An item in the inbox; the same question of the same run is the same item while it is open."""
    text = masked(request.text.strip())
    if not text or len(text) > MOST_TEXT or len(request.options) > 20:
        raise UsageError(f"a question has 1 to {MOST_TEXT} characters and at most 20 options")
    if any(not option.strip() or len(option) > MOST_OPTION for option in request.options):
        raise UsageError(f"an option has 1 to {MOST_OPTION} characters")
    if len(set(request.options)) < len(request.options):
        raise UsageError("two options are the same; a person could not tell them apart")
    same = request.key or hashlib.sha256(text.encode()).hexdigest()[:12]
    earlier = [a for a in world.asks.values() if a.run == run.id and a.ref == f"ask:{same}"]
    if earlier and (earlier[-1].open or earlier[-1].answered is not None):
        return Told({"item": earlier[-1].item})
    mine = [a for a in world.asks.values() if a.run == run.id and a.kind == "question"]
    if sum(a.open for a in mine) >= MOST_QUESTIONS:
        raise RefusedError(f"{run.id} has {MOST_QUESTIONS} open questions", help="wait for answers first")
    item = f"question:{run.id}:{len(mine) + 1}"
    what = text.splitlines()[0][:200]
    digest = _digest(item, text, *request.options)
    asked = Asked(item, "question", run.subject, run.id, what, text, request.options, digest, f"ask:{same}")
    return Told({"item": item}, (asked,))


def request_agents(plan: Plan, world: World, request: r.RequestAgents, run: RunStatus | None) -> Told:
    """An item in the inbox; granted slots are added to the orchestrator's pool."""
    if not 1 <= request.count <= 100:
        raise UsageError(f"{request.count} agents are no request", help="1 to 100")
    owner = request.orchestrator or (_orchestrator_of(plan, run.subject) if run else None)
    if owner is None or owner not in plan.orchestrators:
        whose = (
            f'no orchestrator "{owner}"' if owner else f"{run.subject if run else 'you'} has no orchestrator"
        )
        known = (
            f"one of {', '.join(plan.orchestrators)}"
            if plan.orchestrators
            else "the plan has none to ask for"
        )
        raise NotFoundError(whose, help=did_you_mean(owner or "", plan.orchestrators) or known)
    open_ones = [a for a in world.open_asks() if a.kind == "request" and a.subject == owner]
    if open_ones:
        return Told({"item": open_ones[0].item, "waiting": True})
    earlier = sum(a.kind == "request" and a.subject == owner for a in world.asks.values())
    item = f"request:{owner}:{earlier + 1}"
    quota = plan.resources.pools.get(owner)
    has = f"its quota is {quota}" if quota is not None else "it has no quota of its own"
    what = f"{owner} asks for {request.count} more agents at a time ({has})"
    choices = (GRANT, "deny")
    digest = _digest(item, what, request.why)
    asked = Asked(
        item, "request", owner, run.id if run else "", what, request.why[:MOST_TEXT], choices, digest,
        f"{AGENTS}{owner}:{request.count}",
    )  # fmt: skip
    return Told({"item": item, "waiting": True}, (asked,))


def _orchestrator_of(plan: Plan, subject: str) -> str | None:
    workstream = plan.workstreams.get(subject)
    return workstream.orchestrator if workstream is not None else subject


def plan_around(plan: Plan, world: World, run: RunStatus) -> Told:
    """What the run's agent should know: its work, what that rests on, who waits for it, which gate it leads to."""
    workstream = plan.workstreams.get(run.subject)
    if workstream is None:
        return Told(_orchestrator_view(plan, world, run.subject))
    status = world.workstream(workstream.id)
    waiting = [
        {"id": w.id, "name": w.name, "condition": n.condition}
        for w in plan.workstreams.values()
        for n in w.needs
        if n.target == workstream.id
    ]
    states = [(n, need_state(n, plan, world)) for n in workstream.needs]
    needs = [{"id": n.target, "condition": n.condition, "met": s.met, "why": s.why} for n, s in states]
    return Told(
        {
            "workstream": workstream.id,
            "name": workstream.name,
            "instructions": workstream.instructions or "",
            "attempt": run.attempt,
            "sent_back": status.returned,
            "orchestrator": workstream.orchestrator,
            "phase": workstream.phase,
            "deliverables": [
                {
                    "id": d.id,
                    "name": d.name,
                    "verified": d.id in status.verified,
                    "checked": d.check is not None,
                }
                for d in workstream.deliverables
            ],
            "checked_at_the_end": [c.name for c in workstream.accept],
            "reviewers": list(workstream.reviewers),
            "needs": needs,
            "waited_for_by": waiting,
            "gates": [
                {"id": g.id, "name": g.name, "week": g.week, "criteria": [c.name for c in g.criteria]}
                for g in plan.gates_closing(workstream.phase)
            ],
            "branch": status.branch,
        }
    )


def plan_whole(plan: Plan, world: World) -> Told:
    """For a person: every workstream and gate."""
    return Told(_orchestrator_view(plan, world, ""))


def _orchestrator_view(plan: Plan, world: World, subject: str) -> dict[str, Any]:
    mine = [
        w for w in plan.workstreams.values() if subject not in plan.orchestrators or w.orchestrator == subject
    ]
    return {
        "orchestrator": subject,
        "workstreams": [
            {
                "id": w.id,
                "name": w.name,
                "state": world.workstream(w.id).state.value,
                "reported": world.workstream(w.id).reported,
                "blocker": world.workstream(w.id).blocked_by,
            }
            for w in mine
        ],
        "gates": [
            {"id": g.id, "name": g.name, "state": world.gate(g.id).state.value} for g in plan.gates.values()
        ],
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
