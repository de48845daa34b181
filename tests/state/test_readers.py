"""Viewers: one snapshot, cheap deltas, with a writer beside them or none, and never a write of their own."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import histories
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError
from locust_tui.state import async_reader, projections
from locust_tui.state.async_reader import AsyncReader
from locust_tui.state.errors import SchemaError, StoreError, UnknownEventError
from locust_tui.state.reader import ReadOnlyStore, connect
from locust_tui.state.store import Store

S = WorkstreamState


def moved(workstream: str, old: S = S.PLANNED, new: S = S.READY) -> e.WorkstreamMoved:
    return e.WorkstreamMoved(workstream, old, new)


async def record(path: Path, *bodies: e.EventBody) -> World:
    async with Store.open(path) as store:
        for at, body in enumerate(bodies, start=1):
            await store.append(WORKER, body, at=float(at))
        return store.world


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), cuts=st.lists(st.integers(0, 20), max_size=4))
def test_deltas_add_up_to_the_whole(
    history: list[e.Event], cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def scenario() -> None:
        path = tmp_path_factory.mktemp("record") / "store.db"
        async with Store.open(path) as store:
            with ReadOnlyStore(path) as reader:
                world = reader.read_world()
                for i, event in enumerate(history):
                    await store.append(event.by, event.body, at=event.at)
                    if i in cuts:
                        assert reader.refresh(world)
                        assert world == store.world
                reader.refresh(world)
                assert world == store.world == reader.read_world()
                assert not reader.refresh(world)

    asyncio.run(scenario())


async def test_a_delta_reads_only_the_rows_that_changed(database: Path) -> None:
    async with Store.open(database) as store:
        await asyncio.gather(*(store.append(WORKER, moved(f"w{i}")) for i in range(50)))
        with ReadOnlyStore(database) as reader:
            world = reader.read_world()
            untouched = dict(world.workstreams)
            await store.append(WORKER, moved("w7", S.READY, S.RUNNING))
            assert reader.refresh(world)
    assert world.workstreams.pop("w7").state is S.RUNNING
    assert all(world.workstreams[name] is untouched[name] for name in world.workstreams)


async def test_a_living_reader_follows_the_writer(database: Path) -> None:
    async with Store.open(database) as store, AsyncReader.open(database) as reader:
        world = await reader.read_world()
        assert world == World()
        await store.append(WORKER, moved("a"))
        assert await reader.refresh(world)
        assert world == store.world
        assert not await reader.refresh(world)
        assert [event.body for event in await reader.read(lambda r: r.events())] == [moved("a")]


async def test_who_is_cancelled_while_connecting_leaves_no_thread(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store.open(database):
        pass
    connected, go_on = threading.Event(), threading.Event()

    def slow(_connection: sqlite3.Connection) -> bool:
        connected.set()
        return not go_on.wait(20)

    monkeypatch.setattr(async_reader, "is_copy", slow)
    before = set(threading.enumerate())

    async def read() -> None:
        async with AsyncReader.open(database):
            pass

    reading = asyncio.create_task(read())
    assert await asyncio.to_thread(connected.wait, 20)
    opened = [t for t in set(threading.enumerate()) - before if t.name.startswith("Thread")]
    assert opened
    reading.cancel()
    go_on.set()
    await asyncio.gather(reading, return_exceptions=True)
    for thread in opened:
        thread.join(20)
        assert not thread.is_alive()


async def test_many_readers_never_see_half_a_call(database: Path) -> None:
    """Each call moves two workstreams on; no reader ever finds them apart."""
    steps = [S.PLANNED, S.READY, S.RUNNING, S.PAUSED]

    async def watch(stop: asyncio.Event) -> int:
        seen = 0
        async with AsyncReader.open(database) as reader:
            world = World()
            while not stop.is_set():
                await reader.refresh(world)
                assert world.workstream("left").state is world.workstream("right").state
                seen += 1
        return seen

    async with Store.open(database) as store:
        stop = asyncio.Event()
        watchers = [asyncio.create_task(watch(stop)) for _ in range(3)]
        for i in range(150):
            old, new = (
                (steps[i], steps[i + 1]) if i < 3 else ((S.PAUSED, S.READY) if i % 2 else (S.READY, S.PAUSED))
            )
            await store.append(WORKER, moved("left", old, new), moved("right", old, new))
        stop.set()
        assert all([await watcher > 0 for watcher in watchers])


async def test_a_record_is_read_when_no_worker_lives(database: Path) -> None:
    world = await record(database, moved("a"))
    assert not database.with_name("store.db-wal").exists()
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world


CRASH = """
import asyncio, os, sys
from pathlib import Path
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.state.store import Store
async def main():
    async with Store.open(Path(sys.argv[1])) as store:
        await store.append(WORKER, e.WorkstreamMoved("a", S.PLANNED, S.READY))
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""


def test_a_record_is_read_after_a_crash_without_its_shared_memory(database: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASH, str(database)], check=False)
    database.with_name("store.db-shm").unlink()
    with ReadOnlyStore(database) as reader:
        assert reader.read_world().workstreams["a"].state is S.READY


def test_without_a_record_there_is_nothing_to_read(database: Path) -> None:
    with pytest.raises(NotFoundError, match="no record"):
        ReadOnlyStore(database)
    assert not database.exists()
    sqlite3.connect(database).close()
    database.touch()
    with pytest.raises(NotFoundError, match="being made"):
        ReadOnlyStore(database)


async def test_a_reader_cannot_write(database: Path) -> None:
    await record(database, moved("a"))
    connection = connect(database)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("UPDATE head SET revision = 9")
    connection.close()


@pytest.mark.fault(34, "a viewer opens a damaged database")
async def test_a_damaged_record_is_said_to_be_so(database: Path) -> None:
    await record(database, moved("a"))
    database.write_bytes(b"\0" * 4096 + database.read_bytes()[4096:])
    with pytest.raises(StoreError, match="not a database"):
        ReadOnlyStore(database)


async def test_events_are_found_by_revision_subject_and_time(database: Path) -> None:
    await record(
        database,
        moved("a"),
        moved("a.b"),
        e.RunCreated("a.1", "a", 1, "shell", (), "/"),
        e.RunEnded("a.1", RunState.EXITED, 0),
        e.Noted("info", "end"),
    )
    with ReadOnlyStore(database) as reader:
        assert [event.revision for event in reader.events()] == [1, 2, 3, 4, 5]
        assert [event.revision for event in reader.events(after=3)] == [4, 5]
        assert [event.revision for event in reader.events(limit=2)] == [1, 2]
        assert [event.revision for event in reader.events(since=4.0)] == [4, 5]
        assert [event.revision for event in reader.events(subject="a")] == [1, 3, 4]
        assert [event.revision for event in reader.events(subject="a.1")] == [3, 4]
        assert reader.events(subject="%") == []


async def test_time_travel_is_the_fold_up_to_that_moment(database: Path) -> None:
    steps = [moved("a"), moved("a", S.READY, S.RUNNING), moved("a", S.RUNNING, S.REVIEW)]
    await record(database, *steps)
    with ReadOnlyStore(database) as reader:
        assert reader.world_at(0.5) == World()
        for count in (1, 2, 3):
            expected = World()
            for i, body in enumerate(steps[:count], start=1):
                apply(expected, e.Event(i, float(i), WORKER, body))
            assert reader.world_at(count + 0.5) == expected


@pytest.mark.fault(34, "a record is restored under a viewer that has it open")
async def test_a_record_restored_under_a_viewer_is_read_anew(database: Path) -> None:
    early = await record(database, moved("a"))
    backup = database.read_bytes()
    await record(database, moved("b"), moved("c"))
    async with AsyncReader.open(database) as reader:
        world = await reader.read_world()
        assert world.revision == 3
        database.rename(database.with_name("old.db"))
        for name in ("store.db-wal", "store.db-shm"):
            database.with_name(name).unlink(missing_ok=True)
        database.write_bytes(backup)
        assert await reader.refresh(world)
        assert world == early


async def test_tables_of_another_version_are_left_alone_and_the_log_is_folded(database: Path) -> None:
    world = await record(database, moved("a"), moved("b"))
    connection = sqlite3.connect(database)
    connection.executescript("DROP TABLE workstream_status; UPDATE head SET shape = 'another'")
    connection.close()
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
    async with Store.open(database) as store:
        assert (store.world, store.recovered) == (world, None)
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
        assert reader.differences() == []


@pytest.mark.fault(36, "a viewer opens a record of a version that does not exist yet")
async def test_a_newer_record_is_read_where_it_can_be_and_refused_by_name_where_not(database: Path) -> None:
    world = await record(database, moved("a"))
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 99")
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
    connection.execute("ALTER TABLE head RENAME TO heads")
    connection.commit()
    with ReadOnlyStore(database) as reader, pytest.raises(SchemaError, match=r"version 99.*knows version 2"):
        reader.read_world()
    connection.execute("ALTER TABLE heads RENAME TO head")
    connection.execute(
        "INSERT INTO events VALUES (2, 5.0, '{\"name\":\"ana\"}', 'moon.landed', '', '{}', 'x', 'y')"
    )
    connection.commit()
    connection.close()
    with ReadOnlyStore(database) as reader, pytest.raises(UnknownEventError, match=r"moon\.landed"):
        reader.events()


def test_the_shape_of_the_tables_names_every_field() -> None:
    ddl = " ".join(projections.DDL)
    for projection in projections.PROJECTIONS:
        assert all(f'"{column.name}"' in ddl for column in projection.columns)


def test_a_one_shot_reader_needs_no_event_loop(database: Path) -> None:
    code = "import sys, locust_tui.state.reader; print(sorted({'asyncio', 'aiosqlite'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
