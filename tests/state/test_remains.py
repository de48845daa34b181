"""Files of the database that are gone, or that another database left: none is taken for a part of what stands there now."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from killed_writer import BACKED_UP, LAST, left_by_a_killed_writer

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import DecisionKind
from locust_tui.state import backups
from locust_tui.state.errors import StoreError
from locust_tui.state.moved import draft_of, put_draft_in_place
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store


async def assert_restored_to_the_backup(database: Path) -> str:
    """Opens it; what it said. The decision is there, what only the lost files had is not, and that is told."""
    async with Store.open(database) as store:
        said = store.recovered or ""
        assert store.is_older
        assert "restored from the backup store-" in said
        assert f"was last at revision {LAST} and is now at {BACKED_UP}" in said
        assert store.world.gates["g"].decision is not None
        assert store.world.gates["g"].decision.kind is DecisionKind.HOLD
        assert set(store.world.workstreams) == {f"w{i}" for i in range(BACKED_UP)}
        await store.append(WORKER, e.Noted("info", "on we go"))
    with ReadOnlyStore(database) as reader:
        assert reader.verify() is None
        assert reader.differences() == []
    assert backups.damage(database) is None
    async with Store.open(database) as store:
        assert store.recovered is None
        assert not store.is_older
    return said


@pytest.mark.fault(34, "the database is removed, its log of changes is left")
async def test_the_log_of_a_removed_database_is_no_part_of_the_restored_one(database: Path) -> None:
    left_by_a_killed_writer(database)
    database.unlink()
    said = await assert_restored_to_the_backup(database)
    assert "store.db was missing" in said
    (aside,) = database.parent.glob("store.db.corrupt-*-wal")
    assert aside.stat().st_size > 100_000


@pytest.mark.fault(
    34,
    "a death between the renames that set a damaged database aside",
    modelled="the first rename alone is made",
)
async def test_a_death_while_it_is_set_aside_leaves_no_old_log_beside_the_restored_one(
    database: Path,
) -> None:
    left_by_a_killed_writer(database)
    database.rename(database.with_name("store.db.corrupt-1"))
    await assert_restored_to_the_backup(database)


@pytest.mark.fault(34, "a journal of an unfinished write lies beside no database")
async def test_a_rollback_journal_of_another_file_is_not_played_back(database: Path) -> None:
    left_by_a_killed_writer(database)
    database.unlink()
    database.with_name("store.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(8192))
    await assert_restored_to_the_backup(database)
    assert not database.with_name("store.db-journal").exists()


@pytest.mark.fault(34, "the log of changes is removed after a kill")
async def test_a_lost_log_of_changes_is_told_though_the_rest_is_sound(database: Path) -> None:
    left_by_a_killed_writer(database)
    database.with_name("store.db-wal").unlink()
    async with Store.open(database) as store:
        said = store.recovered or ""
        assert store.is_older
        assert f"was last at revision {LAST} and is now at" in said
        assert store.world.gates["g"].decision is not None
    async with Store.open(database) as store:
        assert f"was last at revision {LAST} and is now at" in (store.recovered or ""), (
            "nobody recorded it yet"
        )
        await store.append(WORKER, e.Noted("error", store.recovered or ""))
    async with Store.open(database) as store:
        assert store.recovered is None


@pytest.mark.fault(34, "an older copy is put in the place of the database")
async def test_an_older_copy_in_its_place_is_told(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
    early = database.read_bytes()
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "two"))
    database.write_bytes(early)
    async with Store.open(database) as store:
        assert (
            store.recovered == "the record was last at revision 2 and is now at 1: what came after 1 is lost"
        )
        await store.append(WORKER, e.Noted("info", "three"))
        await store.append(WORKER, e.Noted("info", "four"))
    other = database.read_bytes()
    database.write_bytes(early)
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "five"))
        await store.append(WORKER, e.Noted("info", "six"))
        await store.append(WORKER, e.Noted("info", "seven"))
    database.write_bytes(other)
    async with Store.open(database) as store:
        assert "last at revision 4 and is now at 3" in (store.recovered or "")


@pytest.mark.fault(34, "the shared memory of the database is overwritten, with and without a viewer")
@pytest.mark.parametrize("viewed", [False, True])
async def test_garbage_in_the_shared_memory_costs_nothing(database: Path, viewed: bool) -> None:
    left_by_a_killed_writer(database)
    shared = database.with_name("store.db-shm")
    viewer = ReadOnlyStore(database) if viewed else None
    try:
        if viewer is not None:
            assert viewer.read_world().revision == LAST
        with shared.open("r+b") as file:
            file.write(os.urandom(shared.stat().st_size))
        async with Store.open(database) as store:
            assert store.recovered is None
            assert store.world.revision == LAST
            await store.append(WORKER, e.Noted("info", "on we go"))
            if viewer is not None:
                assert viewer.read_world() == store.world
    finally:
        if viewer is not None:
            viewer.close()
    assert backups.damage(database) is None


async def report_anew(store: Store) -> None:
    for i in range(60):
        await store.append(WORKER, e.WorkstreamReported(f"w{i}", note="z"))


@pytest.mark.fault(34, "the database is overwritten under a living writer")
async def test_damage_under_a_living_writer_ends_all_writing_until_it_is_restored(database: Path) -> None:
    async with Store.open(database) as store:
        for i in range(60):
            await store.append(WORKER, e.WorkstreamReported(f"w{i}", note="x" * 2000))
        await store.backup()
        await store.append(WORKER, e.Noted("info", "after the backup"))
    async with Store.open(database) as store:
        with database.open("r+b") as file:
            for page in range(1, database.stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 512)
        with pytest.raises(StoreError, match="is damaged"):
            await report_anew(store)
        standing = store.world.revision
        assert "is damaged" in (store.trouble or "")
        with pytest.raises(StoreError) as caught:
            await store.append(WORKER, e.Noted("info", "not kept"))
        assert "locust-tui up" in (caught.value.help or "")
        assert store.world.revision == standing
    async with Store.open(database) as store:
        said = store.recovered or ""
        assert "was damaged" in said
        assert "restored from the backup store-" in said
        assert store.world.revision == 60
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.fault(34, "a journal of an unfinished write lies where the record is written anew")
def test_nothing_that_belonged_to_another_lies_beside_a_record_that_was_written_anew(database: Path) -> None:
    draft_of(database).write_bytes(b"anew")
    database.with_name("store.db-journal").write_bytes(b"of another")
    aside = put_draft_in_place(database, 0.0)
    assert aside is not None
    assert aside.with_name(f"{aside.name}-journal").read_bytes() == b"of another"
    assert not database.with_name("store.db-journal").exists()
    assert database.read_bytes() == b"anew"
