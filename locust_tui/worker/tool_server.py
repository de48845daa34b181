"""The tool server of a plan: a process of its own, on one loopback port for all runs, that outlives this worker."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import subprocess
import sys
import time

from locust_tui.agents.vocabulary import ToolServer
from locust_tui.errors import UnreachableError
from locust_tui.state.folder import StateFolder

log = logging.getLogger(__name__)

NAME = "locust"
TOKEN_VARIABLE = "LOCUST_TUI_TOKEN"
START_S = 30.0
_LOOK_S = 0.05


class ToolServers:
    """Started with the first run that can use it; kept on the port that running agents know."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._lock = folder.root / "tools.lock"
        self._note = folder.root / "tools.json"
        self._starting: asyncio.Task[int] | None = None

    async def there(self) -> ToolServer:
        """The server's address, once it listens. Raises UnreachableError when it does not come up."""
        port = self._port() if self._held() else None
        if port is None:
            if self._starting is None or self._starting.done():
                self._starting = asyncio.create_task(self._start())
            port = await asyncio.shield(self._starting)
        return ToolServer(NAME, f"http://127.0.0.1:{port}/mcp", TOKEN_VARIABLE)

    async def keep(self) -> None:
        """Start it again where it died while agents may call it."""
        if self._note.exists() and not self._held():
            try:
                await self.there()
            except UnreachableError as error:
                log.error("%s", error.message)

    def end(self) -> None:
        """Nobody calls it any more: without its note it ends by itself."""
        self._note.unlink(missing_ok=True)

    def _held(self) -> bool:
        """Whether a process holds the server's lock: one that lives."""
        try:
            fd = os.open(self._lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
        return False

    def _port(self) -> int | None:
        try:
            return int(json.loads(self._note.read_text("ascii"))["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _spawn(self, wanted: int) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "locust_tui", "--plan", str(self._folder.plan_path)]
        argv += ["--state-dir", str(self._folder.root), "mcp", "--http", "--port", str(wanted)]
        with open(self._folder.root / "tools.log", "ab") as output:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    async def _start(self) -> int:
        began = time.time()
        process = self._spawn(self._port() or 0)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and process.poll() is None:
            if self._held() and self._note.exists() and self._note.stat().st_mtime >= began - 1:
                port = self._port()
                if port is not None:
                    return port
            await asyncio.sleep(_LOOK_S)
        raise UnreachableError(
            "the tool server for agents did not start", help=f"see {self._folder.root / 'tools.log'}"
        )
