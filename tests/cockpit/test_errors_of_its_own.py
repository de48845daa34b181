"""An error of the cockpit's own, wherever it happens: the terminal is restored, one line says so, no value is told, agents go on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import Project, until
from terminal import Terminal, ready

PLACES = ("line", "task", "loop", "input", "start")
PLAN = "project: P\nworkstreams: {a: {run: exec sleep 1000}}\n"


@pytest.fixture(scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One project for all: nothing of what is done to it here changes it."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("own")
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        project = Project(home / "plan")
        try:
            project.write(PLAN)
            project.up()
            project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
            until(lambda: len(project.agents()) == 1, what="the agent's program")
            yield home
        finally:
            project.end()


@pytest.fixture
def home(_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(_home / "state"))
    (_home / "plan" / "broken").unlink(missing_ok=True)
    return _home


@pytest.mark.fault(
    67,
    "exceptions in a line, a key, a timer, a task, a thread, the loop, the keyboard, before the first frame",
)
@pytest.mark.parametrize(
    "where", [*PLACES, *(pytest.param(place, marks=pytest.mark.soak) for place in ("key", "timer", "thread"))]
)
def test_wherever_it_fails_it_says_so_in_one_line_and_agents_go_on(home: Path, where: str) -> None:
    project = Project(home / "plan")
    at_work = {project.pid(), *project.agents()}
    reports = home / "state" / "locust-tui" / "crashes"
    before = set(reports.glob("*"))
    with Terminal(f"{project.plan}?{where}", script="broken_cockpit.py") as terminal:
        if where != "start":
            terminal.until(ready)
            (project.path / "broken").touch()
            terminal.send(b"\x03")
            terminal.send(b"2")
        assert terminal.ended() == 1
        assert terminal.restored
        said = terminal.raw.decode().rpartition("\x1b[?25h")[2]
    (report,) = set(reports.glob("*")) - before
    assert "had an error of its own (RuntimeError); the worker and its agents go on" in said
    assert str(report) in said.replace("\r\n", "")
    assert "in fail" in report.read_text()
    assert "hunter2" not in terminal.raw.decode() + report.read_text()
    assert {project.pid(), *project.agents()} == at_work
    assert len(at_work) > 1
    assert "hunter2" not in project.log()


@pytest.mark.fault(67, "an exception where no report of it can be written")
def test_where_no_report_can_be_written_that_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "locust-tui").write_text("a file where a folder should be")
    project = Project(home / "plan")
    seen = {"LOCUST_TUI_STATE_DIR": None, "XDG_STATE_HOME": str(tmp_path)}
    with Terminal(f"{project.plan}?start", script="broken_cockpit.py", environ=seen) as terminal:
        assert terminal.ended() == 1
        said = terminal.raw.decode()
    assert "no report could be written: " in said
    assert "hunter2" not in said
    assert os.listdir(tmp_path) == ["locust-tui"]
