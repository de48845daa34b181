"""The two ways to the tools: on the stdin and stdout of whoever starts us, or on a loopback port for all runs of a plan."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from locust_tui.errors import RefusedError
from locust_tui.state.folder import StateFolder

from .speaker import Speaker

GRACE_S = 600.0
"""Without a worker for this long, the server on the port ends."""
_BEARER = "bearer "


def serve_stdio(folder: StateFolder, token: str) -> None:
    """Until the client closes our stdin."""
    _be_quiet()
    from .tools import build

    build(Speaker(lambda: folder.socket), lambda _ctx: token).run("stdio")


def serve_http(folder: StateFolder, port: int) -> None:
    """One per plan, found by its note; ends by itself when no worker has been there for a while.

    `port`: the wanted one, 0 for any; agents keep the address they were started with, so the last one is tried first.
    Raises RefusedError when another one serves this plan.
    """
    _be_quiet()
    with _alone(folder.root / "tools.lock"):
        asyncio.run(_serve(folder, port))


def _be_quiet() -> None:
    """Before the library is loaded, which would log to stderr in colour."""
    logging.basicConfig(handlers=[logging.NullHandler()])


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError("another tool server serves this plan already") from None
        yield
    finally:
        os.close(fd)


async def _serve(folder: StateFolder, port: int) -> None:
    import uvicorn

    from .tools import build

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    mcp = build(Speaker(lambda: folder.socket), _token_of)
    app = mcp.streamable_http_app(streamable_http_path="/mcp", host="127.0.0.1", session_idle_timeout=None)
    listener = _listen(port)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    serving = asyncio.create_task(server.serve([listener]))
    note = folder.root / "tools.json"
    _note(note, listener.getsockname()[1])
    watching = asyncio.create_task(_until_unneeded(folder, note))
    await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    watching.cancel()
    await asyncio.gather(serving, watching, return_exceptions=True)


def _token_of(ctx: object) -> str:
    headers = getattr(ctx, "headers", None) or {}
    given = headers.get("authorization") or ""
    return given[len(_BEARER) :] if given.lower().startswith(_BEARER) else "none"


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def _note(path: Path, port: int) -> None:
    waiting = path.with_name(f"{path.name}.new")
    fd = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        json.dump({"port": port, "pid": os.getpid()}, file)
    waiting.replace(path)


async def _until_unneeded(folder: StateFolder, note: Path) -> None:
    """Until our note is taken away, which a worker does at its orderly end, or no worker was seen for a while."""
    loop = asyncio.get_running_loop()
    seen = loop.time()
    while loop.time() - seen < GRACE_S and note.exists():
        await asyncio.sleep(1.0)
        if folder.socket.exists():
            seen = loop.time()
