"""A process without descriptors to look with takes nothing for lost, and nothing for started, that it could not look at."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import RecoveryKind, RunSpec, StartUnknownError
from locust_tui.execution.shortage import LACKS, lack_in

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """This process can open so many more files, and not one beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = (number for number in range(hard) if not os.path.lexists(f"/proc/self/fd/{number}"))
    limit = [next(free) for _ in range(count + 1)][-1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.fault(41, "the last descriptor goes while a run ends")
async def test_an_end_that_cannot_be_read_is_waited_for_and_not_lost(
    executor: LocalExecutor, spec: Spec, tmp_path: Path, until: Until
) -> None:
    await executor.start(spec("r.1", "sh", "-c", "until [ -d go ]; do sleep 0.01; done; exit 6"))
    exit_file = executor.runs_root / "r.1" / "exit.json"
    (watch,) = executor._watches.values()
    with descriptors_left(0):
        with pytest.raises(OSError, match="Too many open files"):
            os.dup(0)
        (tmp_path / "go").mkdir()
        await until(lambda: os.access(exit_file, os.F_OK) and watch.shim_pid is None)
        assert executor.ends.empty()
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert (ended.run_id, ended.exit_code) == ("r.1", 6)


@pytest.mark.fault(41, "a start leaves no descriptor to watch its run by")
async def test_a_run_started_without_a_descriptor_to_watch_it_by_is_found_by_its_folder(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await executor.start(spec("first", "true"))  # the zygote has to be there
    await until(lambda: not executor._watches)
    await executor.ends.get()
    with descriptors_left(3), pytest.raises(StartUnknownError):  # its folder, two ends of a socket
        await executor.start(spec("r.1", "sh", "-c", "exit 6"))
    found = await executor.reattach("r.1")
    ended = found.ended or await asyncio.wait_for(executor.ends.get(), 30)
    assert ended.exit_code == 6


async def test_with_no_descriptor_at_all_nothing_is_started(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await executor.start(spec("first", "true"))
    await until(lambda: not executor._watches)
    await executor.ends.get()
    with descriptors_left(0), pytest.raises(OSError, match="Too many open files") as refusal:
        await executor.start(spec("r.1", "true"))
    assert lack_in(refusal.value) == LACKS[refusal.value.errno or 0]
    assert executor.poll("r.1").kind is RecoveryKind.NEVER_STARTED
    await executor.start(spec("r.1", "true"))
    assert (await executor.ends.get()).exit_code == 0


def test_what_the_machine_lacks_is_told_from_other_errors() -> None:
    wrapped = ValueError("git could not start")
    wrapped.__cause__ = OSError(28, "No space left on device")
    assert lack_in(wrapped) == "no space is left on the disk"
    assert lack_in(RuntimeError("can't start new thread")) == "no more processes can be made"
    assert lack_in(MemoryError()) == "no memory is left"
    assert lack_in(FileNotFoundError(2, "No such file")) is None
    assert lack_in(RuntimeError("something else")) is None
