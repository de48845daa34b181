"""The shipped demo plan gives the reference numbers of its network, calendar and forecast."""

from __future__ import annotations

from pathlib import Path

import pytest
from seed_plan import START

from locust_tui.analysis.expression import compile_expression
from locust_tui.analysis.forecast import forecast
from locust_tui.analysis.gates import held_acceptances, held_starts
from locust_tui.analysis.levelling import smallest_cap
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.progress import expected_progress
from locust_tui.analysis.quantities import known_names
from locust_tui.analysis.schedule import critical_path
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(Path(__file__).parents[2] / "demo_plans" / "locust" / "locust-plan.yaml")


def test_its_network(plan: Plan) -> None:
    assert critical_path(plan, strict=True).weeks == pytest.approx(17.0)
    assert critical_path(plan).weeks == pytest.approx(11.0)
    assert critical_path(plan).path == ("WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14")
    assert smallest_cap(plan) == 4


def test_its_planned_value_and_forecast(plan: Plan) -> None:
    weeks = [expected_progress(plan, plan.workstreams.values(), k) for k in (1, 4, 8, 12)]
    assert weeks == pytest.approx([4.0, 37.0, 77.0, 100.0], abs=0.05)
    found = forecast(plan, World(), START)
    assert (found.p50_week, found.p85_week) == pytest.approx((12.7, 13.5), abs=0.15)


def test_what_its_gates_hold(plan: Plan) -> None:
    held = {g.id: (held_starts(plan, g), held_acceptances(plan, g)) for g in plan.gates.values()}
    assert held["g1"] == ((), ("WS-05", "WS-06"))
    assert held["g2"][0] == ("WS-10", "WS-11")
    assert held["g3"][0] == ("WS-14", "WS-15")


def test_its_measures_alerts_and_success_criteria_are_understood(plan: Plan) -> None:
    names = known_names(plan)
    texts = [k.measure for k in plan.kpis.values()] + [a.when for a in plan.alerts]
    texts += [s.check for s in plan.success if s.check]
    assert texts
    for text in texts:
        compile_expression(text, names)


def test_it_has_a_snapshot_before_it_ever_ran(plan: Plan) -> None:
    snapshot = build_snapshot(plan, "d", "p", World(), START, worker_pid=None)
    assert snapshot.verdict == "not-started"
    assert [k.reason for k in snapshot.kpis] == ["the plan has not been started"] * len(plan.kpis)
