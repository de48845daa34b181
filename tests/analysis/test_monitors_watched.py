"""Monitors: sampled elapsed over refresh times, over every quantity by name; and forecasts that learn when they are told to."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, WEEK, at_week_end, seed_plan

from locust_tui.analysis.actuals import actuals
from locust_tui.analysis.durations import HISTORY, distributions, learned_from
from locust_tui.analysis.network import build_network
from locust_tui.analysis.sampling import grid
from locust_tui.analysis.watched import METRICS, SCOPED, measured, watchable
from locust_tui.domain.plan import Plan, Project
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.world import ProjectStatus, WorkstreamStatus, World


@given(st.floats(1, 1e5), st.floats(0, 1e6), st.lists(st.floats(0, 5000), max_size=50))
def test_samples_are_elapsed_over_refresh_whenever_it_is_looked(
    refresh: float, since: float, naps: list[float]
) -> None:
    now, taken = since, 0
    for nap in naps:
        now += nap
        due, next_at = grid(since, refresh, now)
        assert due >= taken
        assert due == pytest.approx((now - since) / refresh, abs=1)
        assert next_at > now - 1e-6
        taken = due


def test_a_day_at_five_minutes_is_288_samples() -> None:
    taken, now = 0, 0.0
    while now < 86_400.0:
        due, now = grid(0.0, 300.0, now)
        taken += due > taken
    assert taken == 287
    assert grid(0.0, 300.0, 86_400.0)[0] == 288


def started(**accepted: tuple[float, float]) -> World:
    """Workstreams accepted: (first started, accepted) in plan weeks since the start."""
    world = World(project=ProjectStatus(started=START))
    for name, (begin, end) in accepted.items():
        id = name.replace("_", "-")
        world.workstreams[id] = WorkstreamStatus(
            id, S.ACCEPTED, first_started=START + begin * WEEK, accepted_at=START + end * WEEK
        )
    return world


def test_every_name_that_may_be_watched_is_measured() -> None:
    plan = seed_plan()
    found = measured(plan, started(WS_01=(0, 2)), at_week_end(2), watchable(plan))
    assert {name.partition("/")[0] for name in found} == set(watchable(plan))
    assert found["progress"] == pytest.approx(8.0)
    assert found["phase_progress/1"] == pytest.approx(100 * 8 / 29)
    assert found["phase_expected_progress/1"] == pytest.approx(50.6, abs=0.1)
    assert set(METRICS) >= set(SCOPED)
    assert found["cost"] is None
    assert found["agents"] == 0.0


def test_a_plan_with_nothing_in_it_gives_nothing_but_is_measured() -> None:
    bare = Plan(Project("bare", "bare"), {})
    found = measured(bare, World(), START, watchable(bare))
    assert found["progress"] is None
    assert found["blockers"] == 0.0


def draws(plan: Plan, world: World, of: str) -> set[float]:
    network = build_network(plan)
    found = distributions(plan, network, actuals(plan, world, at_week_end(9)))[network.index[of]]
    rng = random.Random(2)
    return {round(found.at(rng.random()), 3) for _ in range(200)}


TWICE_AS_LONG = {f"WS_0{n}": (0.0, 2.0 * d) for n, d in ((1, 2), (2, 2), (3, 3), (4, 2), (5, 3))}


def test_learned_estimates_correct_what_was_estimated_from_five_finished_on() -> None:
    plan, world = seed_plan(), started(**TWICE_AS_LONG)
    estimated = replace(plan.workstreams["WS-06"], estimate=(1.0, 1.0, 1.0))
    plan = replace(plan, workstreams={**plan.workstreams, "WS-06": estimated})
    assert learned_from(plan, world, at_week_end(9)) == HISTORY
    assert draws(plan, world, "WS-06") == {1.0}
    on = replace(plan, features=frozenset({"learned-estimates"}))
    assert draws(on, world, "WS-06") == {2.0}
    few = started(**dict(list(TWICE_AS_LONG.items())[:4]))
    assert draws(on, few, "WS-06") == {1.0}


def test_types_of_agents_that_have_a_history_learn_from_their_own() -> None:
    plan, world = seed_plan(), started(**TWICE_AS_LONG)
    ids = [f"WS-0{n}" for n in range(1, 6)]
    kinds = {
        w.id: replace(w, agent="slow" if w.id in ids else "quick", run=None)
        for w in plan.workstreams.values()
    }
    for n, id in enumerate(("WS-07", "WS-08", "WS-09", "WS-10", "WS-11")):
        weeks = plan.workstreams[id].weeks
        assert weeks is not None
        world.workstreams[id] = WorkstreamStatus(
            id, S.ACCEPTED, first_started=START + n, accepted_at=START + n + weeks.duration * WEEK
        )
    plan = replace(plan, workstreams=kinds)
    mixed = draws(plan, world, "WS-12")
    assert len(mixed) == 2
    on = replace(plan, features=frozenset({"learned-estimates"}))
    quick = draws(on, world, "WS-12")
    assert len(quick) == 1
    assert max(quick) < max(mixed)
