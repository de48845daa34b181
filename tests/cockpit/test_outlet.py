"""What is drawn reaches a terminal that takes it, in order; one that takes nothing holds up nobody."""

from __future__ import annotations

import io
import os
import pty
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import suppress

import pytest

from locust_tui.screens import outlet
from locust_tui.screens.outlet import MOST_UNSENT, Outlet
from project import until
from terminal import stands_in_a_write


class Reader:
    """A terminal: what a program writes to `stream` is in `taken` once it was read."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.stream = io.TextIOWrapper(io.FileIO(slave, "w"), encoding="ascii")
        self.taken = b""

    def take(self) -> None:
        """What has come by now."""
        os.set_blocking(self._master, False)
        with suppress(BlockingIOError):
            self.taken += os.read(self._master, 65_536)

    def look(self, end: bytes) -> threading.Thread:
        """Read on until `end` comes, in a thread."""
        os.set_blocking(self._master, True)

        def read() -> None:
            while not self.taken.endswith(end):
                self.taken += os.read(self._master, 65_536)

        thread = threading.Thread(target=read)
        thread.start()
        return thread

    def hang_up(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


@pytest.fixture
def terminal() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.hang_up()
    made.stream.close()


def flood(out: Outlet, terminal: Reader, kilobytes: int = 300) -> None:
    """More than it takes, until its thread stands before a terminal that takes nothing."""
    for _ in range(kilobytes):
        out.put("x" * 1000)
    until(lambda: stands_in_a_write(os.getpid(), terminal.stream.fileno()), what="a full terminal")


def test_it_is_written_in_order_and_the_end_waits_for_it(terminal: Reader) -> None:
    out = Outlet(terminal.stream, lambda: None)
    reading = terminal.look(b"end")
    for number in range(1000):
        out.put(f"{number:04}")
    out.put("ü end")
    assert out.close()
    reading.join()
    assert terminal.taken.decode() == "".join(f"{n:04}" for n in range(1000)) + "? end"


def test_a_terminal_that_takes_nothing_is_shown_the_present_once_it_does(terminal: Reader) -> None:
    missed = threading.Event()
    out = Outlet(terminal.stream, missed.set)
    began = time.monotonic()
    flood(out, terminal, 10_000)
    assert time.monotonic() - began < 20
    assert not missed.is_set()
    until(lambda: terminal.take() or missed.is_set(), what="its being drawn anew")
    assert len(terminal.taken) < 8 * MOST_UNSENT
    out.put("again")
    reading = terminal.look(b"again")
    assert out.close()
    reading.join()


def test_a_slow_one_is_drawn_anew_though_pictures_keep_coming(terminal: Reader) -> None:
    missed = threading.Event()
    out = Outlet(terminal.stream, missed.set)
    flood(out, terminal)

    def takes_a_little() -> bool:
        out.put("y" * 8_000)  # more than it takes meanwhile
        terminal.take()
        return missed.is_set()

    until(takes_a_little, what="its being drawn anew")
    terminal.hang_up()


def test_a_picture_that_is_larger_than_what_may_wait_is_drawn_once(terminal: Reader) -> None:
    missed = threading.Event()
    out = Outlet(terminal.stream, missed.set)
    out.put("z" * 2 * MOST_UNSENT)
    until(lambda: stands_in_a_write(os.getpid(), terminal.stream.fileno()), what="a full terminal")
    out.put("and a little")
    until(lambda: terminal.take() or missed.is_set() or terminal.taken.endswith(b"little"), what="all of it")
    assert not missed.is_set()
    assert terminal.taken == b"z" * 2 * MOST_UNSENT + b"and a little"


def test_one_that_never_takes_anything_is_given_up(terminal: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 0.1)
    out = Outlet(terminal.stream, lambda: None)
    flood(out, terminal)
    out.leave()
    out.put("restored")
    assert not out.close()
    out.put("more")  # goes nowhere


def test_pictures_are_dropped_at_the_end_and_what_restores_is_not(terminal: Reader) -> None:
    out = Outlet(terminal.stream, lambda: None)
    flood(out, terminal)
    out.leave()
    out.put("restored")
    reading = terminal.look(b"restored")
    assert out.close()
    reading.join()
    assert terminal.taken.endswith(b"x\x1b[?2026lrestored")
    assert len(terminal.taken) < 4 * MOST_UNSENT


def test_one_that_is_gone_ends_it_at_once(terminal: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 100.0)
    out = Outlet(terminal.stream, lambda: None)
    flood(out, terminal)
    terminal.hang_up()
    began = time.monotonic()
    assert not out.close()
    assert time.monotonic() - began < 20
