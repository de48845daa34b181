"""The processes of checks: each behind a shim like an agent's, waited for, bounded in time, and never adopted."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from collections.abc import Collection
from pathlib import Path

from locust_tui.criteria.observation import OUTPUT_LIMIT, ProbeCommand, ProbeOutcome
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.execution.shortage import lack_in
from locust_tui.plain_file import read_plain
from locust_tui.state.folder import StateFolder

from .check_folders import CheckFolders, is_check
from .launching import base_environment

_GRACE_S = 2.0
_PEAK = Path(__file__).with_name("peak.py")


class CheckRuns:
    """Executes commands of criteria. Their ends come in through `ended`."""

    def __init__(self, executor: Executor, folder: StateFolder) -> None:
        self._executor = executor
        self._folder = folder
        self._waiting: dict[str, asyncio.Future[x.RunEnded]] = {}
        self._folders = CheckFolders(folder.runs)
        self._tidying: asyncio.Task[None] | None = None

    def ended(self, end: x.RunEnded) -> bool:
        """Take the end of a check's process; False when it is none of ours."""
        waiting = self._waiting.pop(end.run_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(end)
        return is_check(end.run_id)

    async def execute(self, key: str, command: ProbeCommand, root: Path) -> tuple[str, ProbeOutcome]:
        """Run one command of the criterion `key`, in or below `root`, to its end, or to the end of its time.

        Returns (run id, outcome). Raises what keeps it from starting for want of what the machine lacks.
        """
        run_id = self._folders.free_id(key)
        ending: asyncio.Future[x.RunEnded] = asyncio.get_running_loop().create_future()
        self._waiting[run_id] = ending
        try:
            return run_id, await self._outcome(run_id, command, root, ending)
        finally:
            self._waiting.pop(run_id, None)

    async def _outcome(
        self, run_id: str, command: ProbeCommand, root: Path, ending: asyncio.Future[x.RunEnded]
    ) -> ProbeOutcome:
        try:
            started = await self._executor.start(self._spec(run_id, command, root))
        except x.CannotExecuteError as error:
            return ProbeOutcome(error=error.message)
        except (LocustTuiError, OSError) as error:
            if lack_in(error) is not None:
                raise
            return ProbeOutcome(error=f"could not start: {error}")
        try:
            async with asyncio.timeout(command.timeout):
                end = await ending
        except TimeoutError:
            await self._executor.stop(run_id, _GRACE_S)
            return ProbeOutcome(
                error=f"took longer than {command.timeout:g} s", output=self._output(run_id)[0]
            )
        except asyncio.CancelledError:
            await asyncio.shield(self._executor.stop(run_id, _GRACE_S))
            raise
        output, truncated = self._output(run_id)
        peak, floor = self._peak(run_id) if command.measure_rss else (end.max_rss_kib, None)
        return ProbeOutcome(
            exit_code=end.exit_code,
            signal=end.signal,
            max_rss_kib=peak,
            rss_floor_kib=floor,
            wall_s=max(0.0, end.ended - started.started_wall),
            output=output,
            truncated=truncated,
            error=None if end.known else end.error or "its run was lost",
        )

    def _spec(self, run_id: str, command: ProbeCommand, root: Path) -> x.RunSpec:
        argv = command.command.argv
        if command.measure_rss:
            argv = ("/bin/sh", "-c", _measured(self._folder.runs / run_id / "peak"), "sh", *argv)
        env = {**base_environment(), "LOCUST_TUI_PLAN": str(self._folder.plan_path), **command.env}
        return x.RunSpec(run_id, argv, root / (command.cwd or "."), env)

    def _peak(self, run_id: str) -> tuple[int | None, int | None]:
        """(peak memory of the command, memory of what started it), KiB; None, None where it did not get that far."""
        try:
            told = json.loads(read_plain(self._folder.runs / run_id / "peak"))
            return int(told["peak_kib"]), int(told["floor_kib"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, None

    def _output(self, run_id: str) -> tuple[str, bool]:
        try:
            fd = os.open(self._folder.runs / run_id / "log", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return "", False
        with os.fdopen(fd, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - OUTPUT_LIMIT))
            return file.read(OUTPUT_LIMIT).decode("utf-8", "replace"), size > OUTPUT_LIMIT

    async def stop_strays(self) -> None:
        """End every check that is still alive although nobody waits for it."""
        open_ended = [n for n in self._folders.names() if not (self._folder.runs / n / "exit.json").exists()]
        strays = [n for n in open_ended if n not in self._waiting and self._is_alive(n)]
        await asyncio.gather(*(self._executor.stop(name, _GRACE_S) for name in strays))

    def _is_alive(self, run_id: str) -> bool:
        try:
            return self._executor.poll(run_id).alive
        except x.RunFolderRefusedError:
            return False  # somebody laid something there: no check of ours began in it

    def tidy(self, current: Collection[str]) -> None:
        """Remove the folders of old runs, off the loop, except of those in `current` and of what is under way."""
        if self._tidying is not None and not self._tidying.done():
            return
        names = self._folders.superseded({*current, *self._waiting})
        if names:
            self._folders.forget(names)
            self._tidying = asyncio.create_task(asyncio.to_thread(self._folders.remove, names))

    async def close(self) -> None:
        """Wait for what is being removed."""
        if self._tidying is not None:
            await self._tidying


def _measured(file: Path) -> str:
    """A shell script that runs its arguments and leaves their peak memory in `file`.

    Linux hands the memory of whoever executes a program on to that program's peak. The shell is small enough not to
    matter; it forks the command, and what becomes of the shell afterwards can ask for the peak of its children.
    """
    after = [sys.executable, "-I", "-S", "-E", str(_PEAK), str(file)]
    return (
        "hwm=0; while read -r k v _; do case $k in VmHWM:) hwm=$v; break;; esac; done </proc/$$/status\\n"
        f'"$@"; exec {shlex.join(after)} "$hwm" "$?"'
    ).replace("\\n", "\n")
