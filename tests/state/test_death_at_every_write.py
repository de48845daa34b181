"""A process that dies at any of the changes it makes on disk leaves all that it acknowledged, and a sound record.

Whatever it was at: commits, checkpoints, a backup, a migration, the restoring of a damaged record. The write at which it
dies is torn.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killed_writer import LAST, left_by_a_killed_writer

from locust_tui.domain import events as e
from locust_tui.state import backups
from locust_tui.state.journal import Journal
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

HERE = Path(__file__).parent
Die = Callable[[str, Path, int], tuple[int, int | None, list[str]]]
"""(story, folder, at which change; 0: at none) → (exit code, how many changes, what was acknowledged)."""

SOME_OR_ALL = pytest.mark.parametrize(
    "most",
    [
        pytest.param(20, id="some"),
        pytest.param(1000, id="all", marks=[pytest.mark.soak, pytest.mark.timeout(1200)]),
    ],
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is such a place: a sync costs nothing there, and what dies is only a process."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else tmp_path) as place:
        yield Path(place)


@pytest.fixture(scope="module")
def die(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Die]:
    library = tmp_path_factory.mktemp("deaths") / "deaths.so"
    compiler = shutil.which("cc") or pytest.skip("needs a C compiler: deaths are preloaded")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "deaths.c")]
    subprocess.run(command, check=True)
    with subprocess.Popen(
        [sys.executable, str(HERE / "dying_writers.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LD_PRELOAD": str(library)},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def ask(story: str, folder: Path, number: int) -> tuple[int, int | None, list[str]]:
            print(json.dumps([story, str(folder), number]), file=server.stdin, flush=True)
            status, changes, said = json.loads(server.stdout.readline())
            return status, changes, said

        yield ask
        server.stdin.close()


async def assert_all_is_there(database: Path, acked: list[str]) -> list[str]:
    """The notes of the record, and what opening it said."""
    async with Store.open(database, ballast=0) as store:
        said = store.recovered or ""
        for text in acked:
            assert await store.reply_for(text) is not None
    with ReadOnlyStore(database) as reader:
        assert reader.verify() is None
        assert reader.differences() == []
        notes = [event.body.text for event in reader.events() if isinstance(event.body, e.Noted)]
        held = [event.body for event in reader.events() if isinstance(event.body, e.GateDecided)]
    assert backups.damage(database) is None
    assert all(notes.count(text) == 1 for text in acked)
    assert set(acked) <= {body.decision.note for body in held}
    entries, broken = Journal(database.with_name("decisions.jsonl")).read()
    assert broken == 0
    assert set(acked) <= {
        json.loads(entry.data)["decision"]["note"] for entry in entries if entry.kind == "gate.decided"
    }
    return [*notes, said]


def begun(folder: Path, start: Path | None) -> Path:
    shutil.copytree(start, folder) if start is not None else folder.mkdir()
    return folder


async def die_everywhere(
    die: Die, memory: Path, story: str, start: Path | None, most: int
) -> list[list[str]]:
    """The notes and words of each record that a death left; of `most` deaths, spread over all there can be."""
    status, changes, said = die(story, begun(memory / "whole", start), 0)
    assert (status, said[-1]) == (0, "z" if story == "on" else "c")
    assert changes is not None
    found = []
    for number in sorted({1 + i * changes // most for i in range(most)}):
        folder = begun(memory / str(number), start)
        status, made, said = die(story, folder, number)
        lived = status == 0 and made is not None and made < number  # it came to fewer checkpoints this time
        assert status == -9 or lived, f"it did not die at change {number} of {changes}"
        acked = [text for text in said if not text.startswith("open ")]
        found.append(await assert_all_is_there(folder / "store.db", acked))
        shutil.rmtree(folder)
    return found


@pytest.mark.fault(29, "a death at each write, sync, rename and removal of commits, checkpoints and a backup")
@SOME_OR_ALL
async def test_commits_checkpoints_and_a_backup(die: Die, memory: Path, most: int) -> None:
    found = await die_everywhere(die, memory, "commits", None, most)
    assert {notes[-1] for notes in found} == {""}


@pytest.mark.fault(29, "a death at each change that the migration of an older record makes")
@SOME_OR_ALL
async def test_a_migration(die: Die, memory: Path, most: int) -> None:
    start = memory / "start"
    start.mkdir()
    connection = sqlite3.connect(start / "store.db")
    connection.executescript((HERE / "fixtures" / "version-1.sql").read_text())
    connection.close()
    found = await die_everywhere(die, memory, "on", start, most)
    assert {notes[-1] for notes in found} == {""}


@pytest.mark.fault(29, "a death at each change that the restoring of a damaged record makes")
@SOME_OR_ALL
async def test_a_restoration_is_told_whoever_died_in_it(die: Die, memory: Path, most: int) -> None:
    start = memory / "start"
    start.mkdir()
    left_by_a_killed_writer(start / "store.db")
    with (start / "store.db").open("r+b") as file:
        file.write(b"\0" * 4096)
    os.truncate(start / "store.db-wal", 0)
    found = await die_everywhere(die, memory, "on", start, most)
    told = f"was last at revision {LAST} and is now at "
    assert [notes for notes in found if told not in "; ".join(notes)] == []
