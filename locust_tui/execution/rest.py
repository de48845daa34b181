"""How a shim sleeps: until a child dies; and while no worker lives it looks at the log's size once a second.

A living worker holds the guard file's lock and bounds the logs itself. Its death is seen through a pidfd, so a shim never
wakes for nothing while a worker is there; only without one does it keep the bound, and look for the next worker, by the clock.
"""

from __future__ import annotations

import os
import select
import signal

from locust_tui.execution import record_lock, trim

GUARD = ".guard"


class Rest:
    """Sleeping with one eye on the log, an open descriptor whose allocation stays near `cap` bytes."""

    def __init__(self, log: int, cap: int) -> None:
        self.log, self.cap = log, cap
        self.guard: int | None = None  # pidfd of the living worker
        self.guard_file: int | None = None
        self.poll = select.poll()
        self.wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self.poll.register(self.wake, select.POLLIN)

    def sleep(self, seconds: float | None) -> None:
        """Until a child dies, at most `seconds`; may return early."""
        if self.guard is None:
            self._find_guard()
        if self.guard is None:
            seconds = 1.0 if seconds is None else min(1.0, seconds)
        for fd, _ in self.poll.poll(None if seconds is None else seconds * 1000):
            if fd == self.wake:
                os.read(fd, 4096)
            else:
                self.poll.unregister(fd)
                os.close(fd)
                self.guard = None
        if self.guard is None and trim.allocated(self.log) > self.cap:
            try:  # noqa: SIM105 - contextlib would cost every shim its memory
                trim.punch_head(self.log, self.cap // 2)
            except OSError:
                pass  # a file system without holes: the next worker says so

    def _find_guard(self) -> None:
        if self.guard_file is None:
            try:
                self.guard_file = os.open(f"../{GUARD}", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except OSError:
                return
        found = record_lock.open_holder(self.guard_file)
        if found is not None:
            self.guard = found[1]
            self.poll.register(self.guard, select.POLLIN)
