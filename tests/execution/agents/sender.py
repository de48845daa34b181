"""Sends a line longer than a pipe holds to a run that does not read, and never gets through: RUNS RUN."""

import asyncio
import sys
from pathlib import Path

from locust_tui.execution.local import LocalExecutor


async def main() -> None:
    async with LocalExecutor(Path(sys.argv[1])) as executor:
        await executor.reattach(sys.argv[2])
        sending = asyncio.create_task(executor.send_line(sys.argv[2], b"z" * 500_000))
        await asyncio.sleep(0.2)
        print("writing", flush=True)
        await sending


asyncio.run(main())
