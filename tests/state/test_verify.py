"""The log is tamper-evident: any change to any row is found, and where."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import Approval, Person
from locust_tui.state import rebuild
from locust_tui.state.log import LogRow, link
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

ANA = Person("ana", uid=1000)


@pytest.fixture
async def log(database: Path) -> sqlite3.Connection:
    async with Store.open(database) as store:
        for i in range(1, 8):
            await store.append(
                Person("ana", uid=1000), e.Noted("info", f"note {i}", subject=f"s{i}"), at=float(i)
            )
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("DROP TRIGGER events_are_never_changed")
    connection.execute("DROP TRIGGER events_are_never_removed")
    return connection


async def test_an_untouched_log_is_whole(log: sqlite3.Connection) -> None:
    assert rebuild.verify(log) is None


@pytest.mark.parametrize(
    "change",
    [
        "at = 99",
        'by = \'{"name":"bo"}\'',
        "kind = 'project.started'",
        "subject = 'x'",
        "data = '{}'",
        "prev = ''",
        "hash = ''",
    ],
)
async def test_a_changed_field_is_found(log: sqlite3.Connection, change: str) -> None:
    log.execute(f"UPDATE events SET {change} WHERE revision = 4")
    assert rebuild.verify(log) == 4


async def test_a_changed_row_with_a_hash_made_for_it_breaks_the_next_link(log: sqlite3.Connection) -> None:
    *values, prev, _ = log.execute("SELECT * FROM events WHERE revision = 4").fetchone()
    row = LogRow(*values)._replace(data='{"level":"info","text":"never said","subject":""}')
    log.execute("UPDATE events SET data = ?, hash = ? WHERE revision = 4", (row.data, link(prev, row)))
    assert rebuild.verify(log) == 5


async def test_removed_and_added_rows_are_found(log: sqlite3.Connection) -> None:
    log.execute("DELETE FROM events WHERE revision = 3")
    assert rebuild.verify(log) == 3


async def test_a_cut_tail_is_found(log: sqlite3.Connection) -> None:
    log.execute("DELETE FROM events WHERE revision >= 6")
    assert rebuild.verify(log) == 6


async def test_an_added_tail_is_found(log: sqlite3.Connection) -> None:
    *values, _, hash_ = log.execute("SELECT * FROM events WHERE revision = 7").fetchone()
    row = LogRow(*values)._replace(revision=8)
    log.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, hash_, link(hash_, row)))
    assert rebuild.verify(log) == 8


async def test_a_projection_that_was_edited_is_named_and_put_right(
    database: Path, log: sqlite3.Connection
) -> None:
    log.close()
    async with Store.open(database) as store:
        await store.append(Person("ana"), e.WorkstreamReported("a", progress=10.0))
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("UPDATE workstream_status SET reported = 99")
    connection.execute("UPDATE project_status SET worker_pid = 5")
    assert rebuild.differences(connection) == ["workstreams a: differs"]
    rebuild.rewrite(connection)
    assert rebuild.differences(connection) == []
    connection.close()


@pytest.mark.parametrize("look", [ReadOnlyStore.verify, ReadOnlyStore.differences])
async def test_a_log_that_is_written_meanwhile_is_as_whole(
    database: Path, look: Callable[[ReadOnlyStore], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, written = threading.Event(), threading.Event()

    def slowly(step: Callable[..., object]) -> Callable[..., object]:
        def stepped(*given: object) -> object:
            begun.set()
            assert written.wait(20)
            return step(*given)

        return stepped

    def look_at_it() -> object:
        with ReadOnlyStore(database) as reader:
            return look(reader)

    monkeypatch.setattr(rebuild, "link", slowly(rebuild.link))
    monkeypatch.setattr(rebuild, "event_of", slowly(rebuild.event_of))
    async with Store.open(database) as store:
        written.set()
        await store.append(ANA, e.Noted("info", "before"))
        written.clear()
        begun.clear()
        looking = asyncio.create_task(asyncio.to_thread(look_at_it))
        assert await asyncio.to_thread(begun.wait, 20)
        await store.append(ANA, e.GateApproved("g", Approval("tech", ANA, 4.0)))
        written.set()
        assert not await looking
