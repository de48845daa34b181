"""An agent with a terminal: the shim holds it, the log has every byte, anyone of ours may type and resize, nobody is waited for."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.log_file import trimmed_bytes
from locust_tui.execution.runs import EndReason, NotRunningError, RecoveryKind, RunSpec, Stdin
from project import state_letter

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]
HOST = Path(__file__).with_name("agents") / "sender.py"
MIB = 1 << 20


def printed(executor: LocalExecutor, run_id: str = "r.1") -> bytes:
    return executor.read(run_id, 0, 64 * MIB).data


def switches(pid: int) -> int:
    """How often this process has been woken so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return sum(int(count) for count in re.findall(r"ctxt_switches:\s+(\d+)", status))


async def asleep(pid: int, until: Until) -> None:
    """Until it sleeps, and what it was woken for before, if only it comes now, is behind it."""
    looks: list[tuple[str, int]] = []

    def still() -> bool:
        looks.append((state_letter(pid), switches(pid)))
        return len(looks) > 20 and set(looks[-20:]) == {("S", looks[-1][1])}

    await until(still)


async def test_the_agent_has_a_controlling_terminal_of_the_size_asked_for(
    executor: LocalExecutor, spec: Spec
) -> None:
    script = "tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; echo mine >/dev/tty; exit 3"
    await executor.start(spec("r.1", "sh", "-c", script, pty=(24, 80)))
    assert (await executor.ends.get()).exit_code == 3
    tty = executor.terminal("r.1")
    assert tty is not None
    assert printed(executor).decode().split("\r\n") == [tty, "24 80", "all", "mine", ""]


async def test_what_is_typed_arrives_and_enter_ends_a_line(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "sh", "-c", 'read a; echo "<$a>"; read b; echo "<$b>"', pty=(24, 80)))
    await executor.send("r.1", "grün\n".encode())
    await executor.send_line("r.1", b"second")
    assert (await executor.ends.get()).exit_code == 0
    assert "<grün>" in printed(executor).decode()
    assert b"<second>" in printed(executor)


async def test_ctrl_c_reaches_the_foreground(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    await executor.start(spec("r.1", "sh", "-c", "echo on; exec sleep 60", pty=(24, 80)))
    await until(lambda: b"on" in printed(executor))
    await executor.send("r.1", b"\x03")
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert (ended.signal, ended.reason) == (signal.SIGINT, EndReason.SIGNALLED)


async def test_a_new_size_is_told_to_the_agent(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    script = "trap 'stty size' WINCH; echo on; while :; do sleep 0.05; done"
    await executor.start(spec("r.1", "sh", "-c", script, pty=(40, 120)))
    await until(lambda: b"on" in printed(executor))
    await executor.resize("r.1", 36, 101)
    await until(lambda: b"36 101" in printed(executor))
    await executor.stop("r.1", 0)
    with pytest.raises(NotRunningError):
        await executor.resize("r.1", 10, 10)


async def test_only_a_proved_terminal_is_resized(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    """The number of a terminal is given away again; ours must not pass for another's."""
    from locust_tui.terminal.window import set_size

    started = await executor.start(spec("r.1", "sh", "-c", "echo on; sleep 60", pty=(40, 120)))
    await until(lambda: b"on" in printed(executor))
    tty = executor.terminal("r.1")
    assert tty is not None
    assert not set_size(tty, os.getpid(), 1, 1)
    assert not set_size("/dev/pts/../tty", started.agent_pid, 1, 1)
    assert not set_size("/dev/pts/99999", started.agent_pid, 1, 1)
    assert set_size(tty, started.agent_pid, 41, 121)
    fd = os.open(tty, os.O_RDONLY | os.O_NOCTTY)
    assert os.get_terminal_size(fd) == (121, 41)
    os.close(fd)
    await executor.start(spec("r.2", "sleep", "60"))
    assert executor.terminal("r.2") is None
    with pytest.raises(NotRunningError, match="no terminal"):
        await executor.resize("r.2", 1, 1)
    await executor.stop("r.1", 0)
    await executor.stop("r.2", 0)


@pytest.mark.fault(22, "20 MiB at once through an agent's terminal")
async def test_a_flood_is_in_the_log_to_its_last_byte(
    executor: LocalExecutor, spec: Spec, tmp_path: Path
) -> None:
    content = os.urandom(15 * MIB).hex().encode()[: 20 * MIB]
    (tmp_path / "content").write_bytes(content)
    await executor.start(spec("r.1", "sh", "-c", "stty raw; exec cat content", pty=(24, 80)))
    assert (await asyncio.wait_for(executor.ends.get(), 60)).exit_code == 0
    assert hashlib.sha256(printed(executor)).digest() == hashlib.sha256(content).digest()


async def test_output_just_before_the_end_is_never_lost(executor: LocalExecutor, spec: Spec) -> None:
    """More than the terminal's own buffer at the moment of exit, many times."""
    script = "stty raw; head -c 40000 /dev/zero | tr '\\0' x; printf end"
    for number in range(40):
        await executor.start(spec(f"r.{number}", "sh", "-c", script, pty=(24, 80)))
        await executor.ends.get()
        assert printed(executor, f"r.{number}") == b"x" * 40000 + b"end"


async def test_unread_input_blocks_neither_shim_nor_agent(
    executor: LocalExecutor, stub: Spec, until: Until
) -> None:
    """Far more than terminal and FIFO hold is sent to an agent that reads none: its output still flows and it still ends."""
    started = await executor.start(stub("r.1", "deaf", pty=(24, 80)))
    await until(lambda: b"on" in printed(executor))
    sending = asyncio.create_task(executor.send("r.1", b"x" * MIB))
    fifo = os.open(executor.runs_root / "r.1" / "stdin", os.O_WRONLY | os.O_NONBLOCK)

    def full() -> bool:
        try:
            os.write(fifo, b"x" * 4096)
        except BlockingIOError:
            return True
        return False

    await until(full)
    os.close(fifo)
    os.kill(started.agent_pid, signal.SIGUSR1)
    await until(lambda: printed(executor).endswith(b"alive" * 20_000))
    os.kill(started.agent_pid, signal.SIGTERM)
    assert (await asyncio.wait_for(executor.ends.get(), 30)).signal == signal.SIGTERM
    with pytest.raises(NotRunningError):
        await sending


async def test_an_agent_may_close_its_terminal_and_open_it_again(
    executor: LocalExecutor, stub: Spec, until: Until
) -> None:
    started = await executor.start(stub("r.1", "closer", pty=(24, 80)))
    await until(lambda: (executor.runs_root / "r.1" / "log").read_bytes().endswith(b"before\r\n"))
    await until(lambda: os.listdir(f"/proc/{started.agent_pid}/fd") == [])
    await asleep(started.agent_pid, until)
    await asleep(started.shim_pid, until)
    before = switches(started.shim_pid)
    await asyncio.sleep(1)
    assert switches(started.shim_pid) == before  # nobody on the other side is no reason to stay awake
    await executor.send("r.1", b"into nothing")
    os.kill(started.agent_pid, signal.SIGUSR1)
    assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 5
    assert printed(executor).startswith(b"before\r\n")
    assert b"after\r\n" in printed(executor)


async def test_children_that_hold_the_terminal_keep_nothing_waiting(
    executor: LocalExecutor, spec: Spec
) -> None:
    """The end is known at once, what was printed is there, and the children are dealt with as those of any run."""
    script = "trap '' HUP; (trap '' HUP TERM; exec sleep 60) & echo done; exit 4"
    await executor.start(spec("r.1", "sh", "-c", script, pty=(24, 80)))
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert (ended.exit_code, len(ended.leftovers)) == (4, 1)
    assert printed(executor) == b"done\r\n"


async def test_an_idle_terminal_wakes_nobody(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    started = await executor.start(spec("r.1", "sh", "-c", "echo on; exec sleep 60", pty=(24, 80)))
    await until(lambda: printed(executor) == b"on\r\n")
    await asleep(started.shim_pid, until)
    before = switches(started.shim_pid)
    await asyncio.sleep(2.5)
    assert switches(started.shim_pid) == before
    await executor.stop("r.1", 0)


async def test_a_shim_with_a_terminal_stays_small(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    """The largest of a dozen that have copied; a dozen more would share what these share among themselves."""
    script = "seq 1 20000; echo on; exec sleep 60"
    starts = [await executor.start(spec(f"r.{n}", "sh", "-c", script, pty=(24, 80))) for n in range(12)]
    for number in range(12):
        await until(lambda number=number: printed(executor, f"r.{number}").endswith(b"on\r\n"))  # type: ignore[misc]
    rollups = [Path(f"/proc/{started.shim_pid}/smaps_rollup").read_text() for started in starts]
    sizes = [int(re.findall(r"^Pss: +(\d+)", text, re.M)[0]) for text in rollups]
    for number in range(12):
        await executor.stop(f"r.{number}", 0)
    assert max(sizes) <= 1024 * 1.25, sizes


async def test_a_shell_at_its_prompt_is_stopped_without_being_killed(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await executor.start(spec("r.1", "bash", "--norc", "-i", pty=(24, 80)))
    await until(lambda: printed(executor).endswith((b"$ ", b"# ")))
    stopped = await executor.stop("r.1", 40)
    assert stopped.ended is not None
    assert stopped.ended.signal in (signal.SIGHUP, None)
    assert stopped.seconds < 30


async def test_a_killed_shim_hangs_the_terminal_up(executor: LocalExecutor, spec: Spec, until: Until) -> None:
    started = await executor.start(spec("r.1", "sh", "-c", "echo on; exec sleep 60", pty=(24, 80)))
    await until(lambda: b"on" in printed(executor))
    os.kill(started.shim_pid, signal.SIGKILL)
    ended = await asyncio.wait_for(executor.ends.get(), 30)
    assert (ended.exit_code, ended.signal) in ((None, signal.SIGHUP), (None, None))


@pytest.mark.fault(22, "an agent with a terminal writes six times the cap without a worker")
async def test_the_bound_holds_without_a_worker(runs: Path, spec: Spec, until: Until) -> None:
    async with LocalExecutor(runs, log_cap=1 * MIB) as executor:
        script = "stty raw; head -c 6000000 /dev/zero | tr '\\0' x; sleep 60"
        await executor.start(spec("r.1", "sh", "-c", script, pty=(24, 80)))
    log = runs / "r.1" / "log"
    await until(lambda: log.stat().st_size == 6_000_000)
    await until(lambda: log.stat().st_blocks * 512 <= 1 * MIB)
    assert trimmed_bytes(log) >= 6_000_000 - 1 * MIB
    async with LocalExecutor(runs, log_cap=1 * MIB) as executor:
        await executor.reattach("r.1")
        await executor.stop("r.1", 0)


@pytest.mark.parametrize("pty", [None, (24, 80)])
async def test_a_writer_killed_in_mid_write_harms_neither_run_nor_the_next_writer(
    runs: Path, stub: Spec, until: Until, tmp_path: Path, pty: tuple[int, int] | None
) -> None:
    """The first host dies with half a long line in the pipe; the agent lives, and the next host's lines arrive whole."""
    async with LocalExecutor(runs) as executor:
        await executor.start(stub("r.1", "lines", str(tmp_path / "go"), stdin=Stdin.FIFO, pty=pty))
    host = await asyncio.create_subprocess_exec(
        sys.executable, str(HOST), str(runs), "r.1", stdout=subprocess.PIPE
    )
    assert host.stdout is not None
    assert await host.stdout.readline() == b"writing\n"
    await until(lambda: (runs / "r.1" / "stdin.torn").exists() or pty is not None)
    host.kill()
    await host.wait()
    async with LocalExecutor(runs) as executor:
        assert (await executor.reattach("r.1")).kind is RecoveryKind.RUNNING
        (tmp_path / "go").touch()
        await executor.send_line("r.1", b"whole one")
        await executor.send_line("r.1", b"whole two")
        await until(lambda: re.search(rb"got whole two\r?\n", printed(executor)))  # (a terminal echoes, too)
        got = re.findall(rb"got (\S+ \S+)\r?\n", printed(executor))
        assert got[-1] == b"whole two"  # (a terminal joins the first to what was typed before it)
        assert pty is not None or got[-2] == b"whole one"
        await executor.stop("r.1", 0)


async def test_input_can_be_closed_and_then_takes_no_more(executor: LocalExecutor, spec: Spec) -> None:
    await executor.start(spec("r.1", "sh", "-c", "cat; echo end", stdin=Stdin.FIFO))
    await executor.send_line("r.1", b"one")
    await executor.close_stdin("r.1")
    with pytest.raises(NotRunningError):
        await executor.send("r.1", b"two\n")
    assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 0
    assert printed(executor) == b"one\nend\n"
    await executor.start(spec("r.2", "sh", "-c", "cat >/dev/null; echo end", pty=(24, 80)))
    await executor.close_stdin("r.2")
    assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 0
    assert printed(executor, "r.2").endswith(b"end\r\n")


async def test_input_stays_open_whoever_writes(executor: LocalExecutor, spec: Spec, runs: Path) -> None:
    await executor.start(spec("r.1", "head", "-n3", stdin=Stdin.FIFO))
    for line in (b"one", b"two"):
        await executor.send_line("r.1", line)
    async with LocalExecutor(runs) as second:
        await second.send_line("r.1", b"x" * 100_000)
    assert (await asyncio.wait_for(executor.ends.get(), 30)).exit_code == 0
    assert printed(executor) == b"one\ntwo\n" + b"x" * 100_000 + b"\n"


async def test_stderr_of_its_own_never_tears_a_line(executor: LocalExecutor, spec: Spec) -> None:
    script = 'i=0; while [ $i -lt 300 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done'
    await executor.start(spec("r.1", "sh", "-c", script, split_stderr=True))
    await executor.ends.get()
    assert printed(executor) == b"".join(b"out %d\n" % n for n in range(300))
    assert executor.read_errors("r.1", 16).data == b"err 298\nerr 299\n"
    assert (executor.runs_root / "r.1" / "stderr").stat().st_mode & 0o777 == 0o600


@pytest.mark.fault(22, "an agent writes six times the cap to stderr")
async def test_stderr_is_bounded_as_the_log_is(runs: Path, spec: Spec, until: Until) -> None:
    told: list[tuple[str, int]] = []
    async with LocalExecutor(runs, log_cap=1 * MIB, on_trimmed=lambda *what: told.append(what)) as executor:
        script = "head -c 6000000 /dev/zero | tr '\\0' x >&2; echo out; sleep 60"
        await executor.start(spec("r.1", "sh", "-c", script, split_stderr=True))
        errors = runs / "r.1" / "stderr"
        await until(lambda: printed(executor) == b"out\n")
        assert errors.stat().st_size == 6_000_000
        await until(lambda: errors.stat().st_blocks * 512 <= 1 * MIB)
        assert trimmed_bytes(errors) >= 6_000_000 - 1 * MIB
        assert executor.read_errors("r.1", 5).data == b"xxxxx"
        assert trimmed_bytes(runs / "r.1" / "log") == 0
        assert told == []  # said of the log only
        await executor.stop("r.1", 0)


@pytest.mark.fault(27, "a link lies where a run's stderr shall be")
async def test_a_planted_stderr_is_refused(executor: LocalExecutor, spec: Spec, tmp_path: Path) -> None:
    from locust_tui.execution.runs import SpawnError

    folder = executor.runs_root / "r.1"
    folder.mkdir(mode=0o700)
    (folder / "stderr").symlink_to(tmp_path / "victim")
    with pytest.raises(SpawnError):
        await executor.start(spec("r.1", "true", split_stderr=True))
    assert not (tmp_path / "victim").exists()
