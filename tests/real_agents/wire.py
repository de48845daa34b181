"""One conversation over a program's stdin and stdout, line by line, kept as it was."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

from agent_programs import AgentProgram

Json = dict[str, Any]
LINE_LIMIT = 2**26
PATIENCE_S = 60.0


class Wire:
    """Use as an async context manager. `kept` holds ("in"|"out"|"err", line) in order."""

    def __init__(self, program: AgentProgram, *arguments: str) -> None:
        self.program = program
        self.arguments = arguments
        self.kept: list[tuple[str, str]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: asyncio.Task[None] | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"
        return self._process

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self.program.argv,
            *self.arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=self.program.env,
            cwd=self.program.folder,
            limit=LINE_LIMIT,
            start_new_session=True,
        )
        self._stderr = asyncio.create_task(self._keep_stderr())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except TimeoutError:
                os.killpg(self.process.pid, signal.SIGKILL)
                await self.process.wait()
        assert self._stderr is not None
        self._stderr.cancel()

    async def send(self, message: Json) -> None:
        line = json.dumps(message)
        self.kept.append(("in", line))
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        await self.process.stdin.drain()

    async def until(self, wanted: Callable[[Json], bool], seconds: float = PATIENCE_S) -> Json:
        """The next message that is wanted; the others are kept. Raises TimeoutError, EOFError."""
        async with asyncio.timeout(seconds):
            async for message in self.messages():
                if wanted(message):
                    return message
        said = [line for _, line in self.kept[-5:]]
        raise EOFError(f"the program ended before; its last lines: {said}")

    async def messages(self) -> AsyncIterator[Json]:
        """Messages as they come, to the end of stdout. Lines that are no JSON objects are kept and passed over."""
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            line = raw.decode().rstrip("\n")
            self.kept.append(("out", line))
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    yield message

    async def end(self, seconds: float = PATIENCE_S) -> int:
        """Close stdin, read to the end, give the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(seconds):
            async for _ in self.messages():
                pass
            return await self.process.wait()

    async def _keep_stderr(self) -> None:
        assert self.process.stderr is not None
        async for raw in self.process.stderr:
            self.kept.append(("err", raw.decode(errors="replace").rstrip("\n")))
