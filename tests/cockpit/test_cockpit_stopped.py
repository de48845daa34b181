"""A cockpit that is stopped in mid-work holds nobody up, and shows what is so once it goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from project import Project, state_letter, until
from terminal import Terminal, ready

PLAN = """\
project: P
workstreams:
  mast: {run: 'until [ -e go ]; do sleep 0.05; done; exit 7'}
  sail: {run: exec sleep 1001}
"""
COMMITS = 40


def rss_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.fault(21, "a cockpit gets SIGSTOP, the worker goes on or is replaced, and it gets SIGCONT")
@pytest.mark.parametrize("replaced", [False, True], ids=["the same worker", "another worker"])
def test_a_cockpit_that_goes_on_shows_what_is_so(tmp_path: Path, replaced: bool) -> None:
    project = Project(tmp_path / "plan")
    project.write(PLAN)
    try:
        worker = project.up()
        project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 2)
        with Terminal(str(project.plan), script="real_cockpit.py", columns=110, rows=36) as terminal:
            terminal.until(ready)
            os.kill(terminal.pid, signal.SIGSTOP)
            until(lambda: state_letter(terminal.pid) == "T")
            before = rss_kib(worker)
            for _ in range(COMMITS // 2):
                for action in (WorkstreamAction.PAUSE, WorkstreamAction.RESUME):
                    project.ask(SteerWorkstream("sail", action), timeout=10)
            assert rss_kib(worker) - before < 20 << 10
            if replaced:
                project.kill()
                project.up()
            (project.path / "go").touch()
            project.reaches(lambda w: w.workstream("mast").state == "failed")
            project.steer("sail", WorkstreamAction.PAUSE)
            assert "exit code 7" not in terminal.text
            os.kill(terminal.pid, signal.SIGCONT)
            terminal.until(lambda now: "✗ mast" in now and "exit code 7" in now)
            terminal.until(lambda now: "⏸ sail" in now)
    finally:
        project.end()
