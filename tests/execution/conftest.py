from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import RunSpec

Until = Callable[[Callable[[], object]], Awaitable[object]]
AGENTS = Path(__file__).with_name("agents")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
async def executor(runs: Path) -> AsyncIterator[LocalExecutor]:
    async with LocalExecutor(runs) as executor:
        yield executor
        for run_id in tuple(executor._watches):  # what a failed test left running
            await executor.stop(run_id, 0)


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., RunSpec]:
    def make(run_id: str, *argv: str, **more: object) -> RunSpec:
        more.setdefault("env", {"PATH": os.environ["PATH"]})
        return RunSpec(run_id, argv, more.pop("cwd", tmp_path), **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def stub(spec: Callable[..., RunSpec]) -> Callable[..., RunSpec]:
    def make(run_id: str, name: str, *argv: str, **more: object) -> RunSpec:
        return spec(run_id, sys.executable, "-I", "-S", str(AGENTS / f"{name}.py"), *argv, **more)

    return make


@pytest.fixture
def until() -> Until:
    """Wait for a condition of the outside world, which has no event to wait for."""

    async def wait(condition: Callable[[], object], seconds: float = 10.0) -> object:
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.005)
        return found

    return wait
