"""Whether Claude Code works, waits for a person, or is done: from its own word, and what still runs in the background."""

from __future__ import annotations

from ..vocabulary import Activity, ActivityChanged, AgentEvent
from .wire import System

_STATES = {"running": Activity.WORKING, "idle": Activity.IDLE}
"""Its third, that it requires an action, comes before each request, also those that a rule answers at once."""
_GO_ON_FOR_EVER = frozenset({"local_bash", "shell", "monitor_mcp"})
"""A server that the agent started in the background never ends by itself, and does not keep a turn open."""
_ENDED = frozenset({"completed", "failed", "killed", "stopped", "cancelled"})


class ActivityWatch:
    """Idle is said only when the turn is over and no task is left that would begin another."""

    def __init__(self) -> None:
        self._said: Activity | None = None
        self._tells = False
        """Whether the program says its state itself."""
        self._idle = False
        self._tasks: set[str] = set()
        self._lists_tasks = False

    def state(self, state: str | None) -> tuple[AgentEvent, ...]:
        found = _STATES.get(state or "")
        if found is None:
            return ()
        self._tells, self._idle = True, found is Activity.IDLE
        if self._idle and self._tasks:
            return ()
        return self.now(found)

    def turn_ended(self) -> tuple[AgentEvent, ...]:
        if self._tells:
            return ()
        self._idle = True
        return () if self._tasks else self.now(Activity.IDLE)

    def turn_goes_on(self) -> tuple[AgentEvent, ...]:
        """Something of a turn was heard; what it says of waiting is its own."""
        if self._said is Activity.WORKING or (self._tells and self._said is not Activity.RETRYING):
            return ()
        self._idle = False
        return self.now(Activity.WORKING)

    def task(self, said: System, subtype: str) -> tuple[AgentEvent, ...]:
        """A `task_*` line or `background_tasks_changed`."""
        if subtype == "background_tasks_changed":
            self._lists_tasks = True
            self._tasks = {t.task_id for t in said.tasks or () if t.task_type not in _GO_ON_FOR_EVER}
        elif subtype == "task_started":
            if not self._lists_tasks and said.task_id and said.task_type not in _GO_ON_FOR_EVER:
                self._tasks.add(said.task_id)
        elif subtype == "task_notification" or (said.patch and said.patch.status in _ENDED):
            self._tasks.discard(said.task_id or "")
        return self.now(Activity.IDLE) if self._idle and not self._tasks else ()

    def now(self, activity: Activity) -> tuple[AgentEvent, ...]:
        """Say it, unless it was the last that was said."""
        if self._said is activity:
            return ()
        self._said = activity
        return (ActivityChanged(activity),)
