"""The inbox in a real terminal: keys as bytes, the bell as a byte, two sizes."""

from __future__ import annotations

import os
import signal

import pytest

from terminal import Terminal

SIZES = pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])


@pytest.mark.fault(66, "a burst and a paste of yeses on a permission")
@SIZES
def test_a_permission_is_allowed_by_two_keys_of_a_hand_and_by_no_burst(columns: int, rows: int) -> None:
    with Terminal("asking", columns=columns, rows=rows) as terminal:
        terminal.until("(!)")
        terminal.send(b"!")
        terminal.until("Waits for you 8")
        terminal.quiet(0.7)
        terminal.send(b"ayyyy\r\r")
        terminal.until("y allows it once")
        terminal.quiet(0.7)
        assert "Waits for you 8" in terminal.text
        terminal.send(b"\x1b[200~y\r\x1b[201~")
        terminal.until("a paste decides nothing")
        assert "Waits for you 8" in terminal.text
        terminal.send(b"y")
        terminal.until("Waits for you 7")
        terminal.until("allow once, recorded as")


def test_a_message_is_written_and_sent_with_a_denial() -> None:
    with Terminal("asking") as terminal:
        terminal.until("(!)")
        terminal.send(b"!")
        terminal.until("Waits for you 8")
        terminal.quiet(0.7)
        terminal.send(b"d")
        terminal.until("enter denies it")
        terminal.quiet(0.7)
        terminal.send("nein, das räumt make auf".encode())
        terminal.until("räumt make auf")
        terminal.quiet(0.2)
        terminal.send(b"\r")
        terminal.until("Waits for you 7")
        terminal.send(b"h")
        terminal.until("“nein, das räumt make auf”")


def test_the_bell_rings_once_however_much_comes_at_once() -> None:
    with Terminal("arriving") as terminal:
        terminal.until("3 wait")
        before = terminal.raw.count(b"\x07")
        os.kill(terminal.pid, signal.SIGUSR1)
        terminal.until("18 wait")
        terminal.quiet(0.4)
        assert terminal.raw.count(b"\x07") - before == 1
