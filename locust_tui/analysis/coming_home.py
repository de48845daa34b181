"""What keeps work done in a worktree from being merged, as far as a person has to see to it."""

from __future__ import annotations

from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.plan import Workstream
from locust_tui.domain.world import WorkstreamStatus


def git_key(workstream: str) -> str:
    """Stands among the keys being measured while git works for a workstream."""
    return criterion_key(f"git:{workstream}", "work")


def is_collected(workstream: Workstream, status: WorkstreamStatus) -> bool:
    """Whether its latest attempt's worktree was looked at; true where it has none."""
    return not (workstream.worktree and status.worktree) or status.collected == status.attempt


def coming_home_obstacles(
    workstream: Workstream, status: WorkstreamStatus, checks_passed: int
) -> tuple[str, ...]:
    """What a person must see to. An attempt without a commit that no check looked at proves nothing: it wants a yes."""
    if not (workstream.worktree and status.worktree) or status.merged:
        return ()
    if status.hindrance:
        return (f"a person: {status.hindrance}",)
    if not status.commits and not checks_passed and status.passed_attempt != status.attempt:
        return ("a person's yes: it made no commit, and no check looked at it",)
    return ()
