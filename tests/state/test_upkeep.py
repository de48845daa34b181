"""Between commits: the write-ahead log is kept short, the hour's backup made, and the file watched."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.state import backups, upkeep
from locust_tui.state.errors import StoreError
from locust_tui.state.reader import ReadOnlyStore, connect
from locust_tui.state.store import Store
from waiting_fleet import read_without_end


@pytest.fixture(autouse=True)
def no_work_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: the tests say when it is time."""
    monkeypatch.setattr(upkeep, "CHECKPOINT_S", 600.0)


async def test_the_log_is_checkpointed_while_busy_and_cut_when_quiet(database: Path) -> None:
    wal = database.with_name("store.db-wal")
    async with Store.open(database, ballast=4096) as store:
        await store.append(WORKER, e.Noted("info", "x" * 50_000))
        await store._upkeep._work()
        assert wal.stat().st_size > 50_000
        assert database.stat().st_size > 50_000
        await store._upkeep._work()
        assert wal.stat().st_size == 0
        assert database.with_name("ballast").stat().st_size == 4096
        assert store._upkeep._due is not None, "the backup of this hour is still to come"


async def test_a_reserve_that_was_given_back_is_put_by_again_though_nothing_happens(database: Path) -> None:
    async with Store.open(database, ballast=4096) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        for _ in range(2):
            await store._upkeep._work()
        assert store._connection.ballast.release()
        assert "the reserve of disk space was given back" in (store.trouble or "")
        store._upkeep._look()
        due = store._upkeep._due
        assert due is not None
        assert due.when() <= asyncio.get_running_loop().time() + upkeep.CHECKPOINT_S
        await store._upkeep._work()
        assert store.trouble is None
        assert database.with_name("ballast").stat().st_size == 4096


async def test_a_commit_after_a_quiet_while_is_checkpointed_as_soon_as_the_first(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        await store._upkeep._work()
        await store._upkeep._work()
        due = store._upkeep._due
        assert due is not None
        now = asyncio.get_running_loop().time()
        assert due.when() > now + upkeep.CHECKPOINT_S, "nothing but the backup of this hour"
        await store.append(WORKER, e.Noted("info", "two"))
        due = store._upkeep._due
        assert due is not None
        assert due.when() <= asyncio.get_running_loop().time() + upkeep.CHECKPOINT_S
        await store.append(WORKER, e.Noted("info", "three"))
        assert store._upkeep._due is due, "steady commits put it off no further"


@pytest.mark.fault(38, "a transaction that only reads stays open", modelled="told from 10 kB on")
async def test_a_reader_that_never_ends_is_not_waited_for_and_is_told_on(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "WAL_ALARM", 10_000)
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        reader = connect(database)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM head").fetchall()
        await store.append(WORKER, e.Noted("info", "x" * 50_000))
        await store._upkeep._work()
        await store._upkeep._work()
        assert "keeps reading" in (store.trouble or "")
        reader.execute("COMMIT")
        await store._upkeep._work()
        assert store.trouble is None
        reader.close()


@pytest.mark.fault(38, "another program reads without end until 64 MiB of changes have come")
async def test_changes_behind_a_reader_of_another_program_are_told_from_64_mib_on(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        with read_without_end(database):
            while (size := database.with_name("store.db-wal").stat().st_size) < upkeep.WAL_ALARM:
                assert store.trouble is None, size
                await store.append(WORKER, e.Noted("info", "x" * 8_000_000))
                await store._upkeep._work()
            assert "has grown to 6" in (store.trouble or "")
            assert "some program keeps reading the record" in (store.trouble or "")
        await store._upkeep._work()
        await store._upkeep._work()
        assert store.trouble is None
        assert database.with_name("store.db-wal").stat().st_size == 0


@pytest.mark.fault(35, "the database is moved while nothing is written, and put back")
async def test_a_file_that_is_put_back_is_no_trouble_any_more(database: Path) -> None:
    async with Store.open(database) as store:
        database.rename(database.with_name("elsewhere.db"))
        store._upkeep._look()
        assert store.moved
        await store._upkeep._work()
        assert store.moved, "a round of checkpoints says nothing about where the file is"
        database.with_name("elsewhere.db").rename(database)
        store._upkeep._look()
        assert not store.moved
        assert store.trouble is None


async def test_a_backup_an_hour_while_something_happens(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        await store._upkeep._work()
        assert backups.existing(database) == []
        store._upkeep._last_backup -= upkeep.BACKUP_S
        await store._upkeep._work()
        assert len(backups.existing(database)) == 1
        store._upkeep._last_backup -= upkeep.BACKUP_S
        await store._upkeep._work()
        assert len(backups.existing(database)) == 1


async def test_workers_that_live_for_less_than_an_hour_make_backups_too(database: Path) -> None:
    made: list[Path] = []
    for backed_up, seconds in ((0, 0), (1, 0), (1, 0), (1, upkeep.BACKUP_S), (2, 0)):
        for backup in made:
            os.utime(backup, (0, time.time() - seconds))
        async with Store.open(database) as store:
            await store.append(WORKER, e.Noted("info", "worked"))
            await store._upkeep._work()
        made = backups.existing(database)
        assert len(made) == backed_up + (seconds > 0)


async def test_on_a_disk_that_was_full_no_backup_is_tried(database: Path) -> None:
    async with Store.open(database, ballast=4096) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        store._connection.ballast.fill()
        store._connection.ballast.release()
        store._upkeep._last_backup -= upkeep.BACKUP_S
        await store._upkeep._work()
        assert backups.existing(database) == []
        assert store._upkeep._due is not None


@pytest.mark.fault(35, "the database is moved while nothing is written")
async def test_a_file_that_was_taken_away_is_noticed_without_a_commit(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        assert store.trouble is None
        database.rename(database.with_name("elsewhere.db"))
        store._upkeep._look()
        assert "moved, replaced or removed" in (store.trouble or "")


async def test_a_backup_that_finds_no_room_is_trouble_and_tried_again(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        backups.folder_of(database).write_text("in the way")
        store._upkeep._last_backup -= upkeep.BACKUP_S
        await store._upkeep._work()
        assert "cannot be kept in order" in (store.trouble or "")
        backups.folder_of(database).unlink()
        await store._upkeep._work()
        assert len(backups.existing(database)) == 1
        assert store.trouble is None


async def test_nothing_is_due_when_nothing_happened(database: Path) -> None:
    async with Store.open(database) as store:
        assert store._upkeep._due is None


@pytest.mark.fault(35, "the database is moved, and written anew at the moment in which a commit is refused")
async def test_a_record_is_written_anew_while_a_commit_is_refused(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "kept"))
        database.rename(database.with_name("elsewhere.db"))
        refused = store.append_nowait(WORKER, e.Noted("info", "refused"))
        async with asyncio.timeout(20):
            await store.recreate(WORKER)
        with pytest.raises(StoreError, match="moved, replaced or removed"):
            await refused
        await store.append(WORKER, e.Noted("info", "after"))
        assert store.trouble is None
    with ReadOnlyStore(database) as record:
        assert record.verify() is None
        said = [event.body.text for event in record.events() if isinstance(event.body, e.Noted)]
        assert [said[0], said[-1], len(said)] == ["kept", "after", 3]
