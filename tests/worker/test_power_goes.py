"""The machine loses power under a worker with agents: what was acknowledged is there, and no end is made up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from disks import Disk, ext4
from locust_tui.domain.states import DecisionKind, GateState, RunState, WorkstreamState
from locust_tui.masking import MaskFile
from project import Project, until

SECRET = "an-own-secret-of-this-test"
PLAN = """
project: Power
phases:
  1: {name: First}
  2: {name: Second}
workstreams:
  a: {phase: 1, run: 'echo $LOCUST_TUI_RUN >> started'}
  b: {phase: 2, run: 'echo $LOCUST_TUI_RUN >> started; while [ ! -e go-b ]; do sleep 0.05; done'}
gates:
  g: {closes: 1, mode: hard}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Project, Disk]]:
    """A project whose state folder is on a disk of its own."""
    with ext4(tmp_path / "machine") as disk:
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(disk.place / "state"))
        monkeypatch.setenv("POWER_API_TOKEN", SECRET)
        project = Project(tmp_path / "plan")
        try:
            yield project, disk
        finally:
            project.end()


def using(place: Path) -> set[int]:
    """Processes that hold a file or a folder of that disk: worker, zygote, shims."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                held = (os.readlink(fd) for fd in (entry / "fd").iterdir())
                if any(path.startswith(f"{place}/") for path in held):
                    found.add(int(entry.name))
    return found


def nothing_runs(project: Project, disk: Disk) -> bool:
    """Whatever this machine had running is gone."""
    left = using(disk.place) | set(project.agents())
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not left


@pytest.mark.fault(
    30, "an ext4 file system loses everything that was not synced, and every process dies with it"
)
def test_what_was_acknowledged_is_there_and_no_end_is_made_up(machine: tuple[Project, Disk]) -> None:
    project, disk = machine
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.gate("g").state in (GateState.READY, GateState.PENDING))
    project.decide("g", DecisionKind.GO, by="ana")
    project.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    disk.cut_power()
    until(lambda: nothing_runs(project, disk), what="the end of every process")
    disk.mount_anew()
    project.up()
    world = project.reaches(lambda w: w.runs["b.1"].state is not RunState.RUNNING)
    assert world.runs["a.1"].exit_code == 0
    assert world.workstream("a").state is WorkstreamState.ACCEPTED
    assert world.gate("g").decision is not None
    assert world.gate("g").decision.by.name == "ana"
    assert "record-restored/" not in world.alerts
    assert world.runs["b.1"].state in (RunState.LOST, RunState.UNKNOWN)
    assert world.runs["b.1"].exit_code is None
    assert SECRET not in MaskFile(project.folder.masks).mask(f"it said {SECRET}")
    project.assert_sound()
