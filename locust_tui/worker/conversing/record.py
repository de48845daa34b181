"""What of a conversation goes on record: what it has come to, held against what the record says already.

States are compared, never repeated: reading the same log once more writes nothing twice. Words of the agent enter an
event as one bounded line, its tool calls not at all: they are in the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from locust_tui.agents import vocabulary as v
from locust_tui.domain import events as e
from locust_tui.domain.states import RunState
from locust_tui.domain.world import AskStatus, RunStatus, World

from ..run_ends import asked_to_stop
from .heard import Heard
from .permits import asked, covering_rule, granted_at_once, one_line

USED_EVERY_S = 5.0
PRODUCED_EVERY_S = 10.0
PROTOCOL, SILENCE = "protocol", "silence"
ANSWERED_TO_THE_RUN = frozenset({"permission", "question"})
"""Kinds of requests whose answer goes to the agent that asked."""
BY_TOOL = "ask:"
"""So begin the references of questions that agents ask by our own tools, not by their protocols."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rest of the worker says of the run's conversation now."""

    account: str
    permits: frozenset[str] = frozenset()
    """Rules that need no question."""
    held: str = ""
    """Why it waits for a person beside its own requests: its budget, its account's login."""
    limited: str = ""
    """Why it waits for time: its account's limit, a back-off."""
    stalled: str = ""
    stalled_by: str = SILENCE


@dataclass(slots=True)
class Recorder:
    """Of one run; remembers only when it last wrote what is not written more often."""

    used_at: float = float("-inf")
    produced_at: float = float("-inf")

    def at_once(self) -> None:
        """Write what is there now, whenever something was last written."""
        self.used_at = self.produced_at = float("-inf")

    def events(
        self,
        heard: Heard,
        run: RunStatus,
        world: World,
        standing: Standing,
        resumable: str,
        offset: int,
        now: float,
    ) -> list[e.EventBody]:
        """What the record lacks; `offset`: bytes of the log that this rests on."""
        asks = list(self._asks(heard, run, world, standing, offset))
        found = [
            *self._spoke(heard, run, world, standing, resumable, offset),
            *asks,
            *self._used(heard, run, offset, now),
            *self._produced(heard, run, offset, now),
        ]
        state = self._state(heard, run, world, standing, asks)
        if state is not None:
            found.append(state)
        return found

    def _spoke(
        self, heard: Heard, run: RunStatus, world: World, standing: Standing, resumable: str, offset: int
    ) -> Iterator[e.RunSpoke]:
        session = heard.session
        new = {
            "session": resumable,
            "model": (session.model if session else "") or (heard.used.model if heard.used else ""),
            "version": session.version if session else "",
            "account": standing.account,
        }
        changed = {name: value for name, value in new.items() if value and value != getattr(run, name)}
        by_people = sum(a.choice == "deny" for a in known_asks(run, world).values()) if heard.wants else 0
        denied = max(heard.denied, by_people)  # most programs say those that people denied, too
        if changed or denied > run.denied:
            yield e.RunSpoke(run.id, **changed, denied=denied if denied > run.denied else None, offset=offset)

    def _asks(
        self, heard: Heard, run: RunStatus, world: World, standing: Standing, offset: int
    ) -> Iterator[e.EventBody]:
        if not heard.numbers:
            return
        known = known_asks(run, world)
        for granted in heard.granted.values():
            if granted.id not in known:
                number = _free(heard.numbers[granted.id], run, v.AskKind.PERMISSION, world)
                yield from granted_at_once(run, number, granted, offset)
        for wants in heard.wants.values():
            ask = known.get(wants.id)
            if ask is None:
                if wants.id in heard.taken_back:
                    continue
                number = _free(heard.numbers[wants.id], run, wants.kind, world)
                body = asked(run, number, wants, offset)
                yield body
                rule = covering_rule(wants, standing.permits)
                if rule is not None:
                    yield e.Answered(body.item, "allow", digest=body.digest, rule=rule)
            elif ask.open and wants.id in heard.taken_back:
                why = one_line(heard.taken_back[wants.id]) or "the agent took it back"
                yield e.AskWithdrawn(ask.item, why)

    def _used(self, heard: Heard, run: RunStatus, offset: int, now: float) -> Iterator[e.RunUsed]:
        used = heard.used
        if used is None or (heard.turn is None and now - self.used_at < USED_EVERY_S):
            return
        parts = [n for n in (used.input_tokens, used.output_tokens, used.cached_tokens) if n is not None]
        same = (
            (not parts or sum(parts) == (run.tokens or 0))
            and used.cost_usd in (None, run.cost_usd or 0.0)
            and used.context_used in (None, run.context_used)
            and (used.context_used is None or used.context_size in (None, run.context_size))
        )
        if not same:
            self.used_at = now
            yield e.RunUsed(
                run.id, used.input_tokens, used.output_tokens, used.cached_tokens, used.cost_usd,
                used.context_used, used.context_size, offset,
            )  # fmt: skip

    def _produced(self, heard: Heard, run: RunStatus, offset: int, now: float) -> Iterator[e.EventBody]:
        if not heard.produced or now - self.produced_at < PRODUCED_EVERY_S:
            return
        *others, latest = heard.produced
        more = f" and {len(others)} more" if others else ""
        heard.produced.clear()
        self.produced_at = now
        yield e.RunProduced(run.id, f"{one_line(latest, 200)}{more}")
        yield e.RunSpoke(run.id, offset=offset)

    def _state(
        self, heard: Heard, run: RunStatus, world: World, standing: Standing, asks: list[e.EventBody]
    ) -> e.RunChanged | None:
        if not run.live or run.pid is None or run.state is RunState.PAUSED or asked_to_stop(run) is not None:
            return None
        state, reason, source = state_of(heard, run, _waits_for(run, world, asks), standing)
        if state is None or (state, one_line(reason), source) == (run.state, run.reason, run.source):
            return None
        return e.RunChanged(run.id, state, source, one_line(reason))


def state_of(heard: Heard, run: RunStatus, asks: str, standing: Standing) -> tuple[RunState | None, str, str]:
    """(state, why, what it rests on) of a live run that `asks` a person; None: nothing says anything new."""
    if standing.held:
        return RunState.WAITING, standing.held, PROTOCOL
    if asks:
        return RunState.WAITING, asks, PROTOCOL
    if standing.limited:
        return RunState.LIMITED, standing.limited, PROTOCOL
    if standing.stalled:
        return RunState.STALLED, standing.stalled, standing.stalled_by
    match heard.activity:
        case v.Activity.WORKING | v.Activity.RETRYING:
            return RunState.RUNNING, heard.reason, PROTOCOL
        case v.Activity.IDLE:
            failed = heard.turn is not None and not heard.turn.ok
            return RunState.IDLE, heard.reason or (heard.turn.text if heard.turn and failed else ""), PROTOCOL
        case v.Activity.WAITING if not heard.waiting:
            return RunState.WAITING, heard.reason, PROTOCOL
        case v.Activity.WAITING:
            return (
                RunState.RUNNING,
                "",
                PROTOCOL,
            )  # what it waited for is answered, and the agent about to be told
    if run.state in (RunState.STALLED, RunState.WAITING, RunState.LIMITED):
        return RunState.RUNNING, "", "process"
    return None, "", ""


def known_asks(run: RunStatus, world: World) -> dict[str, AskStatus]:
    """The run's requests on record by the protocol's own id."""
    return {a.ref: a for a in world.asks.values() if a.run == run.id and a.ref}


def open_asks(run: RunStatus, world: World) -> list[AskStatus]:
    """What the run itself waits to be told, however it asked."""
    return [a for a in world.asks.values() if a.run == run.id and a.open and a.kind in ANSWERED_TO_THE_RUN]


def is_untold(ask: AskStatus) -> bool:
    """Whether a question that was asked by a tool of ours is answered, and nobody has taken the answer."""
    return ask.answered is not None and ask.delivered is None and ask.ref.startswith(BY_TOOL)


def _waits_for(run: RunStatus, world: World, new: list[e.EventBody]) -> str:
    """What is open on record or about to be, less what is closed in the same breath."""
    closed = {b.item for b in new if isinstance(b, e.AskWithdrawn | e.Answered)}
    waiting: list[AskStatus | e.Asked] = [*open_asks(run, world), *(b for b in new if isinstance(b, e.Asked))]
    return next((a.what for a in waiting if a.item not in closed), "")


def _free(number: int, run: RunStatus, kind: v.AskKind, world: World) -> int:
    """The number, or the next one that no other request of the run bears: a log may have lost its head."""
    while f"{kind.value}:{run.id}:{number}" in world.asks:
        number += 1
    return number
