"""The repository around a folder: its top, what is checked out, and every work tree that belongs to it."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from .calling import GitError, git

_OLDEST = (2, 38)
"""The first git that merges without a work tree."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a work tree; all paths absolute."""

    top: Path
    """Top folder of the work tree that was asked about."""
    common: Path
    """The `.git` folder that all its work trees share."""
    head: str | None
    """Commit checked out; None before the first commit."""
    branch: str | None
    """Branch checked out; None when HEAD is detached."""
    submodules: bool = False
    """It has submodules: they stay empty in a new worktree unless a setup command fills them."""


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """One work tree of a repository as `git worktree list` knows it."""

    path: Path
    head: str | None
    branch: str | None
    locked: bool = False
    gone: bool = False
    """Its folder no longer exists."""


async def repository_of(folder: Path) -> Repository | None:
    """The repository around `folder`, or None outside git. Raises GitError for a bare one, and when git fails."""
    asked = ("--path-format=absolute", "--is-bare-repository", "--is-inside-work-tree", "--git-common-dir")
    answer = await git(folder, "rev-parse", *asked, allowed=(0, 128))
    if answer.code:
        if "not a git repository" in answer.error:
            return None
        raise GitError(f"git cannot read the repository around {folder}: {answer.error.strip()}")
    bare, inside, common = os.fsdecode(answer.out).rstrip("\n").split("\n", 2)
    if inside != "true":
        what = "a bare repository" if bare == "true" else "the inside of a .git folder"
        raise GitError(
            f"{folder} is {what}, so no work can be checked out there", help="clone it, and plan there"
        )
    top = Path(os.fsdecode((await git(folder, "rev-parse", "--show-toplevel")).out).removesuffix("\n"))
    head = await commit_of(top, "HEAD")
    name = await git(top, "symbolic-ref", "--quiet", "HEAD", allowed=(0, 1))
    branch = name.text.removeprefix("refs/heads/") or None
    return Repository(top, Path(common), head, branch, (top / ".gitmodules").is_file())


async def commit_of(folder: Path, revision: str) -> str | None:
    """Full id of the commit a revision names, or None."""
    answer = await git(
        folder,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
        allowed=(0, 1, 128),
    )
    return answer.text or None if answer.code == 0 else None


async def check_belongs(path: Path, common: Path) -> None:
    """Raise GitError unless `path` is the top of a work tree of the repository whose `.git` folder is `common`.

    Whoever works there may have put a link or another repository in its place: what we commit must not land in that.
    """
    asked = ("--path-format=absolute", "--git-common-dir", "--show-toplevel")
    answer = await git(path, "rev-parse", *asked, allowed=(0, 128))
    told = f"{common}\n{path}\n"
    if path.is_symlink() or os.fsdecode(answer.out) != told:
        raise GitError(
            f"{path} is no longer the worktree that was made there",
            help="look at what stands there, then move it away",
        )


async def branch_head(folder: Path, branch: str) -> str | None:
    """Commit a local branch stands at; None when there is no such branch."""
    return await commit_of(folder, f"refs/heads/{branch}")


async def is_ancestor(folder: Path, older: str, newer: str) -> bool:
    """Whether all of `older` is contained in `newer`."""
    return (await git(folder, "merge-base", "--is-ancestor", older, newer, allowed=(0, 1))).code == 0


async def check_branch_name(folder: Path, name: str) -> None:
    """Raise GitError unless git takes `name` as a branch."""
    if (await git(folder, "check-ref-format", f"refs/heads/{name}", allowed=(0, 1))).code or name.startswith(
        "-"
    ):
        raise GitError(
            f'"{name}" cannot be the name of a git branch', help="change git: {prefix: …} in the plan"
        )


async def check_version(folder: Path) -> None:
    """Raise GitError when git is too old to merge without touching a work tree."""
    said = (await git(folder, "version")).text
    numbers = (
        tuple(int(n) for n in said.split()[2].split(".")[:2] if n.isdigit()) if said.count(" ") > 1 else ()
    )
    if numbers < _OLDEST:
        wanted = ".".join(map(str, _OLDEST))
        raise GitError(f"worktrees need git {wanted} or later; this is {said}", help="install a newer git")


async def work_trees(folder: Path) -> list[CheckedOut]:
    """Every work tree of the repository, the main one first."""
    found = []
    answer = await git(folder, "worktree", "list", "--porcelain", "-z")
    for block in os.fsdecode(answer.out).split("\0\0"):
        fields = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
        if "worktree" not in fields or "bare" in fields:
            continue
        path = Path(fields["worktree"])
        branch = fields.get("branch", "").removeprefix("refs/heads/") or None
        found.append(CheckedOut(path, fields.get("HEAD"), branch, "locked" in fields, not path.is_dir()))
    return found
