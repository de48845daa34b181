"""The disk fills up, breaks, or loses the record under a live worker: it is said, agents live, and it heals."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from disks import Disk, ext4, fill, tmpfs
from locust_tui.client.requests import Ping, SteerWorkstream, WorkstreamAction
from locust_tui.client.wire import Reply
from locust_tui.domain.events import Noted, RunChanged, RunStarted
from locust_tui.domain.states import RunState
from locust_tui.errors import LocustTuiError
from project import is_running, until
from waiting_fleet import MORE, Fleet, killed_on_a_full_disk, take_away, until_reserved

PAUSE_C = SteerWorkstream("c", WorkstreamAction.PAUSE)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a fleet's state will be: on a disk that the test mounts at `disk`."""
    place = tmp_path / "disk"
    monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(place / "state"))
    return place


@pytest.fixture
def small(state: Path) -> Iterator[Path]:
    with tmpfs(state, "48m"):
        yield state


@pytest.fixture
def disk(state: Path) -> Iterator[Disk]:
    with ext4(state.parent) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path / "plan")
    yield made
    made.end()


@pytest.mark.fault(31, "a disk of 48 MiB is filled under a worker with agents")
def test_a_disk_that_fills_up_is_told_and_heals(small: Path, fleet: Fleet) -> None:
    worker = fleet.begin()
    until_reserved(small)
    junk = fill(small)
    fleet.let_go("a")
    fleet.told("the reserve of disk space was given back")
    fleet.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    more = fill(small, name="more")
    fleet.write(MORE)
    fleet.let_go("b")
    fleet.told("the disk is full; free some space")
    fleet.told("the disk is full", about="watch the plan")
    status = fleet.verb("status", "--json")
    assert status.returncode == 0, status.stderr
    told = {one["about"]: one["what"] for one in json.loads(status.stdout)["troubles"]}
    assert "free some space" in told["record"]
    assert "free some space" in fleet.verb("status").stdout
    doctor = {f["subject"]: f["state"] for f in json.loads(fleet.verb("doctor", "--json").stdout)}
    assert doctor["record"] == "fail"
    assert "d.1" not in fleet.started
    junk.unlink()
    more.unlink()
    world = fleet.reaches(lambda w: "d.1" in w.runs and w.runs["d.1"].pid and not w.runs["b.1"].live)
    fleet.well()
    assert world.runs["b.1"].exit_code == 0
    assert fleet.pid() == worker
    assert is_running(worker)
    assert set(fleet.started.values()) == {1}
    assert world.runs["c.1"].live
    assert world.project.worker_pid == worker
    fleet.assert_sound()


@pytest.mark.fault(32, "a worker is killed, its disk filled, and it is started again")
def test_a_start_on_a_full_disk_is_carried_by_the_reserve(small: Path, fleet: Fleet) -> None:
    killed_on_a_full_disk(fleet, small, reserved=True)
    fleet.up()
    fleet.told("the reserve of disk space was given back")
    assert any("the disk is full: the reserve" in note.text for note in fleet.events(Noted))
    world = fleet.reaches(lambda w: w.project.worker_pid == fleet.pid())
    assert {run.id for run in world.live_runs()} == {"a.1", "c.1"}
    assert set(fleet.started.values()) == {1}


@pytest.mark.fault(32, "the same, and the reserve was used up before")
def test_a_start_on_a_full_disk_without_reserve_says_why_and_reading_works(small: Path, fleet: Fleet) -> None:
    junk = killed_on_a_full_disk(fleet, small, reserved=False)
    up = fleet.verb("up")
    assert up.returncode == 5, up
    assert "the disk is full; free some space" in up.stderr
    assert "Traceback" not in up.stderr
    status = fleet.verb("status")
    assert status.returncode == 0, status
    assert "no worker" in status.stdout
    junk.unlink()
    fleet.up()
    fleet.let_go("a")
    fleet.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    fleet.well()
    assert set(fleet.started.values()) == {1}
    fleet.assert_sound()


@pytest.mark.fault(
    33, "an ext4 file system stops taking writes, or answers with errors, under a worker with agents"
)
@pytest.mark.parametrize(
    ("breaks", "words"),
    [(Disk.abort, "takes no writes"), (Disk.cut_power, "the disk answers with errors")],
    ids=["read-only", "errors"],
)
def test_a_disk_that_breaks_is_told_and_no_agent_dies_of_it(
    disk: Disk, fleet: Fleet, breaks: Callable[[Disk], None], words: str
) -> None:
    worker = fleet.begin()
    begun = {event.run: event for event in fleet.events(RunStarted)}
    agent, first = begun["c.1"].pid, begun["a.1"].pid
    breaks(disk)
    fleet.let_go("a")
    refused = fleet.refused(PAUSE_C)
    assert refused.exit_code == 5
    assert words in refused.message
    fleet.told(words)
    told = fleet.verb("status")
    assert words in told.stdout or "Input/output error" in told.stderr, told
    assert is_running(worker)
    assert is_running(agent)
    assert set(fleet.started) == {"a.1", "c.1"}
    assert fleet.verb("down").returncode == 0
    assert is_running(agent)
    assert not is_running(worker)
    until(lambda: not is_running(first), what="the end of a's agent")
    for event in begun.values():
        assert event.shim_pid is not None
        assert is_running(event.shim_pid), "it waits for the disk to tell how its agent ended"
        os.kill(event.shim_pid, signal.SIGKILL)
    for pid in fleet.agents():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    disk.mount_anew()
    fleet.up()
    world = fleet.reaches(lambda w: all(not w.runs[run].live for run in ("a.1", "c.1")))
    assert all(world.runs[run].exit_code != 0 for run in ("a.1", "c.1")), "what is not known is no success"
    assert set(fleet.started.values()) == {1}
    fleet.assert_sound()


@pytest.mark.fault(
    33, "no file of the worker may grow any more", modelled="disk quotas cannot be had everywhere"
)
def test_what_agents_say_while_nothing_is_recorded_is_on_record_afterwards(fleet: Fleet) -> None:
    worker = fleet.begin()
    soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, hard))
    (fleet.path / "say-c").touch()
    fleet.told("File too large")
    assert fleet.world().workstream("c").reported is None
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))
    fleet.reaches(lambda w: w.workstream("c").reported == 30)
    fleet.well()
    assert is_running(worker)
    fleet.assert_sound()


def answers(fleet: Fleet) -> bool:
    with suppress(LocustTuiError):  # the socket is there a moment before somebody listens
        return fleet.ask(Ping()).ok
    return False


def database_replaced(root: Path) -> None:
    shutil.copyfile(root / "store.db", root / "copy.db")
    (root / "copy.db").replace(root / "store.db")


def database_deleted(root: Path) -> None:
    (root / "store.db").unlink()


def folder_deleted(root: Path) -> None:
    take_away(root)


@pytest.mark.fault(
    35, "the database is replaced or deleted, or the whole state folder, under a worker with agents"
)
@pytest.mark.parametrize("take_away", [database_replaced, database_deleted, folder_deleted])
def test_a_record_taken_away_is_told_and_written_anew_only_by_a_persons_word(
    fleet: Fleet, take_away: Callable[[Path], None]
) -> None:
    worker = fleet.begin()
    runs = fleet.world().runs
    first, other = runs["a.1"].pid, runs["c.1"].pid
    assert first is not None
    assert other is not None
    take_away(fleet.folder.root)
    until(lambda: fleet.folder.lock.exists() and answers(fleet), what="a way to reach the worker")
    fleet.told("moved, replaced or removed, and nothing new is started")
    assert "moved, replaced or removed" in fleet.refused(PAUSE_C).message
    fleet.let_go("a")
    until(lambda: not is_running(first), what="the end of a's agent")
    status = fleet.verb("status", "--json").stdout
    assert "moved, replaced or removed" in status
    assert f"worker {worker}" in status or f'"pid": {worker}' in status
    up = fleet.verb("up")
    assert f"worker {worker} runs" in up.stdout, up
    assert set(fleet.started) == {"a.1", "c.1"}, "without its record it starts nothing"
    anew = fleet.verb("up", "--recreate")
    assert "written anew, up to revision" in anew.stdout, anew
    fleet.well()
    assert fleet.verb("up", "--recreate").returncode == 4, "there is nothing to write anew"
    world = fleet.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    assert world.runs["c.1"].live
    assert is_running(other)
    assert fleet.pid() == worker
    assert set(fleet.started.values()) == {1}
    fleet.assert_sound()


@pytest.mark.fault(35, "the plan file and the state folder are deleted together under a worker with agents")
def test_a_worker_whose_plan_and_record_are_gone_is_within_reach(fleet: Fleet) -> None:
    worker = fleet.begin()
    agents = [run.pid for run in fleet.world().runs.values()]
    fleet.plan.unlink()
    take_away(fleet.folder.root)
    until(lambda: fleet.folder.lock.exists() and answers(fleet), what="a way to reach the worker")
    fleet.told("moved, replaced or removed, and nothing new is started")
    for verb in ("status", "ps"):
        said = fleet.verb(verb)
        assert said.returncode == 3, said
        assert f"worker {worker} runs" in said.stderr, said
        assert "locust-tui down --stop-agents" in said.stderr, said
    down = fleet.verb("down", "--stop-agents")
    assert down.returncode == 0, down
    assert f"worker {worker} stopped; whether agents go on cannot be told" in down.stdout, down
    assert not [pid for pid in agents if pid is not None and is_running(pid)]
    assert not is_running(worker)
    assert fleet.verb("status").returncode == 3


@pytest.mark.fault(35, "the database is moved elsewhere, and back again")
def test_a_record_that_is_put_back_is_written_on(fleet: Fleet) -> None:
    fleet.begin()
    fleet.folder.store.rename(fleet.path / "elsewhere.db")
    fleet.told("moved, replaced or removed")
    fleet.let_go("a")
    (fleet.path / "elsewhere.db").rename(fleet.folder.store)
    fleet.well()
    fleet.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    assert set(fleet.started.values()) == {1}
    fleet.assert_sound()


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(fleet: Fleet) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Begins another program that holds the fleet's database locked until it is killed."""
    begun: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLDER, str(fleet.folder.store)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.fault(37, "another program begins to write the database and does not end")
def test_a_program_that_holds_the_record_is_told_and_what_waited_is_done_once(
    fleet: Fleet, holder: Callable[[], subprocess.Popen[str]]
) -> None:
    worker = fleet.begin()
    process = holder()
    answers: list[Reply] = []
    asking = threading.Thread(target=lambda: answers.append(fleet.ask(PAUSE_C, key="once", timeout=60)))
    asking.start()
    fleet.write(MORE)
    fleet.told("another program holds the record locked")
    assert not answers
    process.kill()
    asking.join(30)
    (answer,) = answers
    again = fleet.ask(PAUSE_C, key="once")
    assert (again.revision, again.data) == (answer.revision, answer.data)
    fleet.well()
    fleet.reaches(lambda w: "d.1" in w.runs and w.runs["d.1"].pid)
    assert [e.run for e in fleet.events(RunChanged) if e.state is RunState.PAUSED] == ["c.1"]
    assert is_running(worker)
    fleet.assert_sound()


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.fault(37, "the same for longer than the worker waits")
def test_a_program_that_holds_the_record_too_long_is_no_end_of_the_worker(
    fleet: Fleet, holder: Callable[[], subprocess.Popen[str]]
) -> None:
    worker = fleet.begin()
    process = holder()
    with pytest.raises(LocustTuiError, match="locked"):
        fleet.ask(PAUSE_C, timeout=120)
    fleet.write(MORE)
    fleet.told("holds the record locked")
    process.kill()
    fleet.reaches(lambda w: "d.1" in w.runs and w.runs["d.1"].pid, 120)
    until(lambda: not fleet.troubles(), 60)
    assert is_running(worker)
    fleet.assert_sound()
