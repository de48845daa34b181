"""Events of workstreams and of the worktrees that they are done in."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import WorkstreamState


@dataclass(frozen=True, slots=True)
class WorkstreamMoved:
    workstream: str
    old: WorkstreamState
    new: WorkstreamState
    reason: str = ""
    retry_at: float | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class WorkstreamReported:
    """What an agent said about its own work; absent parts are None."""

    workstream: str
    run: str | None = None
    progress: float | None = None
    """Points, 0 to 100."""
    note: str | None = None
    blocker: str | None = None
    next: str | None = None
    deliverable: str | None = None
    stream: str | None = None
    """"log" or "events": the file of the run that said it."""
    offset: int | None = None
    """Where reading that file goes on: a report is taken once, whoever restarts."""


@dataclass(frozen=True, slots=True)
class DeliverableVerified:
    """`verified` False takes an earlier verification back."""

    workstream: str
    deliverable: str
    verified: bool = True
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamReviewed:
    workstream: str
    attempt: int
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorktreeMade:
    workstream: str
    path: str
    branch: str
    base: str
    """Commit it began from."""
    into: str
    """Branch its work comes home to."""
    parts: tuple[str, ...] = ()
    """Workstreams whose work it is based on."""


@dataclass(frozen=True, slots=True)
class WorkCollected:
    """What an attempt left in its worktree, looked at after its run and before anything is merged."""

    workstream: str
    attempt: int
    head: str
    commits: int
    files: int
    committed: str = ""
    """Commit that was made, in the agent's name, of what it had left uncommitted."""
    uncommitted: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot come home as it is, in words; a person's next yes looks again."""


@dataclass(frozen=True, slots=True)
class WorkMerged:
    workstream: str
    commit: str
    into: str
    pull_request: str = ""
    """Its address, where one was opened in place of a merge."""


@dataclass(frozen=True, slots=True)
class MergeConflicted:
    workstream: str
    files: tuple[str, ...]
    others: tuple[str, ...] = ()
    """Workstreams whose merged work the conflict is with; empty: a person's own commits."""


@dataclass(frozen=True, slots=True)
class WorktreeRemoved:
    workstream: str
    kept_as: str = ""
    """Ref that still holds what was removed."""
