"""What stands uncommitted in one work tree, and which branch it is on."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from .calling import git

_UNFINISHED = (
    ("MERGE_HEAD", "merge"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A work tree as `git status` sees it; paths from the top, ignored ones left out."""

    head: str | None
    branch: str | None
    tracked: tuple[str, ...]
    """Changed, added, removed or renamed, and not committed."""
    untracked: tuple[str, ...]
    conflicted: tuple[str, ...]
    nested: tuple[str, ...]
    """Repositories of their own inside this one that nobody added."""
    unfinished: str | None
    """merge, rebase, cherry-pick or revert that was begun and not ended."""
    upstream: str | None = None
    unpushed: int = 0
    """Commits that the branch's upstream does not have."""

    @property
    def uncommitted(self) -> tuple[str, ...]:
        return (*self.conflicted, *self.tracked, *self.untracked, *self.nested)

    @property
    def clean(self) -> bool:
        return not self.uncommitted and self.unfinished is None


async def standing(folder: Path, *, untracked: str = "all") -> Standing:
    """Look at the work tree `folder` is the top of. `untracked`: all, normal (folders as one) or no. Raises GitError."""
    answer = await git(
        folder,
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--no-renames",
        "--ahead-behind",
        f"--untracked-files={untracked}",
        "--ignored=no",
        within=120.0,
    )
    about: dict[str, str] = {}
    tracked, loose, conflicted, nested = [], [], [], []
    for record in answer.fields():
        kind, _, rest = record.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            about[name] = value
        elif kind == "1":
            tracked.append(rest.split(" ", 7)[7])
        elif kind == "u":
            conflicted.append(rest.split(" ", 9)[9])
        elif kind == "?" and rest.endswith("/") and os.path.lexists(folder / rest / ".git"):
            nested.append(rest)
        elif kind == "?":
            loose.append(rest)
    head, branch = about.get("branch.oid", "("), about.get("branch.head", "(")
    ahead = about.get("branch.ab", "+0 -0").split(" ")[0]
    return Standing(
        head=None if head.startswith("(") else head,
        branch=None if branch.startswith("(") else branch,
        tracked=tuple(tracked),
        untracked=tuple(loose),
        conflicted=tuple(conflicted),
        nested=tuple(nested),
        unfinished=await _unfinished(folder),
        upstream=about.get("branch.upstream"),
        unpushed=int(ahead),
    )


async def _unfinished(folder: Path) -> str | None:
    own = os.fsdecode((await git(folder, "rev-parse", "--absolute-git-dir")).out).removesuffix("\n")
    return next((word for name, word in _UNFINISHED if os.path.lexists(os.path.join(own, name))), None)


def some(paths: tuple[str, ...] | list[str], most: int = 5) -> str:
    """A few of the paths in words."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
