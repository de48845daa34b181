"""What keeps finished work from being accepted, and what was done in a worktree from being merged, until a person saw to it."""

from __future__ import annotations

from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.plan import Workstream
from locust_tui.domain.world import RunStatus, WorkstreamStatus


def git_key(workstream: str) -> str:
    """Stands among the keys being measured while git works for a workstream."""
    return criterion_key(f"git:{workstream}", "work")


def is_collected(workstream: Workstream, status: WorkstreamStatus) -> bool:
    """Whether its latest attempt's worktree was looked at; true where it has none."""
    return not (workstream.worktree and status.worktree) or status.collected == status.attempt


def coming_home_obstacles(
    workstream: Workstream, status: WorkstreamStatus, run: RunStatus | None, checks_passed: int
) -> tuple[str, ...]:
    """What a person must see to; `run` is that of its latest attempt.

    An attempt without a commit, one that was denied something, or one that ended while it said that it was blocked, proves
    nothing where no check looked at it: it wants a yes.
    """
    unproved = not checks_passed and status.passed_attempt != status.attempt
    if status.blocker and unproved:
        return (f"a person's yes: its agent said that it was blocked: {status.blocker}",)
    if run is not None and run.denied and unproved:
        one = "1 of its requests was" if run.denied == 1 else f"{run.denied} of its requests were"
        return (f"a person's yes: {one} denied, and nothing checks the work",)
    if not (workstream.worktree and status.worktree) or status.merged:
        return ()
    if status.hindrance:
        return (f"a person: {status.hindrance}",)
    if not status.commits and unproved:
        return ("a person's yes: it made no commit, and no check looked at it",)
    return ()
