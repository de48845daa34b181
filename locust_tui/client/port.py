"""What the cockpit needs of the outside: snapshots coming in, requests going out, logs to look at.

`client.feed` implements it over the worker's socket and the database; tests replay snapshots.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from locust_tui.domain.dataclass import dataclass

if TYPE_CHECKING:
    from locust_tui.domain.changes import Changes, Diff
    from locust_tui.domain.coordination import MemoryEntry
    from locust_tui.domain.held_plan import PlanError
    from locust_tui.domain.looking_back import MemoryVersion, MonitorReading
    from locust_tui.domain.snapshot import Snapshot

    from .requests import Request
    from .studies import Studies
    from .wire import Reply


class LinkState(StrEnum):
    CONNECTING = "connecting"
    LIVE = "live"
    GONE = "gone"
    """No worker answers: what is shown is the record's last word, and nothing new starts."""


@dataclass(frozen=True, slots=True)
class Link:
    """How the viewer stands to the worker."""

    state: LinkState
    worker_pid: int | None = None
    reason: str = ""
    """Why it is gone, in words: "it ended with exit code 1 4 s ago"."""


class Port(Protocol):
    """The cockpit's only way out. Opening and closing it is the caller's business, around `run_cockpit`."""

    @property
    def plan_path(self) -> str:
        """Path of the plan as the person named it; shown, and used in "locust-tui open PATH"."""

    studies: Studies
    """What is computed on demand."""

    @property
    def plan_problems(self) -> tuple[PlanError, ...]:
        """Errors of the file on disk that no snapshot carries, because no
        worker holds it; empty when the file is fine or the snapshot's `held` says it."""

    def updates(self) -> AsyncIterator[Snapshot | Link]:
        """Every new snapshot and every change of the link, newest state first at once, until cancelled.

        It may be as fast as it likes: the cockpit keeps the newest only and draws at its own pace. A
        snapshot whose parts did not change may share them with the one before; nothing relies on it.
        The first items are the link and, as soon as one can be read, a snapshot. It ends only by an
        exception (LocustTuiError: the record cannot be read) or by being cancelled.
        """

    async def ask(self, request: Request) -> Reply:
        """Send a request and wait for the worker's acknowledgement.

        Raises LocustTuiError with the worker's words, UnreachableError when it does not answer in time.
        """

    async def start_worker(self) -> None:
        """Start the worker where none runs; returns when it answers. Raises LocustTuiError."""

    async def trust(self, digest: str) -> None:
        """Allow what the plan file of this digest would execute: the very bytes that `held` showed.

        Raises RefusedError when the file says something else by now, when it can never be trusted, or when
        the caller is an agent of the plan.
        """

    async def changes(self, workstream: str) -> Changes | None:
        """What a workstream did in its worktree; None where it has none. Raises LocustTuiError when git fails."""

    async def diff(self, workstream: str, path: str | None = None) -> Diff:
        """The diff of its commits, or of one file's part of them, bounded. Raises LocustTuiError."""

    async def memory_versions(self, key: str) -> tuple[MemoryVersion, ...]:
        """The latest versions of a memory, newest first; none without a record. Raises LocustTuiError."""

    @property
    def computed_keys(self) -> tuple[str, ...]:
        """Keys of the memory that nobody writes, for they are computed from the plan in force; none without one."""

    async def computed_memory(self, key: str) -> MemoryEntry | None:
        """What stands at one of `computed_keys` now, as version 0; None where it is none of them any more."""

    async def monitor(self, name: str) -> MonitorReading | None:
        """What a monitor of the plan in force sees now, and how that went; None where the plan has none of that name."""

    def log_path(self, run: str) -> Path | None:
        """The file with every byte the run wrote, or None while there is none."""
