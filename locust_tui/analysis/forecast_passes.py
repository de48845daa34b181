"""One outcome of the plan per run: the forward pass over columns, and back along what drove each finish."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locust_tui.domain.plan import Plan, SchedulePolicy
from locust_tui.domain.world import World

from .actuals import Actuals, actuals
from .durations import Distribution, distributions
from .forecast_columns import Column, Columns
from .network import Network, build_network


@dataclass(slots=True)
class Outcomes:
    """Columns of plan weeks, one a node, in the network's order."""

    runs: int
    bounds: list[Column]
    """When it could begin, before a gate waits for the end of its day; None where it has begun or is over."""
    begins: list[Column]
    durations: list[Column]
    own: list[Column]
    """Begin and duration together, whatever else its end waits for."""
    ends: list[Column]
    finish: Column
    """End of the last workstream."""

    def copy(self) -> Outcomes:
        """Lists of its own, of the same columns."""
        return Outcomes(self.runs, [*self.bounds], [*self.begins], [*self.durations], [*self.own],
                        [*self.ends], self.finish)  # fmt: skip


class Model:
    """A plan at a moment as it is simulated; each call of `batch` goes on where the last one ended.

    Finished work stays where it was, running work takes longer than it has run, the rest starts from now on.
    """

    def __init__(
        self,
        plan: Plan,
        world: World,
        now: float,
        *,
        gates: bool,
        strict: bool,
        as_planned: bool | None,
        seed: int,
    ) -> None:
        """`as_planned`: nothing starts before its planned week; None: as the plan says."""
        self.network: Network = build_network(plan, strict=strict, gates=gates)
        self.past: Actuals = actuals(plan, world, now)
        self.draws: dict[int, Distribution] = distributions(plan, self.network, self.past)
        self.gates = frozenset(self.network.index[g] for g in plan.gates)
        self.as_planned = plan.schedule is SchedulePolicy.AS_PLANNED if as_planned is None else as_planned
        self.overlaps = tuple(
            tuple(
                (p, part)
                for p, part in before
                if (self.network.ids[p], self.network.ids[i]) not in self.past.met
            )
            for i, before in enumerate(self.network.ss)
        )
        """The partial needs of each node that are still open: what is met already holds nothing."""
        self._streams = {i: random.Random(f"{seed}/{self.network.ids[i]}") for i in self.draws}

    def batch(self, columns: Columns, runs: int) -> Outcomes:
        """So many further outcomes."""
        drawn = {i: columns.draws(d, columns.chances(self._streams[i], runs)) for i, d in self.draws.items()}
        return self.outcomes(columns, drawn, runs)

    def outcomes(self, columns: Columns, drawn: Mapping[int, Column], runs: int) -> Outcomes:
        """Where the unfinished workstreams take so long. Lags are not rounded to days here."""
        n = len(self.network)
        found = Outcomes(runs, [None] * n, [None] * n, [None] * n, [None] * n, [None] * n, None)
        zero = columns.constant(0.0, runs)
        for i in range(n):
            found.durations[i] = drawn.get(i, zero)
        self._forward(columns, found, range(n))
        return found

    def instead(self, columns: Columns, before: Outcomes, node: int, weeks: float) -> Column:
        """The finish of the same runs, had this workstream taken `weeks` in each of them."""
        found = before.copy()
        found.durations[node] = columns.constant(weeks, before.runs)
        self._forward(columns, found, self._from(node))
        return found.finish

    def _from(self, node: int) -> list[int]:
        """The node and all that lies behind it, in order."""
        reached = {node}
        for i in range(node + 1, len(self.network)):
            before = (*self.network.fs[i], *self.network.ff[i])
            if any(p in reached for p in before):
                reached.add(i)
        return sorted(reached)

    def _forward(self, columns: Columns, o: Outcomes, nodes: Iterable[int]) -> None:
        network, past = self.network, self.past
        for i in nodes:
            node = network.ids[i]
            begun, done = past.started.get(node), past.finished.get(node)
            if node in past.removed:
                o.begins[i] = o.own[i] = o.ends[i] = columns.constant(0.0, o.runs)
                continue
            if done is not None:
                begun = done if begun is None else min(begun, done)
                o.durations[i] = columns.constant(done - begun, o.runs)
            if begun is not None:
                begin = columns.constant(begun, o.runs)
            else:
                begin = o.bounds[i] = self._bound(columns, o, i)
            if i in self.gates and done is None:
                begin = columns.day_ends(begin, network.days)
            o.begins[i] = begin
            o.own[i] = o.ends[i] = columns.sum(begin, o.durations[i])
            if network.ff[i] and done is None:
                o.ends[i] = columns.latest([o.own[i], *(o.ends[p] for p in network.ff[i])])
        o.finish = columns.latest([o.ends[i] for i in network.works])

    def _bound(self, columns: Columns, o: Outcomes, i: int) -> Column:
        network, at = self.network, self.past.at
        at = max(at, network.releases[i]) if self.as_planned else at
        bounds = [columns.constant(at, o.runs), *(o.ends[p] for p in network.fs[i])]
        bounds += [columns.share(o.begins[p], part, o.durations[p]) for p, part in self.overlaps[i]]
        return columns.latest(bounds)


def on_longest_path(model: Model, columns: Columns, o: Outcomes) -> dict[int, Column]:
    """Per workstream the runs in which it lies on the longest path; it does in none where it is missing.

    Back from the finish along what drove it. Of what ends last only because it waited for another's end (a
    partial need, a gate), that other one counts; a gate that waits for the end of its day is driven by what it
    waited for before.
    """
    network = model.network
    last: dict[int, Column] = {i: columns.reached(o.ends[i], o.finish) for i in network.works}
    ends: dict[int, Column] = {}
    starts: dict[int, Column] = {}
    """Runs in which a node is the last; in which its end, its start, drove what came behind."""

    def add(to: dict[int, Column], i: int, runs: Column) -> None:
        to[i] = columns.either(to[i], runs) if i in to else runs

    for i in range(len(network) - 1, -1, -1):
        end = columns.either(last[i], ends[i]) if i in last and i in ends else last.get(i, ends.get(i))
        if end is not None and columns.count(end):
            if o.ends[i] is o.own[i]:
                add(starts, i, end)
            else:
                add(starts, i, columns.both(end, columns.reached(o.own[i], o.ends[i])))
                for p in network.ff[i]:
                    add(ends, p, columns.both(end, columns.reached(o.ends[p], o.ends[i])))
        if i not in starts or o.bounds[i] is None or not columns.count(starts[i]):
            continue
        for p in network.fs[i]:
            add(ends, p, columns.both(starts[i], columns.reached(o.ends[p], o.bounds[i])))
        for p, part in model.overlaps[i]:
            moment = columns.share(o.begins[p], part, o.durations[p])
            add(starts, p, columns.both(starts[i], columns.reached(moment, o.bounds[i])))
    for i in network.works:
        if i in ends:
            add(starts, i, ends[i])
    return {i: starts[i] for i in network.works if i in starts}
