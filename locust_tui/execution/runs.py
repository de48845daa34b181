"""The values and errors an executor speaks in: what to run, that it started, how it ended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import LocustTuiError, RefusedError, UnreachableError


class Stdin(StrEnum):
    """What the agent reads: nothing (`/dev/null`), or the run's FIFO, which `send` writes to.

    The FIFO ends with `close_stdin`, and with the death of its shim, which is what keeps it open.
    """

    NULL = "null"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run to start. `argv[0]` is looked up in `env["PATH"]`; `env` is the whole environment, nothing is added.

    Strings are encoded as the file system does (surrogateescape), so any byte but NUL arrives unchanged.
    `keep_leftovers`: processes that outlive the agent's main process are left alone (the shim stays as their reaper).
    `pty`: (rows, columns) of a terminal of its own that becomes stdin, stdout and stderr, whatever `stdin` and
    `split_stderr` say; the log then holds what it printed, `send` types. It gets SIGHUP when its shim is killed.
    `split_stderr`: stderr goes to a file of its own, so that no line on stdout is torn by it.
    """

    run_id: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stdin: Stdin = Stdin.NULL
    keep_leftovers: bool = False
    pty: tuple[int, int] | None = None
    split_stderr: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The agent was exec'd and its identity is on record, for any process to find; not synced. `started_wall`: seconds since the epoch."""

    run_id: str
    shim_pid: int
    agent_pid: int
    started_wall: float


class EndReason(StrEnum):
    """How the end of a run is known, or why it is not."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    NOT_EXECUTED = "not-executed"
    LOST_CRASH = "lost-crash"
    LOST_REBOOT = "lost-reboot"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process that was still there when the agent's main process had ended."""

    pid: int
    name: str
    start: int = 0
    """Clock ticks since boot: which process that pid was. 0: not on record."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The one end of a run. `exit_code` and `signal` are both None exactly when the end is not known (`lost-…`).

    `ended`: seconds since the epoch (for a lost run: when the loss was seen). `max_rss_kib` is the kernel's figure for
    the largest process of the tree, `rss_floor_kib` what the shim weighed when it forked the agent: the kernel counts that
    to the agent, so a peak within 1 MiB of the floor says no more than "at most this". They and `cpu_s` are None when unknown.
    `error` says why nothing was executed or why the end is unknown.
    """

    run_id: str
    exit_code: int | None
    signal: int | None
    reason: EndReason
    ended: float
    max_rss_kib: int | None = None
    cpu_s: float | None = None
    leftovers: tuple[Leftover, ...] = ()
    leftovers_kept: bool = False
    error: str | None = None
    rss_floor_kib: int | None = None

    @property
    def known(self) -> bool:
        """Whether an exit code or a signal stands behind this end."""
        return self.exit_code is not None or self.signal is not None


class RecoveryKind(StrEnum):
    """What a run folder and the kernel together say about a run."""

    FINISHED = "finished"
    RUNNING = "running"
    STARTING = "starting"
    ORPHANED_RUNNING = "orphaned-running"
    LOST = "lost"
    NEVER_STARTED = "never-started"
    UNKNOWN_HOST = "unknown-host"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A run as found. `ended` is set for `finished` and `lost`; the pids only where their identity is proved.

    `starting`: a shim holds the folder and has not yet written the agent's identity; look again.
    `unknown-host`: the processes live where this kernel view cannot see them; nothing may be signalled or restarted.
    """

    kind: RecoveryKind
    run_id: str
    shim_pid: int | None = None
    agent_pid: int | None = None
    started_wall: float | None = None
    ended: RunEnded | None = None
    why: str | None = None

    @property
    def alive(self) -> bool:
        """Whether a process of this run is known to be there."""
        return self.kind in (RecoveryKind.RUNNING, RecoveryKind.STARTING, RecoveryKind.ORPHANED_RUNNING)


@dataclass(frozen=True, slots=True)
class StopResult:
    """What stopping a run achieved. `survivors` are pids that did not die within the bound: said, not hidden."""

    run_id: str
    stopped: bool
    survivors: tuple[int, ...]
    seconds: float
    ended: RunEnded | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A run's resources now: resident memory of its live processes in KiB, CPU seconds since its start."""

    rss_kib: int
    cpu_s: float
    processes: int
    read_bytes: int | None = None
    """Taken from and given to storage since its start, the dead included; None: not asked for, or not told."""
    written_bytes: int | None = None


class ExecutionError(LocustTuiError):
    """A run could not be started, found or reached."""


class RunFolderRefusedError(RefusedError):
    """The run id or its folder is not one we may write to; nothing was started."""


class AlreadyRunningError(RefusedError):
    """Another shim holds this run; nothing was started. Reattach to it."""


class AlreadyRanError(RefusedError):
    """This run has already been started once; a run is one-shot. Use a new run id."""


class SpawnError(ExecutionError):
    """No process could be made (limits, memory, disk). Nothing ran; trying again later is safe. `errno` as the kernel said."""

    def __init__(self, message: str, *, errno: int = 0, help: str | None = None) -> None:
        super().__init__(message, help=help)
        self.errno = errno


class CannotExecuteError(ExecutionError):
    """The program or its working folder is not usable. `ended` is the recorded end (code 126 or 127); no exit event follows."""

    def __init__(self, message: str, *, ended: RunEnded, help: str | None = None) -> None:
        super().__init__(message, help=help)
        self.ended = ended


class StartUnknownError(UnreachableError):
    """The start got no answer; `recovery` is what the run folder says. Never start the run anew without looking there."""

    def __init__(self, message: str, *, recovery: Recovery, help: str | None = None) -> None:
        super().__init__(message, help=help)
        self.recovery = recovery


class NotRunningError(ExecutionError):
    """The run has no live process that is proved to be its own, so nothing was signalled or sent."""
