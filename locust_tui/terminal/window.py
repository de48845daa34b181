"""The size of an agent's terminal, set from outside: any process of the same user may, as long as the terminal is proved the agent's."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCGWINSZ, TIOCSWINSZ

_OPEN = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
_WINDOW = struct.Struct("4H")
_SLAVES = Path("/dev/pts")


def set_size(tty: str, agent_pid: int, rows: int, columns: int) -> bool:
    """Give the terminal `tty` this size, which its foreground programs are told by SIGWINCH; whether it was the agent's.

    False when `tty` is not, or is no longer, the controlling terminal of the process `agent_pid`: the number of a terminal
    is given away again once its run has ended. The caller has proved that `agent_pid` is the agent. Sizes from 1 to 9999.
    """
    window = _WINDOW.pack(_clamped(rows), _clamped(columns), 0, 0)
    with _opened(tty, agent_pid) as fd:
        if fd is None:
            return False
        try:
            if ioctl(fd, TIOCGWINSZ, bytes(_WINDOW.size)) != window:
                ioctl(fd, TIOCSWINSZ, window)
        except OSError:
            return False  # hung up just now
    return True


def get_size(tty: str, agent_pid: int) -> tuple[int, int] | None:
    """Rows and columns of the terminal `tty`; None where `set_size` says False."""
    with _opened(tty, agent_pid) as fd:
        if fd is None:
            return None
        try:
            rows, columns, _, _ = _WINDOW.unpack(ioctl(fd, TIOCGWINSZ, bytes(_WINDOW.size)))
        except OSError:
            return None
    return rows, columns


@contextmanager
def _opened(tty: str, agent_pid: int) -> Iterator[int | None]:
    """A descriptor of the terminal while it is proved the agent's, None when it is not."""
    fd = -1
    try:
        if Path(tty).parent == _SLAVES:
            with suppress(OSError):
                fd = os.open(tty, _OPEN)
        ours = fd >= 0 and os.fstat(fd).st_rdev == _controlling_terminal(agent_pid)
        yield fd if ours else None
    finally:
        if fd >= 0:
            os.close(fd)


def _clamped(size: int) -> int:
    return min(max(size, 1), 9999)


def _controlling_terminal(pid: int) -> int | None:
    """The device number in field 7 of /proc/PID/stat, None without one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(text[text.rindex(b")") + 2 :].split()[4]) or None
