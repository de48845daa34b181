"""The parent of one agent: outlives the worker, learns how the agent ended, and leaves that in the run folder.

Forked by the zygote and kept small: it takes the lock, becomes the subreaper, forks, and sleeps. The child makes its own
identity durable before it becomes the agent, so whoever dies in between, the folder says whether the agent can have run.
"""

from __future__ import annotations

import ctypes
import errno
import os
import time

from locust_tui.execution import fault, leftovers, record_lock
from locust_tui.execution.agent_process import Parent, become_agent
from locust_tui.execution.records import json_text, write_record
from locust_tui.execution.rest import Rest

HELD, USED, BROKEN = 121, 122, 70
_PR_SET_CHILD_SUBREAPER = 36
_ONE_SHOT = frozenset(("exit.json", "agent.json", "sealed"))
_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_SENTENCE = 8192
_prctl = ctypes.CDLL(None).prctl


def serve(start: int, folder: int, worker: int, keep: bool, log_cap: int, ordinal: int) -> None:
    """Run one agent to its end in the open run `folder`; the executor listens on `start`. Never returns.

    `worker`: pipe that ends with whoever bounds the logs; `keep`: leave alone what outlives the agent's main process.
    """
    status = BROKEN
    try:
        os.setsid()
        os.fchdir(folder)
        os.close(folder)
        fault.point("shim.born", ordinal)
        lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        status = take_folder(lock, start, ordinal) or Shim(lock, keep, ordinal).run(start, Rest(worker, log_cap))
    except OSError as problem:
        tell(start, b"failed\0%d\0%s" % (problem.errno or 0, str(problem).encode("ascii", "backslashreplace")))
    finally:
        os._exit(status)


def tell(start: int, text: bytes) -> None:
    """A word to the executor, which may be gone."""
    try:  # noqa: SIM105 - contextlib would cost every shim its memory
        os.write(start, text)
    except OSError:
        pass


def take_folder(lock: int, start: int, ordinal: int) -> int:
    """Own the run folder for the life of this process; else say why not: a run has one shim and one start."""
    if not record_lock.take(lock):
        tell(start, b"held")
        return HELD
    if not _ONE_SHOT.isdisjoint(os.listdir(".")):
        tell(start, b"used")
        return USED
    record_lock.leave_to_child(lock)
    fault.point("shim.locked", ordinal)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return 0


class Shim:
    """One agent from its fork to the record of its end."""

    def __init__(self, lock: int, keep: bool, ordinal: int) -> None:
        self.lock, self.keep, self.ordinal = lock, keep, ordinal
        self.agent = 0
        self.began = (0.0, 0.0)

    def run(self, start: int, rest: Rest) -> int:
        """All of it; returns when the agent and what it left behind are dealt with."""
        failure = self.launch(start)
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == self.agent:
                break
            if pid == 0:
                rest.sleep(None)
        fault.point("shim.reaped", self.ordinal)
        if "agent.json" not in os.listdir("."):
            return 0  # it died before its identity was on disk: nothing ran, and the folder says so
        self.record_end(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss, os.read(failure, _SENTENCE))
        fault.point("shim.ended", self.ordinal)
        leftovers.end(rest, keep=self.keep)
        return 0

    def launch(self, start: int) -> int:
        """Fork the agent; the pipe returned says, once the agent is dead, why it could not be executed, or nothing."""
        me = os.getpid()
        pidfd = os.pidfd_open(me)
        fail_read, fail_write = os.pipe2(os.O_CLOEXEC)
        self.began = (time.time(), time.monotonic())
        self.agent = os.fork()
        if self.agent == 0:
            become_agent(start, fail_write, self.lock, Parent(me, pidfd, self.began), self.ordinal)
        for fd in (start, pidfd, fail_write):
            os.close(fd)
        fault.point("shim.forked", self.ordinal)
        return fail_read

    def record_end(self, status: int, user: float, system: float, max_rss: int, failure: bytes) -> None:
        """exit.json; while the disk refuses it, try again, since nobody else will ever know."""
        code: int | str = os.waitstatus_to_exitcode(status)
        killed: int | str = "null"
        error, reason = "null", "exited"
        if failure:
            said, _, sentence = failure.partition(b"\0")
            code, error, reason = int(said), json_text(os.fsdecode(sentence)), "not-executed"
        elif os.WIFSIGNALED(status):
            code, killed, reason = "null", os.WTERMSIG(status), "signalled"
        left = ",".join(f'{{"pid":{pid},"name":{json_text(name)}}}' for pid, name in leftovers.listed())
        text = (
            f'{{"code":{code},"signal":{killed},"reason":"{reason}","error":{error},'
            f'"utime":{user:.6f},"stime":{system:.6f},"maxrss_kib":{max_rss},'
            f'"started_wall":{self.began[0]:.6f},"started_mono":{self.began[1]:.6f},'
            f'"ended_wall":{time.time():.6f},"ended_mono":{time.monotonic():.6f},'
            f'"leftovers":[{left}],"kept":{"true" if self.keep else "false"}}}\n'
        )
        while True:
            try:
                return write_record("exit.json", text, ".", ordinal=self.ordinal)
            except OSError as problem:
                if problem.errno not in _PASSING:
                    raise
            time.sleep(1)
