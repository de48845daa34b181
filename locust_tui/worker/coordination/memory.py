"""The shared memory: who may write which key, versions, what is computed, and what a value tells of progress."""

from __future__ import annotations

import asyncio
import json
import math
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from locust_tui.analysis.addresses import may_command
from locust_tui.analysis.derived_memory import derived, derived_keys
from locust_tui.analysis.memory_keys import MisreportedError, is_derived, is_key, reported_by
from locust_tui.analysis.overview import build_snapshot
from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody, MemoryRemoved, MemoryStored, WorkstreamReported
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.world import MemoryEntry, RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.remembered import Version, history
from locust_tui.state.store import Store

from ..callers import Caller, is_hook
from ..planning import PlanKeeper
from ..told import Told

MOST_VALUE = 65_536
"""Bytes of JSON that an agent may store under a key."""
MOST_OF_PEOPLE = 262_144
MOST_KEYS = 10_000
MOST_ENTRIES = 200


class Memory:
    """A Taker."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.StoreMemory | r.ReadMemory | r.MemoryHistory | r.RemoveMemory)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        world, plan = self._store.world, self._keeper.plan
        run = world.runs.get(caller.run)
        if isinstance(request, r.StoreMemory):
            return store_memory(plan, world, request, caller)
        if isinstance(request, r.RemoveMemory):
            return remove_memory(world, request, run)
        if isinstance(request, r.MemoryHistory):
            return await self._history(request)
        assert isinstance(request, r.ReadMemory)
        return read_memory(plan, world, request, self._clock())

    async def _history(self, request: r.MemoryHistory) -> Told:
        def versions() -> list[Version]:
            with ReadOnlyStore(self._store.path) as store:
                return history(store.connection, request.key, max(1, min(MOST_ENTRIES, request.last)))

        found = await asyncio.to_thread(versions)
        if not found:
            raise _missing(request.key, [*self._store.world.memory])
        return Told({"versions": [_version(v) for v in found]})


def store_memory(plan: Plan | None, world: World, request: r.StoreMemory, caller: Caller) -> Told:
    """A new version of an entry, and what it tells of a workstream's progress.

    UsageError for a key or value that is none, RefusedError for another version and for another's status.
    """
    if not is_key(request.key):
        raise UsageError(
            f'"{request.key[:80]}" is no key',
            help="words of letters, digits and _ . : @ - with slashes between: api/schema",
        )
    if is_derived(request.key):
        raise RefusedError(
            f"{request.key} is computed from the plan; nobody writes it",
            help="locust/status/week-N is stored, and so is every key outside locust/dependencies and locust/status",
        )
    value, words = _value(request)
    most = MOST_VALUE if caller.agent and not is_hook(caller) else MOST_OF_PEOPLE
    if len(value.encode("utf-8", "replace")) > most:
        raise UsageError(f"a value is at most {most} bytes of JSON", help="store the path of a file")
    known = world.memory.get(request.key)
    if known is None and len(world.memory) >= MOST_KEYS:
        raise RefusedError(f"the memory holds {MOST_KEYS} keys already", help="write to one of them")
    there = known.version if known is not None and known.value else 0
    if request.version is not None and request.version != there:
        raise RefusedError(
            f"{request.key} has version {there}, not {request.version}", help="read it again, then decide"
        )
    version = (known.version if known is not None else 0) + 1
    run = world.runs.get(caller.run)
    stored = MemoryStored(request.key, value, version, run.id if run else "")
    report = _report(plan, world, request.key, json.loads(value), caller) if plan is not None else None
    data: dict[str, Any] = {"key": request.key, "version": version, **({"text": True} if words else {})}
    events: tuple[EventBody, ...] = (stored,)
    if report is not None:
        data["reported"] = {"workstream": report.workstream, "progress": report.progress}
        events = (stored, report)
    return Told(data, events)


def _value(request: r.StoreMemory) -> tuple[str, bool]:
    """The value as JSON text, and whether it was a text that became a JSON string."""
    try:
        json.loads(request.value, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        if request.words:
            return json.dumps(request.value, ensure_ascii=False), True
        raise UsageError(f"the value is no JSON: {error}", help="put a text in double quotes") from None
    return request.value.strip(), False


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is beyond every number that can be read back")
    return number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _report(plan: Plan, world: World, key: str, value: Any, caller: Caller) -> WorkstreamReported | None:
    """What the value tells of progress: shown, never counted. An agent speaks for its own work and what it commands."""
    try:
        told = reported_by(plan, world.runs, key, value)
    except MisreportedError as error:
        raise UsageError(
            f"{key} is the status of a workstream: {error}; nothing was stored",
            help='--value \'{"progress": 40, "blockers": [], "next": "…"}\'',
        ) from None
    if told is None:
        return None
    run = world.runs.get(caller.run)
    subject = run.subject if run is not None else ""
    mine = subject == told.workstream or (subject != "" and may_command(plan, subject, told.workstream))
    if caller.agent and not is_hook(caller) and not mine:
        if told.by_key:
            who = (
                f"{caller.run} reports on {subject} and what that commands"
                if subject
                else "an agent reports on its own"
            )
            raise RefusedError(f"{who}, not on {told.workstream}; nothing was stored")
        return None
    run_id = run.id if run is not None and run.subject == told.workstream else None
    return WorkstreamReported(told.workstream, run_id, told.progress, told.note, told.blocker, told.next)


def remove_memory(world: World, request: r.RemoveMemory, run: RunStatus | None) -> Told:
    """The entry is gone; its history stays. NotFoundError with near names, RefusedError for a computed key."""
    if is_derived(request.key):
        raise RefusedError(f"{request.key} is computed from the plan; nobody removes it")
    known = world.memory.get(request.key)
    if known is None or not known.value:
        raise _missing(request.key, [k for k, entry in world.memory.items() if entry.value])
    event = MemoryRemoved(request.key, run.id if run else "")
    return Told({"key": request.key, "version": known.version + 1}, (event,))


def read_memory(plan: Plan | None, world: World, request: r.ReadMemory, now: float) -> Told:
    """Entries whose keys match; a single key that is not there is NotFoundError with near names."""
    present = {key: entry for key, entry in world.memory.items() if entry.value}
    found = [_entry(present[key]) for key in sorted(present) if fnmatchcase(key, request.key)]
    snapshot = partial(_snapshot, plan, world, now)
    for key, value in derived(plan, world, now, request.key, snapshot).items():
        found.append({"key": key, "value": value, "version": 0, "by": "derived", "at": now})
    if not found and not set(request.key) & set("*?["):
        raise _missing(request.key, [*present, *derived_keys(plan)])
    left_out = max(0, len(found) - MOST_ENTRIES)
    return Told({"entries": found[:MOST_ENTRIES], "left_out": left_out})


def _missing(key: str, known: list[str]) -> NotFoundError:
    return NotFoundError(
        f"there is no memory of {key}",
        help=did_you_mean(key, known) or "locust-tui memory ls, or the tool memory_read with *, lists all",
    )


def _snapshot(plan: Plan | None, world: World, now: float) -> Snapshot:
    assert plan is not None
    project = world.project
    return build_snapshot(
        plan, project.plan_digest or "", project.plan_path, world, now, worker_pid=project.worker_pid
    )


def _version(v: Version) -> dict[str, Any]:
    return {
        "version": v.version,
        "removed": v.removed,
        "value": json.loads(v.value) if v.value else None,
        "by": v.by,
        "at": v.at,
    }


def _entry(entry: MemoryEntry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "value": json.loads(entry.value),
        "version": entry.version,
        "by": entry.by,
        "at": entry.at,
    }
