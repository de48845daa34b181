"""An agent that prints as fast as a machine can write: the disk stays bounded, with a worker, without, and across its death."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disks import tmpfs
from locust_tui.client.requests import Ping
from locust_tui.execution.log_file import tail
from locust_tui.execution.log_guard import CAP
from project import Project, is_running, until

MIB = 1 << 20
MOST = CAP + (1 << 30)
LINE = b"0123456789abcde\n"


class Sizes(threading.Thread):
    """What a log takes on disk, looked at a hundred times a second."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.most = 0
        self._log = log
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(0.01):
            self.most = max(self.most, self._log.stat().st_blocks * 512)

    def end(self) -> None:
        self._end.set()
        self.join()


@contextmanager
def watched(log: Path) -> Iterator[Sizes]:
    sizes = Sizes(log)
    sizes.start()
    try:
        yield sizes
    finally:
        sizes.end()


@pytest.mark.fault(22, "`yes` for some seconds, under a worker that is killed in the middle")
def test_the_disk_is_bounded_and_offsets_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tmpfs(tmp_path / "own", f"{MOST // MIB + 200}m") as place:
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(place / "state"))
        project = Project(tmp_path / "plan")
        try:
            project.write(
                f"project: F\nworkstreams:\n  a: {{run: 'until [ -e go ]; do sleep 0.02; done; exec nice -n 5 yes {LINE[:-1].decode()}'}}\n"
            )
            project.up()
            run = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid).runs["a.1"]
            log = project.folder.runs / "a.1" / "log"
            with watched(log) as sizes:
                (project.path / "go").touch()
                grows(log, 4 * CAP)
                began = time.monotonic()
                project.ask(Ping())
                assert time.monotonic() - began < 20
                project.kill()
                grows(log, 2 * CAP)
                project.up()
                grows(log, 2 * CAP)
            assert CAP < sizes.most < MOST
            assert run.pid is not None
            assert is_running(run.pid)
            reads_right(log)
            until(lambda: log.stat().st_blocks * 512 <= 4 * CAP, what="a trim")
        finally:
            project.end()
            until(lambda: not project.agents(), what="the agents' end")


def grows(log: Path, size: int) -> None:
    before = log.stat().st_size
    until(lambda: log.stat().st_size >= before + size, what=f"{size} bytes more")


def reads_right(log: Path) -> None:
    """From wherever it is read: each byte is the one that the agent wrote there."""
    for offset in (0, log.stat().st_size // 2, -CAP // 4, -5):
        chunk = tail(log, offset)
        assert chunk.problem is None
        assert chunk.trimmed > 0
        assert chunk.data
        at = chunk.offset % len(LINE)
        expected = LINE * (len(chunk.data) // len(LINE) + 2)
        assert chunk.data == expected[at : at + len(chunk.data)]
