"""The parent of one agent: outlives the worker, learns how the agent ended, and leaves that in the run folder.

Forked by the zygote and kept small: it takes the lock, becomes the subreaper, forks, and sleeps. The child makes its own
identity known before it becomes the agent, so whoever dies in between, the folder says whether the agent can have run.

While a worker lives, its commit makes an end durable, milliseconds later; only without one is exit.json synced here.

Written for few touched pages, since each one is copied for every run: names are imported singly (reading an attribute of a
module fills a cache that lies on a page of its own), what can be prepared is prepared once in the zygote.
"""

from __future__ import annotations

import errno
from _ctypes import call_function, dlopen, dlsym  # `ctypes` itself is ten times the memory
from posix import (
    F_OK,
    O_CLOEXEC,
    O_CREAT,
    O_NOFOLLOW,
    O_RDWR,
    WNOHANG,
    _exit,
    access,
    close,
    dup2,
    fchdir,
    fork,
    getpid,
    pidfd_open,
    pipe2,
    read,
    setsid,
    wait4,
    write,
)
from posix import (
    open as open_fd,
)
from resource import RUSAGE_SELF, getrusage
from time import monotonic_ns, sleep, time_ns

from locust_tui.execution import leftovers, record_lock
from locust_tui.execution.agent_process import Parent, Request, Streams, become_agent, read_request
from locust_tui.execution.records import (
    SHIM,
    identity_json,
    json_text,
    open_output,
    open_stdin,
    seconds,
    text_of,
    write_record,
)
from locust_tui.execution.rest import Rest
from locust_tui.execution.terminal import Terminal
from locust_tui.fault import point

HELD, USED, BROKEN = 121, 122, 70
_SET_CHILD_SUBREAPER = (36, 1, 0, 0, 0)
_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
_SENTENCE = 8192
_prctl = dlsym(dlopen(None, 2), "prctl")  # type: ignore[arg-type]


def serve(start: int, folder: int, rest: Rest, keep: bool, umask: int, ordinal: int) -> None:
    """Run one agent to its end in the open run `folder`; the executor listens on `start`. Never returns.

    `keep`: leave alone what outlives the agent's main process; `umask`: the agent's, -1: as it is.
    """
    status = BROKEN
    try:
        setsid()
        fchdir(folder)
        point("shim.born", ordinal)
        lock = open_fd(SHIM, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        status = take_folder(lock, start, ordinal) or run(start, folder, lock, rest, keep, umask, ordinal)
    except OSError as problem:
        tell(
            start, b"failed\0%d\0%s" % (problem.errno or 0, str(problem).encode("ascii", "backslashreplace"))
        )
    finally:
        _exit(status)


def tell(start: int, text: bytes) -> None:
    """A word to the executor, which may be gone."""
    try:  # noqa: SIM105 - contextlib would cost every shim its memory
        write(start, text)
    except OSError:
        pass


def take_folder(lock: int, start: int, ordinal: int) -> int:
    """Own the run folder for the life of this process; else say why not: a run has one shim and one start."""
    if not record_lock.take(lock):
        tell(start, b"held")
        return HELD
    if access("agent.json", F_OK) or access("exit.json", F_OK) or access("sealed", F_OK):
        tell(start, b"used")
        return USED
    record_lock.leave_to_child(lock)
    point("shim.locked", ordinal)
    call_function(_prctl, _SET_CHILD_SUBREAPER)
    return 0


def run(start: int, folder: int, lock: int, rest: Rest, keep: bool, umask: int, ordinal: int) -> int:
    """Fork the agent and stay until it, and what it left behind, are dealt with.

    The pipe `failure` says, once the agent is dead, why it could not be executed, or nothing.
    """
    request = read_request(start)
    if request is None:
        return 0  # the executor died before it had said what to run
    point("shim.asked", ordinal)
    streams, members = connect(request, rest)
    me = getpid()
    write(
        lock, b"{%s}" % identity_json(me).ljust(254) + b"\n"
    )  # over an earlier shim's record, whatever its length
    pidfd = pidfd_open(me)
    failure, fail_write = pipe2(O_CLOEXEC)
    rest.prepare()
    floor = getrusage(RUSAGE_SELF).ru_maxrss
    wall, mono = seconds(time_ns()), seconds(monotonic_ns())
    members = b'%s,"wall":%s,"mono":%s' % (members, wall, mono)
    if group := request[-1]:
        members = b'%s,"group":%s' % (members, json_text(text_of(group)).encode("ascii"))
    if keep:
        members += b',"keep":true'
    agent = fork()
    if agent == 0:
        parent = Parent(me, pidfd, lock, start, fail_write, wall, members)
        become_agent(request, parent, streams, umask, ordinal)
    for fd in (start, pidfd, fail_write, *{*streams}):
        close(fd)
    point("shim.forked", ordinal)
    pid = 0
    while pid != agent:
        if pid == 0:
            rest.sleep(None)
        pid, status, usage = wait4(-1, WNOHANG)
    point("shim.reaped", ordinal)
    if rest.terminal is not None:
        rest.terminal.drain()
    if not access("agent.json", F_OK):
        return 0  # it died before its identity was on disk: nothing ran, and the folder says so
    text = (
        b'%s,"utime":%.6f,"stime":%.6f,"maxrss_kib":%d,"rss_floor_kib":%d,"started_wall":%s,"started_mono":%s,'
        b'"ended_wall":%s,"ended_mono":%s'
    ) % (
        ending(status, read(failure, _SENTENCE)),
        usage.ru_utime,
        usage.ru_stime,
        usage.ru_maxrss,
        floor,
        wall,
        mono,
        seconds(time_ns()),
        seconds(monotonic_ns()),
    )
    alone = not leftovers.reap()
    record_end(text, b"" if alone else leftovers.json(), -1 if rest.worker >= 0 else folder, keep, ordinal)
    point("shim.ended", ordinal)
    if not alone:
        leftovers.end(rest, keep=keep)
    return 0


def connect(request: Request, rest: Rest) -> tuple[Streams, bytes]:
    """The agent's stdin, stdout and stderr, and what agent.json says of them; `rest` keeps what must be tended.

    We have the outputs as our own stdout and stderr, too: there they are found and bounded, should their names be lost.
    """
    _, _, _, fifo, split, window, _ = request
    log, inode = open_output("log")
    dup2(log, 1)
    if window is None:
        stdin, rest.stdin = open_stdin(fifo)
        if not split:
            return (stdin, log, log), b'"log_inode":%d' % inode
        errors, errors_inode = open_output("stderr")
        dup2(errors, 2)
        return (stdin, log, errors), b'"log_inode":%d,"stderr_inode":%d' % (inode, errors_inode)
    rest.terminal = Terminal(log)
    slave, path = rest.terminal.open_agents_side(*window)
    return (slave, slave, slave), b'"log_inode":%d,"tty":"%s"' % (inode, path.encode("ascii"))


def ending(status: int, failure: bytes) -> bytes:
    """The first members of exit.json, of a wait status and of what the child said before it gave up."""
    if failure:
        code, _, sentence = failure.partition(b"\0")
        error = json_text(text_of(sentence)).encode("ascii")
        return b'{"code":%s,"signal":null,"reason":"not-executed","error":%s' % (code, error)
    if status & 0x7F:
        return b'{"code":null,"signal":%d,"reason":"signalled","error":null' % (status & 0x7F)
    return b'{"code":%d,"signal":null,"reason":"exited","error":null' % (status >> 8)


def record_end(text: bytes, left: bytes, folder: int, keep: bool, ordinal: int) -> None:
    """exit.json; while the disk refuses it, try again, since nobody else will ever know. Synced where a `folder` is given."""
    text = b'%s,"leftovers":[%s],"kept":%s}\n' % (text, left, b"true" if keep else b"false")
    while True:
        try:
            return write_record("exit.json", text, ordinal, folder)
        except OSError as problem:
            if problem.errno not in _PASSING:
                raise
        sleep(1)
