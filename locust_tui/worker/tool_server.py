"""The tool server of a plan: a process of its own, on one loopback port for all runs, that outlives this worker.

We listen before it is started: its address is known at once, and whoever calls meanwhile is in its queue. It is handed
the listening socket and a lock that lives as long as it does: there is never a second one, whatever is killed when.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import socket
import subprocess
import sys
import time

from locust_tui import whole_file
from locust_tui.agents.vocabulary import ToolServer
from locust_tui.errors import UnreachableError
from locust_tui.plain_file import read_plain
from locust_tui.state.folder import StateFolder

log = logging.getLogger(__name__)

NAME = "locust"
TOKEN_VARIABLE = "LOCUST_TUI_TOKEN"
LONGEST_PAUSE_S = 60.0
SHORT_LIFE_S = 5.0
START_S = 20.0
_LOOK_S = 0.05
_BACKLOG = 512


class ToolServers:
    """Started with the first run that can use it; kept on the port that running agents know."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._lock = folder.root / "tools.lock"
        self._note = folder.root / "tools.json"
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._began = float("-inf")
        self._short_lives = 0

    async def there(self) -> ToolServer:
        """The server's address, where it listens or is about to. Raises UnreachableError when it cannot be started.

        One that was told to end and has not yet is followed by the next as soon as it has, without anybody waiting.
        """
        if (lock := self._take_lock()) is not None:
            port = self._start(lock)
        elif (known := self._port()) is not None:
            port = known
        else:
            port = self._open()
        return ToolServer(NAME, f"http://127.0.0.1:{port}/mcp", TOKEN_VARIABLE)

    async def answers(self) -> None:
        """Once it answers; it says so in its note. Raises UnreachableError when it does not come to that."""
        deadline = time.monotonic() + START_S
        while (said := self._said()) is None or "pid" not in said:
            if time.monotonic() > deadline:
                raise UnreachableError(f"the tool server for agents does not answer yet ({self._log})")
            await asyncio.sleep(_LOOK_S)

    async def keep(self) -> None:
        """Start it again where it died while agents may call it; one that dies again and again, ever more seldom."""
        if not self._note.exists() or time.monotonic() < self._began + self._pause:
            return
        try:
            if (lock := self._take_lock()) is not None:
                self._count_end()
                self._start(lock)
        except UnreachableError as error:
            log.error("%s", error.message)

    def _count_end(self) -> None:
        lived = time.monotonic() - self._began
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_S + self._pause else 0
        if self._listener is None or self._process is not None:
            log.error("the tool server for agents is gone; it is started again (%s)", self._log)

    def end(self) -> None:
        """Nobody calls it any more: without its note it ends by itself."""
        self._note.unlink(missing_ok=True)
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    @property
    def _log(self) -> str:
        return str(self._folder.root / "tools.log")

    @property
    def _pause(self) -> float:
        return min(LONGEST_PAUSE_S, 2.0**self._short_lives - 1) if self._short_lives else 0.0

    def _take_lock(self) -> int | None:
        """The server's lock, locked; None: a server lives. One of ours that ended is reaped. Raises UnreachableError."""
        if self._process is not None:
            self._process.poll()
        try:
            fd = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise UnreachableError(f"the tool server's lock cannot be opened: {error}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        return fd

    def _port(self) -> int | None:
        port = (self._said() or {}).get("port")
        return port if type(port) is int else None

    def _said(self) -> dict[str, object] | None:
        """The note: the port, and the pid of whoever answers there."""
        try:
            said = json.loads(read_plain(self._note))
        except (OSError, ValueError):
            return None
        return said if type(said) is dict else None

    def _start(self, lock: int) -> int:
        """Start a server that holds `lock`; the port. Raises UnreachableError."""
        self._began = time.monotonic()
        try:
            port = self._open()
            assert self._listener is not None
            self._process = self._spawn(self._listener.fileno(), lock)
        except OSError as error:
            raise UnreachableError(f"the tool server for agents cannot be started: {error}") from error
        finally:
            os.close(lock)
        return port

    def _open(self) -> int:
        """Listen, and note where; the port. Raises UnreachableError."""
        try:
            if self._listener is None:
                self._listener = self._listen()
            port = int(self._listener.getsockname()[1])
            self._write_note(port)
        except OSError as error:
            raise UnreachableError(f"the tool server for agents has no port: {error}") from error
        return port

    def _listen(self) -> socket.socket:
        wanted = self._port() or 0
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            try:
                listener.bind(("127.0.0.1", wanted))
                listener.listen(_BACKLOG)
            except OSError as error:
                if not wanted:
                    raise
                listener.close()
                listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
                log.warning(
                    "port %s of the tool server is taken (%s): new runs are given port %s; agents that were started "
                    "with the old one go on without tools",
                    wanted, error.strerror, listener.getsockname()[1],
                )  # fmt: skip
        except OSError:
            listener.close()
            raise
        return listener

    def _write_note(self, port: int) -> None:
        whole_file.put(self._note, json.dumps({"port": port}))

    def _spawn(self, listener: int, lock: int) -> subprocess.Popen[bytes]:
        argv = [
            sys.executable,
            "-P",
            "-m",
            "locust_tui.mcp",
            str(self._folder.plan_path),
            str(self._folder.root),
        ]
        env = {k: v for k, v in os.environ.items() if not k.startswith("LOCUST_TUI_")}
        env["LOCUST_TUI_STATE_DIR"] = str(self._folder.root)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        output = os.open(self._log, flags, 0o600)
        try:
            return subprocess.Popen(
                [*argv, str(listener), str(lock)],
                cwd=self._folder.root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(listener, lock),
                start_new_session=True,
            )
        finally:
            os.close(output)
