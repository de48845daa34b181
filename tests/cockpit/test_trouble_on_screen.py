"""What keeps the worker from its work stands on the cockpit's first screen, whatever became of the record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import Open, settled, text

from disks import tmpfs
from locust_tui.client.connection import Connection
from locust_tui.client.requests import StoreMemory
from locust_tui.domain.troubles import Trouble
from locust_tui.state.upkeep import WAL_ALARM
from project import PATIENCE_S, until
from terminal import Terminal
from waiting_fleet import Fleet, killed_on_a_full_disk, read_without_end, take_away


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path / "plan")
    yield made
    made.end()


@pytest.mark.fault(35, "the state folder is deleted while a cockpit looks at it")
def test_a_cockpit_tells_that_the_record_was_taken_away_and_goes_on(fleet: Fleet) -> None:
    fleet.begin()
    with Terminal(str(fleet.plan), script="real_cockpit.py", columns=120, rows=32) as terminal:
        terminal.until(lambda now: "Storage" in now and "running" in now)
        take_away(fleet.folder.root)
        terminal.until("was moved, replaced or removed")
        terminal.until(lambda now: "record:" in now and "Storage" in now)
        terminal.send(b"q")
        terminal.ended()
        assert terminal.restored


async def test_a_trouble_is_in_the_banner_before_anything_else_and_goes_with_its_end(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        told = (Trouble("record", "the disk is full; free some space", 1.0), Trouble("starts", "none", 2.0))
        port.change(troubles=told)
        await settled(pilot)
        assert "record: the disk is full; free some space (+1)" in text(pilot)
        port.change(troubles=())
        await settled(pilot)
        assert "the disk is full" not in text(pilot)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 48 MiB, on which a fleet's state will be."""
    place = tmp_path / "disk"
    monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(place / "state"))
    with tmpfs(place, "48m"):
        yield place


def opened(fleet: Fleet) -> Terminal:
    return Terminal(str(fleet.plan), script="real_cockpit.py", columns=120, rows=32)


@pytest.mark.fault(32, "the cockpit is opened on a full disk where no worker runs, the reserve is used up")
def test_on_a_full_disk_the_cockpit_reads_and_says_why_no_worker_starts(small: Path, fleet: Fleet) -> None:
    junk = killed_on_a_full_disk(fleet, small, reserved=False)
    with opened(fleet) as terminal:
        shown = terminal.until(lambda now: "worker stopped" in now and "the disk is full" in now, PATIENCE_S)
        assert "Storage" in shown
        terminal.send(b"u")
        terminal.until(lambda now: now.count("the record cannot be opened") > 1, PATIENCE_S)
        junk.unlink()
        terminal.send(b"u")
        terminal.until(lambda now: "leave running" in now and "worker stopped" not in now, PATIENCE_S)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored
    assert {run.id for run in fleet.world().live_runs()} == {"a.1", "c.1"}
    assert set(fleet.started.values()) == {1}


@pytest.mark.fault(31, "the cockpit is open while the disk is full, and while it is not any more")
@pytest.mark.fault(32, "the cockpit is opened on a full disk where no worker runs; the reserve is there")
def test_on_a_full_disk_the_reserve_carries_the_cockpits_worker(small: Path, fleet: Fleet) -> None:
    junk = killed_on_a_full_disk(fleet, small, reserved=True)
    with opened(fleet) as terminal:
        terminal.until("the reserve of disk space was given back", PATIENCE_S)
        assert {run.id for run in fleet.world().live_runs()} == {"a.1", "c.1"}
        junk.unlink()
        well = "leave running"
        terminal.until(lambda now: well in now and "the reserve of disk space" not in now, PATIENCE_S)
        terminal.send(b"q")
        assert terminal.ended() == 0
    assert set(fleet.started.values()) == {1}


@pytest.mark.fault(
    38, "another program reads without end while 64 MiB of changes come, under worker and cockpit"
)
def test_a_reader_without_end_is_told_on_screen_until_it_ends(fleet: Fleet) -> None:
    fleet.begin()
    log = fleet.folder.store.with_name("store.db-wal")
    with opened(fleet) as terminal:
        terminal.until(lambda now: "Storage" in now and "running" in now)
        with read_without_end(fleet.folder.store), Connection(fleet.folder.socket) as connection:
            while log.stat().st_size < WAL_ALARM:
                connection.ask(StoreMemory("much", f'"{"x" * 260_000}"'))
            terminal.until("some program keeps reading the record without end", PATIENCE_S)
            assert "keeps reading" in fleet.verb("status").stdout
        fleet.ask(StoreMemory("much", "0"))
        terminal.until(lambda now: "keeps reading" not in now, PATIENCE_S)
        until(lambda: log.stat().st_size == 0, what="an end of the changes")
        terminal.send(b"q")
        assert terminal.ended() == 0
    fleet.assert_sound()
