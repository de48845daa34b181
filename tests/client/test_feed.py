"""The cockpit's port over a real worker: snapshots follow commits, the link says how things stand, nothing is invented."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from locust_tui.client.feed import INTERVAL_S, Feed
from locust_tui.client.port import Link, LinkState, Port
from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from locust_tui.domain.snapshot import Snapshot
from locust_tui.errors import LocustTuiError, RefusedError, UnreachableError
from project import PATIENCE_S, Project, eventually

PLAN = "project: F\nworkstreams:\n  a: {run: exec sleep 60, weeks: 1-2}\n  b: {run: 'true', needs: a, weeks: 3-3}\n"


class Viewer:
    """What a cockpit would have seen."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.snapshots: list[Snapshot] = []
        self.links: list[Link] = []
        self._news = asyncio.Event()

    async def watch(self) -> None:
        async for item in self.feed.updates():
            if isinstance(item, Link):
                self.links.append(item)
            else:
                self.snapshots.append(item)
            self._news.set()

    async def until(self, seen: Callable[[Viewer], object], seconds: float = PATIENCE_S) -> None:
        async with asyncio.timeout(seconds):
            while not seen(self):
                await self._news.wait()
                self._news.clear()

    @property
    def latest(self) -> Snapshot:
        return self.snapshots[-1]

    def state(self, id: str) -> str | None:
        if not self.snapshots:
            return None
        return next((w.state.value for w in self.snapshots[-1].workstreams if w.id == id), None)


@asynccontextmanager
async def viewing(project: Project, guard: Callable[[], None] = lambda: None) -> AsyncIterator[Viewer]:
    async with Feed(project.folder, "locust-plan.yaml", guard=guard) as feed:
        port: Port = feed
        assert port.plan_path == "locust-plan.yaml"
        viewer = Viewer(feed)
        watching = asyncio.create_task(viewer.watch())
        try:
            yield viewer
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def test_a_plan_that_never_ran_is_shown_as_planned_and_starts_nothing(project: Project) -> None:
    project.write(PLAN)
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.snapshots)
        snapshot = viewer.latest
        assert viewer.links[0].state is LinkState.GONE
        assert [w.id for w in snapshot.workstreams] == ["a", "b"]
        assert {w.state.value for w in snapshot.workstreams} <= {"planned", "ready"}
        assert not project.folder.store.exists()
        with pytest.raises(UnreachableError):
            await viewer.feed.ask(SteerWorkstream("a", WorkstreamAction.PAUSE))
        assert viewer.feed.log_path("a.1") is None


async def test_a_broken_plan_that_never_ran_says_what_is_wrong(project: Project) -> None:
    project.write("project: F\nworkstreams:\n  a: {run: 'true', needs: nobody}\n", trust=False)
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.links)
        await eventually(lambda: viewer.feed.plan_problems)
        error = viewer.feed.plan_problems[0]
        assert "nobody" in error.message
        assert error.where.startswith("locust-plan.yaml:3:")


async def test_a_commit_is_seen_at_once(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running" and v.links[-1].state is LinkState.LIVE)
        await viewer.until(lambda v: v.feed.log_path("a.1") is not None)
        await viewer.feed.ask(SteerWorkstream("a", WorkstreamAction.PAUSE))
        await viewer.until(lambda v: v.state("a") == "paused")
        path = viewer.feed.log_path("a.1")
        assert path is not None
        assert path.exists()
        with pytest.raises(LocustTuiError) as caught:
            await viewer.feed.ask(SteerWorkstream("a", WorkstreamAction.PAUSE))
        assert caught.value.exit_code == 4


async def test_a_dead_worker_is_said_to_be_gone_and_a_new_one_is_found(project: Project) -> None:
    project.write(PLAN)
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.links)
        await viewer.feed.start_worker()
        await viewer.until(lambda v: v.state("a") == "running" and v.links[-1].worker_pid == project.pid())
        first = project.pid()
        await asyncio.to_thread(project.kill)
        await viewer.until(lambda v: v.links[-1].state is LinkState.GONE)
        assert viewer.links[-1].reason
        await viewer.until(lambda v: v.latest.worker_pid is None)
        assert viewer.state("a") == "running"
        await asyncio.to_thread(project.up)
        await viewer.until(
            lambda v: v.links[-1].state is LinkState.LIVE and v.links[-1].worker_pid not in (None, first)
        )
        assert viewer.links[-1].worker_pid == project.pid()


async def test_a_burst_of_commits_is_taken_at_most_ten_times_a_second(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running")
        before, began = len(viewer.snapshots), time.monotonic()
        for action in (WorkstreamAction.PAUSE, WorkstreamAction.RESUME) * 15:
            last = await viewer.feed.ask(SteerWorkstream("a", action))
        await viewer.until(lambda v: v.latest.revision >= last.revision)
        assert viewer.state("a") == "running"
        assert len(viewer.snapshots) - before <= 2 + (time.monotonic() - began) / INTERVAL_S


async def test_the_forecast_arrives(project: Project) -> None:
    project.write(PLAN)
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.snapshots and v.latest.forecast is not None)
        assert viewer.latest.forecast is not None


async def test_a_changed_plan_is_shown_when_it_is_in_force(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running")
        project.write(PLAN + "  c: {run: 'true'}\n")
        await viewer.until(lambda v: v.state("c") == "accepted")
        project.write(PLAN + "  c: {run: 'true', needs: nobody}\n", trust=False)
        await viewer.until(lambda v: v.latest.held is not None)
        assert viewer.state("c") == "accepted"


async def test_what_waits_for_trust_is_shown_without_a_worker_and_trusted_only_as_it_was_shown(
    project: Project,
) -> None:
    project.write(PLAN, trust=False)
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.snapshots and v.latest.held is not None)
        held = viewer.latest.held
        assert held is not None
        assert held.why == "trust"
        assert [w.item for w in viewer.latest.waiting] == ["plan:trust"]
        assert any("workstream a, run" in line and "exec sleep 60" in line for line in held.lines)
        project.write(PLAN + "# touched\n", trust=False)
        with pytest.raises(RefusedError, match="changed again"):
            await viewer.feed.trust(held.digest)
        await viewer.until(lambda v: v.latest.held is not None and v.latest.held.digest != held.digest)
        newer = viewer.latest.held
        assert newer is not None
        await viewer.feed.trust(newer.digest)
        await viewer.until(lambda v: v.latest.held is None)
        assert not project.folder.store.exists()


async def test_trust_is_refused_where_the_caller_is_turned_away(project: Project) -> None:
    def guard() -> None:
        raise RefusedError("trusting a plan is for people")

    project.write(PLAN, trust=False)
    async with viewing(project, guard=guard) as viewer:
        await viewer.until(lambda v: v.snapshots and v.latest.held is not None)
        held = viewer.latest.held
        assert held is not None
        with pytest.raises(RefusedError, match="for people"):
            await viewer.feed.trust(held.digest)


async def test_the_forecast_follows_the_clock_and_never_ends_in_the_past(project: Project) -> None:
    plan = (
        "project: F\ncalendar: {week: 1s}\nworkstreams:\n"
        "  a: {run: exec sleep 60, weeks: 1-2}\n  b: {run: 'true', needs: a, weeks: 3-3}\n"
    )
    project.write(plan)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.snapshots and v.latest.forecast.p50_week is not None)
        first = viewer.latest.forecast.p50_week
        assert first is not None
        await viewer.until(lambda v: v.latest.week > first + 2)
        await viewer.until(lambda v: (v.latest.forecast.p50_week or 0) > first + 2)
        for snapshot in viewer.snapshots:
            p50 = snapshot.forecast.p50_week
            assert p50 is None or snapshot.started is None or p50 >= snapshot.at - snapshot.started


async def test_a_live_run_tells_when_it_last_said_something(project: Project) -> None:
    project.write(
        'project: F\nworkstreams:\n  a: {run: "echo hello; read x < fifo; echo again; exec sleep 60"}\n'
    )
    fifo = project.path / "fifo"
    os.mkfifo(fifo)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.snapshots and v.latest.runs and v.latest.runs[0].last_seen)
        log = viewer.feed.log_path("a.1")
        assert log is not None
        await eventually(lambda: log.read_bytes() == b"hello\n")
        os.utime(log, (1, 1))
        await viewer.feed.ask(SteerWorkstream("a", WorkstreamAction.PAUSE))
        await viewer.until(lambda v: v.latest.runs[0].last_seen == 1)
        await viewer.feed.ask(SteerWorkstream("a", WorkstreamAction.RESUME))
        fifo.write_text("go\n")
        await viewer.until(lambda v: (v.latest.runs[0].last_seen or 0) > 1)
