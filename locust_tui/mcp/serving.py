"""The two ways to the tools: on the stdin and stdout of whoever starts us, or on a loopback port for all runs of a plan."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import resource
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from locust_tui import whole_file
from locust_tui.plain_file import read_plain
from locust_tui.state.folder import StateFolder

from .speaker import Speaker

if TYPE_CHECKING:
    import uvicorn

GRACE_S = 600.0
"""Without a worker for this long, the server on the port ends."""
PERSONS_PATIENCE_S = 3.0
"""Outside of a run nobody brings a worker back by itself."""
MAX_BODY = 512 * 1024
MAX_SESSIONS = 2000
SESSION_IDLE_S = 43_200.0
LAST_WORDS_S = 2
_LOOK_S = 0.5
_BEARER = "bearer "


def serve_stdio(folder: StateFolder, token: str) -> None:
    """Until the client closes our stdin. `token`: of the run that speaks, empty where the process' ancestors tell."""
    logging.basicConfig(handlers=[logging.NullHandler()])  # first, or the library logs to stderr in colour
    from .tools import build

    threading.Thread(target=_end_with_the_reader, args=(os.dup(1),), daemon=True).start()
    speaker = Speaker(lambda: folder.socket) if token else Speaker(lambda: folder.socket, PERSONS_PATIENCE_S)
    build(speaker, lambda _ctx: token).run("stdio")


def _end_with_the_reader(output: int) -> None:
    """The library sees only when it speaks that nobody reads, and even then waits for another line of the client."""
    reader = select.poll()
    reader.register(output, 0)
    reader.poll()
    os._exit(0)


def serve_http(folder: StateFolder, listener: int) -> None:
    """On a socket that listens already; ends by itself when its note is gone or no worker has been there for a while."""
    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _raise_file_limit()
    asyncio.run(_serve(folder, socket.socket(fileno=listener)))


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def _serve(folder: StateFolder, listener: socket.socket) -> None:
    import uvicorn

    from .guarding import close_silent, impatient
    from .tools import build

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    app = build(Speaker(lambda: folder.socket), _token_of).streamable_http_app(
        streamable_http_path="/mcp",
        host="127.0.0.1",
        max_request_body_size=MAX_BODY,
        session_idle_timeout=SESSION_IDLE_S,
        max_sessions=MAX_SESSIONS,
    )
    config = uvicorn.Config(
        impatient(app),
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=LAST_WORDS_S,
    )
    server, note, port = Server(config), folder.root / "tools.json", listener.getsockname()[1]
    serving = asyncio.create_task(server.serve([listener]))
    closing = asyncio.create_task(close_silent(server.server_state.connections))
    watching = asyncio.create_task(_until_unneeded(folder, note, port))
    saying = asyncio.create_task(_say_that_we_answer(server, note, port))
    await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    watching.cancel()
    closing.cancel()
    saying.cancel()
    ends = await asyncio.gather(serving, watching, closing, saying, return_exceptions=True)
    if isinstance(ends[0], Exception):
        raise ends[0]


def _token_of(ctx: object) -> str:
    """The run's token; never empty, for that would be whoever this process descends from."""
    headers = getattr(ctx, "headers", None) or {}
    given = headers.get("authorization") or ""
    token = given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""
    return token or "none"


async def _say_that_we_answer(server: uvicorn.Server, note: Path, port: int) -> None:
    """Put our pid into our note."""
    while not server.started:  # noqa: ASYNC110 - it has no event to wait for
        await asyncio.sleep(0.01)
    if _noted(note) == port:
        whole_file.put(note, json.dumps({"port": port, "pid": os.getpid()}))


async def _until_unneeded(folder: StateFolder, note: Path, port: int) -> None:
    """Until our note is taken away, which a worker does at its orderly end, or no worker was seen for a while."""
    loop = asyncio.get_running_loop()
    seen = loop.time()
    while loop.time() - seen < GRACE_S and _noted(note) == port:
        await asyncio.sleep(_LOOK_S)
        if folder.socket.exists():
            seen = loop.time()


def _noted(note: Path) -> int | None:
    try:
        return int(json.loads(read_plain(note))["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
