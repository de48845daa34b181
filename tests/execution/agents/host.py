"""A process that hosts an executor: starts talkers without end, writing each intent down before; meant to be killed."""

import asyncio
import sys
from pathlib import Path

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import RunSpec

TALKER = str(Path(__file__).with_name("talker.py"))


async def main(root: Path, intents: Path, first: int) -> None:
    async with LocalExecutor(root) as executor:
        with intents.open("a", buffering=1) as log:

            async def one(number: int) -> None:
                code = number % 7
                log.write(f"run{number} {code}\n")
                argv = (sys.executable, "-S", "-I", TALKER, "20", "0.05", str(code))
                await executor.start(RunSpec(f"run{number}", argv, Path("/"), {}))

            while True:
                await asyncio.gather(*(one(first + offset) for offset in range(3)))
                first += 3


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
