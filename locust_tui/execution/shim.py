"""The parent of one agent: outlives the worker, learns how the agent ended, and leaves that in the run folder.

Forked by the zygote, so it imports almost nothing. The order of its steps is the point: hold the lock, be the
subreaper, fork, make the agent's identity durable, and only then let it run. Whoever dies in between, the folder says
whether the agent can have run.
"""

from __future__ import annotations

import _socket
import ctypes
import errno
import os
import struct
import time

from locust_tui.execution import fault, leftovers, record_lock
from locust_tui.execution.agent_process import Request, become_agent, explain
from locust_tui.execution.records import identity_json, json_text, open_log, open_stdin, write_record
from locust_tui.execution.rest import Rest

HELD, USED = 121, 122
_PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 15, 36
_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_libc = ctypes.CDLL(None)


class RefusalError(Exception):
    """Nothing is started; args[0] is the answer to the executor, args[1] the exit code."""


def serve(start: int, folder: int, ordinal: int) -> None:
    """Run one agent to its end: `start` is the socket to the executor, `folder` the run folder. Never returns."""
    status = 70
    answer = b""
    try:
        os.setsid()
        _libc.prctl(_PR_SET_NAME, b"locust-shim", 0, 0, 0)
        fault.point("shim.born", ordinal)
        request = Request(_read_frame(start))
        os.fchdir(folder)
        os.close(folder)
        fault.point("shim.asked", ordinal)
        Shim(request, start, ordinal).run()
        status = 0
    except RefusalError as refusal:
        answer, status = refusal.args
    except BaseException as problem:
        code = problem.errno if isinstance(problem, OSError) else None
        answer = b"failed\0%d\0%s" % (code or 0, repr(problem).encode("ascii", "backslashreplace")[:2000])
    finally:
        if answer:
            _answer(start, answer)
        os._exit(status)


def _read_frame(start: int) -> bytes:
    data = b""
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        more = os.read(start, 1 << 18)
        if not more:
            raise RefusalError(b"", 0)  # the executor died before it had said what to run
        data += more
    return data[4:]


def _answer(start: int, text: bytes, fds: bytes = b"") -> None:
    try:
        ancillary = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, fds)] if fds else []
        _socket.socket(fileno=os.dup(start)).sendmsg([text], ancillary)
    except OSError:
        pass  # nobody listens any more; the folder tells whoever comes next


class Shim:
    """One agent from its fork to the record of its end."""

    def __init__(self, request: Request, start: int, ordinal: int) -> None:
        self.request, self.start, self.ordinal = request, start, ordinal
        self.agent = 0
        self.failure: tuple[bytes, int] | None = None
        self.began = (0.0, 0.0)

    def run(self) -> None:
        """All of it; returns when the agent and what it left behind are dealt with."""
        self.take_folder()
        self.log, stdin = open_log(), open_stdin(self.request.fifo)
        self.rest = Rest(self.log, self.request.log_cap)
        self.launch(stdin)
        if self.failure is None:
            self.tell_started()
        self.watch_until_recorded()
        if self.failure is not None:
            _answer(self.start, b"unusable")
        os.close(self.start)
        leftovers.end(self.rest, keep=self.request.keep)

    def take_folder(self) -> None:
        """Own the run folder for the life of this process, or refuse: a run has one shim and one start."""
        lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if not record_lock.take(lock):
            raise RefusalError(b"held", HELD)
        if any(map(os.path.lexists, ("exit.json", "agent.json", "sealed"))):
            raise RefusalError(b"used", USED)
        fault.point("shim.locked", self.ordinal)
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.record("shim.json", "{" + identity_json(os.getpid()) + "}\n", durable=False)
        fault.point("shim.recorded", self.ordinal)

    def record(self, name: str, text: str, *, durable: bool = True) -> None:
        write_record(name, text, durable=durable, ordinal=self.ordinal)

    def launch(self, stdin: int) -> None:
        """Fork the agent, put its identity on disk, then say go; afterwards it runs or `failure` says why not."""
        go_read, go_write = os.pipe2(os.O_CLOEXEC)
        fail_read, fail_write = os.pipe2(os.O_CLOEXEC)
        self.agent = os.fork()
        if self.agent == 0:
            os.close(go_write)
            become_agent(self.request, go_read, fail_write, stdin, self.log)
        os.close(go_read)
        os.close(fail_write)
        fault.point("shim.forked", self.ordinal)
        self.agent_pidfd = os.pidfd_open(self.agent)
        self.began = (time.time(), time.monotonic())
        inode = os.fstat(self.log).st_ino
        self.record("agent.json", f'{{{identity_json(self.agent)},"log_inode":{inode},"wall":{self.began[0]:.6f}}}\n')
        fault.point("shim.identified", self.ordinal)
        os.write(go_write, b"g")
        os.close(go_write)
        fault.point("shim.said-go", self.ordinal)
        said = os.read(fail_read, 64)
        os.close(fail_read)
        if said:
            stage, code = said.split(b"\0")
            self.failure = (stage, int(code))

    def tell_started(self) -> None:
        fault.point("shim.started", self.ordinal)
        fds = os.pidfd_open(os.getpid()), self.agent_pidfd
        packed = struct.pack("@ii", *fds)
        _answer(self.start, b"started\0%d\0%d\0%.6f" % (os.getpid(), self.agent, self.began[0]), packed)
        for fd in fds:
            os.close(fd)
        fault.point("shim.answered", self.ordinal)

    def watch_until_recorded(self) -> None:
        """Sleep until the agent is dead, reaping strays, and record its end at once."""
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == self.agent:
                fault.point("shim.reaped", self.ordinal)
                self.record_end(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss)
                fault.point("shim.ended", self.ordinal)
                return
            if pid == 0:
                self.rest.sleep(None)

    def record_end(self, status: int, user: float, system: float, max_rss: int) -> None:
        """exit.json; while the disk refuses it, try again, since nobody else will ever know."""
        code: int | str = os.waitstatus_to_exitcode(status)
        killed: int | str = "null"
        error, reason = "null", "exited"
        if self.failure is not None:
            code, sentence = explain(self.request, *self.failure)
            error, reason = json_text(sentence), "not-executed"
        elif os.WIFSIGNALED(status):
            code, killed, reason = "null", os.WTERMSIG(status), "signalled"
        left = ",".join(f'{{"pid":{pid},"name":{json_text(name)}}}' for pid, name in leftovers.listed())
        text = (
            f'{{"code":{code},"signal":{killed},"reason":"{reason}","error":{error},'
            f'"utime":{user:.6f},"stime":{system:.6f},"maxrss_kib":{max_rss},'
            f'"started_wall":{self.began[0]:.6f},"started_mono":{self.began[1]:.6f},'
            f'"ended_wall":{time.time():.6f},"ended_mono":{time.monotonic():.6f},'
            f'"leftovers":[{left}],"kept":{"true" if self.request.keep else "false"}}}\n'
        )
        while True:
            try:
                return self.record("exit.json", text)
            except OSError as problem:
                if problem.errno not in _PASSING:
                    raise
            time.sleep(1)
