"""A real worker with agents that live until they are let go, and every door by which it tells what is wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disks import fill
from locust_tui.client.requests import Ping
from locust_tui.state import ballast as reserve
from project import Project, until

AGENT = """#!/bin/sh
# agent NAME: lives until go-NAME is there, and reports when say-NAME is
echo "$LOCUST_TUI_RUN" >> started
while [ ! -e "go-$1" ]; do
  [ -e "say-$1" ] && rm "say-$1" && echo "::locust progress=30::$1 speaks"
  sleep 0.05
done
echo "::locust progress=50::$1 was let go"
exit 0
"""
PLAN = """
project: Storage
workstreams:
  a: {run: [./agent, a]}
  b: {run: [./agent, b], needs: a}
  c: {run: [./agent, c]}
"""
MORE = PLAN + "  d: {run: [./agent, d]}\n"


class Fleet(Project):
    """A project whose agents wait for a word, with its state on a disk of its own."""

    def begin(self) -> int:
        """Until the agents of a and c live; the worker's pid."""
        self.script("agent", AGENT)
        self.write(PLAN)
        pid = self.up()
        self.reaches(lambda w: all(r in w.runs and w.runs[r].pid for r in ("a.1", "c.1")))
        until(
            lambda: (self.path / "started").exists() and len(self.started) == 2, what="a word of both agents"
        )
        return pid

    def let_go(self, name: str) -> None:
        (self.path / f"go-{name}").touch()

    @property
    def started(self) -> Counter[str]:
        return Counter((self.path / "started").read_text().split())

    def troubles(self) -> dict[str, str]:
        """What the worker says is wrong; that it answers at once is part of every promise."""
        began = time.monotonic()
        told = self.ask(Ping()).data.get("troubles", ())
        assert time.monotonic() - began < 25
        return {one["about"]: one["what"] for one in told}

    def told(self, words: str, about: str = "record") -> str:
        """Wait until the worker tells of it."""
        return until(
            lambda: found if words in (found := self.troubles().get(about, "")) else None, what=words
        )

    def well(self) -> None:
        """Wait until the worker tells of nothing."""
        until(lambda: not self.troubles(), what="an end of all trouble")

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A verb as a person types it in the plan's folder."""
        command = [sys.executable, "-m", "locust_tui", *words]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=False, timeout=60)


def take_away(folder: Path) -> None:
    """`rm -rf`, again where somebody wrote into it meanwhile."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def until_reserved(place: Path) -> Path:
    """Wait until the worker of the disk at `place` has put its reserve of disk space by; where it lies."""
    ballast = place / "state" / "ballast"
    until(lambda: ballast.exists() and ballast.stat().st_size >= reserve.SIZE, what="the reserve")
    return ballast


def killed_on_a_full_disk(fleet: Fleet, place: Path, *, reserved: bool) -> Path:
    """A worker of which nothing is left but its record, on a disk without room for shared memory; what fills it."""
    fleet.begin()
    fleet.kill()
    ballast = reserve.Ballast(place / "state" / "ballast")
    if reserved:
        assert ballast.fill()
    else:
        ballast.path.unlink(missing_ok=True)
    (place / "state" / "store.db-shm").unlink()
    return fill(place)


READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT * FROM head").fetchall()
print("reads", flush=True)
sys.stdin.read()
"""


@contextmanager
def read_without_end(database: Path) -> Iterator[None]:
    """Another program that keeps reading the database as it stands now, until it is killed."""
    command = [sys.executable, "-c", READER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"reads\n"
        try:
            yield
        finally:
            reader.kill()
