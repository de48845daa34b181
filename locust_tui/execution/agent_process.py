"""The other side of the shim's fork: from a copy of the shim to the agent's program, or a precise reason why not."""

from __future__ import annotations

import errno
import os
import signal

from locust_tui.execution import fault

NOT_FOUND, NOT_USABLE = 127, 126
_OOM_SCORE_RISE = 300
_DEFAULT_AGAIN = ("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGXFSZ", "SIGCHLD")


class Request:
    """What to run, as bytes: `fields` are run id, cwd, stdin mode, keep flag, log cap, argument count, arguments, environment."""

    __slots__ = ("argv", "cwd", "env", "fifo", "keep", "log_cap", "run_id")

    def __init__(self, frame: bytes) -> None:
        fields = frame.split(b"\0")
        self.run_id, self.cwd = fields[0], fields[1]
        self.fifo = fields[2] == b"fifo"
        self.keep = fields[3] == b"keep"
        self.log_cap = int(fields[4])
        end = 6 + int(fields[5])
        self.argv = fields[6:end]
        self.env = dict(item.split(b"=", 1) for item in fields[end:])


class UnusableError(Exception):
    """A step before the program ran failed; args: stage, errno."""


def execute(argv: list[bytes], env: dict[bytes, bytes]) -> None:
    """Become the program, found as a shell would in the agent's own PATH. Raises UnusableError."""
    name = argv[0]
    folders = env.get(b"PATH", os.defpath.encode()).split(b":")
    candidates = [name] if b"/" in name else [os.path.join(folder or b".", name) for folder in folders]
    stage, code = b"exec", errno.ENOENT
    for candidate in candidates:
        try:
            os.execve(candidate, argv, env)
        except OSError as problem:
            if problem.errno == errno.ENOENT and os.path.exists(candidate):
                stage, code = b"interpreter", errno.ENOENT
            elif problem.errno not in (errno.ENOENT, errno.ENOTDIR):
                stage, code = b"exec", problem.errno or errno.EIO
                if problem.errno != errno.EACCES:
                    break
    raise UnusableError(stage, code)


def become_agent(request: Request, go: int, failure: int, stdin: int, log: int) -> None:
    """Wait for the byte that says our identity is on disk, then run the program. Never returns.

    The shim's death closes the pipe without that byte: then nothing runs.
    """
    try:
        os.setsid()
        fault.point("agent.waiting")
        if os.read(go, 1) != b"g":
            os._exit(NOT_USABLE)
        fault.point("agent.going")
        for name in _DEFAULT_AGAIN:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        _be_the_first_to_go()
        for target, source in enumerate((stdin, log, log)):
            os.dup2(source, target)
        try:
            os.chdir(request.cwd)
        except OSError as problem:
            raise UnusableError(b"cwd", problem.errno or errno.EIO) from None
        execute(request.argv, request.env)
    except UnusableError as problem:
        stage, code = problem.args
        os.write(failure, b"%s\0%d" % (stage, code))
    except BaseException as problem:
        code = problem.errno if isinstance(problem, OSError) else None
        os.write(failure, b"setup\0%d" % (code or errno.EIO))
    finally:
        os._exit(NOT_USABLE)


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


def explain(request: Request, stage: bytes, code: int) -> tuple[int, str]:
    """(exit code to record, sentence) for a program that never ran."""
    why = os.strerror(code)
    program = os.fsdecode(request.argv[0])
    if stage == b"cwd":
        return NOT_USABLE, f"cannot enter the working folder {os.fsdecode(request.cwd)}: {why}"
    if stage == b"interpreter":
        return NOT_FOUND, f"cannot execute {program}: its interpreter (first line) is missing"
    if stage == b"setup":
        return NOT_USABLE, f"cannot set up the process for {program}: {why}"
    return NOT_FOUND if code == errno.ENOENT else NOT_USABLE, f"cannot execute {program}: {why}"
