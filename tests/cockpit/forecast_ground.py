"""A cockpit's studies over a told history on record, at the moment at which the cockpit's clock stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fake_port import FakePort
from piloting import tell_record

import slipping_plan as told


@asynccontextmanager
async def on_record(port: FakePort, folder: Path) -> AsyncIterator[None]:
    """`port` tells of the slipping plan from now on."""
    path = folder / "store.db"
    await told.write(path)
    async with tell_record(port, path):
        yield
