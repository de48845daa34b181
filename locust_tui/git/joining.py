"""A merge made of objects alone: no work tree, no index, so nobody's open files are touched."""

from __future__ import annotations

import os

from locust_tui.domain.dataclass import dataclass

from .calling import GitError, git
from .workspace import Workspace

_NAME, _ADDRESS = "locust-tui", "locust-tui@localhost"


@dataclass(frozen=True, slots=True)
class Joined:
    """The tree of a merge, or the files in which both sides changed the same."""

    tree: str | None
    conflicts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """git's own words on each conflict."""


async def join_trees(space: Workspace, ours: str, theirs: str) -> Joined:
    """Merge two commits in memory. Raises GitError when git fails, or they have no common ancestor."""
    options = ("merge-tree", "--write-tree", "-z", "--name-only", "--messages")
    answer = await git(space.repository.top, *options, ours, theirs, allowed=(0, 1), within=300.0)
    words = answer.fields()
    if answer.cut or not words:
        raise GitError(f"git merge-tree said nothing that can be read: {answer.error.strip()}")
    if answer.code == 0:
        return Joined(words[0])
    end = words.index("", 1) if "" in words[1:] else len(words)
    return Joined(None, tuple(dict.fromkeys(words[1:end])), _conflicts_said(words[end + 1 :]))


def _conflicts_said(words: list[str]) -> tuple[str, ...]:
    """Messages come as a count of paths, the paths, a kind and a text."""
    said, at = [], 0
    while at < len(words) and words[at].isdigit():
        at += int(words[at]) + 1
        if at + 1 < len(words) and words[at].startswith("CONFLICT"):
            said.append(words[at + 1].strip())
        at += 2
    return tuple(said)


async def write_merge(space: Workspace, tree: str, parents: tuple[str, ...], message: str) -> str:
    """The commit of a merge; in the name git is configured with, else in ours."""
    arguments = [word for parent in parents for word in ("-p", parent)]
    answer = await git(
        space.repository.top,
        "commit-tree",
        "--no-gpg-sign",
        tree,
        *arguments,
        "-F",
        "-",
        stdin=message.encode("utf-8", "replace"),
        env=await identity(space),
    )
    return answer.text


async def identity(space: Workspace, author: str | None = None) -> dict[str, str]:
    """Environment that names author and committer. `author`: an agent's name, else the configured person.

    Where git knows nobody, the committer is locust-tui: a merge must not fail for want of a name.
    """
    named: dict[str, str] = {}
    email = await git(space.repository.top, "config", "--get", "user.email", allowed=(0, 1))
    known = email.code == 0 and bool(email.text)
    for role in ("AUTHOR", "COMMITTER"):
        if not known and not os.environ.get(f"GIT_{role}_EMAIL"):
            named |= {f"GIT_{role}_NAME": _NAME, f"GIT_{role}_EMAIL": _ADDRESS}
    if author is not None:
        named |= {"GIT_AUTHOR_NAME": plain(author) or _NAME, "GIT_AUTHOR_EMAIL": _ADDRESS}
    return named


def plain(text: str, limit: int = 200) -> str:
    """One line without control characters or angle brackets, for a name or a trailer of a commit."""
    kept = "".join(c if c.isprintable() and c not in "<>" else " " for c in text)
    return " ".join(kept.split())[:limit]
