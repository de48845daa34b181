"""Runs on this machine: each behind its own shim, which outlives the process that hosts this executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from locust_tui.execution.log_file import Chunk
from locust_tui.execution.runs import Recovery, RunEnded, RunSpec, Sample, Started, StopResult


class LocalExecutor:
    """`async with LocalExecutor(runs_root, on_exit=…) as executor`; leaving it never harms the agents.

    `on_exit(RunEnded)` is called on the event loop, exactly once per watched run; without it the ends queue in `ends`.
    `on_orphaned(run_id)`: the shim of a run was killed, its agent lives on and is watched.
    """

    def __init__(
        self,
        runs_root: Path,
        *,
        on_exit: Callable[[RunEnded], None] | None = None,
        on_orphaned: Callable[[str], None] | None = None,
        log_cap: int = 64 << 20,
    ) -> None:
        self.runs_root = runs_root
        self.ends: asyncio.Queue[RunEnded] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @property
    def zygote_pid(self) -> int | None:
        """The process that forks the shims, None before the first start."""
        return None

    async def start(self, spec: RunSpec) -> Started:
        raise NotImplementedError

    async def reattach(self, run_id: str) -> Recovery:
        raise NotImplementedError

    def poll(self, run_id: str) -> Recovery:
        raise NotImplementedError

    def seal(self, run_id: str) -> bool:
        raise NotImplementedError

    def read(self, run_id: str, offset: int, limit: int = 65536) -> Chunk:
        raise NotImplementedError

    async def send(self, run_id: str, data: bytes) -> None:
        raise NotImplementedError

    async def signal(self, run_id: str, signum: int) -> None:
        raise NotImplementedError

    async def stop(self, run_id: str, grace: float = 10.0) -> StopResult:
        raise NotImplementedError

    async def pause(self, run_id: str) -> int:
        raise NotImplementedError

    async def resume(self, run_id: str) -> int:
        raise NotImplementedError

    def descendants(self, run_id: str) -> tuple[int, ...]:
        raise NotImplementedError

    def sample(self, run_id: str) -> Sample | None:
        raise NotImplementedError
