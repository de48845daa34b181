"""From a fresh fork of the shim to the agent's program: make our identity durable, then exec.

Everything that can be done before the fork is done by the shim, since after it each touched page is copied once more.
"""

from __future__ import annotations

import errno
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket
from os import (
    F_OK,
    O_CLOEXEC,
    O_RDWR,
    _exit,
    access,
    chdir,
    close,
    defpath,
    dup2,
    execve,
    fsdecode,
    fstat,
    getpid,
    path,
    pidfd_open,
    pwrite,
    read,
    setsid,
    strerror,
    write,
)
from os import (
    open as open_fd,
)
from os import umask as set_umask
from struct import Struct

from locust_tui.execution import record_lock
from locust_tui.execution.fault import point
from locust_tui.execution.records import identity_json, seconds, sync_folder, write_record

NOT_FOUND, NOT_USABLE = 127, 126
_OOM_SCORE_RISE = 300
_FIRST_READ = 32768
_two_ints = Struct("@ii").pack
_PATH = defpath.encode()


class Request:
    """What to run, as bytes: `fields` are cwd, stdin mode, number of arguments, the arguments, the environment."""

    __slots__ = ("argv", "cwd", "env", "fifo")

    def __init__(self, frame: bytes) -> None:
        fields = frame.split(b"\0")
        self.cwd, self.fifo = fields[0], fields[1] == b"fifo"
        end = 3 + int(fields[2])
        self.argv = fields[3:end]
        self.env = {}
        for item in fields[end:]:
            name, _, value = item.partition(b"=")
            self.env[name] = value


class Parent:
    """What the child has of its shim: pid, descriptors, and when it forked (nanoseconds)."""

    __slots__ = ("failure", "folder", "lock", "mono", "pid", "pidfd", "start", "wall")

    def __init__(
        self, pid: int, pidfd: int, lock: int, folder: int, start: int, failure: int, wall: int, mono: int
    ) -> None:
        self.pid, self.pidfd, self.lock, self.folder = pid, pidfd, lock, folder
        self.start, self.failure, self.wall, self.mono = start, failure, wall, mono


class UnusableError(Exception):
    """A step before the program ran failed; args: the sentence, the exit code to record."""


def read_frame(start: int) -> bytes:
    """The request on the socket `start`, empty when the executor died before it was complete."""
    data = read(start, _FIRST_READ)
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        more = read(start, 1 << 18)
        if not more:
            return b""
        data += more
    return data[4:]


def become_agent(request: Request, shim: Parent, log: int, stdin: int, umask: int, ordinal: int) -> None:
    """Run the program asked for. Never returns.

    Once agent.json is there the run has begun: from then on a failure is its end, told to the shim through its pipe.
    Before that nothing ran, and only the executor is told.
    """
    identified = False
    try:
        setsid()
        point("agent.born", ordinal)
        if not record_lock.take_over(shim.lock, shim.pid):
            _exit(0)  # the shim is dead, and someone may have seen the folder free already
        me = getpid()
        text = b'{%s,"log_inode":%d,"wall":%s,"mono":%s}\n' % (
            identity_json(me),
            fstat(log).st_ino,
            seconds(shim.wall),
            seconds(shim.mono),
        )
        write_record("agent.json", text, shim.folder, ordinal)
        sync_folder("..")
        identified = True
        point("agent.identified", ordinal)
        fds = _two_ints(shim.pidfd, pidfd_open(me))
        _answer(shim.start, b"started\0%d\0%d\0%s" % (shim.pid, me, seconds(shim.wall)), fds)
        point("agent.answered", ordinal)
        _be_the_first_to_go()
        if umask >= 0:
            set_umask(umask)
        dup2(stdin, 0)
        dup2(log, 1)
        dup2(log, 2)
        try:
            chdir(request.cwd)
        except OSError as problem:
            where = fsdecode(request.cwd)
            raise UnusableError(
                f"cannot enter the working folder {where}: {problem.strerror}", NOT_USABLE
            ) from None
        execute(request.argv, request.env)
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
    if b"/" in name:
        candidates = [name]
    else:
        candidates = [(folder or b".") + b"/" + name for folder in env.get(b"PATH", _PATH).split(b":")]
        candidates = [candidate for candidate in candidates if access(candidate, F_OK)] or candidates
    why, code = strerror(errno.ENOENT), NOT_FOUND
    for candidate in candidates:
        try:
            execve(candidate, argv, env)
        except OSError as problem:
            if problem.errno == errno.ENOENT and path.exists(candidate):
                why, code = "the interpreter in its first line is missing", NOT_FOUND
            elif problem.errno not in (errno.ENOENT, errno.ENOTDIR):
                why, code = str(problem.strerror), NOT_USABLE
                if problem.errno != errno.EACCES:
                    break
    raise UnusableError(f"cannot execute {fsdecode(name)}: {why}", code)


def _explained(problem: BaseException) -> tuple[bytes, int]:
    if isinstance(problem, UnusableError):
        sentence, code = problem.args
    else:
        sentence, code = f"cannot set up the agent's process: {problem!r}", NOT_USABLE
    return sentence.encode("utf-8", "surrogateescape"), code
