"""The end of a worktree: refused while anything in it has not come home; its last state is kept in a trash ref."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from locust_tui.domain.changes import LandRow
from locust_tui.domain.criterion import Command
from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import RefusedError
from locust_tui.fault import point

from .calling import SLOW_S, GitError, clean_environment, git
from .joining import identity, write_merge
from .landing import row
from .preparing import has_gone_to_trash, variables
from .repository import branch_head, work_trees
from .setup import run_commands
from .status import standing
from .workspace import Workspace, WorktreeNote, alone, read_note, remove_note, write_note

TRASH = "refs/locust-tui/trash"


@dataclass(frozen=True, slots=True)
class Removed:
    """A worktree that is gone, and where its last state can be found."""

    workstream: str
    branch: str
    path: str
    trash: str
    """A ref; `git branch NAME REF` brings the work back."""


async def clean(
    space: Workspace, workstream: str, log: Path, *, teardown: Sequence[Command] = (), discard: bool = False
) -> Removed:
    """Remove a workstream's worktree and branch, after its teardown commands.

    Raises RefusedError, and removes nothing, while something is uncommitted, unmerged or unpushed. `discard` gives up
    what is not merged: all of it, uncommitted and untracked files too, goes to the trash ref first. Ignored files go.
    Raises GitError when a teardown command or git fails. Cut short, it is finished when asked again; its note stays until
    `forget`, so that this can be told as long as nobody has written down that it is gone.
    """
    async with alone(space):
        note = read_note(space, workstream)
        if note is None:
            raise GitError(f"{workstream} has no worktree")
        if not await has_gone_to_trash(space, note):
            note = await _let_go(space, note, log, teardown, discard)
        await _remove(space, note, discard)
        return Removed(workstream, note.branch, note.path, note.trash)


def forget(space: Workspace, workstream: str) -> None:
    """The end of a removal, once it is on record."""
    remove_note(space, workstream)


async def _let_go(
    space: Workspace, note: WorktreeNote, log: Path, teardown: Sequence[Command], discard: bool
) -> WorktreeNote:
    """Its last state kept in the trash, if nothing speaks against its removal; the note says so from then on."""
    if note.trash:  # somebody worked on after a removal that was cut short
        note = write_note(space, replace(note, trash=""))
    await _check(space, note, discard)
    path = Path(note.path)
    if path.is_dir() and note.ready and teardown:
        env = clean_environment(variables(space, note))
        await run_commands(teardown, path, env, log, umask=space.umask)
        await _check(space, note, discard)
    trash = await _to_trash(space, note, discard)
    point("trash.kept")
    return write_note(space, replace(note, trash=trash))


async def _check(space: Workspace, note: WorktreeNote, discard: bool) -> None:
    found: LandRow = await row(space, note)
    if found.held_back and not discard:
        raise RefusedError(
            f"{note.workstream} stays: {'; '.join(found.held_back)}",
            help=f"locust-tui ws diff {note.workstream}",
        )
    if discard and found.problem is not None:
        raise GitError(f"{note.workstream} stays: {found.problem}")


async def _to_trash(space: Workspace, note: WorktreeNote, discard: bool) -> str:
    top = space.repository.top
    head = await branch_head(top, note.branch)
    assert head is not None
    last = head
    path = Path(note.path)
    if discard and path.is_dir():
        left = await standing(path)
        parents = tuple(dict.fromkeys((head, left.head or head)))
        if left.uncommitted or len(parents) > 1:
            tree = await _snapshot(space, path)
            last = await write_merge(
                space, tree, parents, f"{note.workstream} as it was when it was removed\n"
            )
    ref = f"{TRASH}/{note.workstream}/{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{last[:9]}"
    await git(top, "update-ref", "-m", "locust-tui: removed", ref, last)
    return ref


async def _snapshot(space: Workspace, path: Path) -> str:
    """Tree of all that is not ignored, without touching the worktree's index."""
    with tempfile.TemporaryDirectory(prefix="locust-tui-") as scratch:
        env = {"GIT_INDEX_FILE": os.path.join(scratch, "index"), **await identity(space)}
        await git(path, "add", "--all", env=env, within=SLOW_S)
        return (await git(path, "write-tree", env=env)).text


async def _remove(space: Workspace, note: WorktreeNote, discard: bool) -> None:
    top, path = space.repository.top, Path(note.path)
    force = ("--force", "--force") if discard else ()
    if path.resolve() in {tree.path.resolve() for tree in await work_trees(top) if not tree.gone}:
        await git(top, "worktree", "remove", *force, note.path, within=SLOW_S)
    point("worktree.removed")
    await git(top, "worktree", "prune")
    head = await branch_head(top, note.branch)
    if head is not None:
        await git(top, "update-ref", "-d", f"refs/heads/{note.branch}", head)
    await git(top, "config", "--remove-section", f"branch.{note.branch}", allowed=(0, 5, 128))
    point("branch.deleted")
