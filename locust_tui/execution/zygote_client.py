"""The worker's end of the zygote: started when needed, replaced when dead, asked to fork one shim per run."""

from __future__ import annotations

import asyncio
import marshal
import os
import socket
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.execution.runs import RunSpec, SpawnError, Stdin
from locust_tui.execution.zygote import END, INHERIT, KEEP

_SCRIPT = Path(__file__).with_name("zygote.py")
_PASSED_ON = ("LD_LIBRARY_PATH", "LOCUST_TUI_FAULT")
_LARGEST_ANSWER = 8192
_TWO_DESCRIPTORS = socket.CMSG_SPACE(8)
_bytes_of = lru_cache(maxsize=1024)(os.fsencode)  # nearly all of an environment is the same in every run


@dataclass(frozen=True, slots=True)
class Answer:
    """A shim's words: `started`, `held`, `used`, `unusable`, `failed`, or nothing at all (it died before it could tell).

    The descriptors are the receiver's to close; -1 when there is none.
    """

    words: tuple[str, ...]
    shim_pidfd: int = -1
    agent_pidfd: int = -1

    def close(self) -> None:
        """Give the descriptors up."""
        for pidfd in (self.shim_pidfd, self.agent_pidfd):
            if pidfd >= 0:
                os.close(pidfd)


def encode(spec: RunSpec) -> bytes:
    """The frame `agent_process.read_request` reads; marshalled, since both ends are this interpreter: every byte arrives."""
    argv = [os.fsencode(item) for item in spec.argv]
    env = {_bytes_of(name): _bytes_of(value) for name, value in spec.env.items()}
    cwd = os.fsencode(spec.cwd)
    if (
        not argv
        or b"\0" in cwd
        or b"\0" in b"".join((*argv, *env, *env.values()))
        or b"=" in b"".join(env)
        or b"" in env
    ):
        raise SpawnError(
            f"{spec.run_id}: the command is empty, or it or its environment holds what no process can be given",
            help="no NUL bytes, no empty command, no '=' in a variable's name",
        )
    body = marshal.dumps((cwd, argv, env, spec.stdin is Stdin.FIFO, spec.split_stderr, spec.pty))
    return len(body).to_bytes(4, "big") + body


class ZygoteClient:
    """Owns the zygote process; closing it ends the zygote and no shim.

    `log_cap`: bytes, see LocalExecutor; `umask` and `files` (soft limit of open files): the agents', None: our own.
    """

    def __init__(self, log_cap: int, umask: int | None = None, files: int | None = None) -> None:
        self._settings = [str(INHERIT if value is None else value) for value in (umask, files, log_cap)]
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._errors = -1
        # shims hold the read end: that we are gone is told by its end of file
        self._life, self._life_end = os.pipe2(os.O_CLOEXEC)

    @property
    def pid(self) -> int | None:
        """The zygote's pid while one is in use."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Let the zygote go for good."""
        self._retire()
        os.close(self._life)
        os.close(self._life_end)

    def _retire(self) -> None:
        """The zygote ends when its socket does."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._errors >= 0:
            os.close(self._errors)
        self._control, self._process, self._errors = None, None, -1

    def abandon(self) -> None:
        """Kill a zygote that does not answer; what it had not begun is then certain never to begin."""
        if self._process is not None:
            self._process.kill()  # our own unreaped child: no other process can be meant
        self._retire()

    def _launch(self) -> socket.socket:
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        environment: dict[str, str] = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["LD_BIND_NOW"] = "1"  # bound once here, not again in every shim
        self._errors = os.memfd_create("zygote-errors")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-E", str(_SCRIPT), *self._settings],
                stdin=theirs.fileno(),
                stdout=self._life,
                stderr=self._errors,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except OSError as problem:
            ours.close()
            os.close(self._errors)
            self._errors = -1
            raise SpawnError(
                f"cannot start the process that starts agents: {problem}", errno=problem.errno or 0
            ) from None
        finally:
            theirs.close()
        ours.setblocking(False)
        self._control = ours
        return ours

    def complaint(self) -> str:
        """What the zygote wrote before it died, its last 500 characters."""
        return (
            os.pread(self._errors, 1 << 16, 0).decode(errors="replace")[-500:].strip()
            if self._errors >= 0
            else ""
        )

    def _fork_shim(self, start: socket.socket, folder: int, message: bytes) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._retire()
        for _ in range(2):
            control = self._control or self._launch()
            try:
                socket.send_fds(control, [message], [start.fileno(), folder])
            except (BrokenPipeError, ConnectionResetError, BlockingIOError):
                self.abandon()
            else:
                return
        raise SpawnError(
            "the process that starts agents dies at once", help="look at memory and process limits"
        )

    async def ask(self, folder: int, frame: bytes, *, keep_leftovers: bool, patience: float) -> Answer:
        """Have a shim start what `frame` says in the open run folder; returns when the program runs or is known not to.

        Raises TimeoutError after `patience` seconds.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ours.setblocking(False)
        try:
            try:
                sent = ours.send(frame)  # before anybody listens: mostly all of it fits
                self._fork_shim(theirs, folder, KEEP if keep_leftovers else END)
            finally:
                theirs.close()
            if sent < len(frame):
                # a shim that has died or refused already may have left an answer to read
                with suppress(BrokenPipeError, ConnectionResetError):
                    await asyncio.wait_for(
                        asyncio.get_running_loop().sock_sendall(ours, frame[sent:]), patience
                    )
            return await _Listening(ours, patience).answered
        finally:
            ours.close()


class _Listening:
    """Collects what a shim says until every copy of its end is closed: by exec, or by death."""

    def __init__(self, sock: socket.socket, patience: float) -> None:
        loop = asyncio.get_running_loop()
        self.answered: asyncio.Future[Answer] = loop.create_future()
        self._sock, self._answer = sock, Answer(())
        self._timer = loop.call_later(patience, self._give_up)
        loop.add_reader(sock.fileno(), self._hear)
        self.answered.add_done_callback(self._stop)

    def _hear(self) -> None:
        while not self.answered.done():
            try:
                more = _receive(self._sock)
            except BlockingIOError:
                return
            if not more.words:
                self.answered.set_result(self._answer)
                return
            pidfds = (
                max(more.shim_pidfd, self._answer.shim_pidfd),
                max(more.agent_pidfd, self._answer.agent_pidfd),
            )
            self._answer = Answer(more.words, *pidfds)

    def _give_up(self) -> None:
        if not self.answered.done():
            self.answered.set_exception(TimeoutError())

    def _stop(self, answered: asyncio.Future[Answer]) -> None:
        loop = answered.get_loop()
        self._timer.cancel()
        loop.remove_reader(self._sock.fileno())
        if answered.cancelled() or answered.exception() is not None:
            self._answer.close()


def _receive(sock: socket.socket) -> Answer:
    try:
        data, ancillary, _, _ = sock.recvmsg(_LARGEST_ANSWER, _TWO_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        return Answer(())
    words = tuple(data.decode("utf-8", "replace").split("\0")) if data else ()
    fds = [fd for _, _, packed in ancillary for fd in memoryview(packed).cast("i")]
    if len(fds) == 2:
        return Answer(words, fds[0], fds[1])
    for fd in fds:
        os.close(fd)
    return Answer(words)
