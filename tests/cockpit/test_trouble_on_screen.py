"""What keeps the worker from its work stands on the cockpit's first screen, whatever became of the record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import Open, settled, text

from locust_tui.domain.troubles import Trouble
from terminal import Terminal
from waiting_fleet import Fleet, take_away


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
