"""Stopping leaves nothing of a run behind, whatever it tries; what outlives its main process is listed and dealt with."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from faults import die_at
from fuse import remote_folder
from locust_tui.execution import left_behind, leftovers
from locust_tui.execution.identity import ProcessIdentity, boot_id, pid_namespace, read_stat
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import EndReason, Leftover, NotRunningError, RecoveryKind, RunSpec
from project import state_letter

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]


def _ready(executor: LocalExecutor, run_id: str = "r.1") -> Callable[[], bool]:
    return lambda: b"READY" in executor.read(run_id, 0).data


def _alive(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and not stat.gone


def _with_argument(argument: str) -> list[int]:
    """Live processes that were started with it, whoever their parents are."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and _alive(int(folder.name)):
            with suppress(OSError):
                if argument.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found


async def test_stop_asks_first(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    script = "trap 'echo bye; exit 9' TERM; echo READY; while :; do sleep 0.05; done"
    await executor.start(spec("r.1", "sh", "-c", script))
    await until(_ready(executor))
    result = await executor.stop("r.1", 30)
    assert result.stopped
    assert result.ended is not None
    assert result.ended.exit_code == 9
    assert executor.read("r.1", 0).data.endswith(b"bye\n")
    assert (await executor.ends.get()) == result.ended


@pytest.mark.fault(
    14, "children that leave the session, daemonise, ignore TERM, HUP and INT, or have no environment"
)
async def test_no_escape_works(executor: LocalExecutor, stub: Spec, until: Until) -> None:
    await executor.start(stub("r.1", "nasty"))
    await until(_ready(executor))
    everyone = executor.descendants("r.1")
    assert len(everyone) == 7
    result = await executor.stop("r.1", 0.1)
    assert result.stopped
    assert result.survivors == ()
    assert result.seconds < 20
    assert not [pid for pid in everyone if _alive(pid)]
    assert result.ended is not None
    assert result.ended.signal == signal.SIGKILL


@pytest.mark.fault(15, "processes that fork on every 2 ms, and ten every 0.1 ms, into sessions of their own")
@pytest.mark.parametrize(("many", "seconds"), [("1", "0.002"), ("2", "0.002"), ("10", "0.0001")])
async def test_a_pid_hopper_is_caught_or_reported(
    executor: LocalExecutor, stub: Spec, until: Until, tmp_path: Path, many: str, seconds: str
) -> None:
    run_id, mark = "r.1", str(tmp_path / "hopper")
    await executor.start(stub(run_id, "hopper", mark, many, seconds))
    await until(_ready(executor, run_id))
    first = executor.descendants(run_id)
    await until(lambda: set(executor.descendants(run_id)).isdisjoint(first))  # it hops
    result = await executor.stop(run_id, 0)
    assert result.stopped is (result.survivors == ())
    assert sorted(_with_argument(mark)) == sorted(result.survivors)
    assert result.survivors == ()


async def test_stop_reaches_a_paused_run(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    started = await executor.start(spec("r.1", "sh", "-c", "sleep 60 & echo READY; wait"))
    await until(_ready(executor))
    await until(lambda: len(executor.descendants("r.1")) == 2)
    assert await executor.pause("r.1") == 2
    states = [read_stat(pid) for pid in executor.descendants("r.1")]
    assert {stat.state for stat in states if stat} == {"T"}
    assert started.agent_pid in executor.descendants("r.1")
    assert (await executor.stop("r.1", 30)).ended.signal == signal.SIGTERM  # type: ignore[union-attr]


async def test_pause_and_resume_hold_and_free_the_whole_tree(
    executor: LocalExecutor, stub: Spec, until: Until
) -> None:
    await executor.start(stub("r.1", "nasty"))
    await until(_ready(executor))
    assert await executor.pause("r.1") == 7
    await executor.resume("r.1")
    await until(lambda: all(read_stat(pid).state != "T" for pid in executor.descendants("r.1")))  # type: ignore[union-attr]
    await executor.stop("r.1", 0)


async def test_what_cannot_stop_at_once_is_waited_for(
    executor: LocalExecutor, spec: Spec, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call into a file system of another machine, which does not answer yet, ends before a stop."""
    monkeypatch.setattr("locust_tui.execution.process_tree._STOPS_S", 60.0)
    with remote_folder(tmp_path / "far") as far:
        far.answers.clear()
        await executor.start(spec("r.1", "sh", "-c", f"[ -e {far.place}/x ]; exec sleep 60"))
        await until(lambda: far.is_looked_into)
        pausing = asyncio.create_task(executor.pause("r.1"))
        done, _ = await asyncio.wait({pausing}, timeout=0.3)
        assert not done, "it is told as stopped, or given up"
        far.answers.set()
        assert await pausing == 1
        await executor.stop("r.1", 0)


async def test_stopping_what_has_ended_is_no_error_and_signals_nothing(
    executor: LocalExecutor, spec: Spec
) -> None:
    await executor.start(spec("r.1", "sh", "-c", "exit 3"))
    ended = await executor.ends.get()
    result = await executor.stop("r.1")
    assert result.stopped
    assert result.ended == ended
    with pytest.raises(NotRunningError):
        await executor.signal("r.1", signal.SIGTERM)
    with pytest.raises(NotRunningError):
        await executor.pause("r.1")


@pytest.mark.fault(18, "two descendants, one deaf to TERM, keep the output open when the main process exits")
async def test_the_end_is_told_while_a_grandchild_holds_the_output_open(
    executor: LocalExecutor, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    fault = die_at(monkeypatch, tmp_path, "shim.ended", 1, how="stop")  # before it sees to the leftovers
    started = await executor.start(
        spec("r.1", "sh", "-c", "sleep 999 & trap '' TERM; (trap '' TERM; exec sleep 998) & exit 5")
    )
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert ended.exit_code == 5
    assert {left.name for left in ended.leftovers} <= {"sleep", "sh"}
    assert len(ended.leftovers) == 2
    assert all(_alive(left.pid) for left in ended.leftovers)
    watch = executor._watches["r.1"]
    await until(lambda: state_letter(started.shim_pid) == "T")
    fault.assert_happened()
    os.kill(started.shim_pid, signal.SIGCONT)
    await asyncio.wait_for(watch.is_over.wait(), 30)
    assert not [left for left in ended.leftovers if _alive(left.pid)]
    assert executor.ends.empty()


LEAVES_TWO = (
    "(trap '' TERM; echo READY; exec sleep 998) & sleep 999 & while ! [ -e go ]; do sleep 0.02; done; exit 5"
)


@pytest.mark.fault(18, "the supervisor is killed before it has seen to what the main process left behind")
@pytest.mark.parametrize("watched", [True, False], ids=["watched", "found later"])
async def test_what_a_killed_shim_could_not_end_is_ended_for_it(
    runs: Path, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until, watched: bool
) -> None:
    fault = die_at(monkeypatch, tmp_path, "shim.ended", 1)
    async with LocalExecutor(runs) as executor:
        await executor.start(spec("r.1", "sh", "-c", LEAVES_TWO))
        await until(_ready(executor))
        everyone = executor.descendants("r.1")
        if watched:
            (tmp_path / "go").touch()
            assert len((await executor.ends.get()).leftovers) == 2
            await until(lambda: not any(map(_alive, everyone)))
    async with LocalExecutor(runs) as executor:
        (tmp_path / "go").touch()
        await until(lambda: executor.poll("r.1").kind is RecoveryKind.FINISHED)
        await executor.reattach("r.1")
        await until(lambda: not any(map(_alive, everyone)))
        await until(lambda: not executor._watches)
    fault.assert_happened()


@pytest.mark.fault(4, "the supervisor is killed; later the main process leaves children behind")
async def test_what_an_orphan_leaves_behind_is_told_and_ended(
    executor: LocalExecutor, spec: Spec, tmp_path: Path, until: Until
) -> None:
    started = await executor.start(spec("r.1", "sh", "-c", LEAVES_TWO))
    await until(_ready(executor))
    everyone = executor.descendants("r.1")
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: executor._watches["r.1"].shim_pid is None)
    (tmp_path / "go").touch()
    ended = await executor.ends.get()
    if not ended.known:
        os.killpg(started.agent_pid, signal.SIGKILL)
        pytest.skip(
            "needs Linux 6.9, which proves whose a session is, and 6.15, which tells how a process ended"
        )
    assert {left.name for left in ended.leftovers} >= {"sleep"}
    await until(lambda: not any(map(_alive, everyone)))
    await until(lambda: not executor._watches)


@pytest.mark.fault(4, "the supervisor is killed in the middle of a stop")
async def test_a_stop_whose_shim_is_killed_leaves_nothing(
    executor: LocalExecutor, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    fault = die_at(monkeypatch, tmp_path, "shim.ended", 1)
    await executor.start(spec("r.1", "sh", "-c", LEAVES_TWO))
    await until(_ready(executor))
    everyone = executor.descendants("r.1")
    result = await executor.stop("r.1", 30)
    fault.assert_happened()
    assert (result.stopped, result.survivors) == (True, ())
    assert not [pid for pid in everyone if _alive(pid)]


def test_a_leftover_whose_start_is_hidden_is_listed_and_never_signalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hidden(pid: int) -> NoReturn:
        raise FileNotFoundError(pid)

    monkeypatch.setattr(leftovers, "start_of", hidden)
    with subprocess.Popen(["sleep", "999"]) as child:
        listed = json.loads(b"[%s]" % leftovers.json())
        (mine,) = [left for left in listed if left["pid"] == child.pid]
        assert mine["start"] == 0
        here = ProcessIdentity(child.pid, 1, boot_id(), pid_namespace())
        planted = [Leftover(**mine), Leftover(child.pid, "sleep", 1)]
        assert left_behind.end(planted, here) == ()
        assert child.poll() is None
        child.kill()


async def test_kept_leftovers_live_on_and_can_still_be_stopped(runs: Path, spec: Spec) -> None:
    async with LocalExecutor(runs) as executor:
        await executor.start(spec("r.1", "sh", "-c", "setsid sleep 999 & exit 0", keep_leftovers=True))
        ended = await executor.ends.get()
        (left,) = ended.leftovers
    async with LocalExecutor(runs) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.FINISHED
        assert _alive(left.pid)
        result = await executor.stop("r.1", 0.1)
        assert result.stopped
        assert result.ended == ended
        assert executor.ends.empty()
        assert not _alive(left.pid)


async def test_a_signal_goes_to_the_main_process_alone(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    script = "trap 'echo USR; exit 0' USR1; sleep 60 & echo READY; while :; do sleep 0.05; done"
    await executor.start(spec("r.1", "sh", "-c", script))
    await until(_ready(executor))
    await executor.signal("r.1", signal.SIGUSR1)
    ended = await executor.ends.get()
    assert ended.exit_code == 0
    assert executor.read("r.1", 0).data == b"READY\nUSR\n"


async def test_sample_counts_the_tree_and_the_dead(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    await executor.start(spec("r.1", "sh", "-c", f"sh -c '{busy}'; echo READY; exec sleep 60"))
    await until(_ready(executor))
    await until(
        lambda: (seen := executor.sample("r.1")) is not None and seen.rss_kib
    )  # exec begins with none
    sample = executor.sample("r.1")
    assert sample is not None
    assert sample.cpu_s > 0
    assert sample.rss_kib > 0
    assert sample.processes == 1
    await executor.stop("r.1", 0)
    assert executor.sample("r.1") is None


@pytest.mark.fault(4, "the supervisor of a run with children is killed, and the run is stopped")
async def test_an_orphaned_runs_session_is_stopped_too(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    started = await executor.start(
        spec("r.1", "sh", "-c", "(sleep 600 & ) ; (trap '' TERM; exec sleep 601) & echo READY; wait")
    )
    await until(_ready(executor))
    everyone = executor.descendants("r.1")
    os.kill(started.shim_pid, signal.SIGKILL)
    await until(lambda: executor.poll("r.1").kind is RecoveryKind.ORPHANED_RUNNING)
    await until(lambda: executor._watches["r.1"].shim_pid is None)
    assert set(executor.descendants("r.1")) == set(everyone)
    result = await executor.stop("r.1", 0.2)
    assert result.survivors == ()
    assert not [pid for pid in everyone if _alive(pid)]
    assert result.why is not None
    ended = await executor.ends.get()
    assert ended.signal == signal.SIGTERM or ended.reason is EndReason.LOST_CRASH


def open_to_others(folder: Path) -> None:
    folder.chmod(0o755)


def behind_a_link(folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    folder.symlink_to("away")


@pytest.mark.fault(14, "an agent opens its run's folder to others, or moves it behind a link")
@pytest.mark.parametrize("change", [open_to_others, behind_a_link])
async def test_no_agent_escapes_a_stop_by_what_it_does_to_its_folder(
    executor: LocalExecutor, spec: Spec, change: Callable[[Path], None]
) -> None:
    started = await executor.start(spec("r.1", "sleep", "60"))
    change(executor.runs_root / "r.1")
    result = await executor.stop("r.1", 5)
    assert result.survivors == ()
    assert not _alive(started.agent_pid)
