"""What an agent's news come to, as events: its account's state, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from locust_tui.agents import vocabulary as v
from locust_tui.domain import events as e
from locust_tui.domain.world import RunStatus, World

from ..accounts import BackOffs, limit_near, limit_reached, overloaded, refused
from .heard import Heard
from .next_step import A_PERSONS, again_after
from .permits import one_line

MOST_NOTES = 20
"""Lines of one run about what went wrong; then one that says that there were more."""
_BROKEN_SERVER = frozenset({"failed", "needs-auth"})
_ASKS_PATIENCE = frozenset({v.Trouble.OVERLOADED, v.Trouble.RATE_LIMIT})


@dataclass(slots=True)
class Taker:
    """Of one run."""

    account: str
    back_offs: BackOffs
    notes: int = 0
    noted: set[str] = field(default_factory=set)

    said_at: float | None = None
    """When what is being taken up was said, at the latest; None: now."""

    def events(
        self, event: v.AgentEvent, heard: Heard, run: RunStatus, world: World, now: float
    ) -> Iterator[e.EventBody]:
        """What one piece of news puts on record, held against the world as it is now."""
        match event:
            case v.SessionStarted():
                for server, state in event.tools:
                    if state in _BROKEN_SERVER:
                        yield from self._note(run, f"its tool server {server} is {state}")
            case v.LimitHeard():
                change = (
                    self._limit(event, run, world, now)
                    if event.reached
                    else limit_near(world, self.account, event, run)
                )
                if change is not None:
                    yield change
            case v.Retrying() if event.trouble in A_PERSONS:
                yield from refused(world, self.account, event.trouble, event.message, run)
            case v.TurnEnded():
                yield from self._turn_ended(event, heard, run, world, now)
            case v.Failed():
                yield from self._failed(event, run, world, now)

    def _limit(
        self, limit: v.LimitHeard, run: RunStatus, world: World, now: float
    ) -> e.AccountChanged | None:
        return limit_reached(world, self.account, limit, run, now, self.back_offs, self.said_at)

    def _turn_ended(
        self, turn: v.TurnEnded, heard: Heard, run: RunStatus, world: World, now: float
    ) -> Iterator[e.EventBody]:
        if turn.ok:
            self.back_offs.went_well(self.account)
        elif turn.trouble is v.Trouble.USAGE_LIMIT:
            limit = v.LimitHeard(True, resets_at=turn.resets_at, message=turn.text)
            change = self._limit(limit, run, world, now)
            if change is not None:
                yield change
        elif (
            turn.trouble in A_PERSONS and not heard.interrupted
        ):  # else it was told of before we ended the turn
            yield from refused(world, self.account, turn.trouble, turn.text, run)
        elif turn.trouble in _ASKS_PATIENCE:
            until = now + again_after(heard.retries)
            change = overloaded(world, self.account, turn.text, run, until)
            if change is not None:
                yield change

    def _failed(self, event: v.Failed, run: RunStatus, world: World, now: float) -> Iterator[e.EventBody]:
        if event.trouble in A_PERSONS:
            yield from refused(world, self.account, event.trouble, event.message, run)
        elif event.trouble is v.Trouble.USAGE_LIMIT:
            limit = v.LimitHeard(True, message=event.message)
            change = self._limit(limit, run, world, now)
            if change is not None:
                yield change
        else:
            yield from self._note(run, f"{event.trouble.value}: {event.message}")

    def _note(self, run: RunStatus, text: str) -> Iterator[e.Noted]:
        line = one_line(text)
        if line in self.noted or self.notes > MOST_NOTES:
            return
        self.noted.add(line)
        self.notes += 1
        more = "more went wrong than is noted here; its log has it" if self.notes > MOST_NOTES else line
        yield e.Noted("warning", f"{run.id}: {more}", run.id)
