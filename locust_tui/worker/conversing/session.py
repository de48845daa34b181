"""One live conversation in the worker: between its reader, the record, the agent's input and the rules of what is next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from locust_tui.agents import vocabulary as v
from locust_tui.agents.reports import Misreported, Reported
from locust_tui.analysis.accounts import account_of
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.execution.executor import Executor
from locust_tui.state.store import Store

from ..accounts import BackOffs
from ..budgets import spending_events
from ..progress import report_events
from ..run_ends import asked_to_stop
from . import next_step as n
from .asks_by_run import AsksByRun
from .conversation import CONTINUE, Conversation
from .delivery import Delivery, Tasks
from .permits import one_line
from .record import Recorder, Standing, known_asks, open_asks
from .standing import around, standing
from .taking_up import Taker
from .watchfulness import Watchfulness

log = logging.getLogger(__name__)
LOOK_AGAIN_S, SOON_S = 5.0, 0.5
"""How often a conversation is looked at in which nothing happens, and one that waits for a moment."""
Lost = Callable[[str], None]
"""Called with the run whose events the disk refused."""


class Session:
    """Everything is called from the event loop; nothing here waits."""

    def __init__(
        self,
        talk: Conversation,
        cwd: Path,
        store: Store,
        executor: Executor,
        back_offs: BackOffs,
        asks: AsksByRun,
        clock: Clock,
        stopped: Callable[[str], str],
    ) -> None:
        self._stopped = stopped
        self.talk = talk
        self.run_id = talk.run_id
        self.ending = False
        """Its process has ended: only its last words are still to be read."""
        self.more = True
        """There was more to read at the last look."""
        self._store = store
        self._asks = asks
        self._clock = clock
        self._tasks = Tasks(talk.run_id, self._look_soon)
        self._delivery = Delivery(talk, executor, cwd, self._tasks)
        self._watchfulness = Watchfulness(talk, cwd, self._tasks, clock)
        self._recorder = Recorder()
        self._taker = Taker("", back_offs)
        self._turn: v.TurnEnded | None = None
        self._turn_ended = 0.0
        self._told_of = 0
        """Bytes that were passed over when that was last put on record."""
        self._seen: tuple[object, ...] = ()
        self._look_again_at = 0.0
        """When time alone may change something."""
        self._given_up = False

    def look(self, plan: Plan, seconds: float, lost: Lost, *, grown: bool) -> bool:
        """Read on for about so long, put on record, take the next step; whether there is more to read.

        `grown`: its log may have grown since.
        """
        if not grown and self._nothing_new():
            return False
        self.more = self._look(plan, seconds, lost, grown=grown)
        return self.more

    def _look(self, plan: Plan, seconds: float, lost: Lost, *, grown: bool) -> bool:
        talk = self.talk
        more = talk.read(seconds) if grown or talk.replaying else False
        if talk.replaying or self._given_up:
            return more
        run = self._run
        self._look_again_at = self._clock() + LOOK_AGAIN_S
        self._taker.account = account_of(plan, run.agent_type)
        self._put_down_news(plan, lost)
        self._put_down_state(plan, lost)
        run = self._run
        here = run.live and run.pid is not None and run.state is not RunState.PAUSED
        if here and asked_to_stop(run) is None:
            self._act(plan, run)
        self._delivery.see_to_it()
        return more

    @property
    def _run(self) -> RunStatus:
        return self._store.world.runs[self.run_id]

    def _look_soon(self) -> None:
        self._look_again_at = 0.0

    def _nothing_new(self) -> bool:
        """Whether neither the record, nor what is on its way to the agent, nor time can have changed anything."""
        talk = self.talk
        world, run = self._store.world, self._run
        mine = [world.asks.get(item) for item in self._asks.of(self.run_id, world)]
        rest = (world.workstreams.get(run.subject), world.accounts.get(self._taker.account))
        budgets = tuple(world.budgets.values())
        sent = (len(talk.outbox), len(talk.files), len(talk.ledger.sent))
        now = (run, mine, rest, budgets, sent, self._stopped(self.run_id))
        same, self._seen = now == self._seen, now
        return same and not talk.replaying and not talk.news and self._clock() < self._look_again_at

    # on record

    def _append(self, bodies: list[e.EventBody], lost: Lost) -> None:
        if bodies:
            waiting = self._store.append_nowait(WORKER, *bodies)
            waiting.add_done_callback(lambda done: self._was_recorded(done, lost))

    def _was_recorded(self, done: asyncio.Future[int], lost: Lost) -> None:
        if not done.cancelled() and done.exception() is not None:
            lost(self.run_id)

    def _put_down_news(self, plan: Plan, lost: Lost) -> None:
        """What happened once. Each goes with how far the log is read, so that it is put down once."""
        news, self.talk.news = self.talk.news, []
        self._tell_what_is_missing(lost)
        said = [(one.offset, report) for one in news if (report := _report(one.event)) is not None]
        bodies = report_events(plan, self._run, "log", said) if said else []
        self._append([*bodies, e.RunSpoke(self.run_id, offset=news[-1].offset)] if bodies else [], lost)
        self._taker.said_at = self.talk.last_written() if news else None
        for one in news:
            if isinstance(one.event, Reported | Misreported | v.Reports):
                continue
            world, now = self._store.world, self._clock()
            found = list(self._taker.events(one.event, self.talk.heard, self._run, world, now))
            self._append([*found, e.RunSpoke(self.run_id, offset=one.offset)] if found else [], lost)

    def _tell_what_is_missing(self, lost: Lost) -> None:
        talk = self.talk
        if talk.passed_over > 2 * self._told_of:
            self._told_of = talk.passed_over
            said = (
                f"{self.run_id}: {self._told_of / 1e6:.1f} MB of its output so far were not read as messages"
            )
            self._append(
                [e.Noted("warning", f"{said}: lines too long, or too much at once", self.run_id)], lost
            )
        for key in talk.ledger.doubtful - {message.key for message in talk.outbox}:
            talk.ledger.note_sent(key)
            said = f"it is not known whether {self.run_id} got the message {key}: the worker ended as it was sent"
            self._append([e.Noted("warning", said, self.run_id)], lost)

    def _put_down_state(self, plan: Plan, lost: Lost) -> None:
        if self.talk.heard.turn is not self._turn:
            self._turn, self._turn_ended = self.talk.heard.turn, self._clock()
        self._watchfulness.note_verified(self._store.world.workstream(self._run.subject))
        bodies = self._state(plan, self._standing(plan))
        self._append(bodies, lost)
        if any(isinstance(body, e.RunUsed) for body in bodies):
            spent = spending_events(plan, self._store.world, self._run)
            self._append(spent, lost)
            if spent:
                self._append(self._state(plan, self._standing(plan)), lost)

    def _state(self, plan: Plan, stands: Standing) -> list[e.EventBody]:
        talk, now = self.talk, self._clock()
        return self._recorder.events(
            talk.heard, self._run, self._store.world, stands, talk.adapter.resumable, talk.offset, now
        )

    def _standing(self, plan: Plan) -> Standing:
        run, now = self._run, self._clock()
        stands = standing(
            self.talk, self._taker.account, plan, run, self._store.world, self._around(plan, run, now)
        )
        if why := self._stopped(run.id):
            return replace(stands, stalled=why, stalled_by="process")
        why, by = self._watchfulness.stalled(run, plan.agents.get(run.agent_type), now)
        return stands if stands.held or stands.limited else replace(stands, stalled=why, stalled_by=by)

    def put_down_the_last(self, plan: Plan) -> None:
        """Its process has ended: what was not on record yet, and its open requests as nobody's any more."""
        self._taker.account = account_of(plan, self._run.agent_type)
        self._put_down_news(plan, _nobody)
        self._recorder.at_once()
        bodies = self._state(plan, Standing(self._taker.account))
        self._append([body for body in bodies if not isinstance(body, e.RunChanged)], _nobody)
        gone = open_asks(self._run, self._store.world)
        self._append([e.AskWithdrawn(ask.item, "the agent has ended") for ask in gone], _nobody)
        if any(isinstance(body, e.RunUsed) for body in bodies):
            self._append(spending_events(plan, self._store.world, self._run), _nobody)

    # the next step

    def _around(self, plan: Plan, run: RunStatus, now: float) -> n.Around:
        return around(self.talk, self._taker.account, plan, run, self._store.world, now, self._turn_ended)

    def _act(self, plan: Plan, run: RunStatus) -> None:
        self._deliver_answers(run)
        talk, now = self.talk, self._clock()
        if talk.finished is not None:
            self._look_again_at = now + SOON_S
            if now - talk.finished.when > n.FINISH_GRACE_S:
                self._delivery.make_it_go()
            return
        match n.next_step(run.id, talk.heard, self._around(plan, run, now)):
            case n.Wait(_, until):
                if not talk.heard.idle or until is None:
                    soon = talk.heard.turn is not None or talk.heard.produced
                    self._look_again_at = now + (SOON_S if soon else LOOK_AGAIN_S)
                else:
                    self._look_again_at = min(self._look_again_at, until)
            case n.GoOn():
                said = sum(call.name == "say" for call in talk.ledger.calls)
                talk.say(n.GO_ON, f"{CONTINUE}{said + 1}")
            case n.Interrupt(why):
                talk.interrupt(why)
            case n.Finish(why):
                talk.finish(why)
            case n.Leave():
                talk.finish("")

    def _deliver_answers(self, run: RunStatus) -> None:
        talk = self.talk
        for ref, ask in known_asks(run, self._store.world).items():
            if ask.answered is None or ask.delivered is not None or ref not in talk.heard.wants:
                continue
            keys = talk.answer(ref, ask.choice, ask.note, ask.by)
            if all(key in talk.ledger.sent for key in keys):
                self._append([e.AnswerDelivered(ask.item)], _nobody)

    def say(self, text: str, key: str, by: str) -> str:
        """A person's text, known by `key` for ever; its first words."""
        self.talk.say(text, f"say:{key}", by)
        self._delivery.see_to_it()
        return one_line(text, 120)

    def give_up(self) -> None:
        """Something of ours went wrong: leave the agent alone, and say so once."""
        if not self._given_up:
            self._given_up = True
            why = f"{self.run_id}: its conversation can't be followed any more; the worker's log says why"
            self._append([e.Noted("error", why, self.run_id)], _nobody)

    def close(self) -> None:
        self._tasks.cancel()
        self.talk.ledger.close()


def _report(event: object) -> Reported | Misreported | None:
    if isinstance(event, v.Reports):
        return Reported(event.progress, event.note)
    return event if isinstance(event, Reported | Misreported) else None


def _nobody(run_id: str) -> None:
    """Nobody reads it anew: the next worker would."""
