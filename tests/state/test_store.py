"""The writer: all or nothing, shared commits, idempotency keys, and a world that is always the fold of the log."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from histories import histories
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.states import CriterionState, IllegalTransitionError, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError
from locust_tui.state import group_commit, rebuild
from locust_tui.state import store as store_module
from locust_tui.state.errors import StoreError, StoreLockedError
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.sqlite_thread import finish
from locust_tui.state.store import Store

S = WorkstreamState
PLAN = Plan(Project("Demo", "demo"), {"a": Workstream("a", "A")})


def moved(workstream: str, old: S = S.PLANNED, new: S = S.READY) -> e.WorkstreamMoved:
    return e.WorkstreamMoved(workstream, old, new)


async def tell(store: Store, history: list[e.Event]) -> None:
    for event in history:
        store.append_nowait(event.by, event.body, at=event.at)
    if history:
        await store.append(WORKER, e.Noted("info", "end"), at=history[-1].at)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_any_history_is_the_same_live_reopened_read_and_rebuilt(
    history: list[e.Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("record") / "store.db"
    expected = World()
    for event in history:
        apply(expected, event)

    async def live() -> World:
        async with Store.open(path) as store:
            await tell(store, history)
            return store.world

    async def reopened() -> tuple[World, str | None]:
        async with Store.open(path) as store:
            return store.world, store.recovered

    world = asyncio.run(live())
    if history:
        assert world.revision == expected.revision + 1
        expected.revision = world.revision
    assert world == expected
    with ReadOnlyStore(path) as reader:
        assert reader.read_world() == world
        assert reader.differences() == []
        assert reader.verify() is None
        assert [event.body for event in reader.events()][: len(history)] == [event.body for event in history]
    assert asyncio.run(reopened()) == (world, None)
    connection = sqlite3.connect(path, isolation_level=None)
    assert rebuild.rewrite(connection) == world
    assert rebuild.read_projections(connection) == world
    connection.close()


async def test_an_illegal_step_takes_the_whole_call_with_it(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, moved("a"))
        with pytest.raises(IllegalTransitionError):
            await store.append(
                WORKER, moved("b"), e.RunCreated("b.1", "b", 1, "x", (), "/"), moved("a", S.READY, S.ACCEPTED)
            )
        with pytest.raises(IllegalTransitionError):
            await store.append(WORKER, moved("a", S.READY, S.ACCEPTED))
        with pytest.raises(KeyError):
            await store.append(WORKER, moved("c"), e.RunStarted("nobody.1", 5))
        assert store.world.workstreams.keys() == {"a"}
        assert store.world.runs == {}
        assert await store.append(WORKER, moved("b"), moved("b", S.READY, S.RUNNING)) == 3
        world = store.world
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
        assert [event.revision for event in reader.events()] == [1, 2, 3]


async def test_the_world_follows_at_once_and_the_future_after_the_commit(database: Path) -> None:
    async with Store.open(database) as store:
        future = store.append_nowait(WORKER, moved("a"))
        assert store.world.workstreams["a"].state is S.READY
        assert (store.committed, future.done()) == (0, False)
        assert await future == 1
        assert store.committed == 1
        with ReadOnlyStore(database) as reader:
            assert reader.read_world().workstreams["a"].state is S.READY


async def test_a_hundred_callers_share_few_commits(database: Path) -> None:
    revisions: list[int] = []
    async with Store.open(database) as store:
        store.subscribe(revisions.append)
        results = await asyncio.gather(*(store.append(WORKER, moved(f"w{i}")) for i in range(100)))
    assert sorted(results) == list(range(1, 101))
    assert len(revisions) <= 3
    assert revisions == sorted(revisions)
    assert revisions[-1] == 100


async def test_a_subscriber_hears_of_durable_revisions_only_and_can_leave(database: Path) -> None:
    heard: list[tuple[int, int]] = []
    async with Store.open(database) as store:
        with ReadOnlyStore(database) as reader:
            leave = store.subscribe(lambda revision: heard.append((revision, reader.read_world().revision)))
            await store.append(WORKER, moved("a"))
            await store.append(WORKER, moved("b"))
            leave()
            await store.append(WORKER, moved("c"))
    assert heard == [(1, 1), (2, 2)]


async def test_a_subscriber_that_fails_harms_nobody_and_is_not_hushed_up(database: Path) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: complaints.append(context["exception"])
    )
    heard: list[int] = []

    def failing(_: int) -> None:
        raise ZeroDivisionError

    async with Store.open(database) as store:
        store.subscribe(failing)
        store.subscribe(heard.append)
        await store.append(WORKER, moved("a"))
        await store.append(WORKER, moved("b"))
    assert heard == [1, 2]
    assert [type(one) for one in complaints] == [ZeroDivisionError, ZeroDivisionError]


async def test_the_same_key_is_carried_out_once(database: Path) -> None:
    async with Store.open(database) as store:
        both = (
            store.append_nowait(WORKER, moved("a"), key="k", reply=b"done"),
            store.append_nowait(WORKER, moved("a"), key="k", reply=b"again"),
        )
        assert [await one for one in both] == [1, 1]
        await store.append(WORKER, moved("b"))
        assert await store.append(WORKER, moved("a"), key="k") == 1
        assert await store.reply_for("other") is None
    async with Store.open(database) as store:
        assert await store.append(WORKER, moved("a"), key="k") == 1
        reply = await store.reply_for("k")
        assert reply is not None
        assert (reply.revision, reply.body) == (1, b"done")
        assert store.world.revision == 2


async def test_an_answer_without_events_is_kept_too(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, moved("a"))
        assert await store.append(WORKER, key="refused", reply=b"no") == 1
        reply = await store.reply_for("refused")
        assert reply is not None
        assert reply.body == b"no"


async def test_a_refused_key_may_be_used_again(database: Path) -> None:
    async with Store.open(database) as store:
        with pytest.raises(IllegalTransitionError):
            await store.append(WORKER, moved("a", new=S.ACCEPTED), key="k")
        assert await store.append(WORKER, moved("a"), key="k") == 1


async def test_old_answers_are_forgotten(database: Path) -> None:
    async with Store.open(database, clock=lambda: 1e9) as store:
        await store.append(WORKER, moved("a"), key="old")
    async with Store.open(database, clock=lambda: 1e9 + 40 * 86_400) as store:
        assert await store.reply_for("old") is None


async def test_cancelling_the_wait_does_not_take_the_event_back(database: Path) -> None:
    async with Store.open(database) as store:
        waiting = asyncio.create_task(store.append(WORKER, moved("a")))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await store.append(WORKER, moved("b")) == 2
    with ReadOnlyStore(database) as reader:
        assert reader.read_world().workstreams.keys() == {"a", "b"}


async def test_closing_waits_for_what_is_queued_even_when_cancelled(database: Path) -> None:
    opened = asyncio.Event()

    async def work() -> None:
        async with Store.open(database) as store:
            for i in range(200):
                store.append_nowait(WORKER, moved(f"w{i}"))
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with ReadOnlyStore(database) as reader:
        assert reader.read_world().revision == 200


async def test_a_closed_store_refuses(database: Path) -> None:
    async with Store.open(database) as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        await store.append(WORKER, moved("a"))


async def test_only_one_store_writes(database: Path) -> None:
    async with Store.open(database) as store:
        with pytest.raises(StoreLockedError, match="another process"):
            async with Store.open(database):
                pytest.fail("two writers")
        await store.append(WORKER, moved("a"))
    async with Store.open(database) as store:
        assert store.world.revision == 1


async def test_plans_are_kept_by_digest(database: Path) -> None:
    async with Store.open(database) as store:
        await store.put_plan("d1", "/p/plan.yaml", "project: demo", PLAN)
        await store.put_plan("d1", "/p/plan.yaml", "project: demo", PLAN)
        await store.append(WORKER, e.PlanAccepted("d1", "/p/plan.yaml"))
        assert await store.get_plan("d1") == PLAN
        with pytest.raises(NotFoundError, match="d2"):
            await store.get_plan("d2")
    async with Store.open(database) as store:
        assert await store.get_plan("d1") == PLAN
    with ReadOnlyStore(database) as reader:
        assert reader.plan() == (PLAN, "d1", "/p/plan.yaml")
        assert reader.plan_of("d1") == (PLAN, "project: demo")


async def test_values_are_folded_as_they_will_be_read_back(database: Path) -> None:
    result = CriterionResult("fact/x", CriterionState.ERROR, value=float("nan"), text="\udcff")
    async with Store.open(database) as store:
        await store.append(Person("ana"), e.CriterionMeasured(result))
        world = store.world
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
        assert reader.differences() == []
    assert world.criteria["fact/x"].value is None


async def test_the_log_cannot_be_edited_through_sql(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, moved("a"))
    connection = sqlite3.connect(database)
    for statement in ("UPDATE events SET at = 0", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.fault(37, "another connection holds the database locked")
async def test_a_busy_database_is_said_and_tried_again(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str | None] = []
    async with Store.open(database) as store:
        await store._thread.run(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchone())
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        write = group_commit._write
        tries = iter(range(100))

        def watched(connection: group_commit.LogConnection, batch: group_commit.Batch) -> object:
            troubles.append(store.trouble)
            if next(tries) == 3:
                loop.call_soon_threadsafe(other.execute, "ROLLBACK")
                connection.execute("PRAGMA busy_timeout = 5000").fetchone()
            return write(connection, batch)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(group_commit, "_write", watched)
        assert await store.append(WORKER, moved("a")) == 1
        assert store.trouble is None
        other.close()
    assert troubles[0] is None
    assert "locked" in (troubles[-1] or "")


@pytest.mark.fault(37, "more events than may wait come while the database is held locked")
async def test_what_waits_for_a_locked_record_is_bounded(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_WAITING", 10)
    async with Store.open(database) as store:
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        first = store.append_nowait(WORKER, moved("first"))
        await asyncio.sleep(0)
        waiting = [store.append_nowait(WORKER, moved(f"w{n}")) for n in range(10)]
        with pytest.raises(StoreError, match="10 events wait for the record already"):
            store.append_nowait(WORKER, moved("too much"))
        other.execute("ROLLBACK")
        other.close()
        await asyncio.gather(first, *waiting)
        await store.append(WORKER, moved("again"))
        assert "too much" not in store.world.workstreams


@pytest.mark.fault(33, "every statement fails", modelled="statements that fail one by one are made to")
async def test_a_database_that_can_be_neither_written_nor_read_refuses_until_it_can(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, moved("a"))
        connection = store._connection
        healthy = connection.execute

        def failing(*_: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("disk I/O error")

        connection.execute = failing  # type: ignore[method-assign]
        for _ in range(2):
            with pytest.raises(StoreError, match="disk I/O error"):
                await store.append(WORKER, moved("b"))
        with pytest.raises(StoreError, match="neither written nor read"):
            store.append_nowait(WORKER, moved("b"))
        assert "neither written nor read" in (store.trouble or "")
        connection.execute = healthy  # type: ignore[method-assign]
        assert await store.append(WORKER, moved("b")) == 2
        assert store.world.workstreams.keys() == {"a", "b"}


async def test_finishing_outlives_any_number_of_cancellations_and_passes_them_on() -> None:
    done, go = [], asyncio.Event()

    async def slow() -> None:
        await go.wait()
        done.append(True)

    task = asyncio.create_task(finish(slow()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]


async def test_finishing_passes_the_error_on() -> None:
    async def failing() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await finish(failing())
