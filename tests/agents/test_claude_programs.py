"""A program is an agent when it says so itself, within ten seconds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from locust_tui.agents import programs
from locust_tui.agents.programs import Program, find, identify
from project import is_running, until


def script(folder: Path, text: str, name: str = "claude") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo '2.1.330 (Claude Code)'", Program("claude", "2.1.330")),
        ("echo codex-cli 0.169.0", Program("codex", "0.169.0")),
        ("echo 'WARNING: x' >&2; echo 'codex-cli 0.169.0-alpha.1'", Program("codex", "0.169.0-alpha.1")),
        ("echo 'my own claude 2.1.330'", None),
        ("echo 'this wraps (Claude Code) somehow'", None),
        ("echo '2.1.330 (Claude Code)'; exit 1", None),
        ("cat", None),
        ("exec yes '2.1.330 (Claude Code)'", None),
        ("", None),
    ],
)
def test_what_it_says_of_itself(tmp_path: Path, text: str, found: Program | None) -> None:
    assert identify(script(tmp_path, text)) == found


def test_a_program_that_hangs_is_nobody_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PATIENCE_S", 3.0)  # long enough to start its child
    assert identify(script(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")) is None
    child = int((tmp_path / "child").read_text())
    until(lambda: not is_running(child), what="its child's end")


def test_it_is_asked_once_until_the_file_changes(tmp_path: Path) -> None:
    path = script(tmp_path, f"echo >> {tmp_path}/asked; echo '1.0 (Claude Code)'")
    assert identify(path) == identify(path) == Program("claude", "1.0")
    assert (tmp_path / "asked").read_text() == "\n"
    script(tmp_path, f"echo >> {tmp_path}/asked; echo '1.10 (Claude Code)'")
    assert identify(path) == Program("claude", "1.10")


def test_what_is_no_program(tmp_path: Path) -> None:
    assert identify(tmp_path / "nowhere") is None
    (tmp_path / "text").write_text("x")
    assert identify(tmp_path / "text") is None


def test_a_name_means_what_path_says_and_a_path_counts_from_the_folder(tmp_path: Path) -> None:
    path = script(tmp_path, "")
    assert find("claude", {"PATH": f"/nowhere{os.pathsep}{tmp_path}"}) == path
    assert find("claude", {"PATH": "/nowhere"}) is None
    assert find("./claude", {}, tmp_path) == path
    assert find(str(path), {}) == path
    assert find("./codex", {}, tmp_path) is None
