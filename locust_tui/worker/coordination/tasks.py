"""The queues: items for orchestrators, workstreams, agents and people, and what becomes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from locust_tui.analysis.addresses import address, known_names, may_message
from locust_tui.client import requests as r
from locust_tui.domain.coordination import TaskStatus
from locust_tui.domain.events import EventBody, TaskCreated, TaskMoved
from locust_tui.domain.plan import Plan, Priority
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told

MOST_TITLE, MOST_DESCRIPTION = 500, 16_384
MOST_TASKS = 10_000
_PRESSING = (Priority.CRITICAL, Priority.HIGH)

Post = Callable[[r.SendMessage, Caller], Awaitable[Told]]
"""Hands a message on: its events are committed with the task's."""


class Tasks:
    """A Taker."""

    def __init__(self, store: Store, keeper: PlanKeeper, post: Post) -> None:
        self._store, self._keeper, self._post = store, keeper, post

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.CreateTask | r.MoveTask)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        world, plan = self._store.world, self._keeper.in_force()
        run = world.runs.get(caller.run)
        if isinstance(request, r.MoveTask):
            return move_task(world, request, run, agent=caller.agent)
        assert isinstance(request, r.CreateTask)
        made = create_task(plan, world, request, run)
        if not made.events:
            return made
        told = await self._post(_message(request, made.data["id"], made.data["assignee"]), caller)
        return Told({**made.data, "message": told.data.get("id")}, (*made.events, *told.events), told.then)


def create_task(plan: Plan, world: World, request: r.CreateTask, run: RunStatus | None) -> Told:
    """A new item, or the one that has this name already. `run`: the agent that asks; None: a person.

    Raises UsageError, NotFoundError for an assignee that nobody is, RefusedError where an agent may not assign to it.
    """
    if request.id and (known := world.tasks.get(request.id)) is not None:
        return Told({"id": known.id, "assignee": known.assignee, "state": known.state.value, "new": False})
    title = request.title.strip()
    if not title or len(title) > MOST_TITLE or len(request.description) > MOST_DESCRIPTION:
        raise UsageError(
            f"a task has a title of 1 to {MOST_TITLE} characters, and at most {MOST_DESCRIPTION} of description"
        )
    if request.priority not in list(Priority):
        raise UsageError(f'there is no priority "{request.priority}"', help=f"it is {', '.join(Priority)}")
    if len(world.tasks) >= MOST_TASKS:
        raise RefusedError(f"there are {MOST_TASKS} tasks already")
    assignee = address(plan, world.runs, request.assignee)
    if assignee is None:
        near = did_you_mean(request.assignee, known_names(plan, world.runs))
        raise NotFoundError(f'nobody is called "{request.assignee}"', help=near or "locust-tui status")
    if run is not None and assignee != run.subject and not may_message(plan, run.subject, assignee):
        raise RefusedError(
            f"{run.subject} may not give {assignee} a task",
            help="its orchestrator may, or: locust-tui escalate",
        )
    id = request.id or _free_id(world)
    event = TaskCreated(
        id, title, assignee, request.priority, request.description, request.source, request.agent_type
    )
    return Told({"id": id, "assignee": assignee, "state": "open", "new": True}, (event,))


def move_task(world: World, request: r.MoveTask, run: RunStatus | None, *, agent: bool) -> Told:
    """A task's new state. An agent moves only what is its own: assigned to it, or made by it."""
    task = world.tasks.get(request.task)
    if task is None:
        near = did_you_mean(request.task, world.tasks)
        raise NotFoundError(f'no task "{request.task}"', help=near or "locust-tui task status")
    if agent and not _is_own(task, run):
        raise RefusedError(f"{task.id} is {task.assignee}'s", help="agents move their own tasks only")
    events: tuple[EventBody, ...] = ()
    if task.state is not request.state:
        events = (TaskMoved(task.id, request.state, request.note),)
    return Told({"id": task.id, "state": request.state.value, "changed": bool(events)}, events)


def _is_own(task: TaskStatus, run: RunStatus | None) -> bool:
    return run is not None and (task.assignee in (run.id, run.subject) or task.by == run.id)


def _free_id(world: World) -> str:
    number = len(world.tasks) + 1
    while f"task-{number}" in world.tasks:
        number += 1
    return f"task-{number}"


def _message(request: r.CreateTask, id: str, assignee: str) -> r.SendMessage:
    text = f"{request.title}\n\n{request.description}" if request.description else request.title
    priority = "high" if request.priority in _PRESSING else "normal"
    return r.SendMessage(assignee, text, subject=f"task {id}", priority=priority, token=request.token)
