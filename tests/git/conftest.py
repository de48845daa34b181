"""A real repository in a folder of its own, with a configuration of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_project import commit, open_space, run_git, write
from locust_tui.git.workspace import Workspace


@pytest.fixture(autouse=True)
def own_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = Ana\n email = ana@example.org\n[init]\n defaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit on main, and a state folder that git ignores."""
    top = tmp_path / "project"
    top.mkdir()
    run_git(top, "init", "-q")
    write(top, "shared.txt", "".join(f"line {n}\n" for n in range(1, 21)))
    commit(top, "readme.md", "hello\n", "first")
    state = top / ".locust-tui"
    state.mkdir(mode=0o700)
    (state / ".gitignore").write_text("*\n")
    return top


@pytest.fixture
async def space(project: Path) -> Workspace:
    return await open_space(project)


@pytest.fixture
def log(project: Path) -> Path:
    return project / ".locust-tui" / "runs" / "setup.log"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Put a program of our own first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def put(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return put
