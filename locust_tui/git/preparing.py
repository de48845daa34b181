"""A workstream's worktree: made on what its needs produced, gone on with by later attempts, never taken from others."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import field, replace
from pathlib import Path

from locust_tui.domain.criterion import Command
from locust_tui.domain.dataclass import dataclass
from locust_tui.fault import point

from .calling import SLOW_S, GitError, clean_environment, git
from .including import include_ignored
from .joining import join_trees, plain, write_merge
from .repository import branch_head, check_branch_name, is_ancestor, work_trees
from .setup import run_commands
from .status import some, standing
from .workspace import Workspace, WorktreeNote, alone, notes, read_note, remove_note, write_note

_ROOM = 256 * 1024**2
"""Bytes that stay free beside a new worktree."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next attempt of a workstream works in."""

    workstream: str
    needs: tuple[str, ...] = ()
    """Workstreams it builds on; those with an unmerged branch of ours are merged into its base."""
    setup: tuple[Command, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    """The plan's own variables for the setup commands."""


@dataclass(frozen=True, slots=True)
class Worktree:
    """A worktree that is ready for an attempt."""

    path: Path
    branch: str
    base: str
    env: dict[str, str]
    """What setup, agent and teardown get: LOCUST_TUI_WORKTREE, LOCUST_TUI_REPO_ROOT, LOCUST_TUI_WORKTREE_NUMBER."""
    made: bool
    """False: an earlier attempt's is gone on with."""
    remarks: tuple[str, ...] = ()
    """What a person should know: work that is not in it, submodules that are empty."""


class NeedsConflictError(GitError):
    """Two branches a workstream builds on cannot be merged by themselves."""


async def prepare(space: Workspace, wanted: Wanted, log: Path) -> Worktree:
    """Make the worktree and branch of a workstream, or find those of its earlier attempt; run setup in a new one.

    Raises GitError when a branch or folder of that name is somebody else's, when needs conflict, when there is no
    room, and when a setup command fails; `log` holds what the commands said.
    """
    async with alone(space):
        note = read_note(space, wanted.workstream)
        if note is not None and (note.trash or not note.ready):
            await _take_down(space, note)
            note = None
        if note is not None:
            note = await _go_on(space, note)
            return _worktree(space, note, made=False)
        note, remarks = await _make(space, wanted)
    await include_ignored(space.repository.top, Path(note.path))
    env = clean_environment(variables(space, note) | wanted.env)
    await run_commands(wanted.setup, Path(note.path), env, log, umask=space.umask)
    point("worktree.set-up")
    note = write_note(space, replace(note, ready=True))
    point("worktree.ready")
    return _worktree(space, note, made=True, remarks=remarks)


def variables(space: Workspace, note: WorktreeNote) -> dict[str, str]:
    """Variables that lead a command to the worktree and the repository it belongs to."""
    return {
        "LOCUST_TUI_WORKTREE": note.path,
        "LOCUST_TUI_REPO_ROOT": str(space.repository.top),
        "LOCUST_TUI_WORKTREE_NUMBER": str(note.number),
        "LOCUST_TUI_WORKSTREAM": note.workstream,
    }


def _worktree(space: Workspace, note: WorktreeNote, *, made: bool, remarks: tuple[str, ...] = ()) -> Worktree:
    return Worktree(Path(note.path), note.branch, note.base, variables(space, note), made, remarks)


async def _make(space: Workspace, wanted: Wanted) -> tuple[WorktreeNote, tuple[str, ...]]:
    top, branch, path = space.repository.top, space.branch(wanted.workstream), space.path(wanted.workstream)
    await check_branch_name(top, branch)
    await _check_free(space, branch, path)
    head = await branch_head(top, space.integration)
    assert head is not None
    base, needs = await _base(space, wanted, head)
    await _check_room(space, base)
    taken = {n.number for n in notes(space)}
    number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    note = write_note(space, WorktreeNote(wanted.workstream, branch, str(path), number, base, needs))
    point("worktree.noted")
    await git(top, "update-ref", "-m", "locust-tui: begin", f"refs/heads/{branch}", base, "")
    point("worktree.branched")
    await _check_out(space, note)
    point("worktree.checked-out")
    return note, await _remarks(space)


async def _check_out(space: Workspace, note: WorktreeNote) -> None:
    """`git worktree add`; the hook post-checkout runs, as it does for a person."""
    top = space.repository.top
    try:
        await git(
            top,
            "worktree",
            "add",
            "--quiet",
            note.path,
            note.branch,
            within=SLOW_S,
            hooks=True,
            umask=space.umask,
        )
    except GitError as error:
        await _take_down(space, note)
        raise GitError(f"no worktree for {note.workstream}: {error.message}", help=error.help) from error


async def _check_free(space: Workspace, branch: str, path: Path) -> None:
    """Refuse a branch or a folder that nobody of us has noted."""
    top = space.repository.top
    if os.path.lexists(path):
        raise GitError(f"{path} is there already and is not ours", help="move it away, or remove it")
    for found in await work_trees(top):
        if found.branch == branch and not found.gone:
            raise GitError(
                f'branch "{branch}" is checked out in {found.path}, by somebody else',
                help="give this plan a prefix of its own: git: {prefix: …}",
            )
    if await branch_head(top, branch) is not None:
        raise GitError(
            f'branch "{branch}" exists already and was not made by this plan',
            help=f"git branch -m {branch} NEW-NAME, or git: {{prefix: …}} in the plan",
        )
    await git(top, "worktree", "prune")


async def _base(space: Workspace, wanted: Wanted, head: str) -> tuple[str, dict[str, str]]:
    """The integration branch with each unmerged need's branch merged in."""
    top = space.repository.top
    base, merged = head, {}
    for need in dict.fromkeys(wanted.needs):
        note = read_note(space, need)
        theirs = await branch_head(top, note.branch) if note is not None else None
        if note is None or theirs is None or await is_ancestor(top, theirs, base):
            continue
        merged[need] = theirs
        if await is_ancestor(top, base, theirs):
            base = theirs
            continue
        joined = await join_trees(space, base, theirs)
        if joined.tree is None:
            others = ", ".join([space.integration, *list(merged)[:-1]])
            raise NeedsConflictError(
                f"{wanted.workstream} builds on {need}, whose work conflicts with that of {others} in "
                f"{some(joined.conflicts)}",
                help=f"merge {need} first (ws accept {need}), or send it back: ws reject {need} --note …",
            )
        message = f"Begin {plain(wanted.workstream)} on {plain(need)}\n\nLocust-Tui-Base-Of: {plain(wanted.workstream)}\n"
        base = await write_merge(space, joined.tree, (base, theirs), message)
    return base, merged


async def _check_room(space: Workspace, base: str) -> None:
    sizes = await git(space.repository.top, "ls-tree", "-r", "-z", "--format=%(objectsize)", base)
    needed = sum(int(size) for size in sizes.fields() if size.isdigit())
    free = shutil.disk_usage(space.worktrees).free
    if free < needed + _ROOM:
        raise GitError(
            f"a worktree needs {needed / 1e6:.0f} MB, and {space.worktrees} has {free / 1e6:.0f} MB left",
            help="locust-tui land --clean removes the worktrees whose work is merged",
        ) from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def _remarks(space: Workspace) -> tuple[str, ...]:
    remarks = []
    for tree in await work_trees(space.repository.top):
        if tree.branch == space.integration and not tree.gone:
            left = (await standing(tree.path, untracked="normal")).uncommitted
            if left:
                remarks.append(f"not in it, since not committed in {tree.path}: {some(left)}")
    if space.repository.submodules:
        remarks.append(
            "submodules are empty in it; a setup command can fill them: git submodule update --init"
        )
    return tuple(remarks)


async def _go_on(space: Workspace, note: WorktreeNote) -> WorktreeNote:
    """The worktree of an earlier attempt, as it was left. One whose folder is gone is checked out again."""
    top, path = space.repository.top, Path(note.path)
    head = await branch_head(top, note.branch)
    if head is None:
        raise GitError(
            f'branch "{note.branch}" of {note.workstream} is gone',
            help=f"git branch {note.branch} COMMIT brings it back (git reflog, git fsck --lost-found)",
        )
    found = {tree.path: tree for tree in await work_trees(top)}
    if not os.path.lexists(path):
        await git(top, "worktree", "prune")
        await _check_out(space, note)
    elif path.resolve() not in {p.resolve() for p in found}:
        raise GitError(
            f"{path} is no longer a worktree of {top}", help="move it away; the branch is still there"
        )
    if head == note.base:
        return await _freshen(space, note)
    return note


async def _freshen(space: Workspace, note: WorktreeNote) -> WorktreeNote:
    """Bring a worktree nobody committed to up to date, so that an attempt does not begin on a stale base."""
    top, path = space.repository.top, Path(note.path)
    now = await branch_head(top, space.integration)
    left = await standing(path)
    if now is None or now == note.base or not left.clean or left.branch != note.branch:
        return note
    if not await is_ancestor(top, note.base, now):
        return note
    await git(path, "merge", "--ff-only", "--quiet", now, within=SLOW_S, umask=space.umask)
    return write_note(space, replace(note, base=now))


async def has_gone_to_trash(space: Workspace, note: WorktreeNote) -> bool:
    """Whether its removal has begun, with all that its branch holds in the trash."""
    if not note.trash:
        return False
    head = await branch_head(space.repository.top, note.branch)
    return head is None or await is_ancestor(space.repository.top, head, note.trash)


async def _take_down(space: Workspace, note: WorktreeNote) -> None:
    """Remove what was begun and never worked in, or is in the trash. Raises GitError when somebody did work there."""
    top = space.repository.top
    head = await branch_head(top, note.branch)
    if head not in (None, note.base) and not await has_gone_to_trash(space, note):
        raise GitError(
            f"{note.path} was never set up, and yet its branch {note.branch} has commits",
            help="look at them; git branch -m keeps them under another name",
        )
    known = {tree.path.resolve() for tree in await work_trees(top)}
    path = Path(note.path)
    if path.resolve() in known:
        await git(top, "worktree", "remove", "--force", "--force", note.path, within=SLOW_S)
    if path.is_dir() and not path.is_symlink() and path.parent == space.worktrees:
        shutil.rmtree(path)
    await git(top, "worktree", "prune")
    if head is not None:
        await git(top, "update-ref", "-d", f"refs/heads/{note.branch}", head)
    remove_note(space, note.workstream)
