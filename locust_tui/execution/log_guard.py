"""Keeping the logs of live runs near their cap: the head of one that grew past it is given up, offsets stay valid."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable

from locust_tui.execution import trim
from locust_tui.execution.names import OUTPUTS
from locust_tui.execution.runs import RunFolderRefusedError
from locust_tui.execution.watch import Watch

CAP = 64 << 20
MARK = "trimming"
_INTERVAL, _INTERVAL_IN_FLOOD = 0.5, 0.1
_RUNAWAY = 4

OnTrimmed = Callable[[str, int, str | None], None]


class LogGuard:
    """Looks at each log's size twice a second while runs are watched, more often in a flood; asleep otherwise.

    A log already at _RUNAWAY times the cap has its run stopped for the moment of trimming. The file `trimming` marks that
    moment, so that a restart in the middle of it wakes the run again.
    """

    def __init__(self, cap: int, on_trimmed: OnTrimmed | None) -> None:
        self._cap = self._most = cap
        self._on_trimmed = on_trimmed or (lambda run_id, trimmed, problem: None)
        self._task: asyncio.Task[None] | None = None
        self._cannot: set[str] = set()

    def wake(self, watches: Callable[[], Iterable[Watch]]) -> None:
        """There is something to guard."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._patrol(watches), name="log guard")

    def press(self, pressed: bool) -> None:
        """Whether the disk is so short that logs have to give way: an eighth of the cap is then left to each."""
        self._cap = self._most // 8 if pressed else self._most

    async def close(self) -> None:
        """Stop looking; a trim under way is finished first, so no run is left stopped."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _patrol(self, watches: Callable[[], Iterable[Watch]]) -> None:
        while live := tuple(watches()):
            flood = False
            for watch in live:
                flood |= await self.check(watch)
            await asyncio.sleep(_INTERVAL_IN_FLOOD if flood else _INTERVAL)

    async def check(self, watch: Watch) -> bool:
        """Trim this run's output if it is over the cap; whether any of it was at least half way there."""
        sizes = [await self._check(watch, name) for name in OUTPUTS]
        return max(sizes) > self._cap // 2

    async def _check(self, watch: Watch, name: str) -> int:
        size = watch.allocated(name)
        if size > self._cap and watch.run_id not in self._cannot:
            trimming = asyncio.create_task(self._trim(watch, name, size > _RUNAWAY * self._cap))
            try:
                await asyncio.shield(trimming)
            except asyncio.CancelledError:
                await trimming
                raise
        return size

    async def _trim(self, watch: Watch, name: str, runaway: bool) -> None:
        try:
            folder = watch.folder()
        except (OSError, RunFolderRefusedError) as problem:
            self._report(watch.run_id, 0, problem)
            return
        tree = watch.tree() if runaway and not watch.paused else None
        try:
            if tree is not None:
                os.close(
                    os.open(
                        MARK, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=folder
                    )
                )
                await asyncio.to_thread(tree.pause)
            flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            log = os.open(name, flags, dir_fd=folder)
            try:
                trimmed = await asyncio.to_thread(trim.punch_head, log, self._cap // 2, folder, name)
            finally:
                os.close(log)
            if name == "log":
                self._on_trimmed(watch.run_id, trimmed, None)
        except OSError as problem:
            self._report(watch.run_id, 0, problem)
        finally:
            if tree is not None:
                with tree:
                    if not watch.paused:
                        tree.signal(signal.SIGCONT)
                os.unlink(MARK, dir_fd=folder)
            os.close(folder)

    def _report(self, run_id: str, trimmed: int, problem: Exception) -> None:
        self._cannot.add(run_id)
        self._on_trimmed(
            run_id, trimmed, f"the log is over {self._cap >> 20} MiB and cannot be trimmed: {problem}"
        )


def wake_after_broken_trim(folder: int, watch: Watch) -> None:
    """Continue a run whose guard died between stopping and waking it."""
    try:
        os.unlink(MARK, dir_fd=folder)
    except FileNotFoundError:
        return
    tree = watch.tree()
    if tree is not None:
        with tree:
            tree.signal(signal.SIGCONT)
