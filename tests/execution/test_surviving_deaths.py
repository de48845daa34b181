"""Whoever dies - host, zygote, shim, at any instant - a run has one end, all its output, and no invented exit code."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

import faults
from locust_tui.execution import identity
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import (
    AlreadyRanError,
    CannotExecuteError,
    EndReason,
    RecoveryKind,
    RunSpec,
    SpawnError,
    StartUnknownError,
)

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]
POINTS = [point for point in faults.points_in("execution") if not point.startswith("start.")]
"""Those of this room's processes: here the host is the test itself."""
HOST = Path(__file__).with_name("agents") / "host.py"


async def test_leaving_the_executor_harms_no_agent_and_the_next_one_finds_them(
    runs: Path, stub: Spec, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    async with LocalExecutor(runs) as executor:
        for number in range(4):
            await executor.start(stub(f"r.{number}", "talker", "40", "0.4", str(number), str(go)))
        zygote = executor.zygote_pid
    assert zygote is not None
    assert identity.read_stat(zygote) is None
    async with LocalExecutor(runs) as executor:
        for number in range(4):
            assert (await executor.reattach(f"r.{number}")).kind is RecoveryKind.RUNNING
        go.touch()
        ends = [await asyncio.wait_for(executor.ends.get(), 30) for _ in range(4)]
        assert {ended.run_id: ended.exit_code for ended in ends} == {
            f"r.{number}": number for number in range(4)
        }
        for number in range(4):
            assert executor.read(f"r.{number}", 0).data.count(b"\n") == 40


@pytest.mark.fault(1, "a hundred runs are left behind, and taken up by the next")
async def test_a_hundred_runs_are_found_again(runs: Path, spec: Spec) -> None:
    async with LocalExecutor(runs) as executor:
        await asyncio.gather(*(executor.start(spec(f"r{number}", "sleep", "300")) for number in range(100)))
    async with LocalExecutor(runs) as executor:
        began = time.monotonic()
        found = [await executor.reattach(f"r{number}") for number in range(100)]
        assert time.monotonic() - began < 30, "it takes a hundredth of a second"
        await asyncio.gather(*(executor.stop(f"r{number}", 0) for number in range(100)))
        assert {each.kind for each in found} == {RecoveryKind.RUNNING}


def _has_lines(file: Path, count: int) -> bool:
    return len(file.read_bytes().splitlines()) >= count


@pytest.mark.fault(
    1, "the process that starts agents and watches them is killed twenty times at random instants"
)
async def test_twenty_kills_of_the_host_lose_nothing(runs: Path, tmp_path: Path, until: Until) -> None:
    seed = int(os.environ.get("LOCUST_TEST_SEED", "20251"))
    chance = random.Random(seed)
    intents = tmp_path / "intents"
    intents.touch()
    for kill in range(20):
        begun = len(intents.read_bytes().splitlines())
        command = [sys.executable, str(HOST), str(runs), str(intents), str(kill * 1000)]
        host = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.DEVNULL, start_new_session=True
        )
        await until(
            partial(_has_lines, intents, begun + chance.randint(1, 24))
        )  # three are started at a time
        await asyncio.sleep(chance.random() * 0.05)
        host.kill()
        await host.wait()
    wanted = dict(line.split() for line in intents.read_text().splitlines())
    finished = never = 0
    async with LocalExecutor(runs) as executor:
        begun = [run_id for run_id in wanted if not executor.seal(run_id)]
        waiting = {run_id for run_id in begun if (await executor.reattach(run_id)).alive}
        while waiting:
            waiting.discard((await asyncio.wait_for(executor.ends.get(), 30)).run_id)
        for run_id, code in wanted.items():
            found = executor.poll(run_id)
            if found.kind is RecoveryKind.NEVER_STARTED:
                assert executor.read(run_id, 0).data == b"", f"seed {seed}"
                never += 1
                continue
            assert found.ended is not None, (run_id, found, seed)
            assert found.ended.exit_code == int(code), (run_id, found, seed)
            lines = executor.read(run_id, 0).data.splitlines()
            assert lines == [b"line %d of 20" % number for number in range(20)], (run_id, seed)
            finished += 1
    assert finished > 20
    assert finished + never == len(wanted)


@pytest.mark.fault(4, "the supervisor is killed and its agent ends later")
async def test_a_killed_shim_leaves_an_orphan_whose_end_is_never_invented(
    executor: LocalExecutor, stub: Spec, until: Until, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    started = await executor.start(stub("r.1", "talker", "20", "0.2", "7", str(go)))
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: executor.poll("r.1").kind is RecoveryKind.ORPHANED_RUNNING)
    go.touch()
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert (ended.exit_code, ended.reason) in ((7, EndReason.EXITED), (None, EndReason.LOST_CRASH))
    assert executor.read("r.1", 0).data.count(b"\n") == 20
    assert executor.poll("r.1").ended is not None
    if ended.known:  # the kernel told; the folder must say the same for ever
        assert executor.poll("r.1").ended == ended


@pytest.mark.fault(4, "the supervisor is killed and the next worker finds the agent")
async def test_an_orphan_is_found_again_by_another_executor(
    runs: Path, stub: Spec, until: Until, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    async with LocalExecutor(runs) as executor:
        started = await executor.start(stub("r.1", "talker", "20", "0.2", "7", str(go)))
    os.kill(started.shim_pid, signal.SIGKILL)
    orphaned: list[str] = []
    async with LocalExecutor(runs, on_orphaned=orphaned.append) as executor:
        await until(lambda: executor.poll("r.1").kind is RecoveryKind.ORPHANED_RUNNING)
        found = await executor.reattach("r.1")
        assert (found.kind, found.agent_pid) == (RecoveryKind.ORPHANED_RUNNING, started.agent_pid)
        go.touch()
        ended = await asyncio.wait_for(executor.ends.get(), 30)
        assert ended.exit_code != 0
        with pytest.raises(AlreadyRanError):
            await executor.start(stub("r.1", "talker", "1", "0", "0"))


@pytest.mark.fault(5, "supervisor and agent are killed at one moment")
async def test_shim_and_agent_killed_together_are_one_loss(executor: LocalExecutor, spec: Spec) -> None:
    started = await executor.start(spec("r.1", "sleep", "60"))
    for pid in (started.shim_pid, started.agent_pid):
        os.kill(pid, signal.SIGKILL)
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert ended.exit_code is None
    assert (ended.signal, ended.reason) in (
        (signal.SIGKILL, EndReason.SIGNALLED),
        (None, EndReason.LOST_CRASH),
    )
    await asyncio.sleep(0.1)
    assert executor.ends.empty()
    assert executor.poll("r.1").kind in (RecoveryKind.LOST, RecoveryKind.FINISHED)


async def test_the_loss_of_a_shim_is_told(runs: Path, spec: Spec) -> None:
    told = asyncio.Event()
    async with LocalExecutor(runs, on_orphaned=lambda run_id: told.set()) as executor:
        started = await executor.start(spec("r.1", "sleep", "60"))
        os.kill(started.shim_pid, signal.SIGKILL)
        await asyncio.wait_for(told.wait(), 30)
        assert (await executor.stop("r.1", 1)).survivors == ()


@pytest.mark.fault(2, "zygote, supervisor or agent-to-be dies at each step of a start")
@pytest.mark.parametrize("point", POINTS)
async def test_a_death_between_any_two_steps_is_told_truly(
    runs: Path, spec: Spec, tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second shim (or zygote, or agent-to-be) dies at `point`; the run is started at most once and its end is right or unknown."""
    fault = faults.die_at(monkeypatch, tmp_path, point, 2)
    mark = tmp_path / "ran"
    async with LocalExecutor(runs) as executor:
        await executor.start(spec("r.0", "true"))
        assert (await executor.ends.get()).exit_code == 0
        try:
            await executor.start(spec("r.1", "sh", "-c", f"echo x >> {mark}; echo out; exit 3"))
            ended = await asyncio.wait_for(executor.ends.get(), 30)
        except StartUnknownError as unknown:
            ended = unknown.recovery.ended or pytest.fail("unknown, and the folder knows no end")
        except CannotExecuteError as refusal:
            ended = refusal.ended
        ran = mark.read_text() if mark.exists() else ""
        assert len(ran) <= 2, "it ran twice"
        if ran:
            assert ended.exit_code == 3 or not ended.known
            assert executor.read("r.1", 0).data == b"out\n"
        else:
            assert ended.exit_code is None
        found = executor.poll("r.1")
        assert found.ended is not None
        assert (found.ended.exit_code, found.ended.signal) == (ended.exit_code, ended.signal)
        assert executor.ends.empty()
        await executor.start(spec("r.2", "sh", "-c", "exit 4"))
        assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 4
    fault.assert_happened()


async def test_zygotes_that_keep_dying_are_a_spawn_error(
    runs: Path, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = faults.die_at(monkeypatch, tmp_path, "zygote.asked", 1, "always")
    async with LocalExecutor(runs) as executor:
        with pytest.raises(SpawnError):
            await executor.start(spec("r.1", "true"))
        assert executor.poll("r.1").kind is RecoveryKind.NEVER_STARTED
    fault.assert_happened()


@pytest.mark.fault(3, "an agent sends TERM, HUP and INT to its supervisor")
async def test_an_agent_that_kills_everything_it_can_name_ends_alone(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    """The agent asks its ancestors to die, as `pkill` would; its own end is still recorded, and so is everyone else's."""
    await executor.start(spec("other", "sh", "-c", "sleep 0.5; exit 2"))
    await executor.start(
        spec("r.1", "sh", "-c", "kill -TERM $PPID; kill -HUP $PPID; kill -INT $PPID; exit 8")
    )
    ends = {ended.run_id: ended.exit_code for ended in [await executor.ends.get() for _ in range(2)]}
    assert ends == {"other": 2, "r.1": 8}


async def orphan(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    """Run r.1, whose supervisor was killed: it exits with 7 once there is a file `go`."""
    started = await executor.start(spec("r.1", "sh", "-c", "while ! [ -e go ]; do sleep 0.02; done; exit 7"))
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: executor.poll("r.1").kind is RecoveryKind.ORPHANED_RUNNING)


@pytest.mark.fault(4, "the supervisor is killed, and there is no place for its agent's end to be written to")
async def test_the_end_of_an_orphan_that_cannot_be_written_is_told_and_written_later(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await orphan(executor, spec, until)
    folder = executor.runs_root / "r.1"
    (folder / "exit.json.tmp").mkdir()  # nothing can be written there
    (folder.parent.parent / "go").touch()
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    if not ended.known:
        pytest.skip("needs Linux 6.15, which tells how a process ended that is not our child")
    assert ended.exit_code == 7
    assert executor.poll("r.1").ended != ended
    assert (await executor.reattach("r.1")).ended == ended, "what was told is not forgotten"
    (folder / "exit.json.tmp").rmdir()
    await until(lambda: executor.poll("r.1").ended == ended)
    await until(lambda: "r.1" not in executor._watches)  # and nothing of it is kept
    assert executor.ends.empty()


@pytest.mark.fault(4, "the supervisor is killed, and a pipe lies where the end is to be written")
async def test_the_end_of_an_orphan_is_written_whatever_its_agent_laid_there(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await orphan(executor, spec, until)
    os.mkfifo(executor.runs_root / "r.1" / "exit.json.tmp")
    (executor.runs_root.parent / "go").touch()
    ended = await asyncio.wait_for(executor.ends.get(), 10)
    if not ended.known:
        pytest.skip("needs Linux 6.15, which tells how a process ended that is not our child")
    await until(lambda: executor.poll("r.1").ended == ended)
    assert (executor.runs_root / "r.1" / "exit.json").is_file()


@pytest.mark.fault(
    41, "no descriptor is left to ask how an orphan ended", modelled="asking fails as it does then"
)
async def test_an_orphan_that_ends_while_nobody_can_look_is_looked_at_later(
    executor: LocalExecutor, spec: Spec, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    exit_status = identity.exit_status

    def asking(pidfd: int, pid: int) -> int | None:
        asked.append(pid)
        if len(asked) == 1:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return exit_status(pidfd, pid)

    monkeypatch.setattr(identity, "exit_status", asking)
    await orphan(executor, spec, until)
    (executor.runs_root.parent / "go").touch()
    ended = await asyncio.wait_for(executor.ends.get(), 10)
    assert ended.exit_code in (7, None)
    assert len(asked) > 1
