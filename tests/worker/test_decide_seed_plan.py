"""The example plan of fifteen workstreams, played to its end on a clock: what slots and gates cost it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from simulated_fleet import Ending, Fleet, Script, W

from locust_tui.domain.plan import Calendar, Deliverable, Plan, Resources
from locust_tui.domain.states import GateState
from locust_tui.worker.actions import Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "analysis"))

from seed_plan import seed_plan

WEEK = 10_000.0
PARTS = 100
"""Deliverables of a workstream: fine enough that a share is reached at its time."""


def plan_with(agents: int, *, gates: bool) -> Plan:
    """The example plan without checks, so that work is judged the moment it ends."""
    seed = seed_plan()
    parts = tuple(Deliverable(f"d{i}", f"part {i}") for i in range(1, PARTS + 1))
    works = {id: replace(w, deliverables=parts, accept=()) for id, w in seed.workstreams.items()}
    return replace(
        seed,
        workstreams=works,
        calendar=Calendar(week_s=WEEK),
        resources=Resources(max_agents=agents),
        gates=seed.gates if gates else {},
        milestones=(),
        meta=None,
    )


def played(
    plan: Plan, at_rest: Callable[[Fleet], bool] = lambda fleet: False
) -> tuple[Fleet, Outcome, float]:
    """(the fleet at its end, how it ended, plan weeks until the last acceptance)."""

    def how(subject: str, attempt: int) -> Ending:
        weeks = plan.workstreams[subject].weeks
        assert weeks is not None
        verified = tuple((i / PARTS, f"d{i}") for i in range(1, PARTS))
        return Ending(seconds=weeks.duration * WEEK, verified=verified)

    fleet = Fleet(plan, Script(how, at_rest=at_rest))
    end = fleet.run()
    fleet.check_ends()
    last = max(fleet.world.workstream(id).accepted_at or 0.0 for id in plan.workstreams)
    return fleet, end, (last - (fleet.world.project.started or 0.0)) / WEEK


def test_four_agents_finish_as_fast_as_twenty() -> None:
    few, end, weeks_few = played(plan_with(4, gates=False))
    many, _, weeks_many = played(plan_with(20, gates=False))
    assert end.ok
    assert weeks_few == pytest.approx(weeks_many, abs=0.05)
    assert weeks_many == pytest.approx(11.0, abs=0.1)
    assert few.most["all"] == 4
    assert many.most["all"] > 4


def test_one_agent_does_all_the_work_one_after_another() -> None:
    fleet, end, weeks = played(plan_with(1, gates=False))
    assert end.ok
    assert weeks == pytest.approx(39.0)
    assert fleet.most["all"] == 1


def test_all_gates_open_on_the_way_and_none_by_itself() -> None:
    fleet, end, _ = played(plan_with(20, gates=True), Fleet.approve_what_passes)
    assert end.ok
    assert all(fleet.world.gate(g).state is GateState.GO for g in fleet.plan.gates)
    assert all(len(fleet.world.gate(g).decisions) == 1 for g in fleet.plan.gates)
    assert fleet.world.project.ended is not None


def test_a_shut_overlap_gate_lets_the_work_start_and_holds_its_acceptance() -> None:
    fleet, end, _ = played(plan_with(20, gates=True))
    assert end.ended
    assert not end.ok
    assert fleet.world.gate("g1").state is GateState.PENDING
    assert {id: fleet.state(id) for id in ("WS-05", "WS-06", "WS-09", "WS-10", "WS-14", "WS-15")} == {
        "WS-05": W.REVIEW,
        "WS-06": W.REVIEW,
        "WS-09": W.BLOCKED,
        "WS-10": W.BLOCKED,
        "WS-14": W.PLANNED,
        "WS-15": W.BLOCKED,
    }
    assert "gate g1 waits for a decision by locust-meta or tech-review" in end.lines
