"""What of a git repository an agent inside a fence may write: its own commits, and nothing that git would execute.

Hooks, settings and the words that lead from a worktree to its repository stay read-only: git outside the fence, a person's
or the worker's, acts on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .sandbox import Place


def repository_places(folder: Path, *, commits: bool) -> tuple[Place, ...]:
    """Places of the repository that `folder` stands in; with `commits` those of its worktree's branch are writable.

    Without, or in a main work tree, where git keeps its settings beside what a commit writes, all of it is read-only.
    Makes folders that git would make with the first commit.
    """
    top = next((up for up in (folder, *folder.parents) if (up / ".git").exists()), None)
    if top is None:
        return ()
    own = _led_to(top / ".git") if commits else None
    return (*(_of_worktree(own) if own is not None else ()), Place(top / ".git"))


def _led_to(link: Path) -> Path | None:
    """The folder that a linked worktree's `.git` file names; None for a repository of its own."""
    if not link.is_file():
        return None
    word, _, where = link.read_text(errors="surrogateescape").strip().partition("gitdir: ")
    return None if word or not where else (link.parent / where).resolve()


def _of_worktree(own: Path) -> Iterator[Place]:
    common = own.parent.parent
    with suppress(FileNotFoundError):
        common = (own / (own / "commondir").read_text(errors="surrogateescape").strip()).resolve()
    yield Place(common)
    for name in ("objects", "refs", "logs", "reftable", "lfs"):
        yield Place(common / name, True)
    _make(common / "objects" / "info")
    yield Place(common / "objects" / "info")  # it may name other repositories to read objects from
    branch = _branch(own)
    for heads in (common / "refs" / "heads", common / "logs" / "refs" / "heads"):
        yield Place(heads)
        if branch:
            _make(mine := (heads / branch).parent)
            yield Place(mine, True)
    yield Place(own, True)
    if "worktreeconfig" in _text(common / "config").lower():
        (own / "config.worktree").touch(mode=0o644)
    for name in ("commondir", "gitdir", "config.worktree"):
        yield Place(own / name)


def _branch(own: Path) -> str:
    """The branch that it stands on; empty: none."""
    head = _text(own / "HEAD").strip()
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
