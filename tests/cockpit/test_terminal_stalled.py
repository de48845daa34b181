"""A terminal that takes nothing: the cockpit goes on, ends when it is told to, and draws all anew once it is looked at again."""

from __future__ import annotations

import os
import signal
import time

import pytest

from project import until
from terminal import Terminal, ready, stands_in_a_write

SOON_S = 20.0
"""It takes two seconds at most; so much is allowed where others use the machine too."""


@pytest.fixture
def stalled() -> Terminal:
    """A cockpit on a busy plan whose terminal has not been read for so long that nothing more fits in."""
    return Terminal("busy", columns=160, rows=48)


def stall(terminal: Terminal) -> None:
    terminal.until(ready)
    until(lambda: stands_in_a_write(terminal.pid, 2), what="the terminal's being full")
    until(lambda: busy_for(terminal, 0.5), what="the cockpit's drawing on")


def busy_for(terminal: Terminal, seconds: float) -> bool:
    """Whether it has computed for so long since it was asked first; at most ten seconds are waited."""
    began, before = time.monotonic(), terminal.cpu_s()
    while time.monotonic() - began < 10:
        if terminal.cpu_s() - before > seconds:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.fault(62, "the terminal takes no bytes, as behind a stopped ssh; then a signal comes")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=pytest.mark.soak)],
    ids=str,
)
def test_a_signal_ends_it_though_nothing_can_be_drawn(
    stalled: Terminal, number: signal.Signals, code: int
) -> None:
    with stalled as terminal:
        stall(terminal)
        began = time.monotonic()
        os.kill(terminal.pid, number)
        _, status = until(lambda: ended(terminal), SOON_S, "the end")
        assert time.monotonic() - began < SOON_S
        assert os.waitstatus_to_exitcode(status) == code
        terminal.status = code


def ended(terminal: Terminal) -> tuple[int, int] | None:
    """Reaped without reading what it drew."""
    pid, status = os.waitpid(terminal.pid, os.WNOHANG)
    return (pid, status) if pid else None


@pytest.mark.fault(62, "the terminal takes no bytes, then it is closed")
def test_a_closed_one_ends_it_too(stalled: Terminal) -> None:
    with stalled as terminal:
        stall(terminal)
        terminal.hang_up()
        assert terminal.ended(SOON_S) == 129


@pytest.mark.fault(21, "the terminal takes no bytes for a while, then it does again")
def test_read_again_it_shows_the_present_and_is_restored_in_the_end(stalled: Terminal) -> None:
    with stalled as terminal:
        stall(terminal)
        terminal.send(b"?")
        terminal.until("esc back")
        terminal.send(b"\x1b")
        terminal.until(lambda shown: ready(shown) and "esc back" not in shown)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored
