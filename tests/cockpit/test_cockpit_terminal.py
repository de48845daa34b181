"""On a real pty: the terminal is as it was whatever ends the cockpit, and nothing hostile ever reaches it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from terminal_bytes import forbidden

from project import until
from terminal import HERE, ROOT, Terminal, ready


@pytest.mark.fault(63, "SIGTERM, SIGHUP, SIGQUIT, SIGINT")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131), (signal.SIGINT, 130)],
    ids=str,
)
def test_a_signal_ends_it_and_restores_the_terminal(number: signal.Signals, code: int) -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        os.kill(terminal.pid, number)
        assert terminal.ended() == code
        assert terminal.restored


def test_q_leaves_and_says_what_goes_on() -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored
        assert b"Worker 1234 goes on; 6 agents running." in terminal.raw


@pytest.mark.fault(62, "the terminal is closed, plain and under nohup")
@pytest.mark.parametrize("ignore_hangup", [False, True], ids=["plain", "nohup"])
def test_a_dropped_connection_ends_it_soon(ignore_hangup: bool) -> None:
    with Terminal("running", ignore_hangup=ignore_hangup) as terminal:
        terminal.until(ready)
        terminal.hang_up()
        terminal.ended()


@pytest.mark.fault(67, "an exception in what a pane asks for")
def test_an_error_of_its_own_is_one_line_without_values(tmp_path: Path) -> None:
    with Terminal("broken", environ={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        assert terminal.ended() == 1
        assert terminal.restored
        said = terminal.raw.decode().rpartition("\x1b[?25h")[2]
        reports = list(tmp_path.rglob("*.txt"))
    assert len(reports) == 1
    assert str(reports[0]) in said.replace("\r\n", "").replace("\n", "")
    assert "hunter2" not in terminal.raw.decode() + reports[0].read_text()
    assert "in log_path" in reports[0].read_text()
    assert reports[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.fault(64, "TERM is dumb, empty, unknown")
@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_draw_is_told_in_one_line(term: str) -> None:
    with Terminal("running", environ={"TERM": term}) as terminal:
        assert terminal.ended() == 2
        said = terminal.raw.decode()
    assert "\x1b" not in said
    assert said.count("\n") == 1
    assert "--report" in said
    assert "status --json" in said


@pytest.mark.fault(64, "no terminal at all")
def test_without_a_terminal_it_says_so_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "fake_port.py")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "--report" in done.stderr


@pytest.mark.parametrize("kind", [f"hostile{n}" for n in range(4)])
@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "large"])
@pytest.mark.fault(25, "every text of a snapshot and a log attacks; the cockpit draws them on a terminal")
def test_nothing_hostile_reaches_the_terminal(kind: str, size: tuple[int, int]) -> None:
    with Terminal(kind, columns=size[0], rows=size[1]) as terminal:
        terminal.until(ready)
        for key in b"13452\r\x1bLw\x1b!\x1b:\x1bo\x1by\x1ba\x1bx\x1b?\x1b1g\r\x1b":
            terminal.send(bytes([key]))
            terminal.quiet(0.15)
        terminal.back()
        assert forbidden(bytes(terminal.raw)) == []


def click(terminal: Terminal, row: int, column: int) -> None:
    """Press and release the left button on a cell, counted from 0."""
    terminal.send(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column + 1, row + 1, column + 1, row + 1))


@pytest.mark.fault(26, "markup that would click is clicked on a terminal")
def test_clicking_every_cell_of_hostile_text_does_nothing() -> None:
    clicked = 0
    with Terminal("hostile-clicks", columns=160, rows=50) as terminal:
        terminal.until(ready)
        terminal.quiet()
        for row in range(50):
            for column in range(1, 160, 14):
                shown = terminal.screen.display[row]
                where = [m.span() for m in re.finditer(r"\[@click=app\.\w+.{0,9}", shown)]
                if any(begin <= column < end for begin, end in where):
                    click(terminal, row, column)
                    terminal.pump(0.002)
                    clicked += 1
        assert clicked > 80, clicked
        terminal.quiet()
        assert "[@click=app.quit]click[/]" in terminal.text
        assert forbidden(bytes(terminal.raw)) == []
        terminal.send(b"2")
        terminal.until(ready)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert b"asked of the port: 0\r\n" in terminal.raw


def test_the_same_text_read_as_markup_would_end_a_program_by_a_click() -> None:
    """What makes the test above one that can fail."""
    with Terminal("", script="markup_app.py") as terminal:
        terminal.until("approve")
        row = next(n for n, line in enumerate(terminal.screen.display) if line.startswith("click"))
        click(terminal, row, 1)
        assert terminal.ended() == 0


@pytest.mark.fault(66, "yeses and names are pasted on a gate")
def test_pasted_yeses_and_ids_approve_nothing() -> None:
    with Terminal("ready", columns=100, rows=30) as terminal:
        terminal.until(ready)
        terminal.send(b"a")
        terminal.until("Decide")
        terminal.send(b"\x1b[200~" + b"y\n" * 100 + b"\x1b[201~")
        terminal.send(b"y\r" * 100 + b"g2\r" * 20)  # where the terminal does not bracket pastes
        terminal.quiet(0.7)
        assert "recorded as" not in terminal.text
        assert "pending" in terminal.text


@pytest.mark.fault(61, "60 resizes, down to nothing")
def test_a_storm_of_resizes_leaves_it_alive() -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        for step in range(60):
            terminal.resize(*[(0, 0), (1, 1), (400, 200), (30, 8), (80, 24), (120, 36)][step % 6])
            terminal.pump(0.01)
        terminal.resize(80, 24)
        terminal.quiet(0.5)
        terminal.send(b"2")
        terminal.until("Running 2")


@pytest.mark.fault(64, "only plain letters are asked for")
def test_ascii_only_where_the_terminal_says_so() -> None:
    with Terminal("running", environ={"LOCUST_TUI_ASCII": "1"}) as terminal:
        terminal.until(ready)
        terminal.send(b"?")
        terminal.quiet()
        assert bytes(terminal.raw).isascii()


@pytest.mark.fault(64, "NO_COLOR, empty and set")
@pytest.mark.parametrize("environ", [{"NO_COLOR": ""}, {"NO_COLOR": "1"}], ids=["empty", "set"])
def test_no_color_sends_no_colour(environ: dict[str, str]) -> None:
    with Terminal("running", environ=environ) as terminal:
        terminal.until(ready)
        terminal.quiet()
        codes = {c for m in re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.raw)) for c in m.split(b";")}
    assert not {
        c for c in codes if c.isdigit() and (30 <= int(c) <= 38 or 40 <= int(c) <= 48 or 90 <= int(c) <= 107)
    }


def test_colours_are_the_terminals_own_sixteen() -> None:
    with Terminal("running", environ={"TERM": "xterm", "COLORTERM": ""}) as terminal:
        terminal.until(ready)
        terminal.quiet()
        codes = [c for m in re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.raw)) for c in m.split(b";")]
    assert b"38" not in codes
    assert b"48" not in codes


@pytest.mark.fault(63, "SIGTSTP, then SIGCONT")
def test_suspended_and_continued_it_draws_again() -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        os.kill(terminal.pid, signal.SIGTSTP)
        _, status = os.waitpid(terminal.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        terminal.quiet(0.2)
        terminal.screen.reset()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until(ready)
        terminal.quiet()
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored


@pytest.mark.fault(63, "SIGSTOP, then SIGCONT")
def test_stopped_without_warning_and_continued_it_still_takes_keys_and_leaves() -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        for _ in range(2):
            os.kill(terminal.pid, signal.SIGSTOP)
            os.waitpid(terminal.pid, os.WUNTRACED)
            os.kill(terminal.pid, signal.SIGCONT)
            terminal.quiet()
        terminal.send(b"?")
        terminal.until("esc")
        terminal.send(b"\x1b")
        terminal.until(ready)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored


def wakes_beside_the_loop(pid: int) -> int:
    """How often the threads of a process, but for its first, have woken so far."""
    woken = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        if thread.name != str(pid):
            facts = (thread / "status").read_text().splitlines()
            woken += int(next(line for line in facts if line.startswith("voluntary")).split()[1])
    return woken


def test_no_thread_wakes_while_nobody_types() -> None:
    with Terminal("big0") as terminal:
        terminal.until(ready)
        terminal.quiet(2.0)
        before = wakes_beside_the_loop(terminal.pid)
        assert not terminal.pump(1.0)
        assert wakes_beside_the_loop(terminal.pid) - before <= 2
        terminal.send(b"?")
        terminal.until("esc")


def test_escape_is_a_key_and_the_beginning_of_others_however_the_bytes_come() -> None:
    with Terminal("running", columns=120, rows=36, environ={"ESCDELAY": "3000"}) as terminal:
        terminal.until(ready)
        terminal.send(b"?")
        terminal.until("esc back")
        terminal.send(b"\x1b[")
        until(lambda: not terminal.unread(), what="the first half of a key")
        terminal.send(b"B")  # down
        terminal.quiet()
        assert "esc back" in terminal.text
        terminal.send(b"\x1b")
        terminal.until(ready)


@pytest.mark.fault(66, "bytes that are no text are typed")
def test_bytes_that_are_no_text_do_not_end_it() -> None:
    with Terminal("running") as terminal:
        terminal.until(ready)
        terminal.send(b"\xff\xc3")
        terminal.quiet()
        terminal.send(b"q")
        assert terminal.ended() == 0
