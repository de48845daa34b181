"""A record as a killed writer leaves it: a backup, decisions in the journal, and what came last in the write-ahead log alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_WRITER = """
import asyncio, os, sys
from pathlib import Path
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.states import DecisionKind, WorkstreamState
from locust_tui.state.store import Store

async def main():
    async with Store.open(Path(sys.argv[1]), ballast=0) as store:
        for i in range(40):
            await store.append(WORKER, e.WorkstreamReported(f"w{i}", note="x" * 300))
        await store._thread.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
        await store.backup()
        for i in range(40):
            await store.append(WORKER, e.WorkstreamReported(f"v{i}", note="y" * 300))
        ana = Person("ana")
        await store.append(ana, e.GateDecided("g", Decision(DecisionKind.HOLD, ana, 1.0, note="not yet")))
        await store.append(WORKER, e.Noted("info", "the last word"))
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""
BACKED_UP, DECIDED, LAST = 40, 81, 82
"""Revisions: of the backup, of the decision, of the last event."""


def left_by_a_killed_writer(database: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _WRITER, str(database)], check=False)
    assert done.returncode == -9
    assert database.with_name("store.db-wal").stat().st_size > 100_000
