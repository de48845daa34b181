"""A real terminal for the cockpit: a pty, a screen behind it, and every byte that came through."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pyte

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_PRIVATE = re.compile(rb"\x1b\[\?\d+\$p|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?u|\x1b\[>\d*q")

_AT_ONCE = 1 << 16
"""Bytes that are drawn before anybody looks."""
_WRITE = {"x86_64": "1"}.get(os.uname().machine, "64")


def ready(shown: str) -> bool:
    """Whether the first screen of the cockpit is there, with what it knows of the plan."""
    return "leave running" in shown and bool(shown.partition("\n")[0].strip())


def stands_in_a_write(pid: int, fd: int) -> bool:
    """Whether a thread of the process waits for whoever reads what is written to `fd`."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it has just ended
            if (thread / "syscall").read_text().split()[:2] == [_WRITE, hex(fd)]:
                return True
    return False


class Terminal:
    """The cockpit under a pty of `columns`×`rows`; use as a context manager. `environ`: None takes a name away."""

    def __init__(
        self,
        kind: str,
        *,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str | None] | None = None,
        ignore_hangup: bool = False,
        script: str = "fake_port.py",
    ) -> None:
        self.raw = bytearray()
        self.screen = pyte.Screen(max(1, columns), max(1, rows))
        self._stream = pyte.ByteStream(self.screen)
        self.status: int | None = None
        self.looks = True
        """Whether what comes is drawn on `screen`."""
        env = {
            **os.environ,
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        for name, value in (environ or {}).items():
            env.pop(name, None)
            if value is not None:
                env[name] = value
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self.slave = slave
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(slave, fd)
            os.closerange(3, 256)
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            try:
                os.execve(sys.executable, [sys.executable, str(HERE / script), kind], env)
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)

    def pump(self, seconds: float) -> bool:
        """Take what comes within `seconds`; False when nothing did."""
        data = b""
        while len(data) < _AT_ONCE and select.select([self.master], [], [], 0 if data else seconds)[0]:
            try:
                more = os.read(self.master, _AT_ONCE)
            except OSError:
                break
            if not more:
                break
            data += more
        self.raw += data
        if self.looks:
            self._stream.feed(_PRIVATE.sub(b"", data))
        return bool(data)

    def until(self, wanted: Callable[[str], bool] | str, seconds: float = 60.0) -> str:
        """Wait until the screen satisfies `wanted` (or holds that text); the screen's text."""
        deadline = time.monotonic() + seconds
        while True:
            shown = self.text
            if wanted in shown if isinstance(wanted, str) else wanted(shown):
                return shown
            if time.monotonic() > deadline:
                raise AssertionError(f"not shown within {seconds} s: {wanted}\n{shown}")
            self.pump(0.05)

    def quiet(self, seconds: float = 0.4) -> None:
        """Until nothing came for so long."""
        while self.pump(seconds):
            pass

    def send(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def unread(self) -> int:
        """Bytes of what was sent that the cockpit has not taken yet."""
        return int(struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)))[0])

    def back(self) -> None:
        """Press esc until the first screen is there, whatever lies over it."""
        deadline = time.monotonic() + 60
        while not ready(self.text):
            assert time.monotonic() < deadline, f"esc does not lead back:\n{self.text}"
            self.send(b"\x1b")
            self.quiet(0.3)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(max(1, rows), max(1, columns))
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def ended(self, seconds: float = 60.0) -> int:
        """Exit code of the cockpit, 128 + n when signal n ended it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                if self.master >= 0:
                    self.quiet(0.1)
                code = os.waitstatus_to_exitcode(status)
                self.status = 128 - code if code < 0 else code
                return self.status
            if self.master >= 0:
                self.pump(0.02)
            else:
                select.select([], [], [], 0.02)
        raise AssertionError(f"it did not end within {seconds} s")

    def hang_up(self) -> None:
        """The connection drops: nobody holds the other end any more."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def cpu_s(self) -> float:
        """Seconds that the cockpit has computed so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    @property
    def restored(self) -> bool:
        """Left the alternate screen, the cursor is back, no mouse reports, the line discipline as before."""
        raw = bytes(self.raw)
        last = {
            mode: max(raw.rfind(b"\x1b[?%dh" % mode), -1) < raw.rfind(b"\x1b[?%dl" % mode)
            for mode in (1049, 1000, 1003, 2004)
        }
        cursor = raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")
        return all(last.values()) and cursor and termios.tcgetattr(self.slave) == self.modes_before
