"""The end of whatever a test left running, however the test ended."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import RunFolderRefusedError


async def end_all(runs: Path) -> None:
    """What a failed test left running: a flood or a fork bomb would be the next ones' trouble."""
    if not runs.is_dir():
        return
    async with LocalExecutor(runs) as executor:
        for folder in runs.iterdir():
            with suppress(RunFolderRefusedError):
                if (await executor.reattach(folder.name)).alive:
                    await executor.stop(folder.name, 0)
