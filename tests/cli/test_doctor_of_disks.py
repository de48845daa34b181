"""`doctor` says of a file system what it cannot do for the logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from disks import tmpfs, without_holes

Tui = Callable[..., CompletedProcess[str]]


@pytest.mark.fault(22, "the state folder lies on a file system that gives up no part of a file (ramfs)")
def test_a_file_system_on_which_no_log_can_be_bounded_is_told(
    tui: Tui, harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_holes(tmp_path / "solid") as solid, tmpfs(tmp_path / "plain", "4m") as plain:
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(solid / "state"))
        told = {found["subject"]: found for found in json.loads(tui("doctor", "--json").stdout)}
        assert told["logs"]["state"] == "warn"
        assert "ramfs gives up no part of a file (Operation not supported)" in told["logs"]["detail"]
        monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(plain / "state"))
        assert "logs" not in {found["subject"] for found in json.loads(tui("doctor", "--json").stdout)}
        assert list(solid.iterdir()) == list(plain.iterdir()) == []


def test_records_that_were_set_aside_are_told_and_stay(tui: Tui, sailed: Path) -> None:
    database = sailed.parent / ".locust-tui" / "store.db"
    kept = [database.with_name(f"{database.name}.corrupt-{at}") for at in ("1", "2", "2-wal")]
    assert "set aside" not in {found["subject"] for found in json.loads(tui("doctor", "--json").stdout)}
    for path in kept:
        path.write_bytes(bytes(1 << 20))
    (told,) = (f for f in json.loads(tui("doctor", "--json").stdout) if f["subject"] == "set aside")
    assert told["state"] == "warn"
    assert "3 files" in told["detail"]
    assert "3.0 MiB" in told["detail"]
    assert all(path.exists() for path in kept)
