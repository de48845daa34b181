"""What a stretch of time came to, from the event log: bucket by bucket and as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from locust_tui.domain import events as e
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.fold import apply
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import World

from .actuals import plan_start
from .progress import progress
from .run_spans import Trace, trace
from .worktime import working_time

MOST_BUCKETS = 14
_DAY_S = 86_400.0
_BAD = frozenset({RunState.FAILED, RunState.KILLED, RunState.LOST})
_STUCK = frozenset({WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})

COUNTS: dict[str, str] = {
    "accepted": "workstreams accepted",
    "deliverables": "deliverables verified",
    "reviews": "reviews",
    "reviews_passed": "reviews that said yes",
    "reworked": "workstreams sent back",
    "blocked": "workstreams that came to be blocked, failed, or in need of input",
    "runs_started": "runs begun",
    "runs_done": "runs that ended with exit 0",
    "runs_failed": "runs that failed, were killed or lost",
    "restarts": "second and later attempts begun",
    "questions": "questions, permissions and requests to people",
    "messages": "messages sent",
    "gates_decided": "decisions on gates",
    "alerts": "times an alert fired",
}
"""Figures that are counted → what they are; they add up over buckets."""


@dataclass(frozen=True, slots=True)
class Bucket:
    begin: float
    end: float
    counts: dict[str, int]
    busy_h: float
    idle_h: float
    tokens: int | None
    """None: no agent told any."""
    cost_usd: float | None
    progress: float | None
    """Verified, in points, as it stood at the end, weighed by the plan in force now."""


@dataclass(frozen=True, slots=True)
class PeriodMetrics:
    begin: float
    end: float
    buckets: tuple[Bucket, ...]
    whole: Bucket
    progress_before: float | None


def bucket_edges(begin: float, end: float) -> list[float]:
    """Ends of buckets: whole days back from the end, or as many equal parts where the time is shorter or longer."""
    span = max(0.0, end - begin)
    days = span / _DAY_S
    count = max(1, min(MOST_BUCKETS, round(days) if days >= 2 else 12 if span else 1))
    return [begin + span * (k + 1) / count for k in range(count)]


def period_metrics(
    plan: Plan, events: Sequence[e.Event], begin: float, end: float, members: Collection[str] | None = None
) -> PeriodMetrics:
    """`events`: the whole log, oldest first. `members`: subjects to look at (workstreams and orchestrators); None: all."""
    spans = trace(events, end)
    if members is not None:
        mine = [s for s in spans.spans if s.run.rpartition(".")[0] in members]
        spans = Trace(tuple(mine), ())
    edges = bucket_edges(begin, end)
    counter = _Counter(members)
    world = World()
    works = [w for w in plan.workstreams if members is None or w in members]
    before: float | None = None
    looked = False
    buckets: list[Bucket] = []
    edge = 0
    for event in events:
        if event.at >= begin and not looked:
            before, looked = _progress(plan, world, begin, works), True
        while edge < len(edges) and event.at > edges[edge]:
            buckets.append(_bucket(plan, world, works, spans, counter, begin if not edge else edges[edge - 1], edges[edge]))  # fmt: skip
            edge += 1
        if edge == len(edges):
            break
        counter.take(event, counts=event.at >= begin)
        apply(world, event)
    if not looked:
        before = _progress(plan, world, begin, works)
    buckets += [
        _bucket(plan, world, works, spans, counter, begin if not k else edges[k - 1], edges[k])
        for k in range(edge, len(edges))
    ]
    return PeriodMetrics(begin, end, tuple(buckets), _whole(buckets, begin, end), before)


def _bucket(
    plan: Plan, world: World, works: Iterable[str], spans: Trace, counter: _Counter, begin: float, end: float
) -> Bucket:
    part = spans.within(begin, end)
    idle = sum(s.end - s.begin for s in part.spans if not s.busy)
    counts, tokens, cost = counter.drain()
    value = _progress(plan, world, end, works)
    return Bucket(begin, end, counts, part.busy_s / 3600.0, idle / 3600.0, tokens, cost, value)


def _progress(plan: Plan, world: World, at: float, works: Iterable[str]) -> float | None:
    if world.project.started is None:
        return None
    return progress(plan, world, working_time(plan.calendar, plan_start(plan, world), at), works).value


def _whole(buckets: Sequence[Bucket], begin: float, end: float) -> Bucket:
    tokens = [b.tokens for b in buckets if b.tokens is not None]
    costs = [b.cost_usd for b in buckets if b.cost_usd is not None]
    return Bucket(
        begin,
        end,
        {name: sum(b.counts[name] for b in buckets) for name in COUNTS},
        sum(b.busy_h for b in buckets),
        sum(b.idle_h for b in buckets),
        sum(tokens) if tokens else None,
        sum(costs) if costs else None,
        buckets[-1].progress if buckets else None,
    )


class _Counter:
    """Counts what happens to its members, event by event."""

    def __init__(self, members: Collection[str] | None) -> None:
        self._members = members
        self._counts = dict.fromkeys(COUNTS, 0)
        self._tokens: dict[str, int] = {}
        self._cost: dict[str, float] = {}
        self._spent: tuple[int | None, float | None] = (None, None)

    def take(self, event: e.Event, *, counts: bool) -> None:
        """`counts` False before the period: only where the meters of models stood is kept."""
        body = event.body
        if isinstance(body, e.RunUsed):
            self._used(body, counts)
        elif counts and (name := self._name(body)):
            for one in name:
                self._counts[one] += 1

    def _name(self, body: e.EventBody) -> tuple[str, ...]:
        match body:
            case e.WorkstreamMoved():
                return self._moved(body) if self._has(body.workstream) else ()
            case e.DeliverableVerified():
                return ("deliverables",) if body.verified and self._has(body.workstream) else ()
            case e.WorkstreamReviewed():
                reviewed = ("reviews", "reviews_passed") if body.passed else ("reviews",)
                return reviewed if self._has(body.workstream) else ()
            case e.RunCreated():
                begun = ("runs_started", "restarts") if body.attempt > 1 else ("runs_started",)
                return begun if self._has(body.subject) else ()
            case e.RunEnded():
                said = (
                    ("runs_done",)
                    if body.state is RunState.EXITED
                    else ("runs_failed",) * (body.state in _BAD)
                )
                return said if self._has(body.run.rpartition(".")[0]) else ()
            case e.Asked():
                return ("questions",) if self._has(body.subject) else ()
            case e.MessageSent():
                return ("messages",) if self._has(body.to) or self._has(body.sender) else ()
            case e.GateDecided():
                return ("gates_decided",) if self._members is None else ()
            case e.AlertMoved():
                return ("alerts",) if body.state.value == "firing" and self._members is None else ()
        return ()

    @staticmethod
    def _moved(body: e.WorkstreamMoved) -> tuple[str, ...]:
        if body.new is WorkstreamState.ACCEPTED:
            return ("accepted",)
        if body.new is WorkstreamState.REWORK:
            return ("reworked",)
        return ("blocked",) if body.new in _STUCK and body.old not in _STUCK else ()

    def _has(self, subject: str) -> bool:
        return self._members is None or subject in self._members

    def _used(self, body: e.RunUsed, counts: bool) -> None:
        """Agents tell sums since their start: what counts is by how much those have grown."""
        parts = [n for n in (body.input_tokens, body.output_tokens, body.cached_tokens) if n is not None]
        tokens, cost = self._spent
        if parts:
            grown = sum(parts) - self._tokens.get(body.run, 0)
            self._tokens[body.run] = sum(parts)
            tokens = (tokens or 0) + max(0, grown)
        if body.cost_usd is not None:
            grown_cost = body.cost_usd - self._cost.get(body.run, 0.0)
            self._cost[body.run] = body.cost_usd
            cost = (cost or 0.0) + max(0.0, grown_cost)
        if counts and self._has(body.run.rpartition(".")[0]):
            self._spent = tokens, cost

    def drain(self) -> tuple[dict[str, int], int | None, float | None]:
        """What was counted since the last time."""
        told = (self._counts, *self._spent)
        self._counts, self._spent = dict.fromkeys(COUNTS, 0), (None, None)
        return told
