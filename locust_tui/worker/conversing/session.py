"""One live conversation in the worker: between its reader, the record, the agent's input and the rules of what is next."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from locust_tui.agents import vocabulary as v
from locust_tui.agents.reports import Misreported, Reported
from locust_tui.analysis.accounts import account_of, closed_words
from locust_tui.analysis.budgets import Spending, scopes_of_run, spent_up
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import AccountState, RunState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution.executor import Executor
from locust_tui.execution.runs import NotRunningError
from locust_tui.state.store import Store

from ..accounts import BackOffs
from ..budgets import spending_events
from ..progress import report_events
from ..run_ends import asked_to_stop
from . import next_step as n
from .conversation import AT_LEAST_ONCE, CONTINUE, Conversation
from .files import FileRefusedError, carry_out
from .permits import one_line
from .products import changed_since
from .record import PROTOCOL, SILENCE, Recorder, Standing, known_asks, open_asks
from .silence import fruitless, patience, silent
from .taking_up import Taker

log = logging.getLogger(__name__)

LOOK_FOR_PRODUCTS_S = 60.0
_CLOSED = frozenset({AccountState.LIMITED, AccountState.OVERLOADED})


class Session:
    """Everything is called from the event loop; nothing in `look` waits."""

    def __init__(
        self,
        talk: Conversation,
        cwd: Path,
        store: Store,
        executor: Executor,
        back_offs: BackOffs,
        clock: Clock,
    ) -> None:
        self.talk = talk
        self.run_id = talk.run_id
        self.ending = False
        """Its process has ended: only its last words are still to be read."""
        self._cwd = cwd
        self._store = store
        self._executor = executor
        self._clock = clock
        self._recorder = Recorder()
        self._taker = Taker("", back_offs)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turn: v.TurnEnded | None = None
        self._turn_ended = 0.0
        self._busy_since = clock()
        self._barren_at = float("-inf")
        """When its folder was looked through last, in vain."""
        self._looked_for_products = float("-inf")
        self._verified: tuple[str, ...] | None = None
        self._input_closed = False
        self._told_of = 0
        self._seen: tuple[object, ...] = ()
        self._given_up = False

    # reading and recording

    def look(self, plan: Plan, seconds: float, lost: Callable[[str], None]) -> bool:
        """Read on, put on record, take the next step; whether there is more to read."""
        talk = self.talk
        more = talk.read(seconds) if talk.grown() or talk.replaying else False
        if talk.replaying or self._given_up:
            return more
        run = self._store.world.runs[self.run_id]
        if not more and self._nothing_new(run):
            return False
        self._taker.account = account_of(plan, run.agent_type)
        self._put_down_news(plan, lost)
        self._put_down_state(plan, lost)
        run = self._store.world.runs[self.run_id]
        if (
            run.live
            and run.pid is not None
            and run.state is not RunState.PAUSED
            and asked_to_stop(run) is None
        ):
            self._act(plan, run)
        self._see_to_files()
        self._see_to_sending()
        return more

    def _nothing_new(self, run: RunStatus) -> bool:
        """Whether neither the log, nor the record, nor the time since the last look can have changed anything."""
        now = (self.talk.offset, self._store.world.revision, int(self._clock()), len(self.talk.outbox))
        same, self._seen = now == self._seen, now
        return same and not self.talk.news

    def _append(self, bodies: list[e.EventBody], lost: Callable[[str], None]) -> None:
        if bodies:
            waiting = self._store.append_nowait(WORKER, *bodies)
            waiting.add_done_callback(lambda done: self._was_recorded(done, lost))

    def _was_recorded(self, done: asyncio.Future[int], lost: Callable[[str], None]) -> None:
        if not done.cancelled() and done.exception() is not None:
            lost(self.run_id)

    def _put_down_news(self, plan: Plan, lost: Callable[[str], None]) -> None:
        news, self.talk.news = self.talk.news, []
        self._tell_what_was_passed_over(lost)
        if not news:
            return
        run = self._store.world.runs[self.run_id]
        said = [(one.offset, report) for one in news if (report := _report(one.event)) is not None]
        bodies = report_events(plan, run, "log", said) if said else []
        self._append([*bodies, e.RunSpoke(run.id, offset=news[-1].offset)] if bodies else [], lost)
        for one in news:
            if isinstance(one.event, Reported | Misreported | v.Reports):
                continue
            world, now = self._store.world, self._clock()
            found = list(self._taker.events(one.event, self.talk.heard, world.runs[self.run_id], world, now))
            self._append([*found, e.RunSpoke(run.id, offset=one.offset)] if found else [], lost)

    def _tell_what_was_passed_over(self, lost: Callable[[str], None]) -> None:
        if self.talk.passed_over > 2 * self._told_of:
            self._told_of = self.talk.passed_over
            said = (
                f"{self.run_id}: {self._told_of / 1e6:.1f} MB of its output so far were not read as messages"
            )
            self._append(
                [e.Noted("warning", f"{said}: lines too long, or too much at once", self.run_id)], lost
            )

    def _put_down_state(self, plan: Plan, lost: Callable[[str], None]) -> None:
        world, talk, now = self._store.world, self.talk, self._clock()
        run = world.runs[self.run_id]
        if talk.heard.turn is not self._turn:
            self._turn, self._turn_ended = talk.heard.turn, now
        self._note_products(run)
        standing = self._standing(plan, run, now)
        resumable = talk.adapter.resumable
        bodies = self._recorder.events(talk.heard, run, world, standing, resumable, talk.offset, now)
        self._append(bodies, lost)
        if any(isinstance(body, e.RunUsed) for body in bodies):
            self._append(spending_events(plan, self._store.world, self._store.world.runs[run.id]), lost)
            self._append(self._state_again(plan), lost)

    def _state_again(self, plan: Plan) -> list[e.EventBody]:
        """What a budget that was just spent changes."""
        world, now = self._store.world, self._clock()
        run = world.runs[self.run_id]
        standing = self._standing(plan, run, now)
        talk = self.talk
        return self._recorder.events(
            talk.heard, run, world, standing, talk.adapter.resumable, talk.offset, now
        )

    def put_down_the_last(self, plan: Plan) -> None:
        """Its process has ended: what was not on record yet, and its open requests as nobody's any more."""
        run = self._store.world.runs[self.run_id]
        self._taker.account = account_of(plan, run.agent_type)
        self._put_down_news(plan, _nobody)
        self._recorder.used_at = self._recorder.produced_at = float("-inf")
        heard, world = self.talk.heard, self._store.world
        if heard.turn is None:
            heard.turn = v.TurnEnded(False, "")  # so that its use is put down
            bodies = self._last(plan)
            heard.turn = None
        else:
            bodies = self._last(plan)
        self._append(bodies, _nobody)
        run = world.runs[self.run_id]
        gone = [e.AskWithdrawn(ask.item, "the agent has ended") for ask in open_asks(run, world)]
        self._append([*gone], _nobody)
        if any(isinstance(body, e.RunUsed) for body in bodies):
            self._append(spending_events(plan, world, world.runs[run.id]), _nobody)

    def _last(self, plan: Plan) -> list[e.EventBody]:
        world, talk, now = self._store.world, self.talk, self._clock()
        run = world.runs[self.run_id]
        bodies = self._recorder.events(
            talk.heard, run, world, Standing(self._taker.account), talk.adapter.resumable, talk.offset, now
        )
        return [body for body in bodies if not isinstance(body, e.RunChanged)]

    # how it stands

    def _standing(self, plan: Plan, run: RunStatus, now: float) -> Standing:
        heard, world = self.talk.heard, self._store.world
        account = world.account(self._taker.account)
        permits = frozenset(world.workstream(run.subject).permits) | frozenset(self.talk.adapter.job.allow)
        held = limited = ""
        stopped = not heard.turn.ok if heard.turn is not None else heard.interrupted
        spending = self._budget(plan, run)
        if spending is not None and stopped:
            held = spending.words
        elif account.state is AccountState.REFUSED and heard.trouble in n.A_PERSONS:
            held = f"account {account.id} was refused: {account.why}"
        elif stopped and heard.turn is not None and not heard.turn.ok:
            if account.state in _CLOSED:
                limited = closed_words(account, now)
            else:
                step = n.next_step(run.id, heard, self._around(plan, run, now))
                limited = step.limited if isinstance(step, n.Wait) else ""
        stalled, by = ("", SILENCE) if held or limited else self._stalled(plan, run, now)
        return Standing(self._taker.account, permits, held, limited, stalled, by)

    def _budget(self, plan: Plan, run: RunStatus) -> Spending | None:
        world = self._store.world
        return spent_up(plan, world, scopes_of_run(plan, run)) if world.budgets else None

    def _around(self, plan: Plan, run: RunStatus, now: float) -> n.Around:
        world = self._store.world
        account = world.account(self._taker.account)
        return n.Around(
            now=now,
            turn_ended=self._turn_ended,
            account_limited=account.state in _CLOSED,
            account_open_since=account.since or 0.0,
            account_refused=account.state is AccountState.REFUSED,
            budget_spent=self._budget(plan, run) is not None,
            asks=bool(open_asks(run, world)) or self._untold(run),
            texts=bool(self.talk.outbox),
        )

    def _untold(self, run: RunStatus) -> bool:
        heard = self.talk.heard
        known = known_asks(run, self._store.world)
        return any(
            ask.answered is not None and ask.delivered is None and ref in heard.wants
            for ref, ask in known.items()
            if ref not in heard.taken_back
        )

    def _stalled(self, plan: Plan, run: RunStatus, now: float) -> tuple[str, str]:
        """(why it counts as stalled or "", what that rests on). Only a run that is at work can be."""
        if run.state not in (RunState.RUNNING, RunState.STALLED):
            self._busy_since = now
            return "", SILENCE
        kind = plan.agents.get(run.agent_type)
        wait = patience(kind, protocol=True)
        began = run.started or run.created
        last_byte = max(began, self.talk.grown_at or self._busy_since)
        why = silent(now, last_byte, wait)
        if why is not None:
            return why, SILENCE
        last_product = max(began, run.produced_at or 0.0, min(self._busy_since, now))
        why = fruitless(now, last_product, wait)
        if why is None:
            return "", SILENCE
        if self._barren_at < last_product:
            self._look_for_products(last_product)
            return "", SILENCE
        if now - self._barren_at > LOOK_FOR_PRODUCTS_S:
            self._look_for_products(last_product)
        return why, PROTOCOL

    def _look_for_products(self, since: float) -> None:
        if "products" not in self._tasks:
            self._spawn("products", self._find_products(since))

    async def _find_products(self, since: float) -> None:
        began = self._clock()
        moment = time.time() - (began - since)  # files' times are of the wall clock
        found = await asyncio.to_thread(changed_since, self._cwd, moment)
        if found is None:
            self._barren_at = began
        else:
            self.talk.heard.produced[found] = None

    def _note_products(self, run: RunStatus) -> None:
        verified = self._store.world.workstream(run.subject).verified
        if self._verified is not None:
            for deliverable in verified:
                if deliverable not in self._verified:
                    self.talk.heard.produced[f"deliverable {deliverable} verified"] = None
        self._verified = verified

    # the next step

    def _act(self, plan: Plan, run: RunStatus) -> None:
        self._deliver_answers(run)
        talk, now = self.talk, self._clock()
        if talk.finished is not None:
            if now - talk.finished.when > n.FINISH_GRACE_S and "end" not in self._tasks:
                self._spawn("end", self._end())
            return
        step = n.next_step(run.id, talk.heard, self._around(plan, run, now))
        match step:
            case n.GoOn():
                tries = sum(call.name == "say" for call in talk.ledger.calls)
                talk.say(n.GO_ON, f"{CONTINUE}{tries + 1}")
            case n.Interrupt():
                talk.interrupt()
            case n.Finish():
                talk.finish(step.why)
            case _:
                pass

    def _deliver_answers(self, run: RunStatus) -> None:
        heard = self.talk.heard
        for ref, ask in known_asks(run, self._store.world).items():
            if ask.answered is None or ask.delivered is not None or ref not in heard.wants:
                continue
            keys = self.talk.answer(ref, ask.choice, ask.note)
            if all(key in self.talk.ledger.sent for key in keys):
                self._append([e.AnswerDelivered(ask.item)], _nobody)

    def say(self, text: str, key: str) -> None:
        """A person's text; `key` makes it known for ever."""
        self.talk.say(text, f"say:{key}")
        self._see_to_sending()

    @staticmethod
    def first_words(text: str) -> str:
        return one_line(text, 120)

    def give_up(self) -> None:
        """Something of ours went wrong: leave the agent alone, and say so once."""
        if not self._given_up:
            self._given_up = True
            why = f"{self.run_id}: its conversation can't be followed any more; the worker's log says why"
            self._append([e.Noted("error", why, self.run_id)], _nobody)

    # what goes to the agent

    def _see_to_sending(self) -> None:
        closing = self.talk.closes and not self._input_closed
        if (self.talk.outbox or closing) and "send" not in self._tasks:
            self._spawn("send", self._send())

    async def _send(self) -> None:
        talk = self.talk
        try:
            while talk.outbox:
                message = talk.outbox[0]
                once = not message.key.startswith(AT_LEAST_ONCE)
                if once:
                    talk.ledger.note_begun(message.key)
                await self._executor.send_line(self.run_id, message.line.removesuffix(b"\n"))
                talk.ledger.note_sent(message.key)
                talk.outbox.popleft()
            if talk.closes and not self._input_closed:
                self._input_closed = True
                await self._executor.close_stdin(self.run_id)
        except NotRunningError as error:
            # it has ended, or reads nothing: its end, or its silence, will be seen
            log.info("%s", error)
            await asyncio.sleep(1.0)

    async def _end(self) -> None:
        """It was told that it is over and did not go."""
        with suppress(LocustTuiError):
            await self._executor.signal(self.run_id, signal.SIGINT)
            await asyncio.sleep(1.0)
        with suppress(LocustTuiError):
            await self._executor.stop(self.run_id)

    def _see_to_files(self) -> None:
        if self.talk.files and "files" not in self._tasks:
            self._spawn("files", self._files())

    async def _files(self) -> None:
        while self.talk.files:
            asked = self.talk.files.popleft()
            content, error = None, ""
            try:
                content = await asyncio.to_thread(carry_out, asked, self._cwd)
            except FileRefusedError as refusal:
                error = str(refusal)
            else:
                if isinstance(asked, v.FileOffered):
                    self.talk.heard.produced[asked.path] = None
            self.talk.file_done(asked.id, content, error)
        self._see_to_sending()

    def _spawn(self, name: str, work: object) -> None:
        task = self._tasks[name] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        task.add_done_callback(lambda done: self._done(name, done))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the conversation of %s", self.run_id, exc_info=error)

    def close(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        self.talk.ledger.close()


def _report(event: object) -> Reported | Misreported | None:
    if isinstance(event, v.Reports):
        return Reported(event.progress, event.note)
    return event if isinstance(event, Reported | Misreported) else None


def _nobody(run_id: str) -> None:
    """Nobody reads it anew: the next worker would."""
