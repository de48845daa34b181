"""The cockpit of a real plan ends, by whatever hand: worker and agents do not notice, and the next one shows the same."""

from __future__ import annotations

import errno
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from locust_tui.screens.driver import Exit, QuietDriver
from project import Project, is_running, until
from terminal import Terminal, ready

SOON_S = 20.0
"""It takes less than a second; so much is allowed where others use the machine too."""
PLAN = """\
project: P
workstreams:
  mast: {run: exec sleep 1000}
  sail: {run: exec sleep 1001}
  flag: {needs: mast, run: "true"}
"""


@pytest.fixture(scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One project for all: that nothing changes it is what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("cut")
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        project = Project(home / "plan")
        try:
            project.write(PLAN)
            project.up()
            project.reaches(lambda w: all(w.runs.get(r) and w.runs[r].pid for r in ("mast.1", "sail.1")))
            until(lambda: len(project.agents()) == 2, what="both agents' programs")
            yield home
        finally:
            project.end()


@pytest.fixture
def project(_home: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_STATE_HOME", str(_home / "state"))
    return Project(_home / "plan")


def cockpit(project: Project, *, ignore_hangup: bool = False) -> Terminal:
    return Terminal(
        str(project.plan), script="real_cockpit.py", columns=100, rows=32, ignore_hangup=ignore_hangup
    )


def standing(terminal: Terminal) -> dict[str, str]:
    """The signs in front of the workstreams, once all three are drawn."""
    found = {name: sign for sign, name in re.findall(r"([●○⊘⋯✓✗]) (mast|sail|flag)\b", terminal.text)}
    return found if len(found) == 3 else {}


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def kill(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGKILL)


def terminate_twice(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)
    os.kill(terminal.pid, signal.SIGTERM)


@pytest.mark.fault(62, "the terminal under the cockpit is closed, plain and under nohup")
@pytest.mark.fault(63, "the cockpit is killed with SIGKILL, and with SIGTERM twice")
@pytest.mark.parametrize(
    ("end", "ignore_hangup", "code"),
    [(hang_up, False, 129), (hang_up, True, 129), (kill, False, 137), (terminate_twice, False, 143)],
    ids=["cut", "cut under nohup", "killed", "terminated"],
)
def test_nothing_but_the_cockpit_ends_and_the_next_one_shows_the_same(
    project: Project, end: Callable[[Terminal], None], ignore_hangup: bool, code: int
) -> None:
    at_work = {project.pid(), *project.agents()}
    assert len(at_work) > 2
    revision = project.world().revision
    with cockpit(project, ignore_hangup=ignore_hangup) as terminal:
        terminal.until(ready)
        terminal.until(lambda _: bool(standing(terminal)))
        shown = standing(terminal)
        began = time.monotonic()
        end(terminal)
        assert terminal.ended() == code
        assert time.monotonic() - began < SOON_S
    assert {project.pid(), *project.agents()} == at_work
    assert all(map(is_running, at_work))
    assert project.world().revision == revision
    with cockpit(project) as terminal:
        terminal.until(lambda _: standing(terminal) == shown)
        terminal.send(b"q")
        assert terminal.ended() == 0


@pytest.mark.fault(63, "SIGTERM while the first frame is being built, at three instants")
@pytest.mark.parametrize("bytes_drawn", [0, 1, 500])
def test_a_signal_while_it_starts_restores_the_terminal_too(bytes_drawn: int) -> None:
    with Terminal("running") as terminal:
        terminal.until(lambda _: len(terminal.raw) >= bytes_drawn)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended() == 143
        assert b"\x1b[?1049h" not in terminal.raw or terminal.restored
        assert b"Traceback" not in terminal.raw


@pytest.mark.fault(63, "signals while another screen, a form, an inbox is open")
@pytest.mark.parametrize(
    "keys", [b"a", *(pytest.param(key, marks=pytest.mark.soak) for key in (b"o", b"!", b":", b"?"))]
)
def test_a_signal_on_another_screen_restores_the_terminal(keys: bytes) -> None:
    with Terminal("ready") as terminal:
        before = terminal.until(ready)
        terminal.send(keys)
        terminal.until(lambda shown: shown != before)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended() == 143
        assert terminal.restored


def test_a_read_that_the_end_of_the_terminal_overtakes_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a look that finds bytes and the read of them it may go; SIGHUP and who watches for that end the cockpit."""
    leave = Exit()
    leave.open()
    readable, writable = os.pipe()
    os.write(writable, b"x")
    as_ever = os.read

    def read(fd: int, count: int) -> bytes:
        if fd != readable:
            return as_ever(fd, count)
        leave.set()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    driver = QuietDriver.__new__(QuietDriver)
    driver.exit_event, driver.fileno, driver._debug = leave, readable, False
    monkeypatch.setattr(os, "read", read)
    try:
        driver.run_input_thread()
    finally:
        leave.close()
        os.close(readable)
        os.close(writable)
