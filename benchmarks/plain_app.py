"""An empty Textual app that draws once and ends: the floor for the cockpit's memory. With --cockpit, the cockpit on a sample plan."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from textual.app import App


async def empty() -> None:
    app: App[None] = App()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()


async def cockpit() -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cockpit"))
    import sample
    from fake_port import FakePort

    from locust_tui.app import CockpitApp

    app = CockpitApp(FakePort(sample.running()), clock=lambda: sample.NOW)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()


if __name__ == "__main__":
    asyncio.run(cockpit() if "--cockpit" in sys.argv else empty())
