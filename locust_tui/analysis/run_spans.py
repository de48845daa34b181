"""When runs were at work and when they stood still, and how much work there was to do, from the events that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Event, RunChanged, RunEnded, RunStarted, WorkstreamMoved
from locust_tui.domain.states import RunState, WorkstreamState

KINDS = ("run.started", "run.changed", "run.ended", "workstream.moved")
"""Events that are looked at."""
BUSY = frozenset({RunState.STARTING, RunState.RUNNING})
"""In every other live state a run holds its slot and works at nothing."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a run's life, seconds since the epoch."""

    run: str
    begin: float
    end: float
    busy: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch in which a workstream was ready to start."""

    workstream: str
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Trace:
    spans: tuple[Span, ...]
    waits: tuple[Wait, ...]

    def within(self, begin: float, end: float) -> Trace:
        """What of it lies between two moments."""
        spans = [
            Span(s.run, max(s.begin, begin), min(s.end, end), s.busy)
            for s in self.spans
            if s.end > begin and s.begin < end
        ]
        waits = [
            Wait(w.workstream, max(w.begin, begin), min(w.end, end))
            for w in self.waits
            if w.end > begin and w.begin < end
        ]
        return Trace(tuple(spans), tuple(waits))

    def demand(self, cap: int | None) -> float:
        """Seconds of agents that could have been at work: min(cap, live + ready) integrated over time."""
        stretches = [(s.begin, s.end) for s in self.spans] + [(w.begin, w.end) for w in self.waits]
        steps = sorted(_edges(stretches))
        total, level, before = 0.0, 0, 0.0
        for at, change in steps:
            total += (at - before) * (level if cap is None else min(cap, level))
            level, before = level + change, at
        return total

    @property
    def busy_s(self) -> float:
        return sum(s.end - s.begin for s in self.spans if s.busy)


def _edges(stretches: Iterable[tuple[float, float]]) -> Iterator[tuple[float, int]]:
    for begin, end in stretches:
        yield begin, 1
        yield end, -1


def trace(events: Iterable[Event], now: float) -> Trace:
    """The spans of all runs and waits of all workstreams up to `now`; events of any kind, oldest first."""
    spans: list[Span] = []
    waits: list[Wait] = []
    live: dict[str, tuple[float, bool]] = {}
    ready: dict[str, float] = {}

    def close(run: str, at: float) -> None:
        if run in live:
            begin, busy = live.pop(run)
            if at > begin:
                spans.append(Span(run, begin, at, busy))

    for event in events:
        body = event.body
        if isinstance(body, RunStarted):
            live.setdefault(body.run, (event.at, True))
        elif isinstance(body, RunChanged) and body.run in live:
            busy = body.state in BUSY
            if live[body.run][1] is not busy:
                close(body.run, event.at)
                live[body.run] = (event.at, busy)
        elif isinstance(body, RunEnded):
            close(body.run, min(event.at, body.ended) if body.ended is not None else event.at)
        elif isinstance(body, WorkstreamMoved):
            if body.new is WorkstreamState.READY:
                ready.setdefault(body.workstream, event.at)
            elif (since := ready.pop(body.workstream, None)) is not None and event.at > since:
                waits.append(Wait(body.workstream, since, event.at))
    for run in list(live):
        close(run, now)
    waits += [Wait(w, since, now) for w, since in ready.items() if now > since]
    return Trace(tuple(spans), tuple(waits))
