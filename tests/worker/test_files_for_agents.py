"""Files that agents read and write through us: inside their folder, whatever links and odd files lie there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from locust_tui.agents.vocabulary import FileOffered, FileWanted
from locust_tui.worker.conversing.files import FileRefusedError, carry_out


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir(mode=0o755)
    (tmp_path / "secret").write_text("theirs")
    return folder


def write(work: Path, path: str, content: str = "new") -> None:
    assert carry_out(FileOffered("1", path, content), work) is None


def read(work: Path, path: str, line: int | None = None, limit: int | None = None) -> str | None:
    return carry_out(FileWanted("1", path, line, limit), work)


def test_what_was_written_is_read(work: Path) -> None:
    write(work, "src/deep/a.py", "one\ntwo\r\nthree")
    assert (work / "src/deep/a.py").read_bytes() == b"one\ntwo\r\nthree"
    assert read(work, str(work / "src/deep/a.py")) == "one\ntwo\r\nthree"
    assert read(work, "src/deep/a.py", 2, 1) == "two\r\n"
    write(work, "src/deep/a.py", "1")
    assert read(work, "src/deep/a.py") == "1"


def test_new_files_may_be_read_by_whom_their_folder_may_and_old_ones_keep_their_mode(work: Path) -> None:
    (work / "run.sh").touch()
    (work / "run.sh").chmod(0o744)
    old = os.umask(0o077)
    try:
        write(work, "docs/a.md")
        write(work, "run.sh")
    finally:
        os.umask(old)
    assert stat.S_IMODE((work / "docs/a.md").stat().st_mode) == 0o644 & (work / "docs").stat().st_mode
    assert stat.S_IMODE((work / "run.sh").stat().st_mode) == 0o744


@pytest.mark.parametrize(
    "path", ["../secret", "out", "outside/secret", "/etc/passwd", ".", "", "a\0b", "\ud800"]
)
def test_nothing_outside_the_folder_is_read_or_written(work: Path, tmp_path: Path, path: str) -> None:
    (work / "out").symlink_to(tmp_path / "secret")
    (work / "outside").symlink_to(tmp_path)
    with pytest.raises(FileRefusedError):
        read(work, path)
    with pytest.raises(FileRefusedError):
        write(work, path)
    assert (tmp_path / "secret").read_text() == "theirs"


@pytest.mark.parametrize(
    "path", [".git/hooks/pre-commit", ".GIT/config", "sub/.git", "to-git/config", ".locust-tui/x"]
)
def test_what_makes_other_programs_run_things_is_not_written(work: Path, path: str) -> None:
    (work / ".git").mkdir()
    (work / "to-git").symlink_to(".git")
    with pytest.raises(FileRefusedError, match="not an agent's to write"):
        write(work, path)


def test_links_that_stay_inside_are_followed(work: Path) -> None:
    write(work, "real/a")
    (work / "link").symlink_to("real")
    write(work, "link/a", "through the link")
    assert read(work, "real/a") == "through the link"


def test_a_pipe_holds_nobody_up(work: Path) -> None:
    os.mkfifo(work / "pipe")
    for asked in (FileWanted("1", "pipe"), FileOffered("1", "pipe", "x")):
        with pytest.raises(FileRefusedError):
            carry_out(asked, work)


def test_text_that_is_no_utf8_is_refused_in_words(work: Path) -> None:
    with pytest.raises(FileRefusedError, match="half characters"):
        write(work, "a", "\ud800")
    assert not (work / "a").exists()


@pytest.mark.parametrize("path", ["sub/secret", "secret"])
def test_a_link_that_is_laid_meanwhile_leads_nowhere(
    work: Path, tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "sub").symlink_to(tmp_path)
    (work / "secret").symlink_to(tmp_path / "secret")
    monkeypatch.setattr(os.path, "realpath", os.path.abspath)  # what was true a moment before
    with pytest.raises(FileRefusedError):
        read(work, path)
    with pytest.raises(FileRefusedError):
        write(work, path)
    assert (tmp_path / "secret").read_text() == "theirs"
