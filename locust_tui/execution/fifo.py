"""Writing to a live agent's stdin without ever blocking on it."""

from __future__ import annotations

import asyncio
import os
import stat

from locust_tui.execution.runs import NotRunningError

_ATOMIC = 4096  # PIPE_BUF: pieces up to this size never mix with another writer's
_PATIENCE = 10.0


async def write_fifo(folder: int, run_id: str, data: bytes) -> None:
    """All of `data` into the FIFO `stdin` of an open run folder, waiting for a slow reader up to 10 s without progress.

    Raises NotRunningError when the run has no FIFO, nobody holds its other end, or the agent does not read.
    """
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
                data = data[os.write(fd, data[:_ATOMIC]) :]
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
