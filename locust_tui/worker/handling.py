"""Carries out what viewers and agents ask: one rule a request, each answered after its commit."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from functools import partial, singledispatchmethod
from typing import Any
from uuid import uuid4

import msgspec

from locust_tui import __version__
from locust_tui.client import requests as r
from locust_tui.client.wire import told_troubles
from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import (
    EventBody,
    Noted,
)
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError, NotFoundError, RefusedError, did_you_mean
from locust_tui.state.store import Store

from .agent_requests import AgentRequests
from .asking import answer_ask, mend_account
from .callers import Caller, is_hook
from .conversing.conversations import Conversations
from .line_sending import send_line
from .planning import PlanKeeper
from .refusals import Refusals
from .reporting import own_report
from .run_ends import stopping_event
from .supervisor import Supervisor
from .told import CommittingTaker, Taker
from .troubles import Troubles


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request comes to: events to commit in somebody's name, what to do after that, and the data told."""

    data: dict[str, Any]
    by: Person | None = None
    events: tuple[EventBody, ...] = ()
    then: Callable[[], Awaitable[None] | None] | None = None


@dataclass(slots=True)
class Handling:
    """The worker's rooms that a request may need. `wake`: look again at what is to be done."""

    store: Store
    keeper: PlanKeeper
    supervisor: Supervisor
    talks: Conversations
    agents: AgentRequests
    takers: tuple[Taker, ...]
    """Rooms that carry requests of their own out."""
    committing: tuple[CommittingTaker, ...]
    clock: Clock
    wake: Callable[[], None]
    keep_alive: Callable[[], None]
    shut_down: Callable[[bool], Awaitable[None]]
    read_first: Callable[[str], None]
    """Read what a run has written until now."""
    troubles: Troubles
    refusals: Refusals

    async def __call__(self, request: r.Request, caller: Caller, key: str) -> dict[str, Any]:
        """See `service.Rooms`. Between looking at the world and queueing the commit nothing else gets a turn."""
        answer: Answer
        caller = self.agents.caller(request, caller)
        key = _own(key, caller)
        if caller.agent and caller.run:
            self.read_first(caller.run)
        taker = next((t for t in (self.agents, *self.takers) if t.takes(request)), None)
        committing = next((t for t in self.committing if t.takes(request)), None)
        if taker is not None:
            told = await taker(request, caller)
            by = caller.itself() if caller.agent else caller.person(getattr(request, "by", None))
            answer = Answer(told.data, by, told.events, told.then)
        elif committing is not None:
            answer = Answer(await committing(request, caller, key))
        elif isinstance(request, r.SendText):
            answer = await self._send_text(request, caller, key)
        else:
            answer = await self._handle(request, caller)
        if answer.events:
            reply = msgspec.json.encode(answer.data)
            await self.store.append(
                answer.by or caller.person(), *answer.events, key=key or None, reply=reply
            )
        if answer.then is not None and (doing := answer.then()) is not None:
            await doing
        self.wake()
        return answer.data

    async def earlier(
        self, request: r.Request, caller: Caller, key: str
    ) -> tuple[int, dict[str, Any]] | None:
        """See `service.Rooms`."""
        known = await self.store.reply_for(_own(key, self.agents.caller(request, caller)))
        if known is None:
            return None
        return known.revision, msgspec.json.decode(known.body) if known.body else {}

    async def note_refusal(self, caller: Caller, asked: str) -> None:
        """See `service.Rooms`."""
        await self.refusals.of_agent(caller, asked)

    async def note_stranger(self, caller: Caller) -> None:
        """See `service.Rooms`."""
        await self.refusals.of_stranger(caller)

    @property
    def plan(self) -> Plan:
        return self.keeper.in_force()

    @singledispatchmethod
    async def _handle(self, request: Any, caller: Caller) -> Answer:
        raise NotImplementedError(type(request).__name__)

    @_handle.register
    async def _(self, request: r.Ping, caller: Caller) -> Answer:
        plan = self.store.world.project.plan_path
        self.troubles.look()
        told = told_troubles(self.troubles.now)
        return Answer({"pid": os.getpid(), "version": __version__, "plan": plan, **told})

    @_handle.register
    async def _(self, request: r.Subscribe, caller: Caller) -> Answer:
        self.troubles.look()  # the service tells them
        return Answer({})

    @_handle.register
    async def _(self, request: r.RecreateRecord, caller: Caller) -> Answer:
        aside = await self.store.recreate(caller.person(request.by))
        self.troubles.look()
        return Answer({"set_aside": str(aside) if aside is not None else None})

    @_handle.register
    async def _(self, request: r.KeepAlive, caller: Caller) -> Answer:
        self.keep_alive()
        return Answer({})

    @_handle.register
    async def _(self, request: r.Shutdown, caller: Caller) -> Answer:
        await self.shut_down(request.stop_agents)
        return Answer({"pid": os.getpid()})

    @_handle.register
    async def _(self, request: r.StopRun, caller: Caller) -> Answer:
        run = self._live_run(request.run)
        why = f"stopped by {caller.name}"
        return Answer(
            {"run": run.id, "pid": run.pid},
            caller.person(),
            (stopping_event(run, why),),
            partial(self.supervisor.stop, run.id, why),
        )

    async def _send_text(self, request: r.SendText, caller: Caller, key: str) -> Answer:
        run = self._live_run(request.run)
        if self.talks.speaks(run.id):
            said = self.talks.say(run, request.text, key or uuid4().hex, caller.name)
            return Answer({"run": run.id}, caller.person(), (said,))
        await send_line(self.store, self.supervisor, run.id, request.text, caller.person(), key)
        return Answer({"run": run.id})

    @_handle.register
    async def _(self, request: r.AnswerAsk, caller: Caller) -> Answer:
        by = caller.person(request.by)
        try:
            told = answer_ask(self.plan, self.store.world, request, by.name, self.clock())
        except RefusedError as error:
            await self._note(error, by, request.item)
            raise
        return Answer({"item": request.item}, by, tuple(told.events), partial(self._stop_all, told.stop))

    @_handle.register
    async def _(self, request: r.MendAccount, caller: Caller) -> Answer:
        by = caller.person(request.by)
        events = mend_account(self.store.world, request, by.name)
        return Answer({"account": request.account}, by, tuple(events))

    def _stop_all(self, runs: list[tuple[str, str]]) -> None:
        for run_id, why in runs:
            self.supervisor.stop(run_id, why)

    @_handle.register
    async def _(self, request: r.ReportProgress, caller: Caller) -> Answer:
        try:
            event = own_report(self.plan, self.store.world, request, caller)
        except RefusedError as error:
            await self._note(error, caller.itself(), caller.run)
            raise
        return Answer({}, caller.itself(), (event,))

    async def _note(self, error: LocustTuiError, by: Person, subject: str) -> None:
        await self.store.append(by, Noted("warning", f"refused: {error.message}", subject))

    def _live_run(self, named: str) -> RunStatus:
        """The run of this id, or the latest of the workstream or orchestrator; refused when it has ended."""
        world = self.store.world
        run = world.runs.get(named) or world.latest_run(named)
        if run is None:
            known = [*world.runs, *self.plan.workstreams]
            raise NotFoundError(f'no run "{named}"', help=did_you_mean(named, known) or "locust-tui ps")
        if not run.live:
            raise RefusedError(f"{run.id} has ended already ({run.state})")
        return run


def _own(key: str, caller: Caller) -> str:
    """No run can use up another's key, or a person's, and learn what was answered to it.

    A hook's is as it stands: its verb may outlive the worker that knew it for one, and be run again by the next.
    """
    return f"{caller.run}/{key}" if key and caller.run and caller.agent and not is_hook(caller) else key
