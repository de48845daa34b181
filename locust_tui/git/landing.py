"""The ledger of what has not come home: uncommitted, unmerged, unpushed, for each worktree and the main checkout."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from locust_tui.domain.changes import LandRow, Ledger

from .calling import GitError, git
from .committing import uncommitted_of
from .repository import branch_head, commit_of, work_trees
from .squashing import any_squash
from .status import standing
from .workspace import Workspace, WorktreeNote, notes, read_note

_MOST_ENTRIES = 100_000


async def land(space: Workspace, *, sizes: bool = True) -> Ledger:
    """Look at every worktree of the plan and at the main checkout. `sizes`: count bytes, too. Raises GitError."""
    known = notes(space)
    rows = await asyncio.gather(*(row(space, note, sizes=sizes) for note in known))
    names = {name for note in known for name in (note.workstream, f"{note.workstream}.json")}
    strays = sorted(
        str(path) for path in space.worktrees.glob("*") if path.is_dir() and path.name not in names
    )
    return Ledger(space.integration, await _main(space), tuple(rows), tuple(strays))


async def homes(space: Workspace) -> tuple[str, ...]:
    """Commits that have what has come home: of the integration branch, and of what was last fetched of its upstream."""
    head = await branch_head(space.repository.top, space.integration)
    return await _homes(space.repository.top, space.integration, head) if head is not None else ()


async def came_home(space: Workspace, workstream: str) -> str | None:
    """The head of a workstream's branch, where all of that has come home; else None. Raises GitError."""
    note = read_note(space, workstream)
    if note is None or not (await _row(space, note, sizes=False)).merged:
        return None
    return await branch_head(space.repository.top, note.branch)


async def row(space: Workspace, note: WorktreeNote, *, sizes: bool = False) -> LandRow:
    """One worktree; what cannot be looked at is said in `problem`."""
    try:
        return await _row(space, note, sizes)
    except GitError as error:
        return LandRow(note.workstream, note.branch, note.path, problem=error.message)


async def _row(space: Workspace, note: WorktreeNote, sizes: bool) -> LandRow:
    top, path = space.repository.top, Path(note.path)
    head, target = await branch_head(top, note.branch), await branch_head(top, space.integration)
    if note.trash:
        raise GitError("its removal was cut short: ask for it again")
    if head is None:
        raise GitError(f'branch "{note.branch}" is gone')
    if target is None:
        raise GitError(f'branch "{space.integration}" is gone')
    left = await uncommitted_of(space, note.workstream)
    homes = await _homes(top, space.integration, target)
    # what is in its base belongs to the workstreams it builds on
    base = await commit_of(top, note.base)
    not_own = homes if base is None else (*homes, base)
    unmerged = await _count(top, *(f"^{one}" for one in not_own), head)
    squashed = unmerged > 0 and await any_squash(space, homes, head, base)
    if squashed:
        unmerged = 0
    stands_on = None
    if left is not None and left.branch != note.branch:
        lost = await _count(top, f"^{target}", f"^{head}", left.head or head)
        where = f"branch {left.branch}" if left.branch else f"commit {(left.head or '?')[:9]}, on no branch"
        stands_on = f"{where} ({lost} commit{'' if lost == 1 else 's'} only there)" if lost else where
    size, complete = await asyncio.to_thread(_size, path) if sizes else (0, True)
    return LandRow(
        workstream=note.workstream,
        branch=note.branch,
        path=note.path,
        uncommitted=left.uncommitted if left else (),
        unfinished=left.unfinished if left else None,
        stands_on=stands_on,
        unmerged=unmerged,
        unpushed=await _unpushed(top, note.branch),
        upstream=await _upstream(top, note.branch),
        merged=head != note.base and unmerged == 0,
        squashed=squashed,
        pull_request=note.pull_request,
        size=size,
        size_complete=complete,
    )


async def _homes(top: Path, integration: str, head: str) -> tuple[str, ...]:
    """Where work is at home: the integration branch, and what was last fetched of its upstream."""
    upstream = await _upstream(top, integration)
    there = (
        await git(top, "rev-parse", "--verify", "--quiet", f"{upstream}^{{commit}}", allowed=(0, 1))
        if upstream
        else None
    )
    return (head, there.text) if there is not None and there.text not in ("", head) else (head,)


async def _main(space: Workspace) -> LandRow:
    trees = [t for t in await work_trees(space.repository.top) if not t.gone]
    path = next((t.path for t in trees if t.branch == space.integration), space.repository.top)
    left = await standing(path)
    unpushed = await _unpushed(path, space.integration)
    upstream = await _upstream(path, space.integration)
    return LandRow(
        "", left.branch, str(path), left.uncommitted, left.unfinished, unpushed=unpushed, upstream=upstream
    )


async def _upstream(top: Path, branch: str) -> str | None:
    answer = await git(
        top, "for-each-ref", "--format=%(upstream:short)%00%(upstream:track)", f"refs/heads/{branch}"
    )
    name, _, track = answer.text.splitlines()[0].partition("\0") if answer.text else ("", "", "")
    return name if name and track != "[gone]" else None


async def _unpushed(top: Path, branch: str) -> int:
    if await _upstream(top, branch) is None:
        return 0
    return await _count(top, f"^{branch}@{{upstream}}", f"refs/heads/{branch}")


async def _count(top: Path, *revisions: str) -> int:
    return int((await git(top, "rev-list", "--count", *revisions, "--")).text)


def _size(folder: Path) -> tuple[int, bool]:
    """Bytes on disk below `folder`, and whether all of it was counted; links are not followed."""
    total, seen, waiting = 0, 0, [os.fspath(folder)]
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                seen += 1
                if seen > _MOST_ENTRIES:
                    return total, False
                total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total, True
