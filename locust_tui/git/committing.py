"""What an agent left uncommitted, committed in its name, where the plan says so; nothing of it happens silently."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.fault import point

from .calling import SLOW_S, GitError, git, one_line
from .joining import identity, plain
from .repository import check_belongs
from .status import Standing, some, standing
from .workspace import Workspace, alone, read_note


async def uncommitted_of(space: Workspace, workstream: str) -> Standing | None:
    """The state of its worktree; None where there is none. Raises GitError when something else stands in its place."""
    note = read_note(space, workstream)
    if note is None or not os.path.isdir(note.path):
        return None
    await check_belongs(Path(note.path), space.repository.common)
    return await standing(Path(note.path))


async def commit_left(
    space: Workspace, workstream: str, *, agent: str, subject: str, attempt: int
) -> str | None:
    """Commit all that is not ignored, with `agent` as author; returns the commit, None when nothing was left.

    The repository's hooks run. Raises GitError, and commits nothing, when a hook refuses, a merge is unfinished, the
    worktree is on another branch, or a repository lies inside it.
    """
    note = read_note(space, workstream)
    left = await uncommitted_of(space, workstream)
    if note is None or left is None or left.clean:
        return None
    path = Path(note.path)
    _check(workstream, note.branch, note.path, left)
    message = f"{plain(subject) or workstream}\n\nLeft uncommitted by attempt {attempt}.\n\nLocust-Tui-Run: {workstream}.{attempt}\n"
    async with alone(space):
        await git(path, "add", "--all", within=SLOW_S)
        try:
            await git(
                path,
                "commit",
                "--quiet",
                "--no-gpg-sign",
                "-m",
                message,
                env=await identity(space, agent),
                within=SLOW_S,
                hooks=True,
                umask=space.umask,
            )
        except GitError as error:
            raise GitError(
                f"what {workstream} left could not be committed: {one_line(error.message)}",
                help=f"commit it in {path}, or send it back: ws reject {workstream} --note …",
            ) from error
    point("left.committed")
    return (await standing(path, untracked="no")).head


def _check(workstream: str, branch: str, path: str, left: Standing) -> None:
    if left.conflicted or left.unfinished:
        what = (
            f"conflicts in {some(left.conflicted)}" if left.conflicted else f"an unfinished {left.unfinished}"
        )
        raise GitError(f"{workstream} left {what} in {path}", help=f"finish it there: git -C {path} status")
    if left.branch != branch:
        where = f"on branch {left.branch}" if left.branch else "on no branch"
        raise GitError(
            f"{workstream} left its worktree {where}, not on {branch}", help=f"git -C {path} switch {branch}"
        )
    if left.nested:
        raise GitError(
            f"{workstream} made a repository of its own in {some(left.nested)}, which cannot be committed",
            help=f"remove its .git folder in {path}, or ignore it",
        )
