"""The moment it is now as the worker counts, for those who only read the record."""

from __future__ import annotations

import time

from locust_tui.domain.record_time import booted_at
from locust_tui.domain.world import World
from locust_tui.machine import boot_id, since_boot


def record_now(world: World) -> float:
    """What `time.time()` is, until somebody sets the wall clock under a record that goes on."""
    steady = since_boot()
    return steady + booted_at(
        world, boot_id(), steady, time.time(), keep=world.project.worker_pid is not None
    )
