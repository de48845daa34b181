"""An agent lays pipes and links where its run's own files were: nobody who reads them hangs, and the run ends as it would."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.agents.vocabulary import JOB_FILE
from locust_tui.client.requests import Ping
from locust_tui.client.run_files import record, speaks_a_protocol
from locust_tui.domain.events import Noted
from locust_tui.errors import LocustTuiError
from locust_tui.execution.log_file import trimmed_bytes
from locust_tui.masking import MaskFile
from locust_tui.report.transcript import transcript_of
from locust_tui.state.folder import StateFolder
from locust_tui.worker.conversing import jobs, log_head
from locust_tui.worker.run_tokens import RunTokens
from locust_tui.worker.tool_server import ToolServers
from project import Project, is_running, until

NAMES = (
    "agent.json", "events.jsonl", "exit.json.tmp", "job.json", "log", "log.head", "sent", "shim.json", "trim.json",
    "trim.json.tmp", "trimming",
)  # fmt: skip


def put_pipe(path: Path) -> None:
    new = path.with_name("a-pipe")
    os.mkfifo(new)
    new.replace(path)


@pytest.mark.fault(27, "an agent lays pipes in place of its log and of every record in its run's folder")
def test_pipes_in_place_of_a_runs_records_hang_nobody(project: Project) -> None:
    project.script("agent", "#!/bin/sh\nuntil [ -e end ]; do sleep 0.05; done\nexit 7\n")
    project.write("project: P\nworkstreams:\n  a: {run: ./agent}\n")
    project.up()
    pid = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid).runs["a.1"].pid
    for name in NAMES:
        put_pipe(project.folder.runs / "a.1" / name)
    for _ in range(3):
        project.ask(Ping())
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", "logs", "a"], cwd=project.path, capture_output=True, timeout=60
    )
    assert done.returncode == 5
    (project.path / "end").touch()
    ended = project.reaches(lambda w: (r := w.runs["a.1"]) and not r.live).runs["a.1"]
    assert (ended.pid, ended.exit_code) == (pid, 7)
    project.assert_sound()


@pytest.mark.fault(27, "the next worker finds pipes in place of every record of a live run")
def test_a_worker_that_finds_pipes_comes_up(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 600}\n")
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid)
    project.kill()
    for name in NAMES:
        put_pipe(project.folder.runs / "a.1" / name)
    project.up()
    project.ask(Ping())


@pytest.mark.fault(27, "pipes in place of what is read of a conversation")
def test_readers_of_a_run_folder_wait_for_no_pipe(tmp_path: Path) -> None:
    began = time.monotonic()
    (tmp_path / "log").write_bytes(b"x\n")
    for name in NAMES:
        if name != "log":
            os.mkfifo(tmp_path / name)
    assert speaks_a_protocol(tmp_path)
    assert (tmp_path / JOB_FILE).is_fifo()
    assert transcript_of(tmp_path) is None
    assert jobs.take_up(tmp_path) is None
    assert trimmed_bytes(tmp_path / "log") == 0
    assert record(tmp_path / "agent.json") == {}
    log_head.keep(tmp_path)
    assert (tmp_path / "log.head").read_bytes() == b"x\n"
    assert time.monotonic() - began < 20


def lay_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("nowhere")


def lay_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


@pytest.mark.fault(
    27, "an agent lays links or folders in place of every record of its run, and then its worker dies"
)
@pytest.mark.parametrize("lay", [lay_link, lay_folder])
def test_a_worker_that_finds_no_files_comes_up(lay: Callable[[Path], None], project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 600}\n")
    project.up()
    pid = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid).runs["a.1"].pid
    project.kill()
    for name in NAMES:
        lay(project.folder.runs / "a.1" / name)
    project.up()
    project.ask(Ping(), timeout=10)
    assert pid is not None
    assert is_running(pid)
    assert {r.id for r in project.world().runs.values()} == {"a.1"}


@pytest.mark.fault(
    27, "files and open folders lie among the runs, under names that a run or a check may have"
)
def test_what_is_no_run_keeps_no_worker_from_its_work(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 600}\n")
    project.up()
    pid = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid).runs["a.1"].pid
    project.kill()
    for name in ("a.9", "kept.1", "check-a-1"):
        (project.folder.runs / name).touch()
    (project.folder.runs / "a.8").mkdir()
    (project.folder.runs / "a.8").chmod(0o777)
    project.up()
    run = project.reaches(lambda w: w.runs["a.1"].live).runs["a.1"]
    assert run.pid == pid
    told = {"a.8", "a.9", "kept.1"}
    until(
        lambda: told == {note.subject for note in project.events(Noted) if "left alone" in note.text},
        what="three notes",
    )


@pytest.mark.fault(27, "pipes in place of what a worker keeps beside its record")
def test_a_worker_waits_for_no_pipe_in_its_own_folder(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "locust-plan.yaml")
    folder.prepare()
    waiting = folder.masks.with_name(f"{folder.masks.name}.new")
    for path in (folder.masks, waiting, folder.root / "tools.json", folder.root / "tools.key"):
        os.mkfifo(path)
    assert MaskFile(folder.masks).mask("nothing secret") == "nothing secret"
    with pytest.raises(LocustTuiError, match="cannot be noted"):
        MaskFile(folder.masks).add(["a-key-of-somebody-1234"])
    assert ToolServers(folder)._port() is None
    with pytest.raises(OSError, match="not a plain file"):
        RunTokens(folder.root / "tools.key").of("a.1")
