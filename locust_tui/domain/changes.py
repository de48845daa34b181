"""What a workstream changed in git: values for a review, whoever looked."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    author: str
    at: float
    """When it was committed, in seconds since the epoch."""
    subject: str


@dataclass(frozen=True, slots=True)
class FileChange:
    path: str
    status: str
    """added, modified, deleted, renamed, copied, retyped, or unmerged."""
    added: int | None
    """Lines; None for a binary file."""
    deleted: int | None
    old_path: str | None = None
    """Where a renamed or copied file came from."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything a workstream did in its worktree, against what it began with."""

    workstream: str
    branch: str
    path: str
    """The worktree; its folder may be gone."""
    integration: str
    """The branch it goes to."""
    head: str
    since: str
    """Commit the files are compared with."""
    commits: tuple[Commit, ...] = ()
    """Its own, newest first; at most 200."""
    commit_count: int = 0
    files: tuple[FileChange, ...] = ()
    """At most 2,000, in git's order."""
    file_count: int = 0
    uncommitted: tuple[str, ...] = ()
    unfinished: str | None = None
    """merge, rebase, cherry-pick or revert that was begun and not ended."""
    stands_on: str | None = None
    """Where the worktree is checked out, if not on its branch: another branch, or a commit."""
    ahead: int = 0
    """Commits that the integration branch does not have, those of unmerged needs among them."""
    behind: int = 0
    """Commits of the integration branch that it does not have."""
    unpushed: int = 0
    upstream: str | None = None
    merged: bool = False
    """The integration branch contains all of it."""
    merge: str | None = None
    """The commit that brought it there; None while not merged, and when it was not ours."""
    pull_request: str | None = None

    @property
    def added(self) -> int:
        return sum(f.added or 0 for f in self.files)

    @property
    def deleted(self) -> int:
        return sum(f.deleted or 0 for f in self.files)


@dataclass(frozen=True, slots=True)
class Diff:
    """Unified diff as git printed it; bytes that are no UTF-8 are replaced."""

    text: str
    cut: bool = False
    """There was more than the limit."""
    limit: int = 0
    """Bytes."""


@dataclass(frozen=True, slots=True)
class LandRow:
    """What has not come home of one worktree, or of the main checkout (`workstream` is empty then)."""

    workstream: str
    branch: str | None
    path: str
    uncommitted: tuple[str, ...] = ()
    unfinished: str | None = None
    stands_on: str | None = None
    unmerged: int = 0
    """Commits that neither the integration branch nor its upstream has."""
    unpushed: int = 0
    """Commits that the branch's upstream does not have; 0 without one."""
    upstream: str | None = None
    merged: bool = False
    squashed: bool = False
    """Its commits are nowhere else, and all that they change is: one commit in their place came home."""
    pull_request: str | None = None
    problem: str | None = None
    """Why it could not be looked at."""
    size: int = 0
    """Bytes in its folder, as far as counted."""
    size_complete: bool = True

    @property
    def held_back(self) -> tuple[str, ...]:
        """Each reason why it must not be removed, in words; empty when nothing would be lost."""
        files = len(self.uncommitted)
        return tuple(
            words
            for words, holds in (
                (self.problem or "", self.problem is not None),
                (f"{files} file{'s' if files != 1 else ''} not committed", files > 0),
                (f"a {self.unfinished} is unfinished", self.unfinished is not None),
                (f"its worktree stands on {self.stands_on}", self.stands_on is not None),
                (f"{_commits(self.unmerged)} not merged", self.unmerged > 0),
                (f"{_commits(self.unpushed)} not pushed to {self.upstream}", self.unpushed > 0),
            )
            if holds
        )


def _commits(count: int) -> str:
    return f"{count} commit{'s' if count != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that has not come home yet."""

    integration: str
    main: LandRow
    """The checkout of the integration branch, or the plan's own."""
    rows: tuple[LandRow, ...] = ()
    strays: tuple[str, ...] = ()
    """Folders among the worktrees that nobody has noted."""
