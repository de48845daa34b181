"""From a fresh fork of the shim to the agent's program: put our identity on record, then exec.

Everything that can be done before the fork is done by the shim, since after it each touched page is copied once more.
"""

from __future__ import annotations

from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket
from _struct import Struct
from errno import EACCES, ENOENT, ENOTDIR
from fcntl import ioctl
from marshal import loads
from posix import (
    F_OK,
    O_CLOEXEC,
    O_RDWR,
    _exit,
    access,
    chdir,
    close,
    dup2,
    execve,
    getpid,
    pidfd_open,
    pwrite,
    read,
    setsid,
    strerror,
    write,
)
from posix import (
    open as open_fd,
)
from posix import umask as set_umask
from termios import TIOCSCTTY

from locust_tui.execution import record_lock
from locust_tui.execution.fault import point
from locust_tui.execution.records import identity_json, text_of, write_record

NOT_FOUND, NOT_USABLE = 127, 126
_OOM_SCORE_RISE = 300
_FIRST_READ = 32768
Window = tuple[int, int]
Request = tuple[bytes, list[bytes], dict[bytes, bytes], bool, bool, Window | None]
"""cwd, arguments, environment, whether stdin is a FIFO, whether stderr has a file of its own, rows and columns of a terminal"""
Streams = tuple[int, int, int]
_two_ints = Struct("@ii").pack
_PATH = b"/bin:/usr/bin"


class Parent:
    """What the child has of its shim: its pid, its descriptors, and the record's last members."""

    __slots__ = ("failure", "lock", "members", "pid", "pidfd", "start", "wall")

    def __init__(
        self,
        pid: int,
        pidfd: int,
        lock: int,
        start: int,
        failure: int,
        wall: bytes,
        members: bytes,
    ) -> None:
        self.pid, self.pidfd, self.lock = pid, pidfd, lock
        self.start, self.failure, self.wall, self.members = start, failure, wall, members


class UnusableError(Exception):
    """A step before the program ran failed; args: the sentence, the exit code to record."""


def read_request(start: int) -> Request | None:
    """The request on the socket `start`, None when the executor died before it was complete."""
    data = read(start, _FIRST_READ)
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        more = read(start, 1 << 18)
        if not more:
            return None
        data += more
    request: Request = loads(memoryview(data)[4:])
    return request


def become_agent(request: Request, shim: Parent, streams: Streams, umask: int, ordinal: int) -> None:
    """Run the program asked for on these streams. Never returns; `members` of the shim go into agent.json.

    Once agent.json is there the run has begun: from then on a failure is its end, told to the shim through its pipe.
    Before that nothing ran, and only the executor is told.
    """
    identified = False
    cwd, argv, env, _, _, window = request
    try:
        setsid()
        point("agent.born", ordinal)
        if not record_lock.take_over(shim.lock, shim.pid):
            _exit(0)  # the shim is dead, and someone may have seen the folder free already
        me = getpid()
        text = b"{%s,%s}\n" % (identity_json(me), shim.members)
        write_record("agent.json", text, ordinal)
        identified = True
        point("agent.identified", ordinal)
        fds = _two_ints(shim.pidfd, pidfd_open(me))
        _answer(shim.start, b"started\0%d\0%d\0%s" % (shim.pid, me, shim.wall), fds)
        point("agent.answered", ordinal)
        _be_the_first_to_go()
        if umask >= 0:
            set_umask(umask)
        if window is not None:
            ioctl(streams[0], TIOCSCTTY, 0)  # we lead a session that has no terminal yet
        for number in (0, 1, 2):
            dup2(streams[number], number)
        try:
            chdir(cwd)
        except OSError as problem:
            where = text_of(cwd)
            raise UnusableError(
                f"cannot enter the working folder {where}: {problem.strerror}", NOT_USABLE
            ) from None
        execute(argv, env)
    except BaseException as problem:
        sentence, code = _explained(problem)
        if identified:
            write(shim.failure, b"%d\0%s" % (code, sentence[:4000]))
            _answer(shim.start, b"unusable")
        else:
            _answer(shim.start, b"failed\0%d\0%s" % (getattr(problem, "errno", 0) or 0, sentence[:4000]))
    finally:
        _exit(NOT_USABLE)


def _answer(start: int, text: bytes, fds: bytes = b"") -> None:
    try:
        sock = socket(AF_UNIX, SOCK_STREAM, 0, start)
        sock.sendmsg([text], [(SOL_SOCKET, SCM_RIGHTS, fds)] if fds else [])
        sock.detach()
    except OSError:
        pass  # nobody listens any more; the folder tells whoever comes next


def _be_the_first_to_go() -> None:
    """When memory runs out the agent is killed before its shim and the worker; raising the score needs no privilege."""
    try:
        fd = open_fd("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC)
        try:
            pwrite(fd, b"%d" % min(int(read(fd, 8)) + _OOM_SCORE_RISE, 1000), 0)
        finally:
            close(fd)
    except (OSError, ValueError):
        pass  # no such knob here (some containers): a preference, not a promise


def execute(argv: list[bytes], env: dict[bytes, bytes]) -> None:
    """Become the program, found as a shell would in the agent's own PATH. Raises UnusableError."""
    name = argv[0]
    why, code = strerror(ENOENT), NOT_FOUND
    for folder in (b"",) if b"/" in name else env.get(b"PATH", _PATH).split(b":"):
        candidate = name if b"/" in name else (folder or b".") + b"/" + name
        if b"/" not in name and not access(candidate, F_OK):
            continue
        try:
            execve(candidate, argv, env)
        except OSError as problem:
            if problem.errno == ENOENT and access(candidate, F_OK):
                why, code = "the interpreter in its first line is missing", NOT_FOUND
            elif problem.errno not in (ENOENT, ENOTDIR):
                why, code = str(problem.strerror), NOT_USABLE
                if problem.errno != EACCES:
                    break
    raise UnusableError(f"cannot execute {text_of(name)}: {why}", code)


def _explained(problem: BaseException) -> tuple[bytes, int]:
    if isinstance(problem, UnusableError):
        sentence, code = problem.args
    else:
        sentence, code = f"cannot set up the agent's process: {problem!r}", NOT_USABLE
    return sentence.encode("utf-8", "surrogateescape"), code
