"""Which boot of the machine this is, and the clocks that nobody can set: in no room, since every one may ask."""

from __future__ import annotations

import time
from functools import cache


@cache
def boot_id() -> str:
    """This boot of this kernel."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def since_boot() -> float:
    """Seconds since the boot, those in suspend included, where the system tells them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def suspended() -> float:
    """Seconds since the boot that the machine was suspended: in them no process ran, and no timer."""
    return max(0.0, since_boot() - time.monotonic())
