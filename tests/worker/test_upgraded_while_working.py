"""locust-tui is upgraded while agents run: the version that comes finds them, and those of the one that is gone need nothing of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import locust_tui
from locust_tui import __version__
from locust_tui.domain.events import RunEnded, WorkerStarted
from locust_tui.domain.states import RunState
from project import Project, is_running, until
from waiting_fleet import take_away

OLD = "0.0.1"
PLAN = """
project: P
workstreams:
  working: {run: 'until [ -e go ]; do sleep 0.05; done; echo done; exit 3'}
  ending: {run: 'sleep 996 & until [ -e end ]; do sleep 0.05; done; exit 4'}
  talking: {run: 'until [ -e talk ]; do sleep 0.05; done; yes | head -c 100000000; touch talked; until [ -e go ]; do sleep 0.05; done'}
  waiting: {run: "true", needs: working}
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A folder with the package as another version of itself."""
    package = tmp_path / "older" / "locust_tui"
    shutil.copytree(Path(locust_tui.__file__).parent, package)
    about = package / "__init__.py"
    about.write_text(about.read_text().replace(f'"{__version__}"', f'"{OLD}"'))
    return package.parent


def _up(project: Project, path: Path) -> int:
    environ = {**os.environ, "PYTHONPATH": str(path)}
    subprocess.run([sys.executable, "-m", "locust_tui", "up", str(project.plan)], env=environ, check=True)
    return project.pid()


@pytest.mark.parametrize("gone", [False, True], ids=["beside it", "in its place"])
def test_agents_outlive_an_upgrade(project: Project, older: Path, gone: bool) -> None:
    project.write(PLAN)
    old = _up(project, older)
    world = project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 3)
    assert os.fsencode(older) in Path(f"/proc/{old}/environ").read_bytes()
    assert [e.version for e in project.events(WorkerStarted)] == [OLD]
    project.kill()
    if gone:
        take_away(older)
    (project.path / "end").touch()
    (project.path / "talk").touch()
    until(
        (project.folder.runs / "ending.1" / "exit.json").exists, what="the end of a run that nobody watches"
    )
    until((project.path / "talked").exists, what="much output that nobody watches")
    log = project.folder.runs / "talking.1" / "log"
    until(
        lambda: log.stat().st_blocks * 512 <= 64 << 20, what="the log's bound, kept by its supervisor alone"
    )
    new = project.up()
    assert [e.version for e in project.events(WorkerStarted)] == [OLD, __version__]
    assert new != old
    again = project.world()
    for run in ("working.1", "talking.1"):
        assert (again.runs[run].state, again.runs[run].pid) == (RunState.RUNNING, world.runs[run].pid)
        assert is_running(again.runs[run].pid or 0)
    (project.path / "go").touch()
    project.ends()
    ends = {e.run: e for e in project.events(RunEnded)}
    assert {run: e.exit_code for run, e in ends.items()} == {"working.1": 3, "ending.1": 4, "talking.1": 0}
    assert [name.split()[0] for name in ends["ending.1"].leftovers] == ["sleep"]
    assert project.output("working.1") == b"done\n"
    project.assert_sound()
