"""Accepted work comes home: one merge at a time, past the person's open files, found again after a death."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.fault import point

from .calling import SLOW_S, GitError, git
from .committing import uncommitted_of
from .joining import join_trees, plain, write_merge
from .looking import MERGED_TRAILER, WORKSTREAM_TRAILER, find_merge
from .repository import branch_head, is_ancestor, work_trees
from .status import some, standing
from .workspace import Workspace, WorktreeNote, alone, read_note

_MOST_SIDES = 8
_MOST_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who said yes to what; it becomes the message of the merge."""

    workstream: str
    name: str
    attempt: int
    by: str
    evidence: tuple[str, ...] = ()
    note: str = ""


class MergeEnd(StrEnum):
    MERGED = "merged"
    NOTHING = "nothing"
    """The branch has no commit of its own."""
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Merge:
    """How a merge ended. `conflicts`: the files; `others`: who changed them on the integration branch."""

    end: MergeEnd
    commit: str | None = None
    """Merged: the merge; None when a person had merged it before."""
    head: str | None = None
    into: str = ""
    conflicts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


async def merge(space: Workspace, acceptance: Acceptance) -> Merge:
    """Merge a workstream's branch into the integration branch.

    Done once: called again it finds the merge. Where the integration branch is checked out, that work tree follows,
    with hooks, unless files that differ there are in the way. Raises GitError then, when something is uncommitted in
    the worktree, and when the branch is gone; nothing is changed in these cases, nor in a conflict.
    """
    async with alone(space):
        note = read_note(space, acceptance.workstream)
        if note is None:
            raise GitError(f"{acceptance.workstream} has no worktree, so there is nothing to merge")
        top = space.repository.top
        head, target = await branch_head(top, note.branch), await branch_head(top, space.integration)
        if head is None or target is None:
            gone = note.branch if head is None else space.integration
            raise GitError(
                f'branch "{gone}" is gone, so {acceptance.workstream} cannot be merged', help="git reflog"
            )
        if head == note.base:
            await _check_committed(space, note)
            return Merge(MergeEnd.NOTHING, head=head, into=space.integration)
        if await is_ancestor(top, head, target):
            return Merge(MergeEnd.MERGED, await find_merge(space, head, target), head, space.integration)
        await _check_committed(space, note)
        joined = await join_trees(space, target, head)
        if joined.tree is None:
            others = await _others(space, head, target, joined.conflicts)
            return Merge(
                MergeEnd.CONFLICT, None, head, space.integration, joined.conflicts, others, joined.said
            )
        commit = await write_merge(
            space, joined.tree, (target, head), _message(acceptance, note, head, space)
        )
        point("merge.written")
        await _advance(space, target, commit)
        point("merge.advanced")
        return Merge(MergeEnd.MERGED, commit, head, space.integration)


async def foresee(space: Workspace, workstream: str) -> Merge:
    """How a merge would end now: merged, or a conflict. Nothing is changed. Raises GitError as `merge` does."""
    note = read_note(space, workstream)
    if note is None:
        raise GitError(f"{workstream} has no worktree, so there is nothing to merge")
    top = space.repository.top
    head, target = await branch_head(top, note.branch), await branch_head(top, space.integration)
    if head is None or target is None:
        gone = note.branch if head is None else space.integration
        raise GitError(f'branch "{gone}" is gone, so {workstream} cannot be merged', help="git reflog")
    joined = await join_trees(space, target, head)
    if joined.tree is not None:
        return Merge(MergeEnd.MERGED, head=head, into=space.integration)
    others = await _others(space, head, target, joined.conflicts)
    return Merge(MergeEnd.CONFLICT, None, head, space.integration, joined.conflicts, others, joined.said)


async def _check_committed(space: Workspace, note: WorktreeNote) -> None:
    path, left = Path(note.path), await uncommitted_of(space, note.workstream)
    if left is None:
        return
    if left.unfinished:
        raise GitError(f"a {left.unfinished} is unfinished in {path}", help=f"git -C {path} status")
    if left.branch != note.branch:
        raise GitError(
            f"{path} is not on {note.branch} but on {left.branch or 'no branch'}",
            help=f"git -C {path} switch {note.branch}",
        )
    if left.uncommitted:
        count = len(left.uncommitted)
        raise GitError(
            f"{count} file{'s' if count != 1 else ''} not committed in {path}: {some(left.uncommitted)}",
            help=f"git -C {path} add -A && git -C {path} commit, or reject it with a note",
        )


async def _advance(space: Workspace, old: str, new: str) -> None:
    """Move the integration branch, and the work tree that has it checked out, from `old` to `new`."""
    top = space.repository.top
    out = [t for t in await work_trees(top) if t.branch == space.integration and not t.gone]
    if not out:
        await git(top, "update-ref", "-m", "locust-tui: merge", f"refs/heads/{space.integration}", new, old)
        return
    path = out[0].path
    await _check_way(path, old, new)
    await git(
        path,
        "merge",
        "--ff-only",
        "--quiet",
        "--no-autostash",
        "--no-verify-signatures",
        new,
        within=SLOW_S,
        hooks=True,
        umask=space.umask,
    )


async def _check_way(path: Path, old: str, new: str) -> None:
    left = await standing(path)
    if left.unfinished or left.conflicted:
        raise GitError(
            f"{path} is in the middle of a {left.unfinished or 'merge'}",
            help="finish it there, then accept again",
        )
    touched = await git(path, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    files = set(touched.fields())
    folders = {str(parent) for f in files for parent in Path(f).parents}
    in_the_way = [p for p in left.uncommitted if p in files or p in folders or files & _above(p)]
    if in_the_way:
        raise GitError(
            f"the merge would change {some(in_the_way)}, with changes of yours in {path} that are not committed",
            help="commit or stash them there, then accept again",
        )


def _above(path: str) -> set[str]:
    return {str(parent) for parent in Path(path).parents}


async def _others(space: Workspace, head: str, target: str, files: tuple[str, ...]) -> tuple[str, ...]:
    """Who changed the files on the integration branch since the two parted: workstreams by name, else commits."""
    top = space.repository.top
    common = (await git(top, "merge-base", target, head, allowed=(0, 1))).text
    if not common:
        return ()
    paths = ("--", *files[:200])
    found = await _sides(top, f"{common}..{target}", paths)
    if not found:
        # where the two share commits behind a merge, git's search by path passes over that very merge
        every = await _sides(top, f"{common}..{target}", ())
        found = [side for side in every[:_MOST_LOOKED_AT] if await _touched(top, side[0], paths)]
    return tuple(dict.fromkeys(name for _, name in found))[:_MOST_SIDES]


async def _touched(top: Path, commit: str, paths: tuple[str, ...]) -> bool:
    """Whether it changed one of the paths, against its first parent."""
    difference = ("diff", "--quiet", f"{commit}^1", commit)
    return (await git(top, "--literal-pathspecs", *difference, *paths, allowed=(0, 1, 128))).code == 1


async def _sides(top: Path, span: str, paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """Commits of the first line in `span`, each with its workstream's name or its own."""
    form = f"--format=%h%x00%an%x00%s%x00%(trailers:key={WORKSTREAM_TRAILER},valueonly,separator=%x2C)"
    answer = await git(
        top,
        "--literal-pathspecs",
        "log",
        "-z",
        "--first-parent",
        "-m",
        "--no-patch",
        form,
        span,
        *paths,
    )
    parts = answer.out.decode("utf-8", "replace").split("\0")
    found = []
    for i in range(0, len(parts) - 3, 4):
        commit, author, subject, workstream = parts[i : i + 4]
        found.append((commit, workstream.strip() or f"{commit} by {author}: {subject}"))
    return found


def _message(acceptance: Acceptance, note: WorktreeNote, head: str, space: Workspace) -> str:
    lines = [f"Merge {plain(acceptance.workstream)}: {plain(acceptance.name)}", ""]
    lines.append(f"Attempt {acceptance.attempt} on {note.branch}, accepted by {plain(acceptance.by)}.")
    if acceptance.note:
        lines.append(plain(acceptance.note, 500))
    if acceptance.evidence:
        lines += ["", "Evidence:", *(f"- {plain(line, 300)}" for line in acceptance.evidence[:50])]
    lines += [
        "",
        f"{WORKSTREAM_TRAILER}: {plain(acceptance.workstream)}",
        f"Locust-Tui-Attempt: {acceptance.attempt}",
        f"Locust-Tui-Reviewer: {plain(acceptance.by)}",
        f"{MERGED_TRAILER}: {head}",
    ]
    return "\n".join(lines) + "\n"
