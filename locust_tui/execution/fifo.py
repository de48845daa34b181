"""Writing to a live agent's stdin without ever blocking on it, and without a line being torn for good."""

from __future__ import annotations

import asyncio
import os
import stat
from contextlib import suppress

from locust_tui.execution import marks
from locust_tui.execution.names import STDIN_CLOSED, STDIN_TORN
from locust_tui.execution.runs import NotRunningError

ATOMIC = 4096
"""PIPE_BUF: a piece up to this size is written whole or not at all, and never mixes with another writer's."""
_PATIENCE = 10.0


async def write_fifo(folder: int, run_id: str, data: bytes) -> None:
    """All of `data` into the FIFO `stdin` of an open run folder, waiting for a slow reader up to 10 s without progress.

    Raises NotRunningError when the run has no FIFO, nobody holds its other end, or the agent does not read.
    """
    if marks.is_put(folder, STDIN_CLOSED):
        raise NotRunningError(f"{run_id} takes no more input: it was closed")
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open("stdin", flags, dir_fd=folder)
    except OSError:
        raise NotRunningError(f"{run_id} takes no input: it was started without, or has ended") from None
    loop = asyncio.get_running_loop()
    try:
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            raise NotRunningError(f"{run_id}: its stdin is not the FIFO it was started with")
        while data:
            try:
                data = data[os.write(fd, data[:ATOMIC]) :]
            except BlockingIOError:
                writable = asyncio.Event()
                loop.add_writer(fd, writable.set)
                try:
                    await asyncio.wait_for(writable.wait(), _PATIENCE)
                finally:
                    loop.remove_writer(fd)
            except BrokenPipeError:
                raise NotRunningError(f"{run_id} ended while it was written to") from None
    except TimeoutError:
        raise NotRunningError(
            f"{run_id} does not read its input; {len(data)} bytes were not delivered"
        ) from None
    finally:
        os.close(fd)


async def write_line(folder: int, run_id: str, line: bytes) -> None:
    """`line` and a newline. Up to ATOMIC bytes in all they arrive whole or not at all, whoever dies.

    A longer one goes in pieces while a mark lies in the folder: should the writer die or give up in the middle, the next
    line is preceded by a newline, so that the agent reads one torn line and then whole ones. One writer at a time.
    """
    data = line + b"\n"
    if marks.is_put(folder, STDIN_TORN):
        await write_fifo(folder, run_id, b"\n")
        _remove(folder, STDIN_TORN)
    if len(data) <= ATOMIC:
        await write_fifo(folder, run_id, data)
        return
    marks.put(folder, STDIN_TORN)
    await write_fifo(folder, run_id, data)
    _remove(folder, STDIN_TORN)


def mark_closed(folder: int) -> None:
    """From now on nothing more is written; the shim is still to be told."""
    marks.put(folder, STDIN_CLOSED)


def _remove(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
