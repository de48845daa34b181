"""What the tests of the worker stand on: a project folder with a plan, its worker as a real process, and its record."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from locust_tui.client.connection import Connection
from locust_tui.client.launch import ensure_worker
from locust_tui.client.requests import (
    ConfirmPlan,
    DecideGate,
    Request,
    Shutdown,
    SteerWorkstream,
    WorkstreamAction,
)
from locust_tui.client.wire import Reply
from locust_tui.domain.events import Event, EventBody, RunCreated, RunEnded, RunStarted
from locust_tui.domain.states import DecisionKind
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from locust_tui.plans.reading import load_plan
from locust_tui.plans.trust import grant
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore

B = TypeVar("B", bound=EventBody)
T = TypeVar("T")
PATIENCE_S = 60.0


def until(found: Callable[[], T | None], seconds: float = PATIENCE_S, what: str = "it") -> T:
    """Wait for something in the outside world that has no event to wait for."""
    end = time.monotonic() + seconds
    while True:
        if result := found():
            return result
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether the process is there and not only waiting to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def state_letter(pid: int) -> str:
    """S sleeping, R running, T stopped … as the kernel has it."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat[stat.rindex(")") + 2]


class Project:
    """A folder with a plan. Every call that starts something has its end in `end`."""

    def __init__(self, folder: Path, name: str = "locust-plan.yaml") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder
        self.plan = folder / name
        self.folder = StateFolder(self.plan)

    def write(self, text: str, *, trust: bool = True) -> None:
        """Save the plan as an editor that renames would, and trust it; a worker that runs never finds it untrusted."""
        new = self.plan.with_name("new-plan")
        new.write_text(text)
        before = trust and self.plan.is_file() and not self.plan.is_symlink()
        if before:
            grant(self.plan, load_plan(new))
        new.replace(self.plan)
        if trust and not before:
            self.trust()

    def trust(self) -> None:
        grant(self.plan, load_plan(self.plan))

    def script(self, name: str, text: str) -> Path:
        """An executable file in the folder."""
        path = self.path / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def up(self) -> int:
        """Start the worker where none runs; its pid."""
        ensure_worker(self.folder).close()
        return self.pid()

    def pid(self) -> int:
        """Of the worker that holds the plan, or held it last."""
        return int(self.folder.lock.read_text())

    def ask(self, request: Request, *, key: str | None = None, timeout: float = 30.0) -> Reply:
        with Connection(self.folder.socket, timeout=timeout) as connection:
            return connection.ask(request, key=key)

    def refused(self, request: Request) -> LocustTuiError:
        """The error that the request is answered with."""
        try:
            answer = self.ask(request)
        except LocustTuiError as error:
            return error
        raise AssertionError(f"{request} was answered with {answer}")

    def steer(self, workstream: str, action: WorkstreamAction, **more: object) -> Reply:
        return self.ask(SteerWorkstream(workstream, action, **more))  # type: ignore[arg-type]

    def decide(self, gate: str, kind: DecisionKind = DecisionKind.GO, **more: object) -> Reply:
        return self.ask(DecideGate(gate, kind, **more))  # type: ignore[arg-type]

    def confirm(self) -> Reply:
        held = self.world().project.held
        assert held is not None
        return self.ask(ConfirmPlan(held.digest))

    def kill(self) -> int:
        """End the worker without a chance to do anything; the pid it had."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        until(lambda: not is_running(pid), what="the worker's death")
        return pid

    def record(self) -> ReadOnlyStore:
        return ReadOnlyStore(self.folder.store)

    def world(self) -> World:
        with self.record() as record:
            return record.read_world()

    def events(self, kind: type[B]) -> list[B]:
        """Bodies of one kind, oldest first."""
        return [e.body for e in self.all_events() if isinstance(e.body, kind)]

    def all_events(self) -> list[Event]:
        with self.record() as record:
            return record.events()

    def reaches(self, what: Callable[[World], object], seconds: float = PATIENCE_S) -> World:
        """Wait until the record says so; the world then. A failure shows how far it got."""
        end = time.monotonic() + seconds
        with self.record() as record:
            world = record.read_world()
            while not what(world):
                if time.monotonic() > end:
                    states = {
                        s.id: (s.state.value, s.reason, s.hindrance) for s in world.workstreams.values()
                    }
                    gates = {g.id: (g.state.value, g.reason) for g in world.gates.values()}
                    raise AssertionError(
                        f"not within {seconds:g} s: {states} {gates} {world.project}\n{self.log()}"
                    )
                time.sleep(0.01)
                record.refresh(world)
        return world

    def ends(self, seconds: float = PATIENCE_S) -> World:
        """Wait until nothing can move without a person."""
        return self.reaches(lambda w: w.project.ended is not None, seconds)

    def states(self) -> dict[str, str]:
        return {s.id: s.state.value for s in self.world().workstreams.values()}

    def output(self, run: str) -> bytes:
        return (self.folder.runs / run / "log").read_bytes()

    def log(self) -> str:
        with suppress(FileNotFoundError):
            return self.folder.worker_log.read_text()[-3000:]
        return ""

    def agents(self) -> list[int]:
        """Live processes that were started with this state folder in their environment."""
        mark = f"LOCUST_TUI_STATE_DIR={self.folder.root}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with suppress(OSError):
                    if mark in (entry / "environ").read_bytes() + b"\0" and is_running(int(entry.name)):
                        found.append(int(entry.name))
        return found

    def assert_sound(self) -> None:
        """What must hold of every record, whatever was killed: chain, projections, one end per run, no run twice."""
        with self.record() as record:
            assert record.verify() is None
            assert record.differences() == []
            events, world = at_one_moment(record)
        bodies = [event.body for event in events]
        created = Counter(e.run for e in bodies if isinstance(e, RunCreated))
        ended = Counter(e.run for e in bodies if isinstance(e, RunEnded))
        started = Counter(e.run for e in bodies if isinstance(e, RunStarted))
        assert all(n == 1 for n in created.values()), created
        assert all(n == 1 for n in started.values()), started
        for run in world.runs.values():
            assert ended[run.id] == (0 if run.live else 1), (run, ended[run.id])

    def _works(self, pid: int) -> bool:
        """Whether this is the plan's worker: a number in a file may be anybody's, as of another pid namespace."""
        return is_running(pid) and os.fsencode(self.folder.root) in Path(f"/proc/{pid}/cmdline").read_bytes()

    def end(self) -> None:
        """Stop the worker and everything it started."""
        try:
            with suppress(LocustTuiError, OSError, ValueError):
                if self._works(self.pid()):
                    with suppress(LocustTuiError):
                        self.ask(Shutdown(stop_agents=True))
                    until(lambda: not self._works(self.pid()), what="the worker's end")
        finally:
            self._kill_all()

    def _kill_all(self) -> None:
        """What is left of a worker that would not end, and of its agents."""
        with suppress(OSError, ValueError):
            if self._works(pid := self.pid()):
                os.kill(pid, signal.SIGKILL)
        for _ in range(50):
            left = self.agents()
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not left:
                return
            time.sleep(0.02)


def at_one_moment(record: ReadOnlyStore) -> tuple[list[Event], World]:
    """The log, and what it came to, also while a worker writes on."""
    while True:
        events, world = record.events(), record.read_world()
        if world.revision == (events[-1].revision if events else 0):
            return events, world


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process of the test's own, in a session of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, start_new_session=True)


async def eventually(found: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """`until`, for tests that share their loop with what they wait for."""
    async with asyncio.timeout(seconds):
        while not found():  # noqa: ASYNC110 - what is waited for is outside this process
            await asyncio.sleep(0.02)
