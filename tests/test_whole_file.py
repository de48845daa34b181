"""A file written in one step is the old one or the new one, for whoever reads it and whoever dies writing it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from locust_tui import whole_file

KILLED = """
import os, sys
from pathlib import Path
from locust_tui import whole_file
Path.replace = lambda *_: os.kill(os.getpid(), 9)
whole_file.put(Path(sys.argv[1]), "never seen")
"""


def test_who_dies_writing_leaves_the_old_file_and_bars_nobody(tmp_path: Path) -> None:
    path = tmp_path / "note"
    whole_file.put(path, "old")
    for _ in range(3):
        assert subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False).returncode == -9
        assert path.read_text() == "old"
    whole_file.put(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_the_killed_left_is_taken_away_and_nothing_of_who_lives(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "note")], check=False)
    (killed,) = tmp_path.iterdir()
    mine = tmp_path / killed.name.replace(killed.name.split(".")[2], f"{os.getpid()}-{'a' * 12}")
    for path in (mine, tmp_path / ".note.new", tmp_path / "kept"):
        path.touch()
    away = tmp_path / "away"
    away.symlink_to(tmp_path)
    whole_file.remove_drafts(away)
    assert killed.exists()
    whole_file.remove_drafts(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [mine.name, ".note.new", "kept", "away"]
    )
    whole_file.remove_drafts(tmp_path / "missing")


def test_a_folder_that_its_agent_closed_to_us_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refused)
    whole_file.remove_drafts(tmp_path)


def test_a_planted_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "note"
    victim.write_text("mine")
    path.symlink_to(victim)
    whole_file.put(path, b"new")
    assert (victim.read_text(), path.read_text(), path.is_symlink()) == ("mine", "new", False)


def test_what_cannot_be_put_there_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "note").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        whole_file.put(tmp_path / "note", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def test_text_is_written_as_the_bytes_it_stands_for(tmp_path: Path) -> None:
    whole_file.put(tmp_path / "note", "/plan-\udcff.yaml")
    assert (tmp_path / "note").read_bytes() == b"/plan-\xff.yaml"
