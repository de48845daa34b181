"""Textual's terminal driver, but one that sleeps while nobody types, and waits for no terminal that takes nothing."""

from __future__ import annotations

import os
import selectors
import sys
from codecs import getincrementaldecoder
from threading import Event

from textual._parser import ParseError
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver

from .keyboard import Keyboard
from .outlet import Outlet

AFTER_INPUT_S = ESCAPE_DELAY + 0.01
"""So long after input a lone escape is known to be the key."""
LARGEST = 1_000, 500
"""Columns and rows; what says to be larger is no screen."""


class Exit(Event):
    """An event that a selector can wait for too, between `open` and `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._pipe: tuple[int, int] | None = None

    def open(self) -> None:
        if self._pipe is None:
            self._pipe = os.pipe()

    def close(self) -> None:
        pipe, self._pipe = self._pipe, None
        for fd in pipe or ():
            os.close(fd)

    def fileno(self) -> int:
        """Readable once it is set. Raises RuntimeError while it is not open."""
        if self._pipe is None:
            raise RuntimeError("the exit event is not open")
        return self._pipe[0]

    def set(self) -> None:
        super().set()
        if self._pipe is not None:
            os.write(self._pipe[1], b"x")


class QuietDriver(LinuxDriver):
    """Reads what is typed as LinuxDriver does; at rest its thread costs nothing. What it writes goes through an Outlet."""

    exit_event: Exit
    mute = False
    """Whether the terminal took nothing any more in the end: what else is written to it would wait for ever."""
    _outlet: Outlet | None = None
    _had_terminal = False

    def start_application_mode(self) -> None:
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()  # SIGCONT without a SIGTSTP before it: two threads would share the keys
        self.exit_event = Exit()
        self.exit_event.open()
        assert sys.__stderr__ is not None
        self._outlet = Outlet(sys.__stderr__, self._draw_anew)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._had_terminal:
            self._draw_anew()  # it was stopped meanwhile: of what was drawn before nothing is there any more
        self._had_terminal = True

    def write(self, data: str) -> None:
        if self._outlet is not None:
            self._outlet.put(data)

    def stop_application_mode(self) -> None:
        if self._outlet is not None:
            self._outlet.leave()
        super().stop_application_mode()

    def close(self) -> None:
        super().close()  # Textual's own thread, which has nothing to write
        if self._outlet is not None:
            self.mute = not self._outlet.close()
            self._outlet = None

    def _get_terminal_size(self) -> tuple[int, int]:
        """As the terminal has it."""
        try:
            columns, rows = os.get_terminal_size(self.fileno)
        except OSError:
            columns, rows = 0, 0
        return min(columns or 80, LARGEST[0]), min(rows or 25, LARGEST[1])

    def _draw_anew(self) -> None:
        self._app.call_later(self._app.refresh)

    def disable_input(self) -> None:
        super().disable_input()
        if isinstance(self.exit_event, Exit):
            self.exit_event.close()

    def _run_input_thread(self) -> None:
        """As Textual's, but the error is the app's as any other is: with a report, and without values."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Dispatch what is typed until the exit event is set or the terminal has no more."""
        parser = Keyboard(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.exit_event, selectors.EVENT_READ)
            selector.register(self.fileno, selectors.EVENT_READ)
            wait: float | None = None
            while not self.exit_event.is_set():
                typed = any(key.fd == self.fileno for key, _ in selector.select(wait))
                wait = AFTER_INPUT_S if typed else None
                if typed:
                    try:
                        data = os.read(self.fileno, 4_096)
                    except OSError:  # it has just gone: who watches for that ends the app
                        data = b""
                    if not data:
                        selector.unregister(self.fileno)
                    for message in parser.feed(decode(data)) if data else ():
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        try:
            for _ in parser.feed(""):
                pass
        except ParseError:
            pass
