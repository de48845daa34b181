"""What something costs, as far as that can be known on a machine that others work on."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_s(what: Callable[[], object], times: int = 3) -> float:
    """Seconds of processor time of this thread, the least of several goes.

    What other processes do, a collection of garbage, and what is loaded at the first call are no doing of its own.
    """
    return min(_once(what) for _ in range(times))


def _once(what: Callable[[], object]) -> float:
    began = time.thread_time()
    what()
    return time.thread_time() - began
