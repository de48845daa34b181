"""What `doctor`, to which other words send people, and `status` and `ps` say of a plan's state that is broken or gone, and one thing to do about it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from disks import fill, tmpfs
from project import Project

Tui = Callable[..., CompletedProcess[str]]


def findings(tui: Tui, *args: str) -> dict[str, dict[str, str]]:
    return {found["subject"]: found for found in json.loads(tui("doctor", "--json", *args).stdout)}


@pytest.mark.fault(40, "doctor is asked about a state folder that is open to others")
def test_a_state_folder_that_no_verb_enters_is_told_with_the_way_out(tui: Tui, sailed: Path) -> None:
    state = sailed.parent / ".locust-tui"
    os.chmod(state, 0o777)
    assert tui("doctor").returncode == 1
    found = findings(tui)["state folder"]
    assert found["state"] == "fail"
    assert "open to others" in found["detail"]
    assert found["help"] == f"chmod 700 {state}"


@pytest.mark.fault(34, "doctor is asked about a record that was overwritten")
def test_doctor_sends_nobody_to_doctor(tui: Tui, sailed: Path) -> None:
    record = sailed.parent / ".locust-tui" / "store.db"
    record.write_bytes(b"no database at all" * 4096)
    assert "locust-tui doctor" in tui("status").stderr
    found = findings(tui)["record"]
    assert found["state"] == "fail"
    assert "doctor" not in found["help"]
    assert "locust-tui down, then up" in found["help"]


@pytest.mark.fault(31, "doctor is asked on a disk without a byte of room")
def test_a_full_disk_is_not_taken_for_one_that_bounds_no_logs(
    tui: Tui, harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tmpfs(tmp_path / "full", "1m") as full:
        fill(full)
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(full / "state"))
        found = findings(tui)
        assert found["state folder"]["state"] == "warn"
        assert "logs" not in found


@pytest.mark.fault(35, "the record is deleted while no worker runs, and status and ps are asked")
def test_a_missing_record_is_not_taken_for_a_plan_that_never_ran(tui: Tui, sailed: Path) -> None:
    state = sailed.parent / ".locust-tui"
    (state / "runs" / "keel.1").mkdir()
    for part in state.glob("store.db*"):
        part.unlink()
    for told in (tui("status").stdout, tui("ps").stderr):
        assert "but folders of runs (1)" in told
        assert "locust-tui up" in told
    assert "no agent is running" not in tui("ps").stderr
    assert "not known" in tui("status").stdout
    assert not any(untrue in tui("status").stdout for untrue in ("agents running", "not started", "ready"))


@pytest.mark.fault(35, "the record is deleted under a worker, and status and ps are asked before it looks")
def test_a_record_that_is_gone_under_its_worker_is_not_taken_for_one_without_agents(
    tmp_path: Path, tui: Tui
) -> None:
    project = Project(tmp_path)
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 600}\n")
    try:
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        for part in project.folder.root.glob("store.db*"):
            part.unlink()
        for told in (tui("status", str(project.plan)).stdout, tui("ps", str(project.plan)).stderr):
            assert "not known" in told
            assert "locust-tui up --recreate" in told
        assert "not started" not in tui("status", str(project.plan)).stdout
        assert tui("up", "--recreate", str(project.plan)).returncode == 0
        assert "a.1" in tui("ps", str(project.plan)).stdout
    finally:
        project.end()


def test_a_plan_that_never_ran_misses_no_record(tui: Tui, harbour: Path) -> None:
    assert "folders of runs" not in tui("status").stdout
    assert tui("ps").stderr.startswith("no agent is running")
