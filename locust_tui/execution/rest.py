"""How a shim sleeps: until a child dies; and while no worker lives it looks at the log's size once a second.

A living worker bounds the logs itself. Its end is seen through a descriptor, so a shim never wakes for nothing while a worker
is there; only without one does it keep the bound, and look for the next worker (the guard file's lock), by the clock.
"""

from __future__ import annotations

import os
import select
from _signal import SIGCHLD, set_wakeup_fd, signal  # type: ignore[import-not-found]

from locust_tui.execution import record_lock, trim

GUARD = ".guard"


class Rest:
    """Sleeping with one eye on the worker (a pipe or pidfd) and, without one, on the log, whose allocation stays near `cap` bytes."""

    def __init__(self, worker: int, cap: int) -> None:
        self.worker, self.cap = worker, cap
        self.poll = select.poll()
        self.wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal(SIGCHLD, lambda *_: None)
        set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self.poll.register(self.wake, select.POLLIN)
        self.poll.register(worker, 0)  # hang-up is reported unasked

    def sleep(self, seconds: float | None) -> None:
        """Until a child dies, at most `seconds`; may return early."""
        if self.worker < 0:
            self._keep_bound()
            self._find_worker()
        if self.worker < 0:
            seconds = 1.0 if seconds is None else min(1.0, seconds)
        for fd, _ in self.poll.poll(None if seconds is None else seconds * 1000):
            if fd == self.wake:
                os.read(fd, 4096)
            else:
                self.poll.unregister(fd)
                os.close(fd)
                self.worker = -1

    def _keep_bound(self) -> None:
        try:
            log = os.open("log", os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return  # taken away; the agent's own descriptor goes on
        try:
            if trim.allocated(log) > self.cap:
                trim.punch_head(log, self.cap // 2)
        except OSError:
            pass  # a file system without holes: the next worker says so
        finally:
            os.close(log)

    def _find_worker(self) -> None:
        try:
            guard = os.open(f"../{GUARD}", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return
        found = record_lock.open_holder(guard)
        os.close(guard)
        if found is not None:
            self.worker = found[1]
            self.poll.register(self.worker, select.POLLIN)
