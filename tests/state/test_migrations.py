"""A record of any released version is brought to this one; a newer one is left alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.state import backups, rebuild
from locust_tui.state.errors import SchemaError
from locust_tui.state.migrations import STEPS, VERSION, migrate, version_of
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

FIXTURES = Path(__file__).parent / "fixtures"


def load(database: Path, fixture: Path) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(fixture.read_text())
    connection.close()


def test_there_is_a_fixture_for_every_version() -> None:
    assert sorted(path.name for path in FIXTURES.glob("version-*.sql")) == [
        f"version-{version}.sql" for version in range(1, VERSION + 1)
    ]


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("version-*.sql")), ids=lambda path: path.stem)
async def test_every_version_opens_and_says_the_same(database: Path, fixture: Path) -> None:
    load(database, fixture)
    async with Store.open(database, clock=lambda: 1.75e9) as store:
        assert store.recovered is None
        world = store.world
        assert world.revision == 8
        assert world.workstreams["WS-01"].state == "ready"
        assert world.runs["WS-01.1"].exit_code == 0
        assert world.gates["G1"].state == "go"
        assert world.criteria["gate:G1/coverage"].value == 91.5
        assert (await store.get_plan("d1")).project.name == "Demo"
        assert await store.reply_for("k1") is not None
        await store.append(WORKER, e.Noted("info", "on we go"))
    with ReadOnlyStore(database) as reader:
        assert reader.verify() is None
        assert reader.differences() == []


def two_steps(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE extra (a)")
    connection.execute("INSERT INTO extra VALUES (1)")


def opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database, isolation_level=None)


def test_a_migration_is_backed_up_and_stamped(database: Path) -> None:
    load(database, FIXTURES / "version-1.sql")
    connection = opened(database)
    steps = (STEPS[0], two_steps)
    assert migrate(connection, database, lambda: backups.make(connection, database, 1e9), steps) == 1
    assert version_of(connection) == 2
    (backup,) = backups.existing(database)
    old = opened(backup)
    assert version_of(old) == 1
    assert rebuild.verify(old) is None
    old.close()
    assert migrate(connection, database, lambda: pytest.fail("nothing to do"), steps) == 2
    connection.close()


def test_a_step_that_fails_leaves_the_version_before_it(database: Path) -> None:
    load(database, FIXTURES / "version-1.sql")
    connection = opened(database)

    def failing(inside: sqlite3.Connection) -> None:
        two_steps(inside)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrate(connection, database, lambda: None, (STEPS[0], failing))
    assert version_of(connection) == 1
    assert not connection.in_transaction
    assert migrate(connection, database, lambda: None, (STEPS[0], two_steps)) == 1
    connection.close()


KILLED = """
import os, sqlite3, sys
from pathlib import Path
from locust_tui.state.migrations import STEPS, migrate
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
def dying(inside):
    inside.execute("CREATE TABLE extra (a)")
    os.kill(os.getpid(), 9)
migrate(connection, Path(sys.argv[1]), lambda: None, (STEPS[0], dying))
"""


@pytest.mark.fault(29, "a death inside a step of a migration")
def test_a_worker_killed_inside_a_step_leaves_the_version_before_it(database: Path) -> None:
    load(database, FIXTURES / "version-1.sql")
    assert subprocess.run([sys.executable, "-c", KILLED, str(database)], check=False).returncode == -9
    connection = opened(database)
    assert version_of(connection) == 1
    assert migrate(connection, database, lambda: None, (STEPS[0], two_steps)) == 1
    assert connection.execute("SELECT a FROM extra").fetchall() == [(1,)]
    connection.close()


@pytest.mark.fault(36, "the record has the number of a version that does not exist yet")
async def test_a_newer_record_is_refused_with_both_versions_and_left_alone(database: Path) -> None:
    load(database, FIXTURES / "version-1.sql")
    connection = opened(database)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    before = database.read_bytes()
    with pytest.raises(SchemaError) as caught:
        async with Store.open(database):
            pytest.fail("opened")
    assert "version 7" in caught.value.message
    assert f"version {VERSION}" in caught.value.message
    assert database.read_bytes() == before
    async with Store.open(database.with_name("other.db")) as store:
        assert store.world.revision == 0
