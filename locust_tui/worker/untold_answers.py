"""Answers that nobody took: their agent waited at a tool server that died, or hung up. They are said in its conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Protocol

from locust_tui.domain.clock import Clock
from locust_tui.domain.events import AnswerDelivered, EventBody, Noted
from locust_tui.domain.people import WORKER
from locust_tui.domain.world import AskStatus, RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from .conversing.record import is_untold

log = logging.getLogger(__name__)

GRACE_S = 5.0
"""Whoever waits for an answer has taken it by then, also after a restart of this worker."""
LOOK_S = 1.0
SAID = """\
Your question to a person was answered by {by}.
You asked: {what}
The answer: {answer}"""


class Talks(Protocol):
    """What is needed of the conversations."""

    def speaks(self, run_id: str) -> bool: ...

    def say(self, run: RunStatus, text: str, key: str, by: str) -> Noted: ...


class UntoldAnswers:
    """One per worker. `forever` is a duty that ends only by being cancelled."""

    def __init__(self, store: Store, talks: Talks, clock: Clock) -> None:
        self._store, self._talks, self._clock = store, talks, clock
        self._began = clock()
        self._told_of: set[str] = set()
        """Items of which it was said that nobody can be told."""

    async def forever(self) -> None:
        """Look when an answer comes, and again when its moment has passed."""
        changed = asyncio.Event()
        leave = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                changed.clear()
                try:
                    waiting = await self._look()
                except StoreError as error:
                    log.error("%s", error)
                    waiting = True
                if not waiting:
                    await changed.wait()
                await asyncio.sleep(LOOK_S)  # many changes are one look
        finally:
            leave()

    async def _look(self) -> bool:
        """Tell what is due; whether more will be."""
        runs = {run.id: run for run in self._store.world.live_runs()}
        untold = [a for a in self._store.world.asks.values() if a.run in runs and is_untold(a)]
        left = [a for a in untold if a.item not in self._told_of]
        due = [a for a in left if self._clock() - max(a.answered or 0.0, self._began) >= GRACE_S]
        events = [event for ask in due for event in self._tell(ask, runs[ask.run])]
        if events:
            await self._store.append(WORKER, *events)
        return bool(left)

    def _tell(self, ask: AskStatus, run: RunStatus) -> Iterator[EventBody]:
        if not self._talks.speaks(run.id):
            self._told_of.add(ask.item)
            said = f"the answer to {ask.item} has reached nobody: {run.id} does not wait for it any more"
            yield Noted("warning", f"{said}, and has it when it asks the same again", run.id)
            return
        answer = "; ".join(dict.fromkeys(filter(None, (ask.choice, ask.note))))
        text = SAID.format(by=ask.by, what=ask.what, answer=answer)
        try:
            yield self._talks.say(run, text, f"answer:{ask.item}", ask.by)
        except LocustTuiError as error:  # it is only being taken up, or about to end
            log.info("%s", error)
        else:
            yield AnswerDelivered(ask.item)
