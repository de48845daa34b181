"""What the tests of git do by hand: commands, files, commits, and the first steps of a workspace."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from locust_tui.git.preparing import Wanted, Worktree, prepare
from locust_tui.git.workspace import Workspace, open_workspace


def run_git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, errors="surrogateescape"
    ).stdout.strip()


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def commit(folder: Path, name: str, text: str, message: str = "work") -> str:
    write(folder, name, text)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", message)
    return run_git(folder, "rev-parse", "HEAD")


async def open_space(project: Path, *, prefix: str = "locust/", base: str | None = None) -> Workspace:
    return await open_workspace(project, project / ".locust-tui" / "worktrees", prefix=prefix, base=base)


async def begin(space: Workspace, workstream: str, *needs: str) -> Worktree:
    return await prepare(
        space, Wanted(workstream, needs), space.worktrees.parent / "runs" / f"{workstream}.setup.log"
    )


def hook(project: Path, name: str, script: str) -> None:
    path = project / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o755)
