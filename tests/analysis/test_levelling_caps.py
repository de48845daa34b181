"""Levelling under every cap at once: what each allows, what they cost, and the fewest agents that delay nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import random_dags
from seed_plan import seed_plan

from locust_tui.analysis.caps import Caps, plan_caps
from locust_tui.analysis.levelling import (
    Levelled,
    caps_one_to,
    level_network,
    levelled,
    smallest_cap,
    smallest_caps,
    under_plan_caps,
)
from locust_tui.analysis.network import build_network
from locust_tui.analysis.schedule import critical_path, schedule_network
from locust_tui.domain.plan import AgentType, Plan, Project, Resources, Weeks, Workstream


def side_by_side(count: int, weeks: int = 1, **more: object) -> Plan:
    """So many workstreams of `weeks` weeks that need nothing of each other."""
    works = {
        f"w{i}": Workstream(f"w{i}", f"w{i}", weeks=Weeks(1, weeks), agent="coder") for i in range(count)
    }
    return replace(Plan(Project("p", "p"), works), **more)  # type: ignore[arg-type]


def owned(plan: Plan, owners: str) -> Plan:
    """Each workstream given to the orchestrator of its letter."""
    works = zip(plan.workstreams.values(), owners, strict=True)
    return replace(plan, workstreams={w.id: replace(w, orchestrator=o) for w, o in works})


def busy_at_most(plan: Plan, found: Levelled, members: list[str]) -> int:
    network = build_network(plan)
    spans = [(found.starts[w], found.starts[w] + network.durations[network.index[w]]) for w in members]
    return max(sum(s <= t + 1e-9 < e - 1e-9 for s, e in spans) for t, _ in spans)


@pytest.mark.parametrize(
    ("strict", "used"), [(True, [100, 92, 76, 57, 45, 38]), (False, [100, 92, 86, 88, 70, 59])]
)
def test_the_example_uses_less_of_more_agents(strict: bool, used: list[int]) -> None:
    found = list(caps_one_to(seed_plan(), 6, strict=strict))
    assert [math.floor(f.utilisation or 0) for f in found] == used
    assert all(f.busy == pytest.approx(39.0) for f in found)
    assert [f.delay for f in found] == pytest.approx([f.weeks - found[-1].weeks for f in found])


def test_four_agents_are_enough_and_of_each_orchestrator_no_more_than_three() -> None:
    plan = seed_plan()
    assert smallest_cap(plan) == 4
    assert smallest_cap(plan, strict=True) == 3
    assert smallest_caps(plan) == ({"coder": 4}, {"core": 2, "plugins": 3, "integration": 3})


def test_the_smallest_cap_delays_nothing_and_one_less_does() -> None:
    plan = seed_plan()
    for strict in (True, False):
        found = smallest_cap(plan, strict=strict)
        assert found is not None
        assert levelled(plan, found, strict=strict).delay == pytest.approx(0.0)
        assert levelled(plan, found - 1, strict=strict).delay > 0.5


def test_the_plan_s_own_cap_costs_nothing_and_is_hardly_used() -> None:
    found = under_plan_caps(seed_plan())
    assert (found.cap, found.weeks, found.peak) == (20, pytest.approx(11.0), 7)
    assert found.utilisation == pytest.approx(100 * 39 / (20 * 11))


def test_a_type_has_its_own_cap_and_commands_have_none() -> None:
    plan = side_by_side(4, agents={"coder": AgentType("coder", max=1)})
    assert under_plan_caps(plan).weeks == 4.0
    commands = {w.id: replace(w, agent=None, run=()) for w in plan.workstreams.values()}
    assert under_plan_caps(replace(plan, workstreams=commands)).weeks == 1.0  # type: ignore[arg-type]


def test_an_orchestrator_beyond_its_quota_borrows_floating_slots() -> None:
    plan = owned(side_by_side(6), "aaaabb")
    assert levelled(plan, Caps(quotas={"a": 1, "b": 1})).weeks == 4.0
    assert levelled(plan, Caps(quotas={"a": 1, "b": 1}, floating=1)).weeks == 2.0
    assert levelled(plan, Caps(total=2, quotas={"a": 1, "b": 1}, floating=1)).weeks == 3.0
    assert levelled(plan, Caps(quotas={"a": 1})).weeks == 4.0  # who has no quota is held by none


def test_the_caps_of_a_plan_are_all_read() -> None:
    plan = side_by_side(
        1,
        agents={"coder": AgentType("coder", max=3), "tester": AgentType("tester")},
        resources=Resources(max_agents=9, pools={"core": 2, "floating": 4}),
    )
    assert plan_caps(plan) == Caps(9, {"coder": 3}, {"core": 2}, 4)


def test_a_cap_of_none_bars_its_work_and_what_needs_it_for_ever() -> None:
    found = levelled(side_by_side(2), Caps(types={"coder": 0}))
    assert found.weeks == math.inf
    assert found.utilisation is None


@settings(deadline=None)
@given(random_dags(), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.integers(1, 5))
def test_every_cap_holds_at_every_moment(plan: Plan, one: int, other: int, floating: int, total: int) -> None:
    owners = ("ab" * len(plan.workstreams))[: len(plan.workstreams)]
    plan = owned(plan, owners)
    caps = Caps(total, {"coder": total + 1}, {"a": one, "b": other}, floating)
    found = levelled(plan, caps)
    everybody = list(plan.workstreams)
    if found.weeks == math.inf:
        assert other + floating == 0
        return
    assert busy_at_most(plan, found, everybody) <= total
    for owner, quota in (("a", one), ("b", other)):
        mine = [w.id for w in plan.workstreams.values() if w.orchestrator == owner]
        if mine:
            assert busy_at_most(plan, found, mine) <= quota + floating
    assert found.weeks >= critical_path(plan).weeks - 1e-9
    assert found.delay == pytest.approx(found.weeks - critical_path(plan).weeks)


@settings(deadline=None)
@given(random_dags(), st.booleans())
def test_as_many_agents_as_are_ever_at_work_delay_nothing(plan: Plan, strict: bool) -> None:
    network = build_network(plan, strict=strict)
    unlimited = schedule_network(network)
    found = smallest_cap(plan, strict=strict)
    assert found is not None
    assert level_network(plan, network, unlimited, found).delay <= 1e-9
    for fewer in range(1, found):
        assert level_network(plan, network, unlimited, fewer).delay > 1e-9
