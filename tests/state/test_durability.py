"""Acknowledged is durable: a writer killed at any instant leaves every acknowledged event and a sound database."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.state import backups, rebuild
from locust_tui.state.async_reader import AsyncReader
from locust_tui.state.errors import StoreError
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

WRITER = """
import asyncio, os, sys
from pathlib import Path
from locust_tui.domain import events as e
from locust_tui.domain.people import Decision, Person
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.state import upkeep
from locust_tui.state.store import Store

upkeep.CHECKPOINT_S = 0.01
ANA = Person("ana")

async def talk(store, me, round):
    for i in range(10_000):
        text = f"{round}.{me}.{i}"
        bodies = [e.Noted("info", text), e.WorkstreamReported(f"w{me}", progress=i % 100)]
        if i % 20 == 0:
            bodies.append(e.GateDecided(f"g{me}", Decision(DecisionKind.HOLD, ANA, 1.0, note=text)))
        await store.append(ANA, *bodies, key=text)
        os.write(1, (text + "\\n").encode())

async def main():
    async with Store.open(Path(sys.argv[1])) as store:
        os.write(1, b"open\\n")
        async with asyncio.TaskGroup() as group:
            for me in range(8):
                group.create_task(talk(store, me, sys.argv[2]))
asyncio.run(main())
"""


def killed_again_and_again(database: Path, chance: random.Random, times: int) -> list[str]:
    """What the writers acknowledged, each killed at a random instant."""
    acked: list[str] = []
    for number in range(times):
        command = [sys.executable, "-c", WRITER, str(database), str(number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"open\n"
            said = [writer.stdout.readline() for _ in range(chance.randrange(80))]
            time.sleep(chance.uniform(0.0, 0.01))  # at no word
            writer.kill()
            said += writer.stdout.read().splitlines()
            acked += [line.decode().strip() for line in said]
    return acked


@pytest.mark.fault(29, "eight busy writers are killed twenty times at random instants")
async def test_nothing_acknowledged_is_lost_to_kill_9(database: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    acked = killed_again_and_again(database, chance, times=20)
    assert len(acked) > 100
    with ReadOnlyStore(database) as reader:
        events = reader.events()
        assert [event.revision for event in events] == list(range(1, len(events) + 1))
        notes = [event.body.text for event in events if isinstance(event.body, e.Noted)]
        assert set(acked) <= set(notes)
        assert len(notes) == len(set(notes))
        assert reader.verify() is None
        assert reader.differences() == []
    async with Store.open(database) as store:
        assert store.recovered is None
        assert all([await store.reply_for(key) is not None for key in chance.sample(acked, 20)])
    assert backups.damage(database) is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 2 MiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a full disk needs the right to mount one: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    junk = place / "junk"
    with junk.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return junk
    raise AssertionError("the disk did not fill")


@pytest.mark.fault(31, "a disk of 2 MiB is filled under the record")
async def test_a_full_disk_refuses_loses_nothing_and_heals(small_disk: Path) -> None:
    database = small_disk / "store.db"
    async with Store.open(database, ballast=0) as store:
        await store.append(WORKER, e.WorkstreamReported("a", note="before"))
        junk = fill(small_disk)
        kept, refused = 1, None
        while refused is None:
            try:
                await store.append(WORKER, e.WorkstreamReported("a", note="x" * 50_000))
                kept += 1
            except StoreError as error:
                refused = error
        assert "full" in refused.message
        assert store.world.revision == store.committed == kept
        assert "full" in (store.trouble or "")
        with ReadOnlyStore(database) as reader:
            assert reader.read_world() == store.world
        junk.unlink()
        assert await store.append(WORKER, e.WorkstreamReported("a", note="after")) == kept + 1
        assert store.trouble is None
        world = store.world
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
        assert reader.differences() == []


@pytest.mark.fault(31, "the same, with several changes waiting")
async def test_everything_that_waits_behind_a_failed_commit_fails_with_it(small_disk: Path) -> None:
    import asyncio

    database = small_disk / "store.db"
    async with Store.open(database, ballast=0) as store:
        await store.append(WORKER, e.Noted("info", "first"))
        fill(small_disk)
        futures = [store.append_nowait(WORKER, e.Noted("info", "x" * 300_000), key=f"k{i}") for i in range(3)]
        await asyncio.sleep(0)
        futures += [store.append_nowait(WORKER, e.Noted("info", "later"), key="later")]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        assert {type(one) for one in outcomes} == {StoreError}
        assert store.world.revision == 1
        assert await store.reply_for("later") is None


@pytest.mark.fault(31, "the same, with disk space in reserve")
async def test_the_reserve_lets_the_last_words_be_written(small_disk: Path) -> None:
    database, reserve = small_disk / "store.db", small_disk / "ballast"
    async with Store.open(database, ballast=512 * 1024) as store:
        await store.append(WORKER, e.Noted("info", "first"))
        assert store._connection.ballast.fill()
        assert reserve.stat().st_blocks * 512 >= 512 * 1024
        fill(small_disk)
        for i in range(5):
            await store.append(WORKER, e.Noted("info", "x" * 20_000, subject=str(i)))
        assert not reserve.exists()
        assert not store._connection.ballast.fill()
    with ReadOnlyStore(database) as reader:
        assert reader.read_world().revision == 6


@pytest.mark.fault(32, "the record is opened on a full disk, with disk space in reserve")
async def test_a_worker_starts_on_a_full_disk_by_its_reserve(small_disk: Path) -> None:
    database, reserve = small_disk / "store.db", small_disk / "ballast"
    async with Store.open(database, ballast=512 * 1024) as store:
        await store.append(WORKER, e.Noted("info", "first"))
        assert store._connection.ballast.fill()
    fill(small_disk)
    async with Store.open(database, ballast=512 * 1024) as store:
        assert "disk is full" in (store.recovered or "")
        assert not reserve.exists()
        await store.append(WORKER, e.Noted("info", "still here"))
        assert store.world.revision == 2


@pytest.mark.fault(32, "the record is read on a full disk, its shared memory gone")
async def test_the_record_is_read_on_a_full_disk_without_its_shared_memory(small_disk: Path) -> None:
    database = small_disk / "store.db"
    async with Store.open(small_disk / "away.db", ballast=0) as store:
        await store.append(WORKER, e.WorkstreamReported("a", note="before"))
        shutil.copyfile(store.path, database)
        shutil.copyfile(f"{store.path}-wal", f"{database}-wal")
        world = store.world
    junk = fill(small_disk)
    with ReadOnlyStore(database) as reader:
        assert reader.read_world() == world
    async with AsyncReader.open(database) as living:
        seen = await living.read_world()
        assert seen == world
        junk.unlink()
        async with Store.open(database, ballast=0) as store:
            await store.append(WORKER, e.WorkstreamReported("a", note="after"))
            assert await living.refresh(seen)
            assert seen == store.world


async def test_the_log_survives_a_copy_of_the_files_at_any_commit(database: Path) -> None:
    """What a power cut leaves behind a synced commit: database and write-ahead log as they are, no shared memory."""
    async with Store.open(database) as store:
        for i in range(10):
            await store.append(WORKER, e.Noted("info", str(i)))
            copy = database.parent / f"copy{i}" / "store.db"
            copy.parent.mkdir()
            shutil.copyfile(database, copy)
            shutil.copyfile(f"{database}-wal", f"{copy}-wal")
            with ReadOnlyStore(copy) as reader:
                assert reader.read_world().revision == i + 1
                assert reader.verify() is None


async def test_the_settings_that_promise_durability_are_on(database: Path) -> None:
    async with Store.open(database) as store:
        wanted = {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0}

        def ask(connection: sqlite3.Connection) -> dict[str, object]:
            return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}

        assert await store._thread.run(ask) == wanted
    assert os.stat(database).st_mode & 0o777 == 0o600
    connection = sqlite3.connect(database)
    assert rebuild.verify(connection) is None
    connection.close()
