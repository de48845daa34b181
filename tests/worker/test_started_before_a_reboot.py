"""What a silent run folder means: within one boot that nothing ran; after the machine was restarted, nothing at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from locust_tui.domain.events import RunCreated, WorkerStarted
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import RunState
from locust_tui.execution.identity import boot_id
from locust_tui.execution.local import LocalExecutor
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store
from locust_tui.worker.conversing.conversations import Conversations
from locust_tui.worker.out_of_memory import OutOfMemory
from locust_tui.worker.planning import PlanKeeper
from locust_tui.worker.retry import NEVER_STARTED, Ending, ending
from locust_tui.worker.shortage import Shortage
from locust_tui.worker.speaking import make_adapter
from locust_tui.worker.supervisor import Supervisor
from locust_tui.worker.taking_up import CUT_OFF

OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.mark.fault(
    12,
    "a worker finds starts of an earlier boot that left no trace",
    modelled="records of workers of other boots",
)
@pytest.mark.parametrize(
    ("boots", "reason", "means"),
    [
        ((boot_id(), boot_id()), NEVER_STARTED, Ending.INTERRUPTED),
        ((OTHER, boot_id()), CUT_OFF, Ending.FAILED),
        ((OTHER, boot_id(), boot_id()), CUT_OFF, Ending.FAILED),
    ],
)
async def test_a_start_that_left_no_trace(
    tmp_path: Path, boots: tuple[str, ...], reason: str, means: Ending
) -> None:
    """The workers' boots, in order: the first one decided to start the run, the last one looks for it."""
    async with Store.open(tmp_path / "store.db") as store, LocalExecutor(tmp_path / "runs") as executor:
        await store.append(
            WORKER, WorkerStarted(1, boots[0], "1"), RunCreated("w.1", "w", 1, "run", ("true",), "/")
        )
        for boot in boots[1:]:
            await store.append(WORKER, WorkerStarted(2, boot, "1"))
        runs = tmp_path / "runs"
        keeper = PlanKeeper(store, StateFolder(tmp_path / "locust-plan.yaml"))
        talks = Conversations(store, executor, keeper, runs, time.time, make_adapter, str, str)
        supervisor = Supervisor(
            store,
            executor,
            time.time,
            lambda run, ended: None,
            talks,
            runs,
            Shortage(print),
            OutOfMemory(),
        )
        await supervisor.recover()
        run = store.world.runs["w.1"]
        assert (run.state, run.reason) == (RunState.LOST, reason)
        assert ending(run) is means
