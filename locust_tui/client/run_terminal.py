"""A run's terminal as a viewer reaches it: without the worker, so that a dead one leaves nobody before a dark screen.

What is typed goes into the run's FIFO, what the agent prints is read from its log, the window's size is set on the terminal
itself. Viewers know of each other by files in the run folder, each locked for as long as its viewer lives.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from locust_tui.terminal.window import get_size, set_size

from .run_files import record

FOLDER = "viewers"
_PIECE = 4096
"""PIPE_BUF: what is written in one piece is never mixed with what another viewer types."""
_MOST_WAITING = 1 << 20
_OURS = re.compile(r"\d+-[0-9a-f]{8}")
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class RunTerminal:
    """One viewer of the run in `folder`. Use `close` in the end; being killed does no harm either.

    `tty`: the path of the agent's terminal, None for a run with pipes. `viewers`: how many look on, we included.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.viewers = 1
        agent = record(folder / "agent.json")
        tty = agent.get("tty")
        self.tty: str | None = tty if isinstance(tty, str) else None
        self._agent = (agent.get("pid"), agent.get("start"))
        self._input = self._mark = -1
        self._name = ""
        self._waiting = b""

    @property
    def ended(self) -> bool:
        """Whether the run's end is on record, or its process is gone."""
        return (self.folder / "exit.json").exists() or not self._agent_lives()

    @property
    def takes_input(self) -> bool:
        """Whether something typed now would reach the agent."""
        if (self.folder / "stdin.closed").exists():
            return False
        return self._open_input()

    # typing

    def type(self, data: bytes) -> bool:
        """Type `data`, now or with the next `push`; False when it is lost: nobody reads, or far too much waits."""
        if len(self._waiting) + len(data) > _MOST_WAITING:
            return False
        self._waiting += data
        return self.push()

    def push(self) -> bool:
        """Write what waits as far as it is taken; False when the agent takes no input any more."""
        while self._waiting:
            if not self._open_input():
                self._waiting = b""
                return False
            try:
                self._waiting = self._waiting[os.write(self._input, self._waiting[:_PIECE]) :]
            except BlockingIOError:
                return True
            except OSError:
                os.close(self._input)
                self._input = -1
        return True

    @property
    def unread(self) -> int:
        """Bytes typed that the agent has not taken yet."""
        return len(self._waiting)

    def _open_input(self) -> bool:
        if self._input >= 0:
            return True
        try:
            fd = os.open(self.folder / "stdin", os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            os.close(fd)
            return False
        self._input = fd
        return True

    # the window

    def size(self) -> tuple[int, int] | None:
        """Rows and columns of the agent's terminal; None when it has none, or none any more."""
        pid = self._agent[0]
        return get_size(self.tty, pid) if self.tty and isinstance(pid, int) and self._agent_lives() else None

    def show(self, rows: int, columns: int) -> None:
        """Our window has this size from now on: the agent's becomes the smallest of all viewers'. Call it once a second, too."""
        pid = self._agent[0]
        if self.tty is None or not isinstance(pid, int) or not self._agent_lives():
            return
        with suppress(OSError):
            self._tell(rows, columns)
        sizes = [(rows, columns), *self._others()]
        self.viewers = len(sizes)
        set_size(self.tty, pid, min(size[0] for size in sizes), min(size[1] for size in sizes))

    @property
    def first(self) -> bool:
        """Whether of all viewers we are the one that answers what the agent asks its terminal."""
        return self._name == min([self._name, *self._names()])

    def close(self) -> None:
        """Leave: our window counts no longer."""
        if self._mark >= 0:
            with suppress(OSError), self._viewers() as viewers:
                os.unlink(self._name, dir_fd=viewers)
            os.close(self._mark)
        if self._input >= 0:
            os.close(self._input)
        self._mark = self._input = -1

    @contextmanager
    def _viewers(self) -> Iterator[int]:
        """The folder of the viewers' files. The agent may write where it lies: a link there is not followed. Raises OSError."""
        fd = os.open(self.folder / FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield fd
        finally:
            os.close(fd)

    def _tell(self, rows: int, columns: int) -> None:
        if self._mark < 0:
            with suppress(FileExistsError):
                os.mkdir(self.folder / FOLDER, 0o700)
            name = f"{os.getpid()}-{secrets.token_hex(4)}"
            with self._viewers() as viewers:
                fd = os.open(f".{name}", _NEW, 0o600, dir_fd=viewers)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.rename(
                    f".{name}", name, src_dir_fd=viewers, dst_dir_fd=viewers
                )  # nobody finds it unlocked
            self._mark, self._name = fd, name
        os.pwrite(self._mark, f"{rows:>5} {columns:>5}\n".encode(), 0)

    def _names(self) -> list[str]:
        with suppress(OSError), self._viewers() as viewers:
            return [name for name in os.listdir(viewers) if _OURS.fullmatch(name) and name != self._name]
        return []

    def _others(self) -> list[tuple[int, int]]:
        """The sizes of other living viewers; what dead ones left is removed."""
        with suppress(OSError), self._viewers() as viewers:
            sizes = (_size_or_gone(name, viewers) for name in self._names())
            return [size for size in sizes if size is not None]
        return []

    def _agent_lives(self) -> bool:
        pid, start = self._agent
        try:
            text = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            return False
        fields = text[text.rindex(b")") + 2 :].split()
        return int(fields[19]) == start and fields[0] not in (b"Z", b"X", b"x")


def _size_or_gone(name: str, viewers: int) -> tuple[int, int] | None:
    """The window of another viewer; None of one that is dead, whose file is removed."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=viewers)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        with suppress(ValueError, OSError):
            rows, columns = map(int, os.read(fd, 64).split())
            return rows, columns
    else:
        with suppress(OSError):
            os.unlink(name, dir_fd=viewers)
    finally:
        os.close(fd)
    return None
