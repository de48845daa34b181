"""All conversations of a worker: opens them, reads on a few times a second, puts on record, answers and ends them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from locust_tui.agents.adapter import Adapter
from locust_tui.agents.vocabulary import Job
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from ..accounts import BackOffs
from ..planning import PlanKeeper
from ..run_ends import Verdict, asked_to_stop
from .asks_by_run import AsksByRun
from .conversation import Conversation
from .jobs import spoken, take_up
from .log_watch import LogWatch
from .session import Session
from .verdicts import verdict_of

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""How often logs are looked at that the kernel does not watch for us."""
SOON_S = 1.0
SETTLE_S = 0.02
SLICE_S = 0.01
"""Reading and folding at one go; then others have their turn."""
STDERR_BYTES = 16_384
LAST_WORDS_S, LAST_BYTES = 5.0, 1 << 20
"""Of a run that has ended so much is read of what is left after so long."""
MakeAdapter = Callable[[str, Job], Adapter]


class Conversations:
    """One per worker. `forever` is a duty that ends only by being cancelled."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        keeper: PlanKeeper,
        runs_root: Path,
        clock: Clock,
        make_adapter: MakeAdapter,
        token_of: Callable[[str], str],
        stopped: Callable[[str], str],
    ) -> None:
        """`token_of`: the word by which a run's tool server knows it; it stands in no file of the run.

        `stopped`: why a run stands still by somebody's signal; empty: it does not.
        """
        self._stopped = stopped
        self._store = store
        self._executor = executor
        self._keeper = keeper
        self._root = runs_root
        self._clock = clock
        self._make_adapter = make_adapter
        self._token_of = token_of
        self._back_offs = BackOffs()
        self._sessions: dict[str, Session] = {}
        self._asks = AsksByRun()
        self._wake = asyncio.Event()
        """Set whenever a conversation may have something new."""
        self._watch: LogWatch | None = None
        self._all_watched = False
        self._broken: set[str] = set()
        """Runs whose latest events did not reach the disk: they are read anew."""

    @property
    def spoken(self) -> Container[str]:
        """Runs whose logs are read here."""
        return self._sessions

    def speaks(self, run_id: str) -> bool:
        """Whether the run was started to speak a protocol."""
        return run_id in self._sessions or spoken(self._root / run_id)

    def open(self, run_id: str) -> None:
        """Take up the conversation of a run that is there; nothing for one that speaks no protocol."""
        if run_id in self._sessions:
            return
        try:
            session = self._session(run_id)
        except Exception:
            log.exception("the conversation of %s cannot be taken up", run_id)
            return
        if session is not None:
            self._sessions[run_id] = session
            self._wake.set()

    def _session(self, run_id: str) -> Session | None:
        folder = self._root / run_id
        found = take_up(folder)
        run = self._store.world.runs.get(run_id)
        if found is None or run is None:
            return None
        kind, job = found
        if job.tools:
            token = self._token_of(run_id)
            job = replace(job, tools=tuple(replace(tool, token=token) for tool in job.tools))
        talk = Conversation(run_id, folder, self._make_adapter(kind, job), run.log_read, self._clock)
        return Session(
            talk,
            Path(job.cwd),
            self._store,
            self._executor,
            self._back_offs,
            self._asks,
            self._clock,
            self._stopped,
        )

    async def forever(self) -> None:
        """Read what is new, put on record what it comes to, and take the next step, run by run."""
        unsubscribe = self._store.subscribe(lambda _revision: self._wake.set())
        try:
            while True:
                busy = await self._look_at_all()
                self._mend_broken()
                if busy:
                    await asyncio.sleep(SLICE_S)
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._patience())
                if self._wake.is_set():
                    self._wake.clear()
                    await asyncio.sleep(SETTLE_S)  # what is written at once is read at once
        finally:
            unsubscribe()

    def _patience(self) -> float | None:
        """How long nothing need be looked at unless something wakes us."""
        if not self._sessions:
            return None
        return SOON_S if self._watch is not None and self._all_watched else LOOK_S

    async def _look_at_all(self) -> bool:
        """One look at every conversation; whether any has more to read."""
        plan, busy, began = self._keeper.plan, False, time.monotonic()
        self._all_watched = True
        for run_id in list(self._sessions):
            session = self._sessions.get(run_id)
            if plan is not None and session is not None:
                busy = self._look(plan, session, grown=self._has_grown(run_id, session)) or busy
            if time.monotonic() - began > SLICE_S:
                await asyncio.sleep(0)
                began = time.monotonic()
        return busy

    def _has_grown(self, run_id: str, session: Session) -> bool:
        """Whether its log may have grown: where the kernel tells us, no look at the file is needed."""
        if self._watch is None:
            self._watch = LogWatch(self._wake.set)
        if not self._watch.watched(run_id):
            self._all_watched = self._watch.watch(run_id, session.talk.folder / "log") and self._all_watched
            return session.talk.grown()
        if run_id in self._watch.changed:
            self._watch.changed.discard(run_id)
            return True
        return session.more

    def _look(self, plan: Plan, session: Session, *, grown: bool) -> bool:
        """Whether there is more to read. What goes wrong with one run is that run's trouble alone."""
        run = self._store.world.runs.get(session.run_id)
        if run is None or session.ending:
            return False
        if not run.live and run.state is not RunState.UNKNOWN:
            self._close(session.run_id)
            return False
        try:
            return session.look(plan, SLICE_S, self._lost, grown=grown)
        except StoreError as error:
            log.error("%s", error)
            self._lost(session.run_id)
        except Exception:
            log.exception("the conversation of %s", session.run_id)
            session.give_up()
        return False

    def _lost(self, run_id: str) -> None:
        self._broken.add(run_id)

    def _mend_broken(self) -> None:
        """What the disk refused is heard again: the log has it still."""
        for run_id in self._broken & self._sessions.keys():
            if not self._sessions[run_id].ending:
                self._close(run_id)
                self.open(run_id)
        self._broken.clear()

    def _close(self, run_id: str) -> None:
        session = self._sessions.pop(run_id, None)
        if self._watch is not None:
            self._watch.forget(run_id)
        if session is not None:
            session.close()

    # its end

    async def over(self, end: x.RunEnded, asked: str | None) -> Verdict | None:
        """Hear the last of a run whose process has ended and put it on record; how it went, None: its code says that."""
        run_id = end.run_id
        session = self._sessions.get(run_id) or self._session(run_id)
        plan = self._keeper.plan
        if session is None:
            return None
        session.ending = True
        self._sessions[run_id] = session
        try:
            until = time.monotonic() + LAST_WORDS_S
            while session.talk.read(SLICE_S):
                await asyncio.sleep(SLICE_S / 2)
                if time.monotonic() > until:
                    session.talk.pass_over(LAST_BYTES)
                    until = float("inf")
            session.talk.read_last()
            if plan is not None:
                session.put_down_the_last(plan)
            errors = self._executor.read_errors(run_id, STDERR_BYTES).data.decode("utf-8", "replace")
            run = self._store.world.runs[run_id]
            return verdict_of(session.talk, run, end, asked, errors)
        except Exception:
            log.exception("the end of the conversation of %s", run_id)
            return None
        finally:
            self._close(run_id)

    # what people want of it

    def say(self, run: RunStatus, text: str, key: str, by: str) -> e.Noted:
        """A person's text as the user's next message; the event to commit. Raises RefusedError, NotFoundError."""
        session = self._sessions.get(run.id)
        if session is None or not run.live:
            raise NotFoundError(f"{run.id} is not in a conversation", help="locust-tui ps")
        if session.talk.finished is not None or asked_to_stop(run) is not None:
            raise RefusedError(f"{run.id} is about to end; it takes no more messages")
        words = session.say(text, key, by)
        return e.Noted("info", f"{by} said to {run.id}: {words}", run.id)

    def close(self) -> None:
        """Leave every conversation where it is; a later worker takes it up."""
        for run_id in list(self._sessions):
            self._close(run_id)
        if self._watch is not None:
            self._watch.close()
