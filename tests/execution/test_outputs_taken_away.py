"""Whatever is done to the name of a live run's log: the agent goes on, its disk stays bounded, nobody else's file is touched."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ending_runs import end_all

from disks import ext4, fill, tmpfs
from locust_tui.domain.log_problem import LogProblem
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.log_file import tail
from locust_tui.execution.runs import RecoveryKind, RunSpec
from project import is_running

Spec = Callable[..., RunSpec]
Until = Callable[..., Awaitable[object]]
MIB = 1 << 20
CAP = 1 * MIB
GONE = "was deleted or moved away"
WRITES = "echo on; exec 3<>GO; while read -r n <&3; do head -c $n /dev/zero | tr '\\0' x; echo; done"
"""An agent that writes as many bytes as it is told to."""


class Told:
    """Troubles that were told, by run."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = defaultdict(list)

    def __call__(self, run_id: str, text: str) -> None:
        self.texts[run_id].append(text)


@pytest.fixture
def writer(spec: Spec, tmp_path: Path) -> Callable[..., RunSpec]:
    def make(run_id: str = "r.1", script: str = WRITES, **more: object) -> RunSpec:
        os.mkfifo(tmp_path / f"{run_id}.go")
        return spec(run_id, "bash", "-c", script.replace("GO", f"{run_id}.go"), **more)

    return make


async def write(place: Path, count: int, run_id: str = "r.1") -> None:
    """Have the agent write so much."""
    await asyncio.to_thread((place / f"{run_id}.go").write_text, f"{count}\n")


async def held(executor: LocalExecutor, until: Until, run_id: str = "r.1") -> None:
    """Until the guard has the run's log in hand, and has seen that it holds something."""
    await until(lambda: executor._watches[run_id].outputs[0]._length)


def on_disk(pid: int, number: int = 1) -> int:
    """Bytes that the file behind a descriptor of a process takes, whatever it is called by now."""
    return os.stat(f"/proc/{pid}/fd/{number}").st_blocks * 512


def length(pid: int, number: int = 1) -> int:
    return os.stat(f"/proc/{pid}/fd/{number}").st_size


async def bounded(until: Until, pid: int, written: int, number: int = 1) -> None:
    await until(lambda: length(pid, number) >= written)
    await until(lambda: on_disk(pid, number) <= CAP)


def put(log: Path, make: Callable[[Path], object]) -> None:
    """Something else in the log's place."""
    new = log.with_name("new")
    make(new)
    new.replace(log)


async def change(log: Path, attribute: str) -> None:
    try:
        await asyncio.to_thread(subprocess.run, ["chattr", attribute, log], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs the right to change a file's attributes: {error}")


DONE: dict[str, tuple[Callable[[Path, Path], object], LogProblem]] = {
    "deleted": (lambda log, other: log.unlink(), LogProblem.MISSING),
    "emptied": (lambda log, other: os.truncate(log, 0), LogProblem.TRUNCATED),
    "a link": (lambda log, other: put(log, lambda new: new.symlink_to(other)), LogProblem.NOT_A_FILE),
    "a FIFO": (lambda log, other: put(log, os.mkfifo), LogProblem.NOT_A_FILE),
    "others' file": (lambda log, other: put(log, lambda new: os.link(other, new)), LogProblem.REPLACED),
    "a new file": (lambda log, other: put(log, lambda new: new.write_text("not yours")), LogProblem.REPLACED),
    "linked": (lambda log, other: os.link(log, other.with_name("kept")), LogProblem.LINKED),
}


@pytest.mark.fault(
    27, "logs of live runs are deleted, emptied, linked, and replaced by a FIFO, links and files"
)
async def test_what_is_done_to_a_logs_name_is_told_and_harms_nobody(
    runs: Path, writer: Callable[..., RunSpec], until: Until, tmp_path: Path
) -> None:
    told, pids = Told(), {}
    names = {f"r.{number}": what for number, what in enumerate(DONE)}
    async with LocalExecutor(runs, log_cap=CAP, on_trouble=told) as executor:
        for run in names:
            pids[run] = (await executor.start(writer(run))).agent_pid
        for run, what in names.items():
            await held(executor, until, run)
            other = tmp_path / run
            other.write_bytes(b"y" * (4 * CAP))
            before = executor.read(run, 0)
            do, problem = DONE[what]
            do(runs / run / "log", other)
            chunk = tail(runs / run / "log", before.next_offset, inode=before.inode)
            assert (chunk.problem, chunk.data) == (problem, b""), what
        for run, what in names.items():
            problem = DONE[what][1]
            await until(lambda run=run: told.texts[run])
            words = GONE if problem is LogProblem.MISSING else problem.words
            assert told.texts[run] == [f"its log {words}; the agent goes on"]
            await write(tmp_path, 3 * CAP, run)
            await bounded(until, pids[run], 3 * CAP)
            assert (tmp_path / run).read_bytes() == b"y" * (4 * CAP), what
            assert is_running(pids[run])
        assert {len(texts) for texts in told.texts.values()} == {1}
        for run in names:
            assert (await executor.stop(run, 5)).stopped


@pytest.mark.fault(
    27, "the log or stderr of a live run is deleted; then its worker dies, then its supervisor"
)
@pytest.mark.parametrize(("name", "number"), [("log", 1), ("stderr", 2)])
async def test_a_deleted_output_is_bounded_by_whoever_is_there(
    name: str, number: int, runs: Path, writer: Callable[..., RunSpec], until: Until, tmp_path: Path
) -> None:
    split = name == "stderr"
    script = WRITES.replace("x; echo", "x >&2; echo >&2") if split else WRITES
    async with LocalExecutor(runs, log_cap=CAP) as executor:
        started = await executor.start(writer(script=script, split_stderr=split))
        await until(lambda: executor.read("r.1", 0).data)
        (runs / "r.1" / name).unlink()
    await write(tmp_path, 3 * CAP)
    await bounded(until, started.agent_pid, 3 * CAP, number)
    async with LocalExecutor(runs, log_cap=CAP) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.RUNNING
        await write(tmp_path, 3 * CAP)
        await bounded(until, started.agent_pid, 6 * CAP, number)
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: not is_running(started.shim_pid))
    async with LocalExecutor(runs, log_cap=CAP) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.ORPHANED_RUNNING
        await write(tmp_path, 3 * CAP)
        await bounded(until, started.agent_pid, 9 * CAP, number)
        await executor.stop("r.1", 5)


@pytest.mark.fault(27, "the folder of a live run is deleted with all that is in it")
async def test_without_its_folder_a_run_is_bounded_still(
    runs: Path, writer: Callable[..., RunSpec], until: Until, tmp_path: Path
) -> None:
    told = Told()
    async with LocalExecutor(runs, log_cap=CAP, on_trouble=told) as executor:
        started = await executor.start(writer())
        await held(executor, until)
        await asyncio.to_thread(subprocess.run, ["rm", "-rf", runs / "r.1"], check=True)
        await write(tmp_path, 9 * CAP)
        await bounded(until, started.agent_pid, 9 * CAP)
        await until(lambda: told.texts["r.1"] == [f"its log {GONE}; the agent goes on"])
    await write(tmp_path, 9 * CAP)
    await bounded(until, started.agent_pid, 18 * CAP)  # by its supervisor alone
    os.kill(started.agent_pid, signal.SIGKILL)
    await until(lambda: not is_running(started.shim_pid))


async def test_an_agents_own_files_are_never_taken_for_its_log(
    runs: Path, spec: Spec, until: Until, tmp_path: Path
) -> None:
    """Its supervisor is dead, its log replaced, and its stdout another file: nothing is trimmed, and that is told."""
    big, told = tmp_path / "big", Told()
    async with LocalExecutor(runs, log_cap=CAP) as executor:
        script = f"exec >{big}; head -c {3 * CAP} /dev/zero | tr '\\0' x; exec sleep 60"
        started = await executor.start(spec("r.1", "bash", "-c", script))
        await until(lambda: big.exists() and big.stat().st_size == 3 * CAP)
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: not is_running(started.shim_pid))
    put(runs / "r.1" / "log", lambda new: os.link(big, new))
    async with LocalExecutor(runs, log_cap=CAP, on_trouble=told) as executor:
        await executor.reattach("r.1")
        await until(lambda: told.texts)
        assert told.texts["r.1"] == ["the file that it writes to cannot be found, so nothing bounds it"]
        looks = executor._watches["r.1"].outputs
        assert not any(output.held or output.sought for output in looks)
        assert big.read_bytes() == b"x" * (3 * CAP)
        await executor.stop("r.1", 5)


@pytest.mark.fault(22, "the file system gives up no head of a log (ext4, an append-only file)")
async def test_what_cannot_be_trimmed_is_told_once_and_tried_again(
    writer: Callable[..., RunSpec], until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locust_tui.execution.log_guard._TRY_AGAIN", 0.1)
    told, tries = Told(), []
    async with AsyncExitStack() as stack:
        disk = stack.enter_context(ext4(tmp_path / "own"))
        runs = disk.place / "runs"
        stack.push_async_callback(end_all, runs)
        async with LocalExecutor(
            runs, log_cap=CAP, on_trouble=told, on_trimmed=lambda *trim: tries.append(trim)
        ) as executor:
            started = await executor.start(writer())
            log = runs / "r.1" / "log"
            await change(log, "+a")
            await write(tmp_path, 3 * CAP)
            await until(lambda: told.texts)
            await write(tmp_path, 3 * CAP)
            await until(lambda: length(started.agent_pid) > 6 * CAP)
            why = "[Errno 1] Operation not permitted"
            assert told.texts["r.1"] == [
                f"its log is over 1 MiB and cannot be trimmed, so the disk may fill: {why}"
            ]
            assert tries == []
            await change(log, "-a")
            await bounded(until, started.agent_pid, 6 * CAP)
            assert len(told.texts["r.1"]) == 1
            await executor.stop("r.1", 5)


@pytest.mark.fault(22, "output fills a tmpfs of 16 MiB, which takes no record of a trim any more")
@pytest.mark.fault(31, "output fills a tmpfs of 16 MiB that nothing else writes to")
async def test_on_a_full_disk_the_log_makes_room_first(
    writer: Callable[..., RunSpec], until: Until, tmp_path: Path
) -> None:
    x = f"head -c {4 * CAP} /dev/zero | tr '\\0' x"
    flood = f"echo on; read <GO; while :; do {x} || touch refused; done 2>/dev/null"
    async with AsyncExitStack() as stack:
        small = stack.enter_context(tmpfs(tmp_path / "small", "16m"))
        stack.push_async_callback(end_all, small / "runs")
        log = small / "runs" / "r.1" / "log"
        async with LocalExecutor(small / "runs", log_cap=CAP) as executor:
            started = await executor.start(writer(script=flood))
            await until(lambda: log.stat().st_size)
        os.truncate(fill(small), 8 * MIB)
        await write(tmp_path, 0)
        await until((tmp_path / "refused").exists)
        await until(lambda: log.stat().st_size > 40 * MIB, 60)
        chunk = tail(log, 0)
        assert chunk.trimmed > 16 * MIB
        assert chunk.data
        assert chunk.data.strip(b"x\n") == b""
        async with LocalExecutor(small / "runs", log_cap=CAP) as executor:
            await executor.reattach("r.1")
            assert is_running(started.agent_pid)
            await executor.stop("r.1", 5)
