"""Lines of a file that others write to are read once, in order, whatever is done to the file meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from locust_tui.agents.shell import LineBuffer
from locust_tui.worker.followed_file import FollowedFile


def follow(path: Path, *, one_file: bool = True) -> FollowedFile:
    return FollowedFile(path, LineBuffer(), one_file=one_file)


def lines(file: FollowedFile, *, ended: bool = False) -> list[bytes]:
    return [line for _, line in file.read(ended=ended)]


def add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@pytest.mark.fault(27, "a log is emptied, or cut short, between two looks for reports")
@pytest.mark.parametrize("left", [b"", b"one\n", b"one\ntw"])
def test_nothing_is_said_twice_and_what_comes_is_heard(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\nthree\n")
    file = follow(path)
    assert lines(file) == [b"one", b"two", b"three"]
    path.write_bytes(left)
    assert lines(file) == []
    add(path, b"\nfour\nfive")
    assert lines(file)[-1] == b"four"
    assert b"one" not in lines(file)
    assert lines(file, ended=True) == [b"five"]


@pytest.mark.fault(
    27, "a log is replaced by a file, a link, a pipe or a second name between two looks for reports"
)
@pytest.mark.parametrize("what", ["file", "link", "pipe", "name"])
def test_only_the_runs_own_file_is_read(tmp_path: Path, what: str) -> None:
    path, other = tmp_path / "log", tmp_path / "other"
    path.write_bytes(b"one\n")
    other.write_bytes(b"not mine\n" * 9)
    file = follow(path)
    assert lines(file) == [b"one"]
    if what == "name":
        os.link(path, tmp_path / "second")
        add(path, b"two\n")
    else:
        path.unlink()
        {
            "file": lambda: other.rename(path),
            "link": lambda: path.symlink_to(other),
            "pipe": lambda: os.mkfifo(path),
        }[what]()
    assert lines(file) == []
    assert lines(file, ended=True) == []


def test_an_events_file_may_be_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\n")
    file = follow(path, one_file=False)
    assert lines(file) == [b"one"]
    (tmp_path / "new").write_bytes(b"one\ntwo\n")
    (tmp_path / "new").rename(path)
    assert lines(file) == [b"two"]
