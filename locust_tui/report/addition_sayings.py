"""In words: what commands add to the plan, the tasks of its queues, and agents that are asked for again."""

from __future__ import annotations

from ..domain import events as e
from ..domain.states import TaskState
from .saying import Said, joined, say

_LONGEST = 200


@say.register
def _(body: e.AdditionMade) -> Said:
    return Said(
        "info", f"added to the plan: {body.value[:_LONGEST]}{'…' if len(body.value) > _LONGEST else ''}"
    )


@say.register
def _(body: e.AdditionRemoved) -> Said:
    return Said("info", "taken out of what commands added to the plan")


@say.register
def _(body: e.TaskCreated) -> Said:
    return Said("info", f"task for {body.assignee} ({body.priority}): {body.title}")


@say.register
def _(body: e.TaskMoved) -> Said:
    state = "done" if body.state is TaskState.DONE else "info"
    return Said(state, joined(f"the task is {body.state}", body.note))


@say.register
def _(body: e.RunWanted) -> Said:
    return Said("info", "another run is asked for")
