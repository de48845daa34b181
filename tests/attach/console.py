"""A person's terminal: a program under a pty, and the screen it draws there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

COMMAND = str(Path(sys.executable).with_name("locust-tui"))


class Console:
    """Runs `argv`; `typed` presses keys, `until` waits for words on the screen. `raw` is every byte that came."""

    def __init__(
        self,
        argv: Sequence[str],
        folder: Path,
        *,
        rows: int = 24,
        columns: int = 80,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = bytearray()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.status: int | None = None
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_TUI_")}
        env |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", **(environ or {})}
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
            os.chdir(folder)
            os.execvpe(argv[0], list(argv), env)

    def __enter__(self) -> Console:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def pump(self, seconds: float) -> bool:
        """Draw what comes within `seconds`; False at the program's end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data
        # pyte takes private CSI for others': none of them draws
        for junk in (b"\x1b[>4;", b"\x1b[>1u", b"\x1b[<u", b"\x1b[=0;1u"):
            data = data.replace(junk, b"")
        self._stream.feed(data)
        return True

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, found: str | Callable[[Console], object], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not (found in self.text if isinstance(found, str) else found(self)):
            assert time.monotonic() < end, f"{found!r} never came:\n{self.text}"
            self.pump(0.05)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def ends(self, seconds: float = 60.0) -> int:
        """Its exit code, once it is through."""
        end = time.monotonic() + seconds
        while True:
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while select.select([self.master], [], [], 0.1)[0] and self.pump(0.0):
                    pass  # its last words
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
            assert time.monotonic() < end, f"it never ended:\n{self.text}"
