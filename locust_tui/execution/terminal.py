"""The shim's side of an agent's terminal: what the agent prints goes to the log, what the FIFO brings is typed.

Every byte is kept: while the disk takes none the agent waits, as it would for a slow terminal. What is typed waits in the
FIFO while the agent reads none, and is dropped where the kernel refuses it. Neither way ever blocks the shim.

We do not hold the agent's side open. If the agent's main process ended while anybody did, the kernel would hang the terminal
up and throw away what it had not handed over yet. So with every holder gone our side reads as an error until someone opens
it again: only edges are waited for, or that error would keep us awake. When this process is killed, the kernel hangs up and
the agent gets SIGHUP.
"""

from __future__ import annotations

from _struct import Struct
from errno import EAGAIN, EDQUOT, EIO, ENOSPC
from fcntl import ioctl
from posix import openpty, read, set_blocking, ttyname, write
from select import EPOLLET, EPOLLIN, epoll
from termios import TCSANOW, TIOCSWINSZ, tcgetattr, tcsetattr
from time import sleep

from locust_tui.execution.records import open_fifo

_REFUSED_FOR_NOW = (ENOSPC, EDQUOT, EIO)
_window = Struct("4H").pack
_PIECE = 16384
_PIECES_IN_A_ROW = 16
_IN_FLIGHT = 64  # pieces: far more than the kernel keeps of a terminal nobody reads
_UTF8_ERASED_WHOLE = 0o40000  # IUTF8
_AGAIN = 1.0


class Terminal:
    """Copies both ways when told to `move`; `log` is the descriptor everything printed is appended to."""

    __slots__ = ("edges", "fifo", "log", "master", "more", "printed", "typed")

    def __init__(self, log: int) -> None:
        self.log, self.fifo = log, open_fifo()
        self.master, self.more = -1, False
        self.printed = self.typed = b""

    def open_agents_side(self, rows: int, columns: int) -> tuple[int, str]:
        """A new terminal of this size: the agent's descriptor, the caller's to close, and its path."""
        self.master, slave = openpty()
        ioctl(slave, TIOCSWINSZ, _window(rows, columns, 0, 0))
        modes = tcgetattr(slave)
        modes[0] |= _UTF8_ERASED_WHOLE
        tcsetattr(slave, TCSANOW, modes)
        set_blocking(self.master, False)
        self.edges = epoll()
        self.edges.register(self.master, EPOLLIN | EPOLLET)
        return slave, ttyname(slave)

    def readable(self) -> list[int]:
        """What to wait for."""
        edges = [] if self.printed else [self.edges.fileno()]
        return edges if self.typed else [*edges, self.fifo]

    def writable(self) -> list[int]:
        """What to wait for until it takes input."""
        return [self.master] if self.typed else []

    def patience(self) -> float | None:
        """Seconds after which to `move` in any case."""
        return _AGAIN if self.printed else 0.0 if self.more else None

    def move(self) -> None:
        """Copy what is there, a bounded amount."""
        self.edges.poll(0)
        self.take_printed(_PIECES_IN_A_ROW)
        self.type()

    def drain(self) -> None:
        """The agent is dead: everything it printed to the log, however long the disk refuses it."""
        self.take_printed(_IN_FLIGHT)
        while self.printed:
            sleep(_AGAIN)
            self.take_printed(_IN_FLIGHT)

    def take_printed(self, pieces: int) -> None:
        """Up to this many pieces to the log."""
        self.more = False
        for _ in range(pieces):
            if not self.save():
                return
            try:
                self.printed = read(self.master, _PIECE)
            except OSError:
                return  # nothing there, or nobody holds the other side
        self.more = self.save()

    def save(self) -> bool:
        """Whether the log has everything that was read."""
        while self.printed:
            try:
                self.printed = self.printed[write(self.log, self.printed) :]
            except OSError as problem:
                if problem.errno in _REFUSED_FOR_NOW:
                    return False
                self.printed = b""  # a limit on the file's size: it will never be taken
        return True

    def type(self) -> None:
        """What waits in the FIFO to the agent, as far as it goes."""
        for _ in range(_PIECES_IN_A_ROW):
            try:
                self.typed = self.typed or read(self.fifo, _PIECE)
                self.typed = self.typed[write(self.master, self.typed) :]
            except OSError as problem:
                if self.typed and problem.errno != EAGAIN:
                    self.typed = b""
                return
