"""Acknowledged outlives a loss of power: what the disk had not been made to keep is gone, and nothing of that was promised."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from test_durability import WRITER

from disks import Disk, ext4
from locust_tui.domain import events as e
from locust_tui.state import backups
from locust_tui.state.journal import Journal
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store


def acknowledged_until_the_power_went(
    disk: Disk, database: Path, number: int, acks: int
) -> tuple[list[str], list[str]]:
    """What busy writers acknowledged before the power went, after so many words at least; and what they said into the dark."""
    command = [sys.executable, "-c", WRITER, str(database), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        heard = b"".join(writer.stdout.readline() for _ in range(acks))
        os.set_blocking(writer.stdout.fileno(), False)
        heard += writer.stdout.read() or b""
        disk.cut_power()
        writer.kill()
        writer.wait()
        late = writer.stdout.read() or b""
    with pytest.raises(OSError, match="Input/output error"):
        database.with_name("proof").write_bytes(b"it has no power")
    return heard.decode().split(), late.decode().split()


async def assert_kept(database: Path, acked: list[str]) -> set[str]:
    """All the notes that are there."""
    async with Store.open(database, ballast=0) as store:
        assert store.recovered is None
        assert not store.is_older
        assert await store.reply_for(acked[0]) is not None
    with ReadOnlyStore(database) as reader:
        notes = {event.body.text for event in reader.events() if isinstance(event.body, e.Noted)}
        decided = [event for event in reader.events() if isinstance(event.body, e.GateDecided)]
        assert set(acked) <= notes
        assert reader.verify() is None
        assert reader.differences() == []
    assert backups.damage(database) is None
    entries, broken = Journal(database.with_name("decisions.jsonl")).read()
    assert (len(entries), broken) == (len(decided), 0)
    return notes


async def cut_again_and_again(place: Path, cuts: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with ext4(place) as disk:
        database = disk.place / "state" / "store.db"
        database.parent.mkdir()
        acked: list[str] = []
        for number in range(cuts):  # the first in a new record, at its first word
            words = chance.randrange(2, 80) if number else 1
            heard, late = acknowledged_until_the_power_went(disk, database, number, words)
            acked += heard
            disk.mount_anew()
            notes = await assert_kept(database, acked)
            gone = [word for word in late if word not in notes]
            assert len({word.split(".")[1] for word in gone}) == len(gone), "more than the commit under way"
            acked += (word for word in late if word in notes)


@pytest.mark.fault(30, "an ext4 file system loses everything that was not synced, under eight busy writers")
async def test_nothing_acknowledged_is_lost_when_the_power_goes(tmp_path: Path) -> None:
    await cut_again_and_again(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.fault(30, "the same a hundred times")
async def test_nothing_is_lost_in_a_hundred_cuts(tmp_path: Path) -> None:
    await cut_again_and_again(tmp_path, 100)
