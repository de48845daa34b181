"""Keeping the logs of live runs near their cap: the head of one that grew past it is given up, offsets stay valid."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from locust_tui.domain.log_problem import LogProblem
from locust_tui.execution import marks, trim
from locust_tui.execution.names import TRIMMING
from locust_tui.execution.outputs import Output
from locust_tui.execution.process_tree import ProcessTree
from locust_tui.execution.runs import RunFolderRefusedError
from locust_tui.execution.watch import Watch

CAP = 64 << 20
_INTERVAL, _INTERVAL_IN_FLOOD = 0.25, 0.1
_RUNAWAY = 4
_TRY_AGAIN = 30.0

OnTrimmed = Callable[[str, int], None]
OnTrouble = Callable[[str, str], None]


class LogGuard:
    """Looks at each log's size four times a second while runs are watched, more often in a flood; asleep otherwise.

    A log already at _RUNAWAY times the cap has its run stopped for the moment of trimming. The file `trimming` marks that
    moment, so that a restart in the middle of it wakes the run again. What cannot be trimmed, and what others did to a
    log's name, is told once.
    """

    def __init__(self, cap: int, on_trimmed: OnTrimmed | None, on_trouble: OnTrouble | None) -> None:
        self._cap = self._most = cap
        self._on_trimmed = on_trimmed or (lambda run_id, trimmed: None)
        self._on_trouble = on_trouble or (lambda run_id, text: None)
        self._task: asyncio.Task[None] | None = None
        self._refused: dict[str, float] = {}
        """Runs whose output could not be trimmed, and when (seconds, monotonic) to try again."""

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
                try:
                    flood |= await self.check(watch)
                except Exception as problem:  # of one run: the others are to be bounded all the same
                    self._put_off(watch.run_id, problem)
            self._refused = {
                run: when for run, when in self._refused.items() if run in {w.run_id for w in live}
            }
            await asyncio.sleep(_INTERVAL_IN_FLOOD if flood else _INTERVAL)

    async def check(self, watch: Watch) -> bool:
        """Trim this run's output where it is over the cap; whether any of it comes fast."""
        flood = False
        for output in watch.outputs:
            if output.sought:
                self._seek(watch, output)
            if output.held:
                look = output.look(watch.root, watch.run_id)
                flood |= look.grown > self._cap // 8
                self._tell(watch.run_id, output, look.problem)
                if look.allocated > self._cap:
                    await self._bound(watch, output, look.allocated > _RUNAWAY * self._cap)
        return flood

    def _seek(self, watch: Watch, output: Output) -> None:
        folder = _folder(watch)
        if folder is None:
            return
        try:
            watch.hold(output, folder)
        except OSError:
            return  # no descriptors now: at the next look
        finally:
            os.close(folder)
        if output.name == "log" and not output.held and not output.sought:
            self._on_trouble(watch.run_id, "the file that it writes to cannot be found, so nothing bounds it")

    def _tell(self, run_id: str, output: Output, problem: LogProblem | None) -> None:
        if problem is not None and problem not in output.told and problem is not LogProblem.UNREADABLE:
            output.told.add(problem)
            what = "was deleted or moved away" if problem is LogProblem.MISSING else problem.words
            self._on_trouble(run_id, f"its {output.name} {what}; the agent goes on")

    async def _bound(self, watch: Watch, output: Output, runaway: bool) -> None:
        if time.monotonic() >= self._refused.get(watch.run_id, 0.0):
            trimming = asyncio.create_task(self._trim(watch, output, runaway))
            try:
                await asyncio.shield(trimming)
            except asyncio.CancelledError:
                await trimming
                raise

    async def _trim(self, watch: Watch, output: Output, runaway: bool) -> None:
        if not output.held:
            return  # it ended meanwhile
        folder, log = _folder(watch), -1
        tree: ProcessTree | None = None
        try:
            log = output.duplicate()
            if runaway and not watch.paused and folder is not None:
                tree = _marked(watch, folder)
            if tree is not None:
                await asyncio.to_thread(tree.pause)
            trimmed = await asyncio.to_thread(trim.punch_head, log, self._cap // 2, folder, output.name)
            self._refused.pop(watch.run_id, None)
            if output.name == "log":
                self._on_trimmed(watch.run_id, trimmed)
        except OSError as problem:
            self._put_off(watch.run_id, problem)
        finally:
            if tree is not None:
                with tree:
                    if not watch.paused:
                        tree.signal(signal.SIGCONT)
                with suppress(OSError):  # its folder is gone, or takes no writes any more
                    os.unlink(TRIMMING, dir_fd=folder)
            for fd in (folder, log):
                if fd is not None and fd >= 0:
                    os.close(fd)

    def _put_off(self, run_id: str, problem: Exception) -> None:
        if run_id not in self._refused:
            text = f"its log is over {self._cap >> 20} MiB and cannot be trimmed, so the disk may fill: {problem}"
            self._on_trouble(run_id, text)
        self._refused[run_id] = time.monotonic() + _TRY_AGAIN


def _folder(watch: Watch) -> int | None:
    """A descriptor of the run's folder; None: it is gone, or not ours to write to."""
    try:
        return watch.folder()
    except (OSError, RunFolderRefusedError):
        return None


def _marked(watch: Watch, folder: int) -> ProcessTree | None:
    """The run's processes, to be stopped, with the mark that says so; None: they go on, a full disk takes no mark."""
    tree = watch.tree()
    if tree is None:
        return None
    try:
        marks.put(folder, TRIMMING)
    except OSError as problem:
        with tree:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
        return None
    return tree


def wake_after_broken_trim(folder: int, watch: Watch) -> None:
    """Continue a run whose guard died between stopping and waking it."""
    if not marks.is_put(folder, TRIMMING):
        return
    with suppress(OSError):  # a disk that takes no writes, or a folder that an agent laid there
        os.unlink(TRIMMING, dir_fd=folder)
    tree = watch.tree()
    if tree is not None:
        with tree:
            tree.signal(signal.SIGCONT)
