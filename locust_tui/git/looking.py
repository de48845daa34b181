"""What a workstream did: its own commits, the files they changed, the diff, and whether it is merged."""

from __future__ import annotations

from pathlib import Path

from locust_tui.domain.changes import Changes, Commit, Diff, FileChange

from .calling import GitError, git
from .committing import uncommitted_of
from .repository import branch_head, commit_of, is_ancestor
from .status import Standing
from .workspace import Workspace, WorktreeNote, read_note

_MOST_COMMITS = 200
_MOST_FILES = 2000
DIFF_LIMIT = 2 * 1024**2
"""Bytes of a diff that are read at once."""
_WORDS = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "retyped",
    "U": "unmerged",
}
_SAFE_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--submodule=short")
MERGED_TRAILER = "Locust-Tui-Merged"
WORKSTREAM_TRAILER = "Locust-Tui-Workstream"


async def changes(space: Workspace, workstream: str) -> Changes | None:
    """Everything about a workstream's branch; None when no worktree was ever made for it. Raises GitError."""
    note = read_note(space, workstream)
    if note is None:
        return None
    top, head = space.repository.top, await branch_head(space.repository.top, note.branch)
    if head is None:
        raise GitError(
            f'branch "{note.branch}" of {workstream} is gone', help="git reflog shows where it was"
        )
    target = await branch_head(top, space.integration)
    if target is None:
        raise GitError(f'the branch "{space.integration}" that {workstream} goes to is gone')
    merged = head != note.base and await is_ancestor(top, head, target)
    merge = await find_merge(space, head, target) if merged else None
    since = await _since(top, note, head, f"{merge}^1" if merge else target)
    commits, count = await _commits(top, note, head, since if merge else target)
    files, file_count = await _files(top, since, head)
    left = await uncommitted_of(space, workstream)
    sides = await git(top, "rev-list", "--left-right", "--count", f"{target}...{head}")
    behind, ahead = (int(n) for n in sides.text.split())
    return Changes(
        workstream=workstream,
        branch=note.branch,
        path=note.path,
        integration=space.integration,
        head=head,
        since=since,
        commits=commits,
        commit_count=count,
        files=files,
        file_count=file_count,
        uncommitted=left.uncommitted if left else (),
        unfinished=left.unfinished if left else None,
        stands_on=_elsewhere(note, left),
        ahead=ahead,
        behind=behind,
        unpushed=left.unpushed if left else 0,
        upstream=left.upstream if left else None,
        merged=merged,
        merge=merge,
        pull_request=note.pull_request,
    )


async def diff(
    space: Workspace, workstream: str, path: str | None = None, *, limit: int = DIFF_LIMIT, stat: bool = False
) -> Diff:
    """The diff of all a workstream committed, or of one file; `stat`: only how much changed where. Raises GitError."""
    found = await changes(space, workstream)
    if found is None:
        raise GitError(f"{workstream} has no worktree, so there is no diff")
    form = ("--stat=100", "--summary") if stat else ("--patch",)
    only: tuple[str, ...] = ("--", path) if path is not None else ("--",)
    if path is not None and (old := next((f.old_path for f in found.files if f.path == path), None)):
        only = ("--", old, path)
    answer = await git(
        space.repository.top,
        "--literal-pathspecs",
        "diff",
        *_SAFE_DIFF,
        *form,
        found.since,
        found.head,
        *only,
        limit=limit,
    )
    return Diff(answer.out.decode("utf-8", "replace"), answer.cut, limit)


async def find_merge(space: Workspace, head: str, target: str) -> str | None:
    """The merge of ours that brought exactly `head` to `target`; how a merge is found again after a death."""
    pattern = f"^{MERGED_TRAILER}: {head}$"
    answer = await git(
        space.repository.top, "log", "--merges", "--format=%H %P", f"--grep={pattern}", f"{head}..{target}"
    )
    for line in answer.text.splitlines():
        commit, *parents = line.split()
        if head in parents[1:]:
            return commit
    return None


async def _since(top: Path, note: WorktreeNote, head: str, target: str) -> str:
    """What to compare with: the last state of the integration branch it has, or its base if that has more."""
    answer = await git(top, "merge-base", target, head, allowed=(0, 1))
    common = answer.text
    if not common or await commit_of(top, note.base) is None:
        return common or note.base
    return common if await is_ancestor(top, note.base, common) else note.base


async def _commits(top: Path, note: WorktreeNote, head: str, without: str) -> tuple[tuple[Commit, ...], int]:
    own = (head, f"^{note.base}", f"^{without}", "--")
    count = int((await git(top, "rev-list", "--count", *own)).text)
    form = "--format=%H%x00%an%x00%ct%x00%s"
    answer = await git(top, "log", "-z", form, f"--max-count={_MOST_COMMITS}", *own)
    parts = answer.out.decode("utf-8", "replace").split("\0")
    rows = [parts[i : i + 4] for i in range(0, len(parts) - 3, 4)]
    return tuple(Commit(id, author, float(at), subject) for id, author, at, subject in rows), count


async def _files(top: Path, since: str, head: str) -> tuple[tuple[FileChange, ...], int]:
    """`--raw` gives status and names, `--numstat` the lines; both come NUL-separated, one block after the other."""
    answer = await git(top, "diff", "--raw", "--numstat", "-z", *_SAFE_DIFF, since, head, "--")
    words = iter(answer.fields())
    statuses: dict[str, tuple[str, str | None]] = {}
    files = []
    for word in words:
        if word.startswith(":"):
            letter = word.rsplit(" ", 1)[1][0]
            old = next(words, "") if letter in "RC" else None
            statuses[next(words, "")] = _WORDS.get(letter, "modified"), old
            continue
        added, deleted, path = word.split("\t", 2)
        if not path:
            next(words, "")
            path = next(words, "")
        status, old = statuses.get(path, ("modified", None))
        files.append(FileChange(path, status, _lines(added), _lines(deleted), old))
    return tuple(files[:_MOST_FILES]), len(files)


def _lines(word: str) -> int | None:
    return int(word) if word.isdigit() else None


def _elsewhere(note: WorktreeNote, left: Standing | None) -> str | None:
    if left is None or left.branch == note.branch:
        return None
    return f"branch {left.branch}" if left.branch else f"commit {(left.head or '?')[:9]}, on no branch"
