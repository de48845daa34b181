"""A death while a backup is written: the record is whole, the backups that are there are whole, nothing half stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import faults
from locust_tui.state import backups
from locust_tui.state.store import Store

WRITER = """
import asyncio, sys
from pathlib import Path
from locust_tui.domain.events import Noted
from locust_tui.domain.people import WORKER
from locust_tui.state.store import Store

async def main():
    async with Store.open(Path(sys.argv[1]), ballast=0) as store:
        await store.append(WORKER, Noted("info", "kept"))
        print("acknowledged", flush=True)
        await store.backup()

asyncio.run(main())
"""


def write(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", WRITER, str(path)], capture_output=True, text=True)


@pytest.mark.fault(29, "the worker is killed between the steps of a backup")
@pytest.mark.parametrize(("point", "made"), [("backup.drafted", 0), ("backup.named", 1)])
async def test_a_backup_cut_short_leaves_whole_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, made: int
) -> None:
    path = tmp_path / "store.db"
    fault = faults.die_at(monkeypatch, tmp_path, point, 1)
    writer = write(path)
    fault.assert_happened()
    assert (writer.returncode, writer.stdout) == (-9, "acknowledged\n")
    assert [backups.damage(backup) for backup in backups.existing(path)] == [None] * made
    async with Store.open(path, ballast=0) as store:
        assert store.recovered is None
        assert store.world.revision == 1
        assert not list(backups.folder_of(path).glob("*.draft*"))
        await store.backup()
    assert len(backups.existing(path)) == made + 1
