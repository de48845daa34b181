"""A run is started once, exactly as asked, and its folder tells how it ended."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from disks import tmpfs
from faults import die_at
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.runs import (
    AlreadyRanError,
    AlreadyRunningError,
    CannotExecuteError,
    EndReason,
    NotRunningError,
    RecoveryKind,
    RunEnded,
    RunFolderRefusedError,
    RunSpec,
    SpawnError,
    Started,
    Stdin,
)
from project import state_letter

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]

RESERVED = 1 << 31 | 1 << 32
"""Signals 32 and 33 are the C library's own: no program can set them, and some parents leave them ignored."""


@pytest.mark.parametrize("code", [0, 1, 7, 126, 127, 255])
async def test_the_exit_code_is_the_agents_own(executor: LocalExecutor, spec: Spec, code: int) -> None:
    await executor.start(spec("r.1", "sh", "-c", f"echo out; echo err >&2; exit {code}"))
    ended = await executor.ends.get()
    assert (ended.exit_code, ended.signal, ended.reason) == (code, None, EndReason.EXITED)
    assert executor.read("r.1", 0).data == b"out\nerr\n"
    assert ended.cpu_s is not None
    assert ended.max_rss_kib is not None


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE, signal.SIGSEGV])
async def test_death_by_signal_is_not_an_exit_code(executor: LocalExecutor, spec: Spec, signum: int) -> None:
    await executor.start(spec("r.1", "sh", "-c", f"kill -{signum:d} $$"))
    ended = await executor.ends.get()
    assert (ended.exit_code, ended.signal, ended.reason) == (None, signum, EndReason.SIGNALLED)


async def test_arguments_and_environment_arrive_byte_for_byte(
    executor: LocalExecutor, stub: Spec, tmp_path: Path
) -> None:
    hostile = [
        '"; rm -rf ~ #',
        "a\nb",
        "🦗 \u202e",
        os.fsdecode(b"\xff\xfe\x80"),
        "",
        "$(id)",
        "-x",
        "x" * 100_000,
    ]
    environment = {"ANSWER": str(tmp_path / "answer"), "A": os.fsdecode(b"\xc3\x28=\n"), "EMPTY": ""}
    asked = stub("r.1", "echo_argv", *hostile, env=environment)
    await executor.start(asked)
    assert (await executor.ends.get()).exit_code == 0
    got = (tmp_path / "answer").read_bytes()
    _, env, ignored, blocked = got.rsplit(b"\xff", 3)
    argv = b"".join(os.fsencode(item) + b"\0" for item in asked.argv)
    assert got.startswith(argv)
    wanted = sorted(os.fsencode(f"{name}={value}") for name, value in environment.items())
    assert [item for item in env.split(b"\0") if not item.startswith(b"LC_CTYPE=")] == wanted
    assert int(blocked, 16) == 0
    # the interpreter of this stub ignores SIGPIPE (13) and SIGXFSZ (25) for itself; nothing else may be inherited
    assert int(ignored, 16) & ~(1 << 12 | 1 << 24 | RESERVED) == 0
    fds, leads_session, cwd = (tmp_path / "answer.fds").read_text().rsplit(" ", 2)
    assert (fds, leads_session, cwd) == ("[]", "True", str(tmp_path))


async def test_an_agent_does_not_ignore_sigpipe_or_sigterm(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"))
    await executor.ends.get()
    values = [int(line.split()[1], 16) for line in executor.read("r.1", 0).data.splitlines()]
    assert [value & ~RESERVED for value in values] == [0, 0]


@pytest.mark.fault(10, "twenty starts of one run at once, by two executors")
async def test_twenty_starts_of_one_run_start_it_once(runs: Path, spec: Spec) -> None:
    async def start(executor: LocalExecutor) -> Started | Exception:
        try:
            return await executor.start(spec("r.1", "sh", "-c", "echo once; sleep 0.3"))
        except (AlreadyRunningError, AlreadyRanError) as refusal:
            return refusal

    async with LocalExecutor(runs) as one, LocalExecutor(runs) as two:
        results = await asyncio.gather(*(start(one if number % 2 else two) for number in range(20)))
        started = [result for result in results if isinstance(result, Started)]
        assert len(started) == 1
        ended = await asyncio.wait_for(_first(one.ends.get(), two.ends.get()), 30)
        assert ended.exit_code == 0
        assert one.read("r.1", 0).data == b"once\n"


async def _first(*waits: object) -> RunEnded:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[arg-type]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()  # type: ignore[no-any-return]


async def test_a_run_is_one_shot(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    await executor.start(spec("r.1", "true"))
    await executor.ends.get()
    await until(lambda: not executor._watches)
    with pytest.raises(AlreadyRanError):
        await executor.start(spec("r.1", "true"))
    assert executor.ends.empty()


@pytest.mark.fault(7, "a hundred runs of true at once")
async def test_a_burst_leaves_an_end_for_every_run_and_no_zombie(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    starts = await asyncio.gather(*(executor.start(spec(f"r{number}", "true")) for number in range(100)))
    ends = [await asyncio.wait_for(executor.ends.get(), 30) for _ in starts]
    assert {ended.run_id for ended in ends} == {f"r{number}" for number in range(100)}
    assert {ended.exit_code for ended in ends} == {0}
    await until(lambda: not executor._watches)
    zygote = executor.zygote_pid
    await until(lambda: Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split() == [])


async def test_a_slow_burst_does_not_hold_the_event_loop(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("first", "true"))  # the zygote itself is started once
    assert executor.zygote_pid is not None
    os.kill(executor.zygote_pid, signal.SIGSTOP)
    try:
        starting = asyncio.gather(*(executor.start(spec(f"r{number}", "true")) for number in range(60)))
        for _ in range(1000):  # others have their turns while none of them is answered
            await asyncio.sleep(0)
        assert not starting.done()
    finally:
        os.kill(executor.zygote_pid, signal.SIGCONT)
    assert {started.run_id for started in await starting} == {f"r{number}" for number in range(60)}


def _program(tmp_path: Path, name: str, text: str, mode: int) -> str:
    path = tmp_path / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.fault(
    8, "programs that are missing, folders, plain text, without their interpreter, or not executable"
)
@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda tmp: "no-such-program", 127, "No such file"),
        (lambda tmp: str(tmp / "gone"), 127, "No such file"),
        (lambda tmp: _program(tmp, "plain", "x", 0o600), 126, "Permission denied"),
        (lambda tmp: str(tmp), 126, "Permission denied"),
        (lambda tmp: _program(tmp, "bad", "#!/no/such/interpreter\n", 0o700), 127, "interpreter"),
        (lambda tmp: _program(tmp, "text", "no magic here", 0o700), 126, "format"),
    ],
)
async def test_a_program_that_cannot_run_is_told_from_one_that_exits_with_127(
    executor: LocalExecutor, spec: Spec, tmp_path: Path, make: Callable[[Path], str], code: int, says: str
) -> None:
    with pytest.raises(CannotExecuteError, match=says) as refusal:
        await executor.start(spec("r.1", make(tmp_path)))
    ended = refusal.value.ended
    assert (ended.exit_code, ended.reason) == (code, EndReason.NOT_EXECUTED)
    assert executor.poll("r.1").ended == ended
    assert executor.ends.empty()


@pytest.mark.fault(8, "a program that is still being written")
async def test_a_program_that_somebody_writes_is_said_and_runs_afterwards(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    program = shutil.copy2("/bin/true", tmp_path / "fresh")
    with program.open("r+b"):
        if not _is_busy(program):
            pytest.skip("needs a kernel that executes nothing that is being written")
        with pytest.raises(CannotExecuteError, match=os.strerror(errno.ETXTBSY)) as refusal:
            await executor.start(spec("r.1", str(program)))
    assert (refusal.value.ended.exit_code, refusal.value.ended.reason) == (126, EndReason.NOT_EXECUTED)
    await executor.start(spec("r.2", str(program)))
    assert (await executor.ends.get()).exit_code == 0


def _is_busy(program: Path) -> bool:
    """Whether the kernel refuses to execute it."""
    try:
        subprocess.run([program], check=True)
    except OSError as error:
        return error.errno == errno.ETXTBSY
    return False


@pytest.mark.fault(8, "a program on a file system that executes none")
async def test_a_program_on_a_disk_that_executes_none_is_said(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    with tmpfs(tmp_path / "disk", "1m,noexec") as place:
        program = _program(place, "fine", "#!/bin/sh\n", 0o700)
        with pytest.raises(CannotExecuteError, match="Permission denied"):
            await executor.start(spec("r.1", program))


@pytest.mark.fault(
    8, "the working folder is removed after the start was decided and before the program is executed"
)
async def test_a_working_folder_that_goes_during_the_start_is_said(
    runs: Path, spec: Spec, tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    fault = die_at(monkeypatch, tmp_path, "shim.asked", 1, how="stop")
    async with LocalExecutor(runs) as executor:
        start = asyncio.create_task(executor.start(spec("r.1", "true", cwd=place)))
        await until(fault.mark.exists)
        zygote = executor.zygote_pid
        (shim,) = map(int, Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split())
        await until(lambda: state_letter(shim) == "T")
        place.rmdir()
        os.kill(shim, signal.SIGCONT)
        with pytest.raises(CannotExecuteError, match=r"working folder .*place"):
            await start
        assert executor.poll("r.1").ended is not None


@pytest.mark.fault(8, "a working folder that is not there")
async def test_a_missing_working_folder_is_said(executor: LocalExecutor, spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(CannotExecuteError, match=r"working folder .*gone"):
        await executor.start(spec("r.1", "true", cwd=tmp_path / "gone"))


@pytest.mark.parametrize("run_id", ["", ".hidden", "..", "a/b", "/etc", "a\0b", "a\nb", "-x", "x" * 200])
async def test_a_run_id_never_leaves_the_runs_folder(
    executor: LocalExecutor, spec: Spec, run_id: str
) -> None:
    with pytest.raises(RunFolderRefusedError):
        await executor.start(spec(run_id, "true"))
    with pytest.raises(RunFolderRefusedError):
        executor.poll(run_id)


@pytest.mark.fault(40, "a run's folder is a link, or open to others")
async def test_a_planted_link_or_open_folder_is_refused(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (executor.runs_root / "linked").symlink_to(tmp_path / "elsewhere")
    (executor.runs_root / "open").mkdir(mode=0o777)
    (executor.runs_root / "open").chmod(0o777)
    for run_id in ("linked", "open"):
        with pytest.raises(RunFolderRefusedError):
            await executor.start(spec(run_id, "true"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.fault(27, "a link lies where a run's log shall be")
async def test_a_log_that_is_a_link_is_not_written_through(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    folder = executor.runs_root / "r.1"
    folder.mkdir(mode=0o700)
    (folder / "log").symlink_to(tmp_path / "victim")
    with pytest.raises(SpawnError):
        await executor.start(spec("r.1", "echo", "hello"))
    assert not (tmp_path / "victim").exists()
    assert executor.poll("r.1").kind is RecoveryKind.NEVER_STARTED


async def test_everything_in_the_run_folder_is_private(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "true", stdin=Stdin.FIFO))
    await executor.ends.get()
    folder = executor.runs_root / "r.1"
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.lstat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == dict.fromkeys(("log", "stdin", "shim.json", "agent.json", "exit.json"), 0o600)


async def test_input_reaches_the_agent_and_a_dead_one_is_said(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "head", "-n2", stdin=Stdin.FIFO))
    await executor.send("r.1", b"one\n")
    await executor.send("r.1", b"two\n")
    await executor.ends.get()
    assert executor.read("r.1", 0).data == b"one\ntwo\n"
    with pytest.raises(NotRunningError):
        await executor.send("r.1", b"three\n")
    await executor.start(spec("r.2", "cat"))
    assert (await executor.ends.get()).exit_code == 0
    with pytest.raises(NotRunningError):
        await executor.send("r.2", b"nobody\n")


async def test_long_input_waits_for_a_slow_reader(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "sh", "-c", "sleep 0.2; head -c 300000 | wc -c", stdin=Stdin.FIFO))
    await executor.send("r.1", b"x" * 300_000)
    await executor.ends.get()
    assert executor.read("r.1", 0).data.strip() == b"300000"


async def test_agents_get_the_umask_and_file_limit_their_user_has(runs: Path, spec: Spec) -> None:
    """A worker that changes both for itself passes the old ones on; the run's own records stay private all the same."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft // 2, 64)
    async with LocalExecutor(runs, umask=0o022, nofile=wanted) as executor:
        before = os.umask(0o077)
        try:
            await executor.start(spec("r.1", "sh", "-c", "umask; ulimit -Sn; ulimit -Hn"))
        finally:
            os.umask(before)
        await executor.ends.get()
        told = executor.read("r.1", 0).data.split()
        assert told == [
            b"0022",
            b"%d" % wanted,
            b"unlimited" if hard == resource.RLIM_INFINITY else b"%d" % hard,
        ]
        assert {path.stat().st_mode & 0o777 for path in (runs / "r.1").iterdir()} == {0o600}


async def test_without_being_told_agents_get_our_umask_and_file_limit(
    executor: LocalExecutor, spec: Spec
) -> None:
    import resource

    before = os.umask(0o027)
    try:
        await executor.start(spec("r.1", "sh", "-c", "umask; ulimit -Sn"))
    finally:
        os.umask(before)
    await executor.ends.get()
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert executor.read("r.1", 0).data.split() == [b"0027", b"%d" % soft]


async def test_a_peak_below_the_floor_is_told_from_one_above_it(executor: LocalExecutor, spec: Spec) -> None:
    """What forks an agent is counted to its peak by the kernel: that much is said, and a larger program is measured right."""
    await executor.start(spec("small", "true"))
    small = await executor.ends.get()
    await executor.start(spec("large", sys.executable, "-I", "-S", "-c", "x = bytearray(50_000_000)"))
    large = await executor.ends.get()
    assert small.max_rss_kib is not None
    assert small.rss_floor_kib is not None
    assert 0 < small.max_rss_kib <= small.rss_floor_kib + 1024  # the kernel counts pages in batches
    assert large.max_rss_kib is not None
    assert large.rss_floor_kib is not None
    assert large.rss_floor_kib < 12_000
    assert 50_000_000 // 1024 <= large.max_rss_kib < 50_000_000 // 1024 + 20_000


async def test_a_killed_zygote_harms_no_run_and_the_next_start_works(
    executor: LocalExecutor, spec: Spec
) -> None:
    await executor.start(spec("r.1", "sh", "-c", "sleep 0.2; exit 4"))
    first = executor.zygote_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await executor.start(spec("r.2", "sh", "-c", "exit 5"))
    assert executor.zygote_pid != first
    ends = {(await executor.ends.get()).run_id: None for _ in range(2)}
    assert set(ends) == {"r.1", "r.2"}
    assert executor.poll("r.1").ended.exit_code == 4  # type: ignore[union-attr]


async def test_a_stopped_zygote_killed_in_the_middle_of_a_burst_loses_no_start(
    executor: LocalExecutor, spec: Spec
) -> None:
    await executor.start(spec("r0", "true"))
    assert executor.zygote_pid is not None
    os.kill(executor.zygote_pid, signal.SIGSTOP)
    burst = asyncio.gather(*(executor.start(spec(f"r{number}", "true")) for number in range(1, 9)))
    await asyncio.sleep(0)
    os.kill(executor.zygote_pid, signal.SIGKILL)
    await burst
    ends = [(await executor.ends.get()).exit_code for _ in range(9)]
    assert ends == [0] * 9


@pytest.mark.fault(41, "the process that starts agents has no descriptor for one more")
async def test_no_room_in_the_zygote_is_a_spawn_error_and_may_be_tried_again(runs: Path, spec: Spec) -> None:
    import resource

    async with LocalExecutor(runs) as executor:
        await executor.start(spec("r.1", "true"))
        await executor.ends.get()
        assert executor.zygote_pid is not None
        resource.prlimit(
            executor.zygote_pid, resource.RLIMIT_NOFILE, (8, 8)
        )  # no room for a run's descriptors
        with pytest.raises(SpawnError):
            await executor.start(spec("r.2", "true"))
        os.kill(executor.zygote_pid, signal.SIGKILL)
        await executor.start(spec("r.2", "true"))
        assert (await executor.ends.get()).exit_code == 0


@pytest.mark.parametrize("bad", [(), ("",), ("a\0b",)])
async def test_a_command_no_process_can_have_is_refused(
    executor: LocalExecutor, spec: Spec, bad: tuple[str, ...]
) -> None:
    with pytest.raises((SpawnError, CannotExecuteError)):
        await executor.start(spec("r.1", *bad))


async def test_an_argument_list_too_long_is_said(executor: LocalExecutor, spec: Spec) -> None:
    with pytest.raises(CannotExecuteError, match=os.strerror(errno.E2BIG)):
        await executor.start(spec("r.1", "true", "x" * (32 * os.sysconf("SC_PAGESIZE"))))


async def test_a_cancelled_caller_does_not_lose_the_run(executor: LocalExecutor, spec: Spec) -> None:
    start = asyncio.create_task(executor.start(spec("r.1", "sh", "-c", "exit 6")))
    await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 6


async def test_sealing_makes_never_started_final(executor: LocalExecutor, spec: Spec) -> None:
    assert executor.seal("r.1")
    assert executor.poll("r.1").kind is RecoveryKind.NEVER_STARTED
    with pytest.raises(AlreadyRanError):
        await executor.start(spec("r.1", "true"))
    await executor.start(spec("r.2", "sleep", "60"))
    assert not executor.seal("r.2")
    await executor.stop("r.2", 0)
    assert not executor.seal("r.2")


@pytest.mark.fault(6, "memory runs out", modelled="the scores are compared by which the kernel chooses")
async def test_an_agent_is_killed_before_its_shim_when_memory_runs_out(
    executor: LocalExecutor, spec: Spec
) -> None:
    started = await executor.start(spec("r.1", "sleep", "60"))
    scores = [
        int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (started.agent_pid, started.shim_pid)
    ]
    assert scores[0] == min(scores[1] + 300, 1000)
    await executor.stop("r.1", 0)


async def test_no_common_pattern_finds_a_shim(executor: LocalExecutor, spec: Spec) -> None:
    started = await executor.start(spec("r.1", "sleep", "60"))
    for pid in (started.shim_pid, executor.zygote_pid):
        shown = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/comm").read_bytes()
        assert not any(word in shown for word in (b"python", b"node", b"server", b"daemon"))
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(pid, signum)  # type: ignore[arg-type]
    await executor.stop("r.1", 0)
    assert executor.zygote_pid is not None
    os.kill(executor.zygote_pid, 0)


async def test_the_records_are_json_whatever_the_error_says(executor: LocalExecutor, spec: Spec) -> None:
    name = os.fsdecode(b'no"\\\n\x1b[31m\xff') + "🦗"
    with pytest.raises(CannotExecuteError):
        await executor.start(spec("r.1", name))
    record = json.loads((executor.runs_root / "r.1" / "exit.json").read_bytes())
    assert name in record["error"]
