"""When the rest is done, and how many by then, if every week to come is like one of the past.

A week's count is drawn from the whole weeks so far, each with the same chance, until nothing is left: the distribution of
that draw is computed exactly, week by week, so there is neither a seed nor noise. Dependencies are not looked at, so
nothing is told that lies before what the network takes at best.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from locust_tui.domain.plan import Plan
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.forecast_study import HowMany, Throughput
from locust_tui.domain.world import World

from .actuals import actuals, plan_start
from .ending import told_at
from .percentiles import tenth_up

LEAST_WEEKS = 4
MOST_WEEKS = 520
AHEAD = (1, 2, 4, 8)
"""Weeks for which it is told how many will be finished."""


def weekly_counts(plan: Plan, world: World, now: float) -> tuple[int, ...]:
    """Workstreams accepted in each whole plan week up to `now`, oldest first; reopened ones do not count.

    Weeks behind the plan's good end are no weeks of it.
    """
    start = plan_start(plan, world)
    if start is None:
        return ()
    now = told_at(plan, world, now)
    length = plan.calendar.week_s
    counts = [0] * max(0, math.floor((now - start) / length))
    for id in plan.workstreams:
        status = world.workstream(id)
        if status.state is not WorkstreamState.ACCEPTED or status.accepted_at is None:
            continue
        week = max(0, math.floor((status.accepted_at - start) / length))
        if week < len(counts):
            counts[week] += 1
    return tuple(counts)


def throughput(plan: Plan, world: World, now: float, *, least: float | None = None) -> Throughput:
    """`least`: the earliest end by the network."""
    counts, past = weekly_counts(plan, world, now), actuals(plan, world, now)
    at = past.at
    left = sum(w not in past.finished and w not in past.removed for w in plan.workstreams)
    reason = _no_forecast(counts, left)
    if reason:
        return Throughput(counts, left, None, None, None, reason, least)
    chances = {n: times / len(counts) for n, times in Counter(counts).items()}
    weeks = _weeks_until(chances, left, (50, 85, 95))
    found = [None if k is None else max(at + k, least or 0.0) for k in weeks]
    p50, p85, p95 = (None if w is None else tenth_up(w) for w in found)
    return Throughput(
        counts, left, p50, p85, p95,
        "" if p95 is not None else f"not within {MOST_WEEKS} weeks",
        least, tuple(_how_many(chances, left)),
    )  # fmt: skip


def _no_forecast(counts: Sequence[int], left: int) -> str:
    if not left:
        return "nothing is left to finish"
    if len(counts) < LEAST_WEEKS:
        return f"not enough history: {len(counts)} of {LEAST_WEEKS} whole weeks"
    return "" if any(counts) else f"no finish in sight: nothing was finished in {len(counts)} weeks"


def _weeks_until(chances: Mapping[int, float], left: int, percents: Sequence[int]) -> list[int | None]:
    """For each percentage the first week by whose end the chance that nothing is left reaches it."""
    found: list[int | None] = []
    open_ = {left: 1.0}
    for week in range(1, MOST_WEEKS + 1):
        open_ = _after_a_week(open_, chances)
        done = 100.0 * (1.0 - math.fsum(open_.values()))
        while len(found) < len(percents) and done >= percents[len(found)] - 1e-9:
            found.append(week)
        if len(found) == len(percents):
            break
    return [*found, *[None] * (len(percents) - len(found))]


def _after_a_week(open_: Mapping[int, float], chances: Mapping[int, float]) -> dict[int, float]:
    """Chance of each number that is still left, a week later; what is done is dropped."""
    later: dict[int, float] = {}
    for n, chance in open_.items():
        for finished, part in chances.items():
            if n > finished:
                later[n - finished] = later.get(n - finished, 0.0) + chance * part
    return later


def _how_many(chances: Mapping[int, float], left: int) -> list[HowMany]:
    found, open_ = [], {left: 1.0}
    for week in range(1, AHEAD[-1] + 1):
        open_ = _after_a_week(open_, chances)
        if week in AHEAD:
            found.append(HowMany(week, *(_at_least(open_, left, p) for p in (50, 85, 95))))
    return found


def _at_least(open_: Mapping[int, float], left: int, percent: int) -> int:
    """Most that are finished with that chance: the chance that so many or fewer are left reaches it."""
    chance = 1.0 - math.fsum(open_.values())
    n = 0
    for n in [0, *sorted(open_)]:
        chance += open_.get(n, 0.0)
        if 100.0 * chance >= percent - 1e-9:
            break
    return left - n
