"""The shared memory as the record holds it: every version, found without reading the log through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import Person
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.remembered import changes, entries, entry, history, keys, revision
from locust_tui.state.store import Store

ANA = Person("ana")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[ReadOnlyStore]:
    asyncio.run(written(tmp_path))
    with ReadOnlyStore(tmp_path / "store.db") as made:
        yield made


async def written(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "store.db", clock=lambda: 7.0, ballast=0) as store:
        await store.append(ANA, e.MemoryStored("a/x", '{"n": "\\u0000é"}', 1))
        await store.append(ANA, e.Noted("info", "something else", "a/x"))
        await store.append(
            Person("api.1"), e.MemoryStored("a/x", '"two\\nlines"', 2, "api.1"), e.MemoryStored("b", "1", 1)
        )
        await store.append(ANA, e.MemoryRemoved("b"))


def test_every_version_stays_with_its_author(record: ReadOnlyStore) -> None:
    found = history(record.connection, "a/x")
    assert [(v.version, v.by, v.value) for v in found] == [
        (1, "ana", '{"n": "\\u0000é"}'),
        (2, "api.1", '"two\\nlines"'),
    ]
    assert [(v.removed, v.version) for v in history(record.connection, "b")] == [(False, 1), (True, None)]
    assert [v.version for v in history(record.connection, "a/x", 1)] == [2]
    assert history(record.connection, "none") == []


def test_entries_are_found_by_key_and_glob(record: ReadOnlyStore) -> None:
    assert keys(record.connection) == ["a/x"]
    assert [e.key for e in entries(record.connection, "[!b]*")] == ["a/x"]
    assert entry(record.connection, "b") is None
    assert [v.key for v in changes(record.connection, "*", 2)] == ["a/x", "b", "b"]
    assert revision(record.connection) == 5


def test_ten_thousand_versions_are_no_burden(tmp_path: Path) -> None:
    """In a record of many other events: each query is answered within the time of a blink."""
    path = tmp_path / "store.db"

    async def fill() -> None:
        async with Store.open(path, clock=lambda: 7.0, ballast=0) as store:
            for block in range(100):
                bodies: list[e.EventBody] = []
                for i in range(100):
                    n = block * 100 + i
                    bodies.append(
                        e.MemoryStored(f"k/{n % 10}", f'{{"n": {n}, "text": "{"x" * 100}"}}', n // 10 + 1)
                    )
                await store.append(ANA, *bodies)
            await store.append(ANA, *[e.Noted("info", "x", f"s{i}") for i in range(5000)])

    asyncio.run(fill())
    with ReadOnlyStore(path) as record:
        plan = record.connection.execute(
            "EXPLAIN QUERY PLAN SELECT 1 FROM events WHERE kind IN ('memory.stored', 'memory.removed') AND subject = 'k/1'"
        ).fetchall()
        assert "events_of_memory" in str(plan)
        asked = {
            "one": lambda: entry(record.connection, "k/3"),
            "all": lambda: entries(record.connection, "k/*"),
            "history": lambda: history(record.connection, "k/3"),
            "news": lambda: changes(record.connection, "k/*", 9_990),
        }
        for name, ask in asked.items():
            took = []
            for _ in range(5):
                began = time.perf_counter()
                assert ask()
                took.append(time.perf_counter() - began)
            assert min(took) < 0.05, name
