from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from ending_runs import end_all

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import RunSpec
from project import PATIENCE_S

Until = Callable[[Callable[[], object]], Awaitable[object]]
AGENTS = Path(__file__).with_name("agents")


@pytest.fixture
async def runs(tmp_path: Path) -> AsyncIterator[Path]:
    """Where runs have their folders. No agent of theirs outlives the test, however that ends."""
    runs = tmp_path / "runs"
    yield runs
    await end_all(runs)


@pytest.fixture
async def executor(runs: Path) -> AsyncIterator[LocalExecutor]:
    async with LocalExecutor(runs) as executor:
        yield executor


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

    async def wait(condition: Callable[[], object], seconds: float = PATIENCE_S) -> object:
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.005)
        return found

    return wait
