"""Small records in a run's folder, where the run's agent may have laid anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from locust_tui.client.run_files import record, trimmed_bytes


def test_a_record_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"pid": 5}')
    assert record(tmp_path / "a.json") == {"pid": 5}
    assert record(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", "[" * 60_000, '{"trimmed": "5"}', '{"trimmed": -1}', "\0"]
)
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "trim.json").write_text(content)
    assert trimmed_bytes(tmp_path / "log") is None


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "elsewhere").write_text('{"pid": 5}')
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert record(tmp_path / "pipe") == record(tmp_path / "link") == record(tmp_path) == {}


def test_no_bytes_are_trimmed_without_a_record_of_them(tmp_path: Path) -> None:
    assert trimmed_bytes(tmp_path / "log") == 0
    (tmp_path / "trim.json").write_text('{"trimmed": 4096}')
    assert trimmed_bytes(tmp_path / "log") == 4096
