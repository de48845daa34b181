"""Runs on this machine: each behind its own shim, which outlives the process that hosts this executor."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from locust_tui.execution import log_file, record_lock, run_dir, stopping
from locust_tui.execution.fifo import mark_closed, write_fifo, write_line
from locust_tui.execution.log_guard import CAP, LogGuard, OnTrimmed, OnTrouble, wake_after_broken_trim
from locust_tui.execution.process_tree import ProcessTree
from locust_tui.execution.rest import GUARD
from locust_tui.execution.run_group import RunGroups
from locust_tui.execution.runs import (
    NotRunningError,
    Recovery,
    RecoveryKind,
    RunEnded,
    RunFolderRefusedError,
    RunSpec,
    Sample,
    Started,
    StopResult,
)
from locust_tui.execution.standstill import stopped_by_others
from locust_tui.execution.starter import LiveRun, Starter, classify_folder, open_live, settle
from locust_tui.execution.watch import Listener, Watch
from locust_tui.execution.zygote_client import ZygoteClient
from locust_tui.terminal.window import set_size

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class LocalExecutor:
    """`async with LocalExecutor(runs_root, on_exit=…) as executor`; leaving it never harms the agents.

    `on_exit(RunEnded)` is called on the event loop, exactly once per watched run; without it the ends queue in `ends`.
    `on_orphaned(run_id)`: the shim of a run was killed, its agent lives on and is watched.
    `on_trimmed(run_id, trimmed)`: the head of a log was given up to byte `trimmed`.
    `on_trouble(run_id, text)`: a log cannot be bounded, or its name is another file's or nobody's by now; once each.
    `log_cap`: bytes on disk a log may take before its head goes.
    `umask`, `nofile` (soft limit of open files): what agents get; None: this process's own at the first start.
    """

    def __init__(
        self,
        runs_root: Path,
        *,
        on_exit: Callable[[RunEnded], None] | None = None,
        on_orphaned: Callable[[str], None] | None = None,
        on_trimmed: OnTrimmed | None = None,
        on_trouble: OnTrouble | None = None,
        log_cap: int = CAP,
        umask: int | None = None,
        nofile: int | None = None,
    ) -> None:
        self.runs_root = runs_root
        self.ends: asyncio.Queue[RunEnded] = asyncio.Queue()
        self._listener = Listener(
            on_exit or self.ends.put_nowait, on_orphaned or (lambda run_id: None), self._forget
        )
        self._guard = LogGuard(log_cap, on_trimmed, on_trouble)
        self._groups = RunGroups(runs_root)
        self._starter = Starter(ZygoteClient(log_cap, umask, nofile), self._groups)
        self._watches: dict[str, Watch] = {}
        self._lines: dict[str, asyncio.Lock] = {}
        self._starting: set[asyncio.Task[Started]] = set()
        self._root = self._guard_file = -1
        self._deleted_roots: list[int] = []
        """Runs folders that were deleted under us; runs that were started there are watched through them."""

    async def __aenter__(self) -> Self:
        self.runs_root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = os.open(self.runs_root, _FOLDER)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._guard_file = os.open(GUARD, flags, 0o600, dir_fd=self._root)
        record_lock.share(self._guard_file)  # tells the shims that the logs are looked after
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for start in self._starting:
            start.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await self._guard.close()
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()
        os.close(self._guard_file)  # before the shims hear of our end, or they take us for the next worker
        self._starter.zygote.close()
        for root in (self._root, *self._deleted_roots):
            os.close(root)

    def spare_disk(self, short: bool) -> None:
        """Whether the disk is short: the outputs of live runs are then kept shorter than their cap."""
        self._guard.press(short)

    @property
    def zygote_pid(self) -> int | None:
        """The process that forks the shims, None before the first start."""
        return self._starter.zygote.pid

    def runs_by_pid(self) -> dict[int, str]:
        """Run id by the pid of its shim, and by that of its agent, of every watched run."""
        found = (
            (pid, watch.run_id)
            for watch in self._watches.values()
            for pid in (watch.shim_pid, watch.agent_pid)
        )
        return {pid: run_id for pid, run_id in found if pid is not None}

    def stopped_by_others(self) -> dict[str, str]:
        """Watched runs that stand still by a signal that was not ours: run id → which process, and what lets it go on."""
        found = {watch.run_id: stopped_by_others(watch) for watch in self._watches.values()}
        return {run_id: why for run_id, why in found.items() if why}

    def _root_now(self) -> int:
        """The descriptor of the runs folder, also where it was deleted and made anew."""
        there, ours = os.stat(self.runs_root), os.fstat(self._root)
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            self._deleted_roots.append(self._root)
            self._root = os.open(self.runs_root, _FOLDER)
        return self._root

    async def start(self, spec: RunSpec) -> Started:
        """See Executor.start. A cancelled caller does not cancel the start: the run is then watched all the same."""
        task = asyncio.create_task(self._start(spec), name=f"start {spec.run_id}")
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return await asyncio.shield(task)

    async def _start(self, spec: RunSpec) -> Started:
        live = await self._starter.start(self._root_now(), spec)
        found = live.found
        self._watch(live)
        return Started(found.run_id, found.shim_pid or 0, found.agent_pid or 0, found.started_wall or 0.0)

    async def reattach(self, run_id: str) -> Recovery:
        """See Executor.reattach. A finished run whose kept leftovers live on can still be stopped afterwards."""
        with self._folder(run_id) as folder:
            if folder is None:
                return self._without_folder(run_id)
            found = await settle(folder, run_id)
            if (watch := self._watches.get(run_id)) is not None and watch.ended is not None:
                return Recovery(RecoveryKind.FINISHED, run_id, ended=watch.ended)  # the disk may not know yet
            if run_id not in self._watches and (found.alive or found.kind is RecoveryKind.FINISHED):
                live = open_live(folder, found)
                if live.shim_pidfd < 0 and live.agent_pidfd < 0:
                    return self._ended(folder, live)
                wake_after_broken_trim(folder, self._watch(live))
            return found

    def _ended(self, folder: int, live: LiveRun) -> Recovery:
        """A run without shim and agent: it ended while we looked, or before; then what it left behind is ours to end."""
        found = classify_folder(folder, live.found.run_id)
        if found.ended is not None and found.ended.leftovers:
            self._watch(replace(live, found=found)).end_what_is_left()
        return found

    def _without_folder(self, run_id: str) -> Recovery:
        """A run that nothing is known of, unless we watch it: then its folder was deleted."""
        watch = self._watches.get(run_id)
        if watch is None:
            return Recovery(RecoveryKind.NEVER_STARTED, run_id, why="it has no run folder")
        if watch.ended is not None:
            return Recovery(RecoveryKind.FINISHED, run_id, ended=watch.ended)
        return Recovery(
            RecoveryKind.RUNNING, run_id, watch.shim_pid, watch.agent_pid, why="its folder was deleted"
        )

    def poll(self, run_id: str) -> Recovery:
        """See Executor.poll."""
        with self._folder(run_id) as folder:
            if folder is None:
                return self._without_folder(run_id)
            return classify_folder(folder, run_id)

    def seal(self, run_id: str) -> bool:
        """See Executor.seal."""
        folder = run_dir.open_run(self._root_now(), run_id, create=True)
        try:
            return run_dir.seal(folder)
        finally:
            os.close(folder)

    def read(self, run_id: str, offset: int, limit: int = 65536) -> log_file.Chunk:
        """See Executor.read; `log_file.tail` does the same without an executor."""
        with self._folder(run_id) as folder:
            agent = None if folder is None else run_dir.read_record(folder, "agent.json")
        inode = None if agent is None else agent.get("log_inode")
        return log_file.tail(self.runs_root / run_id / "log", offset, limit, inode=inode)

    def read_errors(self, run_id: str, limit: int = 65536) -> log_file.Chunk:
        """See Executor.read_errors."""
        return log_file.tail(self.runs_root / run_id / "stderr", -limit, limit)

    async def send(self, run_id: str, data: bytes) -> None:
        """See Executor.send."""
        with self._folder(run_id) as folder:
            if folder is None:
                raise NotRunningError(f"{run_id} never ran, so nobody reads its input")
            await write_fifo(folder, run_id, data)

    async def send_line(self, run_id: str, line: bytes) -> None:
        """See Executor.send_line. Lines of one run go one after the other."""
        with self._folder(run_id) as folder:
            if folder is None:
                raise NotRunningError(f"{run_id} never ran, so nobody reads its input")
            async with self._lines.setdefault(run_id, asyncio.Lock()):
                if run_dir.terminal(folder) is not None:
                    await write_fifo(folder, run_id, line + b"\r")
                else:
                    await write_line(folder, run_id, line)

    async def close_stdin(self, run_id: str) -> None:
        """See Executor.close_stdin."""
        watch = await self._live(run_id)
        with self._folder(run_id) as folder:
            if folder is None:
                raise NotRunningError(f"the run folder of {run_id} is gone, and its input with it")
            if run_dir.terminal(folder) is not None:
                await write_fifo(folder, run_id, b"\x04")
                return
            await write_fifo(folder, run_id, b"")
            async with self._lines.setdefault(run_id, asyncio.Lock()):
                mark_closed(folder)
            if not watch.wake_shim():
                raise NotRunningError(f"the shim of {run_id} is dead, and its input ended with it")

    async def resize(self, run_id: str, rows: int, columns: int) -> None:
        """See Executor.resize."""
        watch = await self._live(run_id)
        with self._folder(run_id) as folder:
            tty = None if folder is None else run_dir.terminal(folder)
        if tty is None:
            raise NotRunningError(f"{run_id} has no terminal: it was started with pipes")
        if not set_size(tty, watch.agent_pid or 0, rows, columns):
            raise NotRunningError(f"{run_id} has given up its terminal, or has ended")

    def terminal(self, run_id: str) -> str | None:
        """See Executor.terminal."""
        with self._folder(run_id) as folder:
            return None if folder is None else run_dir.terminal(folder)

    async def signal(self, run_id: str, signum: int) -> None:
        """See Executor.signal."""
        if not (await self._live(run_id)).signal_agent(signum):
            raise NotRunningError(f"the main process of {run_id} has ended; nothing was signalled")

    async def stop(self, run_id: str, grace: float = 10.0) -> StopResult:
        """See Executor.stop. A run that has ended already is stopped at once."""
        try:
            watch = await self._live(run_id)
        except NotRunningError as refusal:
            found = self.poll(run_id)
            stopped = found.ended is not None or found.kind is RecoveryKind.NEVER_STARTED
            return StopResult(run_id, stopped, (), 0.0, found.ended, found.why or refusal.message)
        return await stopping.stop(watch, grace, self._group(run_id))

    def _group(self, run_id: str) -> Path | None:
        """The control group of a run; None without one, and where its agent did something to its folder."""
        try:
            with self._folder(run_id) as folder:
                return None if folder is None else self._groups.find(folder, run_id)
        except RunFolderRefusedError:
            return None

    async def pause(self, run_id: str) -> int:
        """See Executor.pause."""
        watch = await self._live(run_id)
        watch.paused = True
        with _tree(watch) as tree:
            return await asyncio.to_thread(tree.pause)

    async def resume(self, run_id: str) -> int:
        """See Executor.resume."""
        watch = await self._live(run_id)
        watch.paused = False
        with _tree(watch) as tree:
            return tree.signal(signal.SIGCONT)

    def descendants(self, run_id: str) -> tuple[int, ...]:
        """See Executor.descendants; of watched runs."""
        tree = self._watches[run_id].tree() if run_id in self._watches else None
        if tree is None:
            return ()
        with tree:
            return tuple(tree.members())

    def sample(self, run_id: str) -> Sample | None:
        """See Executor.sample; of watched runs."""
        tree = self._watches[run_id].tree() if run_id in self._watches else None
        if tree is None:
            return None
        with tree:
            return tree.sample()

    async def samples(self, run_ids: Iterable[str]) -> dict[str, Sample]:
        """`sample` of many runs with their storage, read in a thread; those that are over are left out."""
        with ExitStack() as stack:
            trees = {}
            for run_id in run_ids:
                tree = self._watches[run_id].tree() if run_id in self._watches else None
                if tree is not None:
                    trees[run_id] = stack.enter_context(tree)
            found = await asyncio.to_thread(_sample_all, trees)
        return {run_id: sample for run_id, sample in found.items() if sample is not None}

    async def _live(self, run_id: str) -> Watch:
        if run_id not in self._watches:
            found = await self.reattach(run_id)
            if run_id not in self._watches:
                raise NotRunningError(f"{run_id} is not running: {found.why or found.kind}")
        return self._watches[run_id]

    def _watch(self, live: LiveRun) -> Watch:
        watch = Watch(self._root, live.found, live.shim_pidfd, live.agent_pidfd, self._listener)
        self._watches[live.found.run_id] = watch
        self._guard.wake(self._watches.values)
        return watch

    def _forget(self, run_id: str) -> None:
        self._watches.pop(run_id, None)
        self._groups.remove(run_id)
        self._lines.pop(run_id, None)

    @contextmanager
    def _folder(self, run_id: str) -> Iterator[int | None]:
        try:
            folder = run_dir.open_run(self._root, run_id)
        except FileNotFoundError:
            yield None
            return
        try:
            yield folder
        finally:
            os.close(folder)


def _sample_all(trees: dict[str, ProcessTree]) -> dict[str, Sample | None]:
    return {run_id: tree.sample(storage=True) for run_id, tree in trees.items()}


def _tree(watch: Watch) -> ProcessTree:
    tree = watch.tree()
    if tree is None:
        raise NotRunningError(f"{watch.run_id} has no process left")
    return tree
