"""What is drawn, on its way to the terminal: the event loop never waits for a terminal that takes nothing."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

MOST_UNSENT = 1 << 16
"""Bytes. Once more than this waits behind what the terminal is taking, what is drawn is left out until all is taken, and drawn whole then."""
PATIENCE_S = 1.0
"""At the end a terminal is waited for as long as it takes something this often."""
_PIECE = 4096
_SYNC_END = b"\x1b[?2026l"


class Outlet:
    """Takes what is to be written at once; a thread of its own writes it.

    `missed` is called in that thread when something was left out and the terminal has taken all the rest: what it shows
    is to be drawn anew. A terminal that is gone takes everything and shows nothing.
    """

    def __init__(self, stream: TextIO, missed: Callable[[], None]) -> None:
        self._fd = stream.fileno()
        self._encoding = stream.encoding or "utf-8"
        self._missed = missed
        self._waiting: deque[bytes] = deque()
        self._in_hand = 0
        """Bytes that the thread has taken from there and not written yet."""
        self._most = MOST_UNSENT
        self._left_out = self._leaving = self._closed = self._gone = False
        self._changed = threading.Condition()
        threading.Thread(target=self._write, name="terminal", daemon=True).start()

    def put(self, text: str) -> None:
        """Write `text` in time; never waits."""
        data = text.encode(self._encoding, "replace")
        with self._changed:
            unsent = self._unsent
            if not unsent:
                # a whole picture may be larger than what may wait: it alone is no reason to leave out, and draw it again
                self._most = len(data) + MOST_UNSENT
            if (self._left_out or unsent > self._most) and not self._leaving:
                # and all that follows: a slow terminal would never be through with parts that keep coming
                self._left_out = True
            elif data and not self._closed:
                self._add(data)

    def leave(self) -> None:
        """From now on everything is written: it restores the terminal. Pictures that are still to come are of no more use."""
        with self._changed:
            self._leaving = True
            if self._left_out or self._waiting:
                self._waiting.clear()
                self._add(_SYNC_END)  # its beginning may have come through

    def close(self) -> bool:
        """Wait until all is written. False where the terminal takes nothing: then nobody is to write to it any more."""
        with self._changed:
            while (unsent := self._unsent) and self._changed.wait_for(
                lambda: self._gone or self._unsent != unsent, PATIENCE_S
            ):
                if self._gone:
                    break
            self._closed = True
            self._changed.notify_all()
            return not self._unsent and not self._gone

    @property
    def _unsent(self) -> int:
        """Counted anew each time: a signal's handler may come in between any two lines here, and leave."""
        return self._in_hand + sum(map(len, self._waiting))

    def _add(self, data: bytes) -> None:
        self._waiting.append(data)
        self._changed.notify_all()

    def _write(self) -> None:
        while (data := self._next()) is not None:
            for start in range(0, len(data), _PIECE):
                if not self._write_piece(data[start : start + _PIECE]):
                    return

    def _next(self) -> bytes | None:
        """What is to be written now; None at the end."""
        with self._changed:
            while not self._waiting and not self._closed:
                if self._left_out and not self._leaving:
                    self._left_out = False
                    self._missed()
                self._changed.wait()
            if self._closed or not self._waiting:
                return None
            data = self._waiting.popleft()
            self._in_hand = len(data)
            return data

    def _write_piece(self, piece: bytes) -> bool:
        """False when the rest is of no use."""
        while piece:
            try:
                written = os.write(self._fd, piece)
            except BlockingIOError:  # whoever had the terminal before left it so
                select.select((), (self._fd,), ())
                continue
            except OSError:
                written = 0
            with self._changed:
                self._gone = self._gone or not written
                self._in_hand -= written
                self._changed.notify_all()
                if self._gone or self._closed:
                    return False
            piece = piece[written:]
        return True
