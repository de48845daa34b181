"""Run with deaths.c preloaded. Each line asked: a story, a folder and a number; a fork lives through the story there and dies
at that change of the disk (0: lives). The answer: its exit code, its changes, and what it acknowledged, as JSON."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.states import DecisionKind
from locust_tui.state import upkeep
from locust_tui.state.store import Store

ANA = Person("ana")
upkeep.CHECKPOINT_S = 0.0
"""A checkpoint after every commit."""
Say = Callable[[str], None]


async def _say_on(store: Store, say: Say, *texts: str) -> None:
    for text in texts:
        held = e.GateDecided("g", Decision(DecisionKind.HOLD, ANA, 1.0, note=text))
        await store.append(ANA, e.Noted("info", text), held, key=text)
        say(text)


async def commits(database: Path, say: Say) -> None:
    """Of a new record, with checkpoints and a backup in between."""
    async with Store.open(database, ballast=4096) as store:
        await _say_on(store, say, "a", "b")
        await store.backup()
        await _say_on(store, say, "c")


async def on(database: Path, say: Say) -> None:
    """Whatever opening has to do first: migrate, repair, restore."""
    async with Store.open(database, ballast=0) as store:
        say(f"open {store.is_older}")
        await store.append(WORKER, e.Noted("error", store.recovered or "nothing was wrong"))
        await _say_on(store, say, "z")


STORIES: dict[str, Callable[[Path, Say], Awaitable[None]]] = {"commits": commits, "on": on}


def live(story: str, database: Path, number: int, out: int) -> None:
    def say(text: str) -> None:
        os.write(out, f"{text}\n".encode())

    deaths.arm(number or 1_000_000)
    asyncio.run(STORIES[story](database, say))
    say(f"={deaths.changes()}")


deaths = ctypes.CDLL(None)
for line in sys.stdin:
    story, folder, number = json.loads(line)
    read, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            live(story, Path(folder) / "store.db", number, out)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    os.close(out)
    with os.fdopen(read) as pipe:
        said = pipe.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    changes = int(said.pop()[1:]) if said and said[-1].startswith("=") else None
    print(json.dumps([status, changes, said]), flush=True)
