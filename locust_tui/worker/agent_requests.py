"""Carries out what agents ask through their tools, and lets them wait for a person's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod
from typing import Any

from locust_tui.client import requests as r
from locust_tui.domain.events import AnswerDelivered
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.world import AskStatus, RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.state.store import Store

from . import exchange
from .callers import Caller
from .run_tokens import RunTokens
from .told import Told

LONGEST_WAIT_S = 60.0


class AgentRequests:
    """`plan()` raises RefusedError while no plan is in force."""

    def __init__(self, store: Store, plan: Callable[[], Plan], tokens: RunTokens) -> None:
        self._store, self._plan, self._tokens = store, plan, tokens

    def caller(self, request: r.Request, caller: Caller) -> Caller:
        """The caller as the request's token says, which can only narrow what it may do: an agent, in its own run.

        Raises RefusedError for a token of nobody, of a run that is over, or of another run than the caller's own.
        """
        token = getattr(request, "token", "")
        if not token:
            return caller
        run = self._tokens.run_of(token)
        if caller.run not in ("", run):
            raise RefusedError(f"this is {run}'s token, and the caller runs inside {caller.run}")
        status = self._world.runs.get(run)
        if status is None or not (status.live or status.state is RunState.UNKNOWN):
            raise RefusedError(f"{run} is over; its token says nothing any more")
        return replace(caller, agent=True, run=run, terminal=None)

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, _TAKEN)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        """What the request comes to; the events are to be committed in the caller's name."""
        told: Told = await self._take(request, caller)
        return told

    @property
    def _world(self) -> World:
        return self._store.world

    def _run(self, caller: Caller) -> RunStatus:
        run = self._world.runs.get(caller.run)
        if run is None:
            raise RefusedError(
                "this is an agent's to ask, from inside its run", help="people answer with: locust-tui inbox"
            )
        return run

    @singledispatchmethod
    async def _take(self, request: Any, caller: Caller) -> Told:
        raise NotImplementedError(type(request).__name__)

    @_take.register
    async def _(self, request: r.PlanAround, caller: Caller) -> Told:
        if not caller.agent:
            return exchange.plan_whole(self._plan(), self._world)
        return exchange.plan_around(self._plan(), self._world, self._run(caller))

    @_take.register
    async def _(self, request: r.AskPerson, caller: Caller) -> Told:
        return exchange.ask_person(self._world, request, self._run(caller))

    @_take.register
    async def _(self, request: r.AwaitAnswer, caller: Caller) -> Told:
        ask = self._asked(request.item, caller)
        changed = asyncio.Event()
        leave = self._store.subscribe(lambda _revision: changed.set())
        try:
            async with asyncio.timeout(min(LONGEST_WAIT_S, max(0.0, request.wait_s))):
                while (ask := self._asked(request.item, caller)).open:
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            pass
        finally:
            leave()
        answered = ask.answered is not None
        told = {
            "answered": answered,
            "choice": ask.choice or ask.note,
            "note": ask.note,
            "by": ask.by,
            "withdrawn": ask.withdrawn,
        }
        first = request.taken and answered and ask.delivered is None
        return Told(told, (AnswerDelivered(ask.item),) if first else ())

    def _asked(self, item: str, caller: Caller) -> AskStatus:
        ask = self._world.asks.get(item)
        if ask is None or (caller.agent and ask.run != caller.run):
            raise NotFoundError(f"{caller.run or 'this caller'} asked nothing called {item}")
        return ask


_TAKEN = (
    r.PlanAround,
    r.AskPerson,
    r.AwaitAnswer,
)
