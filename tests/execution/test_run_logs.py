"""A log is read by byte offset; trims, cuts and swaps are told, and the cap holds without losing a reader its place."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from locust_tui.domain.log_problem import LogProblem
from locust_tui.execution import names, trim
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.log_file import tail, trimmed_bytes
from locust_tui.execution.runs import RecoveryKind, RunSpec
from locust_tui.execution.zygote_client import ZygoteClient
from project import state_letter
from project import until as wait_until

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]
MIB = 1 << 20


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.write_bytes(b"0123456789")
    return path


def test_bytes_come_by_offset(log: Path) -> None:
    chunk = tail(log, 2, 3)
    assert (chunk.data, chunk.offset, chunk.next_offset, chunk.size) == (b"234", 2, 5, 10)
    assert tail(log, 10).data == b""
    assert tail(log, -4).data == b"6789"
    assert tail(log, -400).data == b"0123456789"


@pytest.mark.fault(27, "a log is cut, moved away, replaced by a file, a link, a FIFO and a hard link")
def test_what_happened_to_a_log_is_told(log: Path, tmp_path: Path) -> None:
    inode = tail(log, 0).inode
    os.truncate(log, 3)
    assert tail(log, 10, inode=inode).problem is LogProblem.TRUNCATED
    log.rename(tmp_path / "away")
    assert tail(log, 0, inode=inode).problem is LogProblem.MISSING
    log.write_bytes(b"another")
    assert tail(log, 0, inode=inode).problem is LogProblem.REPLACED
    log.unlink()
    log.symlink_to(tmp_path / "away")
    assert tail(log, 0, inode=inode).problem is LogProblem.NOT_A_FILE
    log.unlink()
    os.mkfifo(log)
    assert tail(log, 0, inode=inode).problem is LogProblem.NOT_A_FILE
    log.unlink()
    os.link(tmp_path / "away", log)
    assert tail(log, 0, inode=inode).problem is LogProblem.LINKED


def test_a_trim_is_recorded_and_skipped(log: Path) -> None:
    content = os.urandom(64 * 4096)
    log.write_bytes(content)
    folder, fd = os.open(log.parent, os.O_RDONLY), os.open(log, os.O_WRONLY)
    assert trim.punch_head(fd, 8 * 4096, folder) == 56 * 4096
    assert trim.allocated(fd) <= 9 * 4096
    chunk = tail(log, 100)
    assert (chunk.offset, chunk.trimmed, chunk.size) == (56 * 4096, 56 * 4096, len(content))
    assert chunk.data == content[56 * 4096 :]
    (log.parent / names.trim_record("log")).write_bytes(b"")  # damaged: the hole itself still tells
    assert trimmed_bytes(log) == 56 * 4096
    os.close(folder)
    os.close(fd)


def test_a_trim_that_nobody_could_record_is_seen_by_a_reader_in_the_midst_of_it(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages it had read stand; behind them it would take the hole for output."""
    content = b"x" * (64 * 4096)
    log.write_bytes(content)
    fd, pread = os.open(log, os.O_WRONLY), os.pread

    def trimmed_meanwhile(reader: int, count: int, offset: int) -> bytes:
        before = pread(reader, 2 * 4096, offset)
        trim.punch_head(fd, 8 * 4096, None)
        return before + pread(reader, count - len(before), offset + len(before))

    monkeypatch.setattr(os, "pread", trimmed_meanwhile)
    chunk = tail(log, 0)
    assert (chunk.offset, chunk.trimmed, chunk.data) == (56 * 4096, 56 * 4096, content[56 * 4096 :])
    os.close(fd)


@pytest.mark.fault(23, "an agent writes a line of 5 MB")
@pytest.mark.fault(24, "an agent writes 300 kB of noise, NULs and line ends of all kinds")
async def test_bytes_of_every_kind_are_kept_as_written(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    content = os.urandom(300_000) + b"\x00\xff\r\n" + b"x" * 5_000_000
    (tmp_path / "content").write_bytes(content)
    await executor.start(spec("r.1", "cat", str(tmp_path / "content")))
    await executor.ends.get()
    assert (executor.runs_root / "r.1" / "log").read_bytes() == content
    assert executor.read("r.1", 299_999, 5).data == content[299_999:300_004]


@pytest.mark.fault(22, "400 000 lines through a cap of 1 MiB, with a reader behind")
async def test_a_reader_keeps_its_place_while_the_head_is_trimmed(runs: Path, spec: Spec) -> None:
    """A writer far beyond the cap, the guard, and a reader at once: what is read is right, what is missed is said."""
    trims: list[tuple[str, int]] = []
    troubles: list[tuple[str, str]] = []
    lines, cap = 400_000, 1 * MIB
    async with LocalExecutor(
        runs,
        log_cap=cap,
        on_trimmed=lambda *told: trims.append(told),
        on_trouble=lambda *told: troubles.append(told),
    ) as executor:
        script = f"i=0; while [ $i -lt 40 ]; do seq -f 'line %015.0f' $((i*{lines // 40})) $((i*{lines // 40}+{lines // 40 - 1})); i=$((i+1)); sleep 0.05; done"
        await executor.start(spec("r.1", "sh", "-c", script))
        width, offset, read = 21, 0, 0
        while True:
            over = not executor.ends.empty()
            chunk = executor.read("r.1", offset, 50_000 * width)
            assert chunk.problem is None
            skip = -chunk.offset % width
            whole = chunk.data[skip : skip + (len(chunk.data) - skip) // width * width]
            first = (chunk.offset + skip) // width
            expected = b"".join(
                b"line %015d\n" % number for number in range(first, first + len(whole) // width)
            )
            assert whole == expected
            read += len(whole)
            offset = chunk.offset + skip + len(whole)
            if over and not whole:
                break
            await asyncio.sleep(0.02)
        assert (await executor.ends.get()).exit_code == 0
        assert executor.read("r.1", 0).size == lines * width
        assert trims
        assert troubles == []
        assert read > cap


@pytest.mark.fault(22, "`yes` into a log")
async def test_a_flood_stays_bounded_and_the_run_goes_on(runs: Path, spec: Spec, until: Until) -> None:
    trims: list[int] = []
    async with LocalExecutor(
        runs, log_cap=8 * MIB, on_trimmed=lambda run_id, to: trims.append(to)
    ) as executor:
        await executor.start(spec("r.1", "yes"))
        await until(lambda: len(trims) >= 2)
        await until(lambda: (runs / "r.1" / "log").stat().st_blocks * 512 < 1500 * MIB)
        await executor.stop("r.1", 1)
        await until(lambda: executor.read("r.1", 0).trimmed == trims[-1])
        await until(lambda: not (runs / "r.1" / "trimming").exists())


@pytest.mark.fault(22, "an agent writes six times the cap after its worker has gone")
async def test_without_a_worker_the_shim_keeps_the_bound(runs: Path, spec: Spec, until: Until) -> None:
    async with LocalExecutor(runs, log_cap=1 * MIB) as executor:
        await executor.start(spec("r.1", "sh", "-c", "head -c 6000000 /dev/zero | tr '\\0' x; sleep 60"))
        pause = executor.read("r.1", 0).size  # whatever it is by now; the executor leaves at once
    await until(lambda: trimmed_bytes(runs / "r.1" / "log") > 0)
    assert pause <= 6_000_000
    async with LocalExecutor(runs, log_cap=1 * MIB) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.RUNNING
        await until(lambda: executor.read("r.1", -1).size == 6_000_000)
        assert executor.read("r.1", -1).data == b"x"
        await executor.stop("r.1", 0)


async def test_who_has_left_is_no_worker_though_its_process_lives_on(
    runs: Path, spec: Spec, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Supervisors that hear of its end look for the next worker at once, while it is still leaving."""
    leave = ZygoteClient.close

    def slowly(zygote: ZygoteClient) -> None:
        leave(zygote)
        before = switches(started.shim_pid)
        wait_until(lambda: switches(started.shim_pid) > before + 1 or held_processes(started.shim_pid))

    async with LocalExecutor(runs, log_cap=1 * MIB) as executor:
        script = "until [ -e go ]; do sleep 0.02; done; head -c 6000000 /dev/zero | tr '\\0' x; exec sleep 60"
        started = await executor.start(spec("r.1", "sh", "-c", script))
        monkeypatch.setattr(ZygoteClient, "close", slowly)
    monkeypatch.undo()
    assert not held_processes(started.shim_pid)
    (tmp_path / "go").touch()
    log = runs / "r.1" / "log"
    await until(lambda: log.stat().st_size == 6_000_000)
    await until(lambda: log.stat().st_blocks * 512 <= 1 * MIB)


def held_processes(pid: int) -> list[str]:
    """The descriptors of processes that this one holds: a supervisor has that of a worker which it has found."""
    folder, held = Path(f"/proc/{pid}/fd"), []
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # it opens and closes others meanwhile
            if "[pidfd]" in os.readlink(folder / name):
                held.append(name)
    return held


def switches(pid: int) -> int:
    """How often this process has been woken so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


@pytest.mark.fault(
    22,
    "a worker that died between stopping a flood and waking it",
    modelled="the death is made of what it leaves: a stopped agent and the mark",
)
async def test_a_run_left_stopped_by_a_broken_trim_is_woken(runs: Path, spec: Spec, until: Until) -> None:
    async with LocalExecutor(runs) as executor:
        started = await executor.start(spec("r.1", "sleep", "60"))
        await executor.pause("r.1")
    (runs / "r.1" / "trimming").touch(mode=0o600)
    async with LocalExecutor(runs) as executor:
        await executor.reattach("r.1")
        await until(lambda: state_letter(started.agent_pid) != "T")
        assert (await executor.stop("r.1", 30)).ended.signal == signal.SIGTERM  # type: ignore[union-attr]


@pytest.mark.fault(
    22,
    "a worker dies between stopping a flood and waking it",
    modelled="it leaves a stopped agent and its mark behind",
)
async def test_a_run_stopped_for_a_trim_goes_on_when_its_worker_is_gone(
    runs: Path, spec: Spec, until: Until
) -> None:
    async with LocalExecutor(runs) as executor:
        started = await executor.start(spec("r.1", "sh", "-c", "sleep 60 & exec sleep 60"))
        await until(lambda: len(executor.descendants("r.1")) == 2)
        pids = executor.descendants("r.1")
        await executor.pause("r.1")
        assert {state_letter(pid) for pid in pids} == {"T"}
        (runs / "r.1" / "trimming").touch(mode=0o600)
    await until(lambda: "T" not in {state_letter(pid) for pid in pids})
    await until(lambda: not (runs / "r.1" / "trimming").exists())
    async with LocalExecutor(runs) as executor:
        await executor.reattach("r.1")
        assert state_letter(started.shim_pid) != "T"
        await executor.stop("r.1", 5)


async def test_an_idle_shim_never_wakes_while_a_worker_lives(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    started = await executor.start(spec("r.1", "sleep", "60"))
    looks: list[tuple[str, int]] = []

    def still() -> bool:
        looks.append((state_letter(started.shim_pid), switches(started.shim_pid)))
        return len(looks) > 20 and set(looks[-20:]) == {("S", looks[-1][1])}

    await until(still)
    before = switches(started.shim_pid)
    await asyncio.sleep(2.5)
    assert switches(started.shim_pid) == before
    await executor.stop("r.1", 0)


@pytest.mark.fault(27, "an agent lays a pipe, and then a folder, where its stop for a trim is marked")
@pytest.mark.parametrize("lay", [os.mkfifo, os.mkdir])
async def test_what_lies_where_a_trim_is_marked_keeps_no_flood_from_being_bounded(
    lay: Callable[[Path], None], runs: Path, spec: Spec, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locust_tui.execution.log_guard._RUNAWAY", 1)  # every trim stops the run first
    async with LocalExecutor(runs, log_cap=MIB) as executor:
        script = "until [ -e go ]; do sleep 0.02; done; head -c 9437184 /dev/zero; exec sleep 60"
        await executor.start(spec("r.1", "sh", "-c", script))
        lay(runs / "r.1" / "trimming")
        (runs.parent / "go").touch()
        await until(lambda: tail(runs / "r.1" / "log", 0).trimmed > MIB)
    async with LocalExecutor(runs, log_cap=MIB) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.RUNNING
        assert (await executor.stop("r.1", 5)).survivors == ()
