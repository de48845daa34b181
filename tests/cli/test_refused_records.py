"""Records that no worker may take up: of a newer version, on a disk of another machine, with planted files. It is said at the door."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from fuse import remote_folder
from locust_tui.plans.reading import load_plan
from locust_tui.plans.trust import grant
from locust_tui.state.migrations import VERSION

Sums = dict[str, str]


def sums(folder: Path) -> Sums:
    """What stands in each file of a state folder, but for what tells one call from another."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("worker."))
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name not in ("store.db.lock", "store.db-shm")
        and path.stat().st_size  # a viewer's -wal is empty
    }


def make_newer(database: Path, *, hot: bool) -> None:
    """Write another version into it; `hot`: as a worker leaves it that was killed, the version in the log of changes alone."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA user_version = 99")
    if not hot:
        connection.close()
        return
    wal = database.with_name("store.db-wal")
    kept = database.read_bytes(), wal.read_bytes()
    connection.close()
    database.write_bytes(kept[0])
    wal.write_bytes(kept[1])


@pytest.mark.fault(
    36, "a worker is started, and status asked, on a record of a version that does not exist yet"
)
@pytest.mark.parametrize("hot", [False, True])
def test_a_newer_record_is_refused_with_both_versions_and_left_as_it_is(tui, sailed: Path, hot: bool) -> None:  # type: ignore[no-untyped-def]
    grant(sailed, load_plan(sailed))
    state = sailed.parent / ".locust-tui"
    make_newer(state / "store.db", hot=hot)
    before = sums(state)
    refused = tui("up")
    assert refused.returncode == 4
    assert "schema version 99" in refused.stderr
    assert f"knows version {VERSION}" in refused.stderr
    assert "left as it is" in refused.stderr
    assert sums(state) == before
    shown = tui("status", "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["plan"]["name"] == "Harbour Ferry"
    assert sums(state) == before


@pytest.mark.fault(39, "the state folder is on a file system that a FUSE server of the test answers for")
def test_a_state_folder_on_another_machine_is_refused_and_nothing_is_made_there(
    tui,  # type: ignore[no-untyped-def]
    harbour: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(harbour, load_plan(harbour))
    with remote_folder(harbour.parent / "far") as remote:
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(remote.place / "state"))
        refused = tui("up")
        assert refused.returncode == 4, refused.stderr
        assert f"{remote.place}/state is on a file system of another machine (fuse.sshfs)" in refused.stderr
        assert "LOCUST_TUI_STATE_DIR" in refused.stderr
        assert remote.asked, "the folder was never looked at"
        assert remote.changes == []


@pytest.mark.fault(40, "a worker is started on a database that is a second name of another's file")
def test_no_worker_starts_on_a_planted_database(tui, sailed: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    grant(sailed, load_plan(sailed))
    victim = tmp_path / "victim"
    database = sailed.parent / ".locust-tui" / "store.db"
    victim.hardlink_to(database)
    before = victim.read_bytes()
    refused = tui("up")
    assert refused.returncode == 4
    assert f"{database} has another name" in refused.stderr
    assert f"cp {database}" in refused.stderr
    assert victim.read_bytes() == before
