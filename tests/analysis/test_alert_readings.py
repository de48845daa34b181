"""What alert rules find: phase by phase, by planned value and not by a straight line, and nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seed_plan import START, at_week_end, seed_plan

from locust_tui.analysis.alert_readings import OVERDUE_GATE, Reading, readings, rule_readings
from locust_tui.analysis.progress import expected_progress, straight_line
from locust_tui.analysis.worktime import working_time
from locust_tui.domain.plan import AlertRule, Plan, Project, Workstream
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World

S = WorkstreamState
DAY = 86_400.0
RULE = AlertRule("phase-gate", "phase_progress < expected_progress - 10", ("locust-meta",))


def started(**accepted: S) -> World:
    world = World(project=ProjectStatus(started=START))
    for name, state in accepted.items():
        id = name.replace("_", "-")
        at = START if state is S.ACCEPTED else None
        world.workstreams[id] = WorkstreamStatus(id, state, accepted_at=at, first_started=START)
    return world


def found(plan: Plan, world: World, now: float, rule: AlertRule = RULE) -> dict[str, Reading]:
    return {r.scope: r for r in rule_readings(rule, plan, world, now)}


def test_a_phase_is_held_against_its_own_planned_value() -> None:
    at = found(seed_plan(), started(WS_01=S.RUNNING), at_week_end(2))
    assert set(at) == {"1"}
    assert dict(at["1"].values) == pytest.approx({"expected_progress": 50.6, "phase_progress": 0.0}, abs=0.1)
    assert (at["1"].holds, at["1"].clear) == (True, False)


def test_only_phases_that_are_under_way_or_should_be_are_looked_at() -> None:
    plan = seed_plan()
    assert set(found(plan, started(), START + DAY)) == {"1"}
    assert set(found(plan, started(), at_week_end(2) + DAY)) == {"1", "2"}
    passed = started(WS_01=S.ACCEPTED, WS_02=S.ACCEPTED, WS_03=S.ACCEPTED, WS_04=S.ACCEPTED)
    passed.gates["g1"] = GateStatus("g1", GateState.GO)
    assert "1" not in found(plan, passed, at_week_end(4))


def working_days(plan: Plan) -> list[tuple[str, float]]:
    """The end of each working day of each phase's own weeks: (phase, plan weeks since the start)."""
    days = []
    for phase in plan.phases.values():
        assert phase.weeks is not None
        for week in range(phase.weeks.first, phase.weeks.last + 1):
            ends = [START + (week - 1) * 7 * DAY + (d + 1) * DAY for d in range(5)]
            days += [(phase.id, working_time(plan.calendar, START, end)) for end in ends]
    return days


def test_a_project_exactly_on_plan_fires_on_no_day_where_a_straight_line_would_on_eight() -> None:
    plan = seed_plan()
    members = {p: [w for w in plan.workstreams.values() if w.phase == p] for p in plan.phases}
    days = working_days(plan)
    assert len(days) == 90
    on_plan = [(phase, at, expected_progress(plan, members[phase], at) or 0.0) for phase, at in days]
    fires = [progress < (expected_progress(plan, members[p], at) or 0.0) - 10 for p, at, progress in on_plan]
    assert not any(fires)
    straight = [at for p, at, progress in on_plan if progress < (straight_line(plan, members[p], at) or 0.0) - 10]  # fmt: skip
    assert len(straight) == 8
    assert {int(at + 1e-9) for at in straight} == {1, 7, 8}  # whole weeks that had passed


def test_without_phases_dates_or_a_start_nothing_is_known_and_nothing_fires() -> None:
    bare = Plan(Project("bare", "bare"), {})
    assert list(readings(bare, World(), START)) == []
    assert found(bare, started(), START) == {}
    undated = Plan(Project("p", "p"), {"a": Workstream("a", "a", instructions="do it")})
    told = found(undated, started(), START, AlertRule("late", "progress < expected_progress - 10"))[""]
    assert (told.holds, told.clear) == (None, None)
    assert told.why == "not known: expected_progress"


def test_an_unreadable_rule_is_unknown_and_says_why() -> None:
    told = found(seed_plan(), started(), START, AlertRule("broken", "nonsense > 1"))[""]
    assert told.holds is None
    assert 'unknown name "nonsense"' in told.why


def test_every_plan_watches_its_gates_for_being_overdue() -> None:
    plan, world = seed_plan(), started()

    def overdue(now: float) -> dict[str, Reading]:
        return {r.scope: r for r in readings(plan, world, now) if r.rule.name == OVERDUE_GATE}

    assert overdue(at_week_end(4) - 1) == {}
    soon = overdue(at_week_end(4.05))["g1"]
    assert (soon.holds, soon.clear) == (False, True)  # a few hours after its week nobody is told yet
    late = overdue(at_week_end(5))["g1"]
    assert (late.holds, late.clear) == (True, False)
    assert dict(late.values)["days_overdue"] == pytest.approx(5.0)
    assert late.rule.notify == (plan.gates["g1"].approvers or ("operator",))
    world.gates["g1"] = GateStatus("g1", GateState.GO)
    assert overdue(at_week_end(5))["g1"].clear is True


def test_rules_of_the_plan_come_with_the_built_in_one() -> None:
    plan = replace(seed_plan(), alerts=(RULE, AlertRule("stuck", "blockers > 0")))
    world = started(WS_01=S.BLOCKED)
    told = {(r.rule.name, r.scope): r.holds for r in readings(plan, world, at_week_end(4.5))}
    assert told[("stuck", "")] is True
    assert told[(OVERDUE_GATE, "g1")] is True
    assert told[("phase-gate", "1")] is True
