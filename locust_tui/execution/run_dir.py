"""The folder of one run: the truth about how it began and ended. Reading it, and what the facts in it mean."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.execution import identity, marks, record_lock
from locust_tui.execution.identity import ProcessIdentity
from locust_tui.execution.records import SHIM
from locust_tui.execution.runs import (
    EndReason,
    Leftover,
    Recovery,
    RecoveryKind,
    RunEnded,
    RunFolderRefusedError,
)
from locust_tui.execution.shortage import lack_in

_RUN_ID = re.compile(r"\w[\w.-]{0,127}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST_RECORD = 1 << 20
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything recovery depends on. `lock_holder`: None free, 0 held in a pid namespace we cannot see, else the holder's pid.

    `agent_alive`: the agent's identity was proved just now. `exit` was read after the lock, so when the lock is free
    and `exit` is None nobody will write it any more.
    """

    run_id: str
    lock_holder: int | None = None
    agent: ProcessIdentity | None = None
    agent_alive: bool = False
    agent_record: Record | None = None
    exit: Record | None = None


def classify(facts: RunFacts, boot_id: str, pidns: int, now: float) -> Recovery:
    """What became of the run. Pure: the same facts always give the same answer, and nothing unknown becomes an exit code.

    `boot_id` and `pidns` say where we are; `now` (epoch seconds) dates the loss of a lost run.
    """
    run_id, agent = facts.run_id, facts.agent
    started = facts.agent_record.get("wall") if facts.agent_record else None

    def found(kind: RecoveryKind, **more: Any) -> Recovery:
        return Recovery(kind, run_id, started_wall=started, **more)

    if facts.exit is not None:
        return found(RecoveryKind.FINISHED, ended=ended_from_record(run_id, facts.exit))
    if facts.lock_holder == record_lock.UNSEEN:
        return found(RecoveryKind.UNKNOWN_HOST, why="a shim in another pid namespace holds this run")
    if facts.lock_holder is not None:
        if agent is None or facts.lock_holder == agent.pid:
            return found(RecoveryKind.STARTING, why="a shim holds this run and has not yet named its agent")
        return found(RecoveryKind.RUNNING, shim_pid=facts.lock_holder, agent_pid=agent.pid)
    if facts.agent_record is None:
        return found(RecoveryKind.NEVER_STARTED, why="no agent was ever let go in this folder")
    if agent is None:
        return lost(facts, EndReason.LOST_CRASH, now, "the agent's identity on disk cannot be read")
    if agent.boot_id != boot_id:
        return lost(facts, EndReason.LOST_REBOOT, now, "the machine was restarted while this ran")
    if agent.pidns != pidns:
        return found(RecoveryKind.UNKNOWN_HOST, why="the agent was started in another pid namespace")
    if facts.agent_alive:
        return found(RecoveryKind.ORPHANED_RUNNING, agent_pid=agent.pid, why="its shim is dead")
    return lost(facts, EndReason.LOST_CRASH, now, "its shim was killed and the agent is gone")


def lost(facts: RunFacts, reason: EndReason, now: float, why: str) -> Recovery:
    """A run whose end nobody saw."""
    ended = RunEnded(facts.run_id, None, None, reason, now, error=why)
    return Recovery(RecoveryKind.LOST, facts.run_id, ended=ended, why=why)


def ended_from_record(run_id: str, record: Record) -> RunEnded:
    """The end as exit.json tells it."""
    code, signum = record["code"], record["signal"]
    return RunEnded(
        run_id=run_id,
        exit_code=code if isinstance(code, int) else None,
        signal=signum if isinstance(signum, int) else None,
        reason=EndReason(record["reason"]),
        ended=float(record["ended_wall"]),
        max_rss_kib=record.get("maxrss_kib"),
        cpu_s=record["utime"] + record["stime"] if "utime" in record else None,
        leftovers=tuple(
            Leftover(left["pid"], left["name"], left.get("start", 0)) for left in record.get("leftovers", ())
        ),
        leftovers_kept=record.get("kept", False),
        error=record.get("error"),
        rss_floor_kib=record.get("rss_floor_kib"),
    )


def open_run(root: int, run_id: str, *, create: bool = False) -> int:
    """A descriptor of the run's folder inside the folder `root`; the caller closes it.

    Raises RunFolderRefusedError for ids that are not plain names and folders that are links, others' or open to others;
    FileNotFoundError when there is none and `create` is not set; any other OSError when the machine lacks what it takes.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunFolderRefusedError(
            f"{run_id!r} is no run id", help="use letters, digits, '_', '-' and '.', not first '.'"
        )
    if create:
        with suppress(FileExistsError):
            os.mkdir(run_id, 0o700, dir_fd=root)
    try:
        folder = os.open(run_id, _FOLDER, dir_fd=root)
    except OSError as problem:
        if isinstance(problem, FileNotFoundError) or lack_in(problem) is not None:
            raise
        raise RunFolderRefusedError(f"run folder {run_id} is not a folder: {problem.strerror}") from None
    facts = os.fstat(folder)
    if facts.st_uid != os.geteuid() or facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        os.close(folder)
        raise RunFolderRefusedError(
            f"run folder {run_id} belongs to someone else or is open to others", help="its mode must be 0700"
        )
    return folder


def read_record(folder: int, name: str) -> Record | None:
    """A JSON object from the run folder; None when missing, torn or not a plain file. OSError: it could not be looked at."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as problem:
        if lack_in(problem) is not None:
            raise  # whether it is there is not known
        return None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        record = json.loads(os.read(fd, _LARGEST_RECORD))
    except ValueError:
        return None
    finally:
        os.close(fd)
    return record if isinstance(record, dict) else None


def terminal(folder: int) -> str | None:
    """The path of the terminal the agent was started with, None without one."""
    tty = (read_record(folder, "agent.json") or {}).get("tty")
    return tty if isinstance(tty, str) else None


def lock_holder(folder: int) -> int | None:
    """Who holds the run's lock, see RunFacts. Asking takes nothing, so it never bars a starting shim."""
    fd = _open_lock(folder)
    if fd is None:
        return None
    try:
        return record_lock.holder(fd)
    finally:
        os.close(fd)


def open_lock_holder(folder: int) -> tuple[int, int] | None:
    """(pid, pidfd) of the shim that holds this run, proved; None when there is none we can see. The caller closes it."""
    fd = _open_lock(folder)
    if fd is None:
        return None
    try:
        return record_lock.open_holder(fd)
    finally:
        os.close(fd)


def _open_lock(folder: int) -> int | None:
    """The lock file, to be looked at; None when there is none, or an agent laid a link there. OSError: it could not be opened."""
    try:
        return os.open(SHIM, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as problem:
        if lack_in(problem) is not None:
            raise
        return None


def read_facts(folder: int, run_id: str) -> RunFacts:
    """The facts of an open run folder, in the order that makes them conclusive: lock first, exit.json last."""
    holder = lock_holder(folder)
    agent_record = read_record(folder, "agent.json")
    if agent_record is None and marks.is_put(folder, "agent.json"):
        agent_record = {}
    agent = ProcessIdentity.from_record(agent_record) if agent_record else None
    alive = agent is not None and identity.is_alive(agent)
    end = read_record(folder, "exit.json")
    return RunFacts(
        run_id=run_id,
        lock_holder=holder,
        agent=agent,
        agent_alive=alive,
        agent_record=agent_record,
        exit=None if _end_in(end, run_id) is None else end,
    )


def read_end(folder: int, run_id: str) -> RunEnded | None:
    """The end that exit.json tells in our words; anything else is no knowledge of one."""
    return _end_in(read_record(folder, "exit.json"), run_id)


def _end_in(record: Record | None, run_id: str) -> RunEnded | None:
    try:
        ended = None if record is None else ended_from_record(run_id, record)
    except (KeyError, TypeError, ValueError):
        return None
    return ended if ended is not None and ended.known else None


def seal(folder: int) -> bool:
    """Make sure no agent is ever let go in this folder; False when one was, or when a shim is at it right now.

    Raises RunFolderRefusedError where no shim can lock it, and OSError where the machine lacks what it takes.
    """
    try:
        lock = os.open(SHIM, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    except OSError as problem:
        if lack_in(problem) is not None:
            raise
        raise RunFolderRefusedError(f"{SHIM} of a run folder is no file: {problem.strerror}") from None
    try:
        if (
            not record_lock.take(lock)
            or marks.is_put(folder, "agent.json")
            or marks.is_put(folder, "exit.json")
        ):
            return False
        marks.put(folder, "sealed")
        with suppress(OSError):
            os.unlink("agent.json.tmp", dir_fd=folder)  # what it would have become, had it not been killed
        os.fsync(folder)
    finally:
        os.close(lock)
    return True


def record_end(folder: int, ended: RunEnded) -> None:
    """Write exit.json for an agent whose shim is dead and whose end the kernel told us; durable."""
    record: Record = {
        "code": ended.exit_code,
        "signal": ended.signal,
        "reason": ended.reason,
        "error": ended.error,
        "ended_wall": ended.ended,
        "leftovers": [{"pid": x.pid, "start": x.start, "name": x.name} for x in ended.leftovers],
        "kept": ended.leftovers_kept,
        "recorded_by": "executor",
    }
    with suppress(FileNotFoundError):
        os.unlink(
            "exit.json.tmp", dir_fd=folder
        )  # a shim's that was killed, or a pipe that the agent laid there
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open("exit.json.tmp", flags, 0o600, dir_fd=folder)
    try:
        os.write(fd, json.dumps(record).encode("ascii") + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename("exit.json.tmp", "exit.json", src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
