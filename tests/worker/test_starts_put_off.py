"""A machine without room for a start: it waits, says so once, starts as soon as there is room, and blames no work for it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disks import tmpfs
from locust_tui.client.requests import Ping
from locust_tui.domain.events import Noted, RunCreated
from locust_tui.domain.states import WAITS_TO_START, RunState
from locust_tui.state.ballast import Ballast
from project import Project, until

WAIT = "while [ ! -e go ]; do sleep 0.05; done"
ONE = f"project: T\nworkstreams:\n  a: {{run: '{WAIT}'}}\n"
TWO = f"{ONE}  b: {{run: echo b ran}}\n"
AFTER = f"{ONE}  b: {{run: echo b ran, needs: a}}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "small"


@contextmanager
def project_on(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(place / "state"))
    made = Project(tmp_path / "plan")
    try:
        yield made
    finally:
        made.end()


def free_bytes(place: Path) -> int:
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize


def told(project: Project) -> list[str]:
    return [note.text for note in project.events(Noted) if "nothing is started" in note.text]


@pytest.mark.fault(31, "the disk of a running worker is filled but for 1 MB: work is due and not started")
def test_on_a_disk_that_fills_up_starts_wait_before_the_reserve_is_touched(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(place, "48m"), project_on(place, tmp_path, monkeypatch) as project:
        project.write(AFTER)
        project.folder.prepare()
        reserve = Ballast(project.folder.root / "ballast")
        assert reserve.fill()
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        junk = place / "junk"
        junk.write_bytes(b"\0" * (free_bytes(place) - (1 << 20)))
        until(lambda: told(project), what="a word about it")
        (project.path / "go").touch()
        project.reaches(lambda w: w.workstream("b").state == "ready")
        troubles = project.ask(Ping()).data["troubles"]
        assert [trouble["what"] for trouble in troubles] == told(project)
        assert reserve.path.exists()
        freed = time.time()
        junk.unlink()
        world = project.reaches(lambda w: w.workstream("b").state == "accepted")
        assert world.runs["b.1"].created >= freed
        assert len(told(project)) == 1
        assert project.output("b.1") == b"b ran\n"
        project.assert_sound()


def use_up_inodes(place: Path) -> Path:
    """A folder of empty files, with which the file system holds no more; bytes are still left."""
    folder = place / "many"
    folder.mkdir()
    with pytest.raises(OSError, match="No space left"):
        touch_for_ever(folder)
    assert free_bytes(place) > 16 << 20
    return folder


def touch_for_ever(folder: Path) -> None:
    for number in itertools.count():
        (folder / str(number)).touch()


def give_back(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


@pytest.mark.fault(31, "a file system takes no more files when a run is to be started")
def test_a_start_that_finds_no_room_waits_and_is_no_attempt(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(place, "48m,nr_inodes=400"), project_on(place, tmp_path, monkeypatch) as project:
        project.write(ONE)
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        many = use_up_inodes(place)
        project.write(TWO)
        world = project.reaches(lambda w: w.runs.get("b.1") and w.runs["b.1"].reason)
        assert world.runs["b.1"].reason == f"{WAITS_TO_START}no space is left on the disk"
        assert world.runs["b.1"].state is RunState.STARTING
        give_back(many)
        world = project.reaches(lambda w: w.workstream("b").state == "accepted")
        assert [e.run for e in project.events(RunCreated)] == ["a.1", "b.1"]
        assert world.runs["b.1"].reason == ""
        assert len(told(project)) == 1
        project.assert_sound()


@pytest.mark.fault(31, "a file system takes no more files when the secrets of a start are to be noted")
def test_a_start_that_cannot_be_prepared_is_not_decided_yet(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(place, "48m,nr_inodes=400"), project_on(place, tmp_path, monkeypatch) as project:
        project.write(ONE)
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        assert not project.folder.masks.exists()
        many = use_up_inodes(place)
        project.write(f"{ONE}  b: {{run: echo b ran, env: {{API_TOKEN: abcd-2468-efgh}}}}\n")
        until(lambda: told(project), what="a word about it")
        assert set(project.world().runs) == {"a.1"}
        give_back(many)
        project.reaches(lambda w: w.workstream("b").state == "accepted")
        assert set(project.world().runs) == {"a.1", "b.1"}
        assert len(told(project)) == 1
        project.assert_sound()


@pytest.mark.fault(
    32, "a worker is started where no more files fit, with a start that the one before it could not make"
)
def test_a_worker_starts_where_nothing_can_be_started(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(place, "48m,nr_inodes=400"), project_on(place, tmp_path, monkeypatch) as project:
        project.write(ONE)
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        many = use_up_inodes(place)
        project.write(TWO)
        project.reaches(lambda w: w.runs.get("b.1") and w.runs["b.1"].reason)
        project.kill()
        project.up()
        assert project.world().runs["b.1"].live
        give_back(many)
        world = project.reaches(lambda w: w.workstream("b").state == "accepted")
        assert (world.runs["b.1"].state, world.runs["b.1"].reason) == (RunState.LOST, "never started")
        assert world.runs["b.2"].exit_code == 0
        assert world.runs["a.1"].live
        project.assert_sound()


@pytest.mark.fault(31, "a disk fills up beside an agent whose output takes much of it")
def test_outputs_give_way_before_starts_wait(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(place, "64m"), project_on(place, tmp_path, monkeypatch) as project:
        project.write(f"project: T\nworkstreams:\n  a: {{run: 'head -c {20 << 20} /dev/zero; {WAIT}'}}\n")
        project.up()
        log = project.folder.runs / "a.1" / "log"
        until(lambda: log.exists() and log.stat().st_size == 20 << 20, what="much output")
        taken = log.stat().st_blocks * 512
        assert taken >= 20 << 20
        floor = 64 * 2**20 // 20
        (place / "junk").write_bytes(b"\0" * (free_bytes(place) - floor * 3 // 2))
        until(lambda: log.stat().st_blocks * 512 < taken // 2, what="a shorter log")
        assert log.stat().st_size == taken
        assert told(project) == []
        (project.path / "go").touch()
        project.reaches(lambda w: w.workstream("a").state == "accepted")
