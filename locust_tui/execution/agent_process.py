"""From a fresh fork of the shim to the agent's program: read the request, make our identity durable, then exec.

All of this is done by the process that is about to be replaced, so none of its memory stays with the shim.
"""

from __future__ import annotations

import _socket
import errno
import os
import struct
from _signal import (  # type: ignore[import-not-found]  # `signal` itself would bring enum into every shim
    SIG_DFL,
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGPIPE,
    SIGQUIT,
    SIGTERM,
    SIGXFSZ,
    signal,
)

from locust_tui.execution import fault, record_lock
from locust_tui.execution.records import identity_json, open_log, open_stdin, write_record

NOT_FOUND, NOT_USABLE = 127, 126
_OOM_SCORE_RISE = 300
_DEFAULT_AGAIN = (SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ, SIGCHLD)


class Request:
    """What to run, as bytes: `fields` are cwd, stdin mode, number of arguments, the arguments, the environment."""

    __slots__ = ("argv", "cwd", "env", "fifo")

    def __init__(self, frame: bytes) -> None:
        fields = frame.split(b"\0")
        self.cwd, self.fifo = fields[0], fields[1] == b"fifo"
        end = 3 + int(fields[2])
        self.argv = fields[3:end]
        self.env = dict(item.split(b"=", 1) for item in fields[end:])


class Parent:
    """The shim as its child knows it: pid, a pidfd, and when it forked (wall, monotonic)."""

    __slots__ = ("began", "pid", "pidfd")

    def __init__(self, pid: int, pidfd: int, began: tuple[float, float]) -> None:
        self.pid, self.pidfd, self.began = pid, pidfd, began


class UnusableError(Exception):
    """A step before the program ran failed; args: the sentence, the exit code to record."""


def become_agent(start: int, failure: int, lock: int, shim: Parent, ordinal: int) -> None:
    """Run the program asked for on the socket `start`. Never returns.

    Once agent.json is there the run has begun: from then on a failure is its end, told to the shim through `failure`.
    Before that nothing ran, and only the executor is told.
    """
    identified = False
    try:
        os.setsid()
        fault.point("agent.born", ordinal)
        if not record_lock.take_over(lock, shim.pid):
            raise UnusableError("", 0)  # the shim is dead, and someone may have seen the folder free already
        request = Request(_read_frame(start))
        fault.point("agent.asked", ordinal)
        log, stdin = open_log(), open_stdin(request.fifo)
        _write_shim(shim.pid)
        inode = os.fstat(log).st_ino
        text = f'{{{identity_json(os.getpid())},"log_inode":{inode},"wall":{shim.began[0]:.6f},"mono":{shim.began[1]:.6f}}}\n'
        write_record("agent.json", text, ".", "..", ordinal=ordinal)
        identified = True
        fault.point("agent.identified", ordinal)
        fds = struct.pack("@ii", shim.pidfd, os.pidfd_open(os.getpid()))
        _answer(start, b"started\0%d\0%d\0%.6f" % (shim.pid, os.getpid(), shim.began[0]), fds)
        fault.point("agent.answered", ordinal)
        _prepare(request, stdin, log)
        execute(request.argv, request.env)
    except BaseException as problem:
        sentence, code = _explained(problem)
        if identified:
            os.write(failure, b"%d\0%s" % (code, sentence[:4000]))
            _answer(start, b"unusable")
        elif sentence:
            _answer(start, b"failed\0%d\0%s" % (getattr(problem, "errno", 0) or 0, sentence[:4000]))
    finally:
        os._exit(NOT_USABLE)


def _write_shim(pid: int) -> None:
    """Who the shim is, for people and for whoever asks whose child they are; recovery asks the lock instead."""
    fd = os.open("shim.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.write(fd, b"{%s}\n" % identity_json(pid).encode("ascii"))
    os.close(fd)


def _read_frame(start: int) -> bytes:
    data = b""
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        more = os.read(start, 1 << 18)
        if not more:
            raise UnusableError("", 0)  # the executor died before it had said what to run
        data += more
    return data[4:]


def _answer(start: int, text: bytes, fds: bytes = b"") -> None:
    try:
        ancillary = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, fds)] if fds else []
        _socket.socket(fileno=os.dup(start)).sendmsg([text], ancillary)
    except OSError:
        pass  # nobody listens any more; the folder tells whoever comes next


def _prepare(request: Request, stdin: int, log: int) -> None:
    for signum in _DEFAULT_AGAIN:
        signal(signum, SIG_DFL)
    _be_the_first_to_go()
    for target, source in enumerate((stdin, log, log)):
        os.dup2(source, target)
    try:
        os.chdir(request.cwd)
    except OSError as problem:
        folder = os.fsdecode(request.cwd)
        raise UnusableError(f"cannot enter the working folder {folder}: {problem.strerror}", NOT_USABLE) from None


def _be_the_first_to_go() -> None:
    """When memory runs out the agent is killed before its shim and the worker; raising the score needs no privilege."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)
        try:
            os.pwrite(fd, b"%d" % min(int(os.read(fd, 8)) + _OOM_SCORE_RISE, 1000), 0)
        finally:
            os.close(fd)
    except (OSError, ValueError):
        pass  # no such knob here (some containers): a preference, not a promise


def execute(argv: list[bytes], env: dict[bytes, bytes]) -> None:
    """Become the program, found as a shell would in the agent's own PATH. Raises UnusableError."""
    name = argv[0]
    folders = env.get(b"PATH", os.defpath.encode()).split(b":")
    candidates = [name] if b"/" in name else [os.path.join(folder or b".", name) for folder in folders]
    why, code = os.strerror(errno.ENOENT), NOT_FOUND
    for candidate in candidates:
        try:
            os.execve(candidate, argv, env)
        except OSError as problem:
            if problem.errno == errno.ENOENT and os.path.exists(candidate):
                why, code = "the interpreter in its first line is missing", NOT_FOUND
            elif problem.errno not in (errno.ENOENT, errno.ENOTDIR):
                why, code = str(problem.strerror), NOT_USABLE
                if problem.errno != errno.EACCES:
                    break
    raise UnusableError(f"cannot execute {os.fsdecode(name)}: {why}", code)


def _explained(problem: BaseException) -> tuple[bytes, int]:
    if isinstance(problem, UnusableError):
        sentence, code = problem.args
    else:
        sentence, code = f"cannot set up the agent's process: {problem!r}", NOT_USABLE
    return sentence.encode("utf-8", "surrogateescape"), code
