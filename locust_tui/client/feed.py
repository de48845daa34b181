"""The cockpit's port: snapshots from the database as the worker announces revisions, requests over its socket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.snapshot_cache import SnapshotCache
from locust_tui.domain.held_plan import PlanError
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot, WaitingView
from locust_tui.domain.troubles import Trouble
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError, NotFoundError, UnreachableError
from locust_tui.plans.held import plan_errors
from locust_tui.plans.reading import PlanReading, read_plan
from locust_tui.state.async_reader import AsyncReader
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.record_now import record_now
from locust_tui.state.signs import SignsOfLife

from .feed_studies import FeedStudies
from .headline import Headline
from .launch import ensure_worker
from .link import WorkerLink
from .port import Link, LinkState
from .requests import RecheckPlan, Request
from .trust_look import TrustLook
from .wire import Reply

if TYPE_CHECKING:
    from locust_tui.domain.changes import Changes, Diff
    from locust_tui.domain.coordination import MemoryEntry
    from locust_tui.domain.looking_back import MemoryVersion, MonitorReading
    from locust_tui.git.workspace import Workspace

    from .studies import Studies

INTERVAL_S = 0.1
"""Repeated revisions are taken this often; a single one at once."""
IDLE_S = 5.0
"""Without news, ages and weeks are computed anew this often; more often where a tenth of a plan week is shorter."""
IDLE_LEAST_S = 1.0
RETRY_S = 1.0


class Feed:
    """Implements `Port`. Use as `async with Feed(folder, shown_path) as feed`.

    `guard` raises RefusedError where the caller may not give trust. `why_no_worker`: what kept one from being started.
    """

    def __init__(
        self,
        folder: StateFolder,
        shown_path: str,
        *,
        guard: Callable[[], None] = lambda: None,
        why_no_worker: str = "",
    ) -> None:
        self._folder = folder
        self._why_no_worker = why_no_worker
        self._trust = TrustLook(folder.plan_path, guard, self._take_first_plan)
        self._shown = shown_path
        self._link: WorkerLink | None = None
        self._news = asyncio.Event()
        self._stack = AsyncExitStack()
        self._reader: AsyncReader | None = None
        self._world = World()
        self._plan: tuple[Plan, str] | None = None
        self._latest: Snapshot | None = None
        self._computed: tuple[str, tuple[str, ...]] = "", ()
        """Digest of a plan, and the keys that are computed from it."""
        self._cache = SnapshotCache()
        self._signs = SignsOfLife(folder.runs)
        self._problems: tuple[PlanError, ...] = ()
        self._unread: Trouble | None = None
        """Why the record cannot be read any more."""
        self._headline = Headline(self._news.set)
        self.studies: Studies = FeedStudies(
            lambda: (*self._plan, self._world) if self._plan else None, lambda: self._reader
        )

    async def __aenter__(self) -> Feed:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._headline.close()
        if self._link is not None:
            await self._link.close()
        await self._stack.aclose()

    @property
    def plan_path(self) -> str:
        return self._shown

    @property
    def plan_problems(self) -> tuple[PlanError, ...]:
        return self._problems

    def log_path(self, run: str) -> Path | None:
        """The run's log, or None while there is none."""
        path = self._folder.runs / run / "log"
        return path if path.exists() else None

    async def ask(self, request: Request) -> Reply:
        """Ask the worker; UnreachableError when none is there."""
        if self._link is None:
            raise UnreachableError("no worker runs, so nothing can be asked of it", help="locust-tui up")
        return await self._link.ask(request)

    async def start_worker(self) -> None:
        """Start the plan's worker where none runs."""
        try:
            connection = await asyncio.to_thread(ensure_worker, self._folder)
        except LocustTuiError as error:
            self._why_no_worker = error.message
            raise
        finally:
            self._news.set()
        connection.close()

    async def changes(self, workstream: str) -> Changes | None:
        """See `Port.changes`."""
        from locust_tui.git.looking import changes

        return await changes(await self._workspace(), workstream)

    async def diff(self, workstream: str, path: str | None = None) -> Diff:
        """See `Port.diff`."""
        from locust_tui.git.looking import diff

        return await diff(await self._workspace(), workstream, path)

    async def memory_versions(self, key: str) -> tuple[MemoryVersion, ...]:
        """See `Port.memory_versions`."""
        from .looking_back import memory_versions

        if self._reader is None:
            return ()
        return await self._reader.read(lambda store: memory_versions(store, key))

    @property
    def computed_keys(self) -> tuple[str, ...]:
        """See `Port.computed_keys`."""
        from .looking_back import computed_keys

        if self._plan is None:
            return ()
        plan, digest = self._plan
        if self._computed[0] != digest:
            self._computed = digest, computed_keys(plan)
        return self._computed[1]

    async def computed_memory(self, key: str) -> MemoryEntry | None:
        """See `Port.computed_memory`."""
        from .looking_back import computed_memory

        if self._plan is None or self._latest is None or key not in self.computed_keys:
            return None
        return computed_memory(self._plan[0], self._world, self._latest, record_now(self._world), key)

    async def monitor(self, name: str) -> MonitorReading | None:
        """See `Port.monitor`."""
        from .looking_back import values_now, with_history

        plan = self._plan[0] if self._plan is not None else None
        found = next((m for m in plan.monitors if m.name == name), None) if plan is not None else None
        if plan is None or found is None:
            return None
        now = values_now(plan, self._world, found)
        return await asyncio.to_thread(with_history, name, now, self._folder.samples, record_now(self._world))

    async def _workspace(self) -> Workspace:
        from locust_tui.git.workspace import open_workspace

        if self._plan is None:
            raise NotFoundError("there is no plan that can be read")
        settings, folder = self._plan[0].git, self._folder
        return await open_workspace(
            folder.plan_path.parent, folder.root / "worktrees",
            prefix=settings.prefix, base=settings.base, look_only=True,
        )  # fmt: skip

    async def trust(self, digest: str) -> None:
        """See `Port.trust`. Where a worker runs, it is asked to look first: it turns agents away."""
        if self._link is not None:
            await self._link.ask(RecheckPlan())
        await asyncio.to_thread(self._trust.grant, digest)
        self._news.set()

    async def updates(self) -> AsyncIterator[Snapshot | Link]:
        """See `Port.updates`."""
        last = 0.0
        shown: Link | None = None
        while True:
            link = await self._relink()
            if link != shown:
                shown = link
                yield link
            self._news.clear()
            snapshot = self._with_troubles(await self._look_or_keep())
            if snapshot is not None:
                last = time.monotonic()
                yield snapshot
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self._news.wait()
            early = INTERVAL_S - (time.monotonic() - last)
            if early > 0:
                await asyncio.sleep(early)

    def _patience(self) -> float:
        """Seconds until the next look where nothing is told."""
        if self._link is None:
            return RETRY_S
        tenth = self._plan[0].calendar.week_s / 10 if self._plan is not None else IDLE_S
        return min(IDLE_S, max(IDLE_LEAST_S, tenth))

    async def _relink(self) -> Link:
        if self._link is not None and not self._link.closed.done():
            return Link(LinkState.LIVE, self._world.project.worker_pid)
        self._link = None
        try:
            self._link = await WorkerLink.connect(self._folder.socket, lambda _revision: self._news.set())
        except LocustTuiError as error:
            return Link(LinkState.GONE, None, self._why_no_worker or error.message)
        self._why_no_worker = ""
        self._link.closed.add_done_callback(lambda _task: self._news.set())
        return Link(LinkState.LIVE, self._world.project.worker_pid)

    async def _look_or_keep(self) -> Snapshot | None:
        """The newest snapshot; where the record cannot be read any more the last one, and why."""
        try:
            snapshot = await self._look()
        except (StoreError, NotFoundError) as error:
            if self._latest is None:
                raise
            since = self._unread.since if self._unread is not None else time.time()
            self._unread = Trouble("reading", f"this is the last that could be read: {error.message}", since)
            return self._latest
        self._unread = None
        return snapshot

    def _with_troubles(self, snapshot: Snapshot | None) -> Snapshot | None:
        """What the worker says is wrong, and what is wrong with reading, before everything else."""
        told = self._link.troubles if self._link is not None else ()
        troubles = told if self._unread is None else (*told, self._unread)
        if snapshot is None or not troubles:
            return snapshot
        return dataclasses.replace(snapshot, troubles=troubles)

    async def _look(self) -> Snapshot | None:
        """The newest snapshot; None when neither a record nor a readable plan is there."""
        if self._reader is None and self._folder.store.exists():
            with contextlib.suppress(NotFoundError):
                self._reader = await self._stack.enter_async_context(AsyncReader.open(self._folder.store))
        if self._reader is not None:
            await self._reader.refresh(self._world)
        await self._find_plan()
        if self._plan is None:
            return None
        plan, digest = self._plan
        self._headline.compute_when_due(plan, self._world)
        pid = self._world.project.worker_pid if self._link is not None else None
        snapshot = build_snapshot(
            plan, digest, self._shown, self._world, record_now(self._world),
            worker_pid=pid, forecast=self._headline.latest, cache=self._cache,
        )  # fmt: skip
        self._latest = snapshot = self._signs.on(snapshot)
        if self._link is not None or snapshot.held is not None:
            return snapshot
        untrusted = await asyncio.to_thread(self._trust.look)
        if untrusted is None:
            return snapshot
        what = f"what the plan would run is not trusted yet: {untrusted.summary}"
        item = WaitingView(
            "plan:trust", "request", "operator", what, untrusted.at, None, ("trust",), "plan",
            "\n".join(untrusted.lines), untrusted.digest, rank=0,
        )  # fmt: skip
        return dataclasses.replace(snapshot, held=untrusted, waiting=(item, *snapshot.waiting))

    def _take_first_plan(self, reading: PlanReading) -> None:
        """Of a plan that never ran the file is all there is."""
        if reading.plan is not None and self._world.project.plan_digest is None:
            self._plan = (reading.plan, reading.digest)

    async def _find_plan(self) -> None:
        wanted = self._world.project.plan_digest
        if wanted is not None and self._reader is not None:
            if self._plan is None or self._plan[1] != wanted:
                plan, _text = await self._reader.read(lambda store: store.plan_of(wanted))
                self._plan, self._problems = (plan, wanted), ()
        elif self._plan is None:
            reading = await asyncio.to_thread(read_plan, self._folder.plan_path)
            self._problems = plan_errors(reading)
            if reading.plan is not None:
                self._plan = (reading.plan, reading.digest)


def shown_path(path: Path) -> str:
    """The plan's path as a person would name it: relative where it lies below the working folder."""
    try:
        return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)
