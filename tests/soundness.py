"""What must hold of a project whatever died, and when: read from its database, its run folders and /proc."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from locust_tui.domain.events import (
    Event,
    GateDecided,
    GateMoved,
    PlanAccepted,
    RunCreated,
    RunEnded,
    RunStarted,
)
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import GateState, RunState
from locust_tui.domain.world import RunStatus, World
from locust_tui.execution import identity
from locust_tui.execution.identity import ProcessIdentity
from locust_tui.state.folder import StateFolder
from locust_tui.state.journal import KINDS, Journal
from locust_tui.state.reader import ReadOnlyStore
from project import at_one_moment, until

_OPEN = (GateState.GO, GateState.CONDITIONAL)
_LITTER = ("*.tmp", "*.draft", ".*.tmp", ".*.new", "new-*")


def assert_sound(folder: StateFolder) -> None:
    """Nothing acknowledged is missing, every run has one end and one process at most, no gate opened by itself."""
    with ReadOnlyStore(folder.store) as record:
        assert record.verify() is None, "the chain of the log is broken"
        assert record.differences() == [], "the tables are not what the log says"
        events, world = at_one_moment(record)
    _assert_database(folder)
    _assert_runs(events, world)
    _assert_folders(folder, world)
    _assert_processes(folder, world)
    _assert_gates(events, world)
    _assert_journal(folder, events)


def assert_at_rest(folder: StateFolder) -> None:
    """Sound, and nothing is left: no live run, no process of the plan's, no half-written file."""
    assert_sound(folder)
    with ReadOnlyStore(folder.store) as record:
        world = record.read_world()
    assert [run.id for run in world.live_runs()] == []
    _assert_no_processes(folder)
    litter = {
        path.name
        for pattern in _LITTER
        for path in folder.root.rglob(pattern)
        if "worktrees" not in path.parts
    }
    assert not litter, litter


def _assert_no_processes(folder: StateFolder) -> None:
    try:
        until(lambda: not processes_of(folder))
    except AssertionError:
        left = {
            f"{run or 'of no run'}: {pid}": Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            for run, pids in processes_of(folder).items()
            for pid in pids
        }
        raise AssertionError(f"processes that do not end: {left}") from None


def processes_of(folder: StateFolder) -> dict[str, list[int]]:
    """Live processes with this state folder in their environment, by run ("" for those of none)."""
    mark = f"LOCUST_TUI_STATE_DIR={folder.root}".encode()
    found: dict[str, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            stat = identity.read_stat(int(entry.name))
            if mark in variables and stat is not None and not stat.gone:
                runs = [v[15:].decode() for v in variables if v.startswith(b"LOCUST_TUI_RUN=")]
                found[runs[0] if runs else ""].append(int(entry.name))
    return dict(found)


def _assert_database(folder: StateFolder) -> None:
    connection = sqlite3.connect(f"file:{folder.store}?mode=ro", uri=True)
    try:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    finally:
        connection.close()


def _assert_runs(events: list[Event], world: World) -> None:
    counts = {
        kind: Counter(e.body.run for e in events if isinstance(e.body, kind))
        for kind in (RunCreated, RunStarted, RunEnded)
    }
    assert all(n == 1 for n in counts[RunCreated].values()), counts[RunCreated]
    assert all(n == 1 for n in counts[RunStarted].values()), counts[RunStarted]
    for run in world.runs.values():
        assert counts[RunEnded][run.id] == (0 if run.live else 1), (run, counts[RunEnded][run.id])
        if run.state is RunState.EXITED:
            assert run.exit_code == 0, run


def _assert_folders(folder: StateFolder, world: World) -> None:
    for run in world.runs.values():
        place = folder.runs / run.id
        end = _json(place / "exit.json")
        if end is not None and not run.live:
            told = (run.exit_code, run.signal) if _judged_by_its_end(run) else (end["code"], end["signal"])
            assert told == (end["code"], end["signal"]), (run, end)
        if run.state is RunState.LOST and run.reason.startswith("never started"):
            assert not (place / "agent.json").exists(), (run, "and yet an agent was let go")
        if end is None and not run.live:
            assert run.exit_code != 0, (run, "nobody knows its end")


def _judged_by_its_end(run: RunStatus) -> bool:
    return run.state in (RunState.EXITED, RunState.FAILED) and (run.exit_code, run.signal) != (None, None)


def _assert_processes(folder: StateFolder, world: World) -> None:
    """At most one agent a run, and none of a run that has ended and whose supervisor is done with it."""
    agents: dict[str, ProcessIdentity] = {}
    for place in folder.runs.iterdir() if folder.runs.is_dir() else ():
        agent = ProcessIdentity.from_record(_json(place / "agent.json") or {})
        if agent is not None and identity.is_alive(agent):
            agents[place.name] = agent
    for name in agents:
        run = world.runs.get(name)
        assert run is None or run.live or run.state is RunState.UNKNOWN, (run, "its agent is alive")


def _assert_gates(events: list[Event], world: World) -> None:
    """A gate stands open only by a decision of a named person, recorded before."""
    decided: set[str] = set()
    for event in events:
        if isinstance(event.body, GateDecided):
            assert event.by is not WORKER, event
            assert event.body.decision.by, event
            decided.add(event.body.gate)
        elif isinstance(event.body, GateMoved) and event.body.new in _OPEN:
            assert event.body.gate in decided, event
    for gate in world.gates.values():
        assert gate.state not in _OPEN or gate.id in decided, gate


def _assert_journal(folder: StateFolder, events: list[Event]) -> None:
    """Its second copy has every decision of the log: a worker has opened the record since."""
    entries, broken = Journal(folder.root / "decisions.jsonl").read()
    assert not broken
    kept = Counter(entry.kind for entry in entries if entry.kind in ("gate.decided", "plan.accepted"))
    logged = Counter({"gate.decided": 0, "plan.accepted": 0})
    for event in events:
        logged["gate.decided"] += isinstance(event.body, GateDecided)
        logged["plan.accepted"] += isinstance(event.body, PlanAccepted)
    assert {"gate.decided", "plan.accepted"} <= KINDS
    assert +kept == +logged


def _json(path: Path) -> dict[str, object] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
