"""Threads and children that need nothing new from a machine that has nothing left to give."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

COUNT = 6
"""Threads that are there from the beginning; more come while the machine gives them."""


def begin_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Start the threads that the loop hands work to: where no more processes can be made, no threads can be, either."""
    pool = ThreadPoolExecutor(max(COUNT, min(32, (os.cpu_count() or 1) + 4)), "work")
    together = threading.Barrier(COUNT + 1)
    try:
        for _ in range(COUNT):
            pool.submit(together.wait)
    except RuntimeError:  # not even these: those that are there would wait for ever, and the process for them
        together.abort()
        pool.shutdown(wait=False)
        raise
    together.wait()
    loop.set_default_executor(pool)


def watch_children_without_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Until Python 3.12 asyncio starts a thread for every child it waits for, where a descriptor does."""
    if sys.version_info < (3, 12):
        watcher = asyncio.PidfdChildWatcher()
        watcher.attach_loop(loop)
        asyncio.set_child_watcher(watcher)
