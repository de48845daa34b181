"""The cockpit over records that are not as they were: what was restored is told in red, a newer one is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.state.migrations import VERSION
from project import Project
from terminal import Terminal


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write("project: Harbour\nworkstreams:\n  keel: {name: Lay the keel, run: 'true'}\n")
    made.up()
    made.ends()
    made.kill()
    yield made
    made.end()


@pytest.mark.fault(34, "the database is removed, and the cockpit opened")
def test_a_restored_record_is_told_in_the_banner_until_a_person_knows(project: Project) -> None:
    project.folder.store.unlink()
    with Terminal(str(project.plan), script="real_cockpit.py", columns=120, rows=32) as terminal:
        terminal.until("alert record-restored is firing: store.db was missing")
        project.up()
        terminal.send(b"q")
        assert terminal.ended() == 0


@pytest.mark.fault(36, "the cockpit is opened on a record of a version that does not exist yet")
def test_no_cockpit_opens_a_newer_record(project: Project) -> None:
    connection = sqlite3.connect(project.folder.store)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = project.folder.store.read_bytes()
    with Terminal(str(project.plan), script="real_cockpit.py", columns=300, rows=32) as terminal:
        shown = terminal.until(f"this locust-tui knows version {VERSION}")
        assert terminal.ended() == 4
    assert "has schema version 99" in shown
    assert project.folder.store.read_bytes() == before
