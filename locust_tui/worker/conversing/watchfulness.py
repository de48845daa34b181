"""Whether a run that says it is at work is silent, or leaves nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from locust_tui.domain.clock import Clock
from locust_tui.domain.plan import AgentType
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, WorkstreamStatus

from ..steady_clock import Disturbed
from .conversation import Conversation
from .delivery import Tasks
from .products import changed_since
from .record import PROTOCOL, SILENCE
from .silence import fruitless, patience, silent, silent_handshake

LOOK_AGAIN_S = 60.0
"""How often the folder of a run that counts as fruitless is looked through."""


class Watchfulness:
    """Of one run."""

    def __init__(
        self,
        talk: Conversation,
        cwd: Path,
        tasks: Tasks,
        clock: Clock,
        disturbed: Callable[[], bool] | None = None,
    ) -> None:
        self._talk = talk
        self._cwd = cwd
        self._tasks = tasks
        self._clock = clock
        self._disturbed = disturbed or Disturbed()
        self._busy_since = talk.last_written()
        self._barren_at = float("-inf")
        """When its folder was looked through last, in vain."""
        self._verified: tuple[str, ...] | None = None

    def stalled(self, run: RunStatus, kind: AgentType | None, now: float) -> tuple[str, str]:
        """(why it counts as stalled or "", what that rests on). Only a run that is at work can be."""
        if self._disturbed() or run.state not in (RunState.RUNNING, RunState.STALLED):
            self._busy_since = now
            return "", SILENCE
        wait = patience(kind, protocol=True)
        if not self._talk.adapter.spoke:
            begun = max(run.started or run.created, min(self._busy_since, now))
            return silent_handshake(now, begun, wait) or "", SILENCE
        why = silent(now, max(self._talk.grown_at or 0.0, self._busy_since), wait)
        if why is not None:
            return why, SILENCE
        began = run.started or run.created
        last_product = max(began, run.produced_at or 0.0, min(self._busy_since, now))
        why = fruitless(now, last_product, wait)
        if why is None:
            return "", SILENCE
        if now - self._barren_at > LOOK_AGAIN_S:
            self._tasks.begin("products", self._find_products(last_product))
        return (why, PROTOCOL) if self._barren_at >= last_product else ("", SILENCE)

    async def _find_products(self, since: float) -> None:
        began = self._clock()
        moment = time.time() - (began - since)  # files' times are of the wall clock
        found = await asyncio.to_thread(changed_since, self._cwd, moment)
        if found is None:
            self._barren_at = began
        else:
            self._talk.heard.produced[found] = None

    def note_verified(self, work: WorkstreamStatus) -> None:
        """A deliverable that was verified since the last look is a product."""
        before, self._verified = self._verified, work.verified
        for deliverable in work.verified if before is not None else ():
            if deliverable not in (before or ()):
                self._talk.heard.produced[f"deliverable {deliverable} verified"] = None
