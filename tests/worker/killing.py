"""Kills processes of a project at random instants while the sweep's scenario is played; run in a pid namespace of its own.

`python killing.py FOLDER SEED KILLS`: prints what it killed, exits 1 where something did not hold.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

from sweep import Sweep, assert_done, set_up

from locust_tui.execution import identity
from project import Project
from soundness import assert_at_rest, assert_sound

VICTIMS = {"worker": 5, "zygote": 1, "shim": 2}
"""What is killed, and how often by comparison."""
KILLED_PATIENCE_S = 300.0
"""Workers that live for a quarter of a second each, on a slow machine, get on once enough were killed."""


class Killer:
    """A thread that kills; `killed` counts by kind."""

    def __init__(self, chance: random.Random, kills: int) -> None:
        self.killed: Counter[str] = Counter()
        self._chance, self._kills = chance, kills
        self._end = threading.Event()

    @property
    def done(self) -> bool:
        return self.killed.total() >= self._kills

    def run(self) -> None:
        """Until it has killed enough, or the scenario is over."""
        while not self.done and not self._end.wait(self._chance.uniform(0.0, 0.5)):
            kind = self._chance.choices([*VICTIMS], [*VICTIMS.values()])[0]
            if (pid := self._victim(kind)) is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.killed[kind] += 1

    def beside(self) -> threading.Thread:
        self._end.clear()
        thread = threading.Thread(target=self.run, args=())
        thread.start()
        return thread

    def end(self) -> None:
        self._end.set()

    def _victim(self, kind: str) -> int | None:
        found = [pid for pid in _everybody() if _kind(pid) == kind]
        return self._chance.choice(found) if found else None


def _everybody() -> list[int]:
    return [
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and entry.name != "1"
    ]


def _kind(pid: int) -> str:
    words, stat = _words(pid), identity.read_stat(pid)
    if stat is None or stat.gone:
        return ""
    if b"locust_tui.worker" in words:  # under one: what it is about to execute, a git or a hook of its own
        return "" if b"locust_tui.worker" in _words(stat.ppid) else "worker"
    if not words.startswith(b"locust-shim"):
        return ""
    return "zygote" if b"locust_tui.worker" in _words(stat.ppid) else "shim"


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def play(folder: Path, seed: int, kills: int) -> Counter[str]:
    """Play until `kills` processes were killed; AssertionError with whatever did not hold."""
    chance = random.Random(seed)
    killer, number = Killer(chance, kills), 0
    while not killer.done:
        project = Project(folder / f"plan-{number}")
        set_up(project)
        sweep, number = Sweep(project, KILLED_PATIENCE_S), number + 1
        thread = killer.beside()
        try:
            sweep.play()
            killer.end()
            thread.join()
            assert_sound(project.folder)
            sweep.finish()
            assert_at_rest(project.folder)
            assert_done(project)
        finally:
            killer.end()
            thread.join()
            project.end()
    print(f"{number} plans, killed {dict(killer.killed)}")
    return killer.killed


def _as_init() -> None:
    """Be the first process of a pid namespace: collect what has no parent, and end with the child's code."""
    child = os.fork()
    if child == 0:
        return
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    _as_init()
    place, seed, kills = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print(f"seed {seed}", flush=True)
    try:
        play(place, seed, kills)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
