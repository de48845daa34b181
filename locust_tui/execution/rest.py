"""How a shim sleeps: until a child dies or the agent's terminal moves; without a worker it looks at the outputs' size, too.

They are its own descriptors 1 and 2, so it has them whatever becomes of their names. A living worker bounds them itself. Its
end is seen through a descriptor, so a shim never wakes for nothing while a worker is there; only without one does it keep the
bound, and look for the next worker (the guard file's lock), by the clock.
"""

from __future__ import annotations

from _signal import SIGCHLD, set_wakeup_fd, signal  # type: ignore[import-not-found]
from posix import (
    F_OK,
    O_CLOEXEC,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_RDONLY,
    access,
    close,
    fstat,
    pipe2,
    read,
    unlink,
)
from posix import open as open_fd
from select import select

from locust_tui.execution import record_lock, trim
from locust_tui.execution.names import OUTPUTS, STDIN_CLOSED, TRIMMING
from locust_tui.execution.terminal import Terminal
from locust_tui.execution.waking import wake_descendants

GUARD = ".guard"
_LOOK, _LOOK_IN_FLOOD = 0.25, 0.05


def note(*_: object) -> None:
    """A signal came: those who wait are woken, nothing else. Being caught, it is back at its default after an exec."""


class Rest:
    """Sleeping with one eye on the worker (a pipe or pidfd) and, without one, on the log, whose allocation stays near `cap` bytes.

    `terminal`: the agent's, served while we rest. `stdin`: the FIFO's write end, held until a signal comes and the run folder
    says STDIN_CLOSED; with it the agent's input ends. -1: not there.
    """

    __slots__ = ("cap", "length", "stdin", "terminal", "wake", "worker")

    def __init__(self, worker: int, cap: int) -> None:
        self.worker, self.cap, self.wake, self.stdin, self.length = worker, cap, -1, -1, 0
        self.terminal: Terminal | None = None

    def prepare(self) -> None:
        """From now on no child dies unnoticed."""
        self.wake, wake_write = pipe2(O_CLOEXEC | O_NONBLOCK)
        set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal(SIGCHLD, note)

    def sleep(self, seconds: float | None) -> None:
        """Until a child dies, at most `seconds`; may return early."""
        if self.worker < 0:
            seconds = _shorter(seconds, self._keep_bound())
            self._find_worker()
        watched, full = [self.wake], []
        if self.worker >= 0:
            watched.append(self.worker)
        if self.terminal is not None:
            watched += self.terminal.readable()
            full += self.terminal.writable()
            seconds = _shorter(seconds, self.terminal.patience())
        ready, _, _ = select(watched, full, (), seconds)
        if self.wake in ready:
            read(self.wake, 64)
            if self.stdin >= 0 and access(STDIN_CLOSED, F_OK):
                close(self.stdin)
                self.stdin = -1
        if self.worker in ready:
            close(self.worker)
            self.worker = -1
            if access(TRIMMING, F_OK):
                wake_run()
        if self.terminal is not None:
            self.terminal.move()

    def _keep_bound(self) -> float:
        """Trim what is over the cap; seconds until the next look."""
        length = 0
        for fd, name in enumerate(OUTPUTS, start=1):
            facts = fstat(fd)
            length += facts.st_size
            if facts.st_blocks * 512 > self.cap:
                try:  # noqa: SIM105 - contextlib would cost every shim its memory
                    trim.punch_head(fd, self.cap // 2, trim.HERE, name)
                except OSError:
                    pass  # a file system without holes: the next worker says so
        grown, self.length = length - self.length, length
        return _LOOK_IN_FLOOD if grown > self.cap // 8 else _LOOK

    def _find_worker(self) -> None:
        try:
            guard = open_fd(f"../{GUARD}", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        except OSError:
            return
        found = record_lock.open_holder(guard)
        close(guard)
        if found is not None:
            self.worker = found[1]


def wake_run() -> None:
    """The worker died while it trimmed a flood, for which it had stopped the run."""
    wake_descendants()
    try:  # noqa: SIM105 - contextlib would cost every shim its memory
        unlink(TRIMMING)
    except OSError:
        pass  # the next worker takes it away


def _shorter(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)
