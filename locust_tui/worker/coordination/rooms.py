"""Joins the rooms of coordination: which requests they take, what they do by themselves, what keeps the worker awake."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import field
from typing import Any

from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.state.folder import StateFolder
from locust_tui.state.samples import SampleWriter
from locust_tui.state.store import Store

from ..plan_record import PlanRecord
from ..planning import PlanKeeper
from ..strategies import Strategies
from ..told import CommittingTaker, Taker
from .alerts import Alerts
from .allocation import Allocation
from .delivering import Delivering, Talks
from .escalations import Escalations
from .hooks import Hooks
from .memory import Memory
from .messages import Messages
from .needs_news import NeedsNews
from .reports import Reports
from .risks import Risks
from .sampling import Sampling, Usage
from .success import Success
from .tasks import Tasks

Duty = tuple[str, Callable[[], Coroutine[Any, Any, None]]]
"""Its name, and what makes the coroutine that ends only by being cancelled."""


@dataclass(slots=True)
class Rooms:
    """`waits` says whether a timer of theirs still needs the worker."""

    takers: list[Taker] = field(default_factory=list)
    committing: list[CommittingTaker] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    needs: list[Callable[[], bool]] = field(default_factory=list)
    callers: list[Callable[[], dict[int, str]]] = field(default_factory=list)
    """Pid → whose words it speaks, of processes that rooms of theirs started."""

    @property
    def waits(self) -> bool:
        return any(needed() for needed in self.needs)


def coordination(
    store: Store,
    keeper: PlanKeeper,
    folder: StateFolder,
    clock: Clock,
    wake: Callable[[], None],
    usage: Usage,
    talks: Talks,
) -> Rooms:
    """The rooms of one worker. `wake`: look again at what is to be done. `usage`: what live runs use. `talks`: how to
    say something to a running agent.
    """
    rooms = Rooms()
    rooms.takers.append(Memory(store, keeper, clock))
    rooms.takers.append(PlanRecord(store, keeper))
    messages = Messages(store, keeper.in_force)
    rooms.takers.append(messages)
    rooms.takers.append(Tasks(store, keeper, messages))
    delivering = Delivering(store, keeper, folder, clock, talks)
    rooms.duties.append(("deliver messages", delivering.forever))
    rooms.needs.append(lambda: delivering.waits)
    needs_news = NeedsNews(store, keeper, clock)
    rooms.duties.append(("tell of needs", needs_news.forever))
    alerts = Alerts(store, keeper, clock)
    rooms.takers.append(alerts)
    rooms.duties.append(("watch for alerts", alerts.forever))
    sampling = Sampling(store, keeper, SampleWriter(folder.samples), clock, usage)
    rooms.duties.append(("sample monitors", sampling.monitors_forever))
    rooms.duties.append(("sample runs", sampling.runs_forever))
    allocation = Allocation(store, keeper, clock, wake)
    rooms.takers.append(allocation)
    rooms.duties.append(("grant slots", allocation.forever))
    escalations = Escalations(store, keeper, clock)
    rooms.takers.append(escalations)
    rooms.duties.append(("carry escalations", escalations.forever))
    rooms.needs.append(lambda: escalations.waits)
    risks = Risks(store, keeper, clock)
    rooms.takers.append(risks)
    rooms.duties.append(("move risks", risks.forever))
    success = Success(store, keeper, clock)
    rooms.takers.append(success)
    rooms.duties.append(("look after the release", success.forever))
    rooms.committing.append(Strategies(store, keeper, folder, clock))
    hooks = Hooks(store, keeper, folder, clock)
    rooms.takers.append(hooks)
    rooms.duties.append(("run hooks", hooks.forever))
    rooms.needs.append(lambda: hooks.waits)
    rooms.callers.append(lambda: hooks.callers)
    reports = Reports(store, keeper, folder, clock)
    rooms.duties.append(("write reports", reports.forever))
    rooms.needs.append(lambda: reports.busy)
    return rooms
