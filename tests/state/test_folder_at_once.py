"""A state folder may be prepared by many at once; none of them reads another's half-written note."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from locust_tui.state.folder import StateFolder


def test_many_prepare_one_folder_at_once(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)  # too long a path for a socket: its place is noted
    deep.mkdir(parents=True)

    def prepare(_: int) -> Path:
        folder = StateFolder(deep / "locust-plan.yaml")
        folder.prepare()
        return folder.socket

    for _ in range(20):
        with ThreadPoolExecutor(16) as callers:
            sockets = set(callers.map(prepare, range(64)))
        assert len(sockets) == 1
        for note in (deep / ".locust-tui").iterdir():
            if note.is_file():
                note.unlink()
