"""Planned, blocked, ready: what each need, date and gate does to work that has not begun, and to work sent back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated_fleet import START, Ending, Fleet, Script, W

from locust_tui.domain import events as e
from locust_tui.domain.criterion import Command
from locust_tui.domain.plan import (
    AgentType,
    Calendar,
    Gate,
    GateMode,
    Meta,
    Need,
    NeedKind,
    Orchestrator,
    Phase,
    Plan,
    Project,
    Resources,
    SchedulePolicy,
    Weeks,
    Workstream,
)
from locust_tui.domain.states import DecisionKind, GateState, RunState
from locust_tui.domain.world import ProjectStatus, World
from locust_tui.worker.actions import Decision, Move, Start
from locust_tui.worker.decide import Outlook, decide, outcome

TRUE = Command(("true",), "true")
WEEK = 100.0


def work(id: str, *needs: str | Need, **fields: object) -> Workstream:
    made = tuple(Need(n) if isinstance(n, str) else n for n in needs)
    return replace(Workstream(id, id, run=TRUE, needs=made), **fields)  # type: ignore[arg-type]


def plan_of(*works: Workstream, **fields: object) -> Plan:
    plan = Plan(Project("p", "p"), {w.id: w for w in works}, calendar=Calendar(week_s=WEEK))
    return replace(plan, **fields)  # type: ignore[arg-type]


def failing(*ids: str) -> Script:
    """These fail; everything else ends well after ten seconds."""
    bad = Ending(state=RunState.FAILED, exit_code=1, reason="exit code 1")
    return Script(lambda subject, attempt: bad if subject in ids else Ending())


def test_nothing_happens_before_the_project_is_started() -> None:
    plan = plan_of(work("a"))
    assert decide(plan, World(), START, outlook=Outlook(plan)) == Decision()


def test_an_outlook_serves_its_own_plan_only() -> None:
    world = World(project=ProjectStatus(started=START))
    with pytest.raises(ValueError, match="another plan"):
        decide(plan_of(work("a")), world, START, outlook=Outlook(plan_of(work("a"))))


def test_work_starts_when_its_needs_are_met_and_not_before() -> None:
    fleet = Fleet(plan_of(work("a"), work("b", "a")))
    fleet.settle()
    assert (fleet.state("a"), fleet.state("b")) == (W.RUNNING, W.PLANNED)
    end = fleet.run()
    assert end.ok
    assert fleet.world.workstream("b").reason == "exit 0, no checks"


def test_needs_unmet_after_the_planned_start_block() -> None:
    plan = plan_of(work("a"), work("b", "a", weeks=Weeks(2, 2)))
    fleet = Fleet(plan, Script(lambda subject, attempt: Ending(seconds=3 * WEEK)))
    fleet.settle()
    assert fleet.state("b") is W.PLANNED
    assert fleet.look().wake_at == START + WEEK
    fleet.now = START + WEEK
    fleet.settle()
    assert fleet.state("b") is W.BLOCKED
    assert fleet.world.workstream("b").reason == "needs a"


def test_a_failed_need_blocks_what_needs_it_at_once() -> None:
    fleet = Fleet(plan_of(work("a"), work("b", "a", weeks=Weeks(9, 9))), failing("a"))
    end = fleet.run()
    assert fleet.state("b") is W.BLOCKED
    assert not end.ok
    assert end.lines == ("a failed: exit code 1", "b waits behind that")


def test_without_dates_a_failure_far_upstream_blocks() -> None:
    fleet = Fleet(plan_of(work("a"), work("b", "a"), work("c", "b")), failing("a"))
    fleet.run()
    assert fleet.state("c") is W.BLOCKED
    assert "a is failed" in fleet.world.workstream("c").reason
    fleet.move("a", W.REWORK)
    fleet.settle()
    assert fleet.state("c") is W.PLANNED


@pytest.mark.parametrize("out", [W.CANCELLED, W.DEFERRED])
def test_a_need_that_was_taken_out_blocks(out: W) -> None:
    fleet = Fleet(plan_of(work("a"), work("b", "a")))
    fleet.settle()
    fleet.move("a", out)
    end = fleet.run()
    assert fleet.state("b") is W.BLOCKED
    assert not end.ok
    assert fleet.world.runs["a.1"].state is RunState.KILLED


def test_as_planned_waits_for_the_week_and_a_person_may_start_earlier() -> None:
    plan = plan_of(work("a", weeks=Weeks(3, 3)), schedule=SchedulePolicy.AS_PLANNED)
    fleet = Fleet(plan)
    fleet.settle()
    assert fleet.state("a") is W.PLANNED
    assert not outcome(plan, fleet.world, fleet.now, outlook=fleet.outlook).ended
    fleet.move("a", W.READY, forced=True)
    fleet.settle()
    assert fleet.state("a") is W.RUNNING
    later = Fleet(plan)
    assert later.run().ok
    assert later.world.workstream("a").first_started == START + 2 * WEEK


def gated(mode: GateMode, week: int | None = 1) -> Plan:
    return plan_of(
        work("a", phase="1"),
        work("early", phase="2", weeks=Weeks(1, 1)),
        work("late", phase="2", weeks=Weeks(2, 2)),
        work("undated", phase="2"),
        phases={"1": Phase("1", "1"), "2": Phase("2", "2")},
        gates={"g": Gate("g", "g", closes="1", opens="2", week=week, mode=mode)},
    )


@pytest.mark.parametrize(
    ("mode", "early", "late", "undated"),
    [
        (GateMode.HARD, W.BLOCKED, W.BLOCKED, W.BLOCKED),
        (GateMode.OVERLAP, W.RUNNING, W.BLOCKED, W.BLOCKED),
        (GateMode.ADVISORY, W.RUNNING, W.RUNNING, W.RUNNING),
    ],
)
def test_a_shut_gate_holds_starts_by_its_mode(mode: GateMode, early: W, late: W, undated: W) -> None:
    fleet = Fleet(gated(mode))
    fleet.settle()
    assert [fleet.state(id) for id in ("early", "late", "undated")] == [early, late, undated]


def test_a_persons_start_passes_an_overlap_gate_but_not_a_hard_one_nor_a_need() -> None:
    overlap = Fleet(gated(GateMode.OVERLAP))
    overlap.settle()
    overlap.move("late", W.READY, forced=True)
    overlap.settle()
    assert overlap.state("late") is W.RUNNING
    hard = Fleet(gated(GateMode.HARD))
    hard.settle()
    hard.move("late", W.READY, forced=True)
    hard.settle()
    assert hard.state("late") is W.BLOCKED
    needy = Fleet(plan_of(work("a"), work("b", "a")))
    needy.settle()
    needy.move("b", W.READY, forced=True)
    needy.settle()
    assert needy.state("b") is W.PLANNED


def test_what_started_under_a_shut_overlap_gate_is_accepted_only_after_go() -> None:
    fleet = Fleet(gated(GateMode.OVERLAP))
    end = fleet.run()
    assert fleet.state("early") is W.REVIEW
    assert end.lines[0] == "gate g waits for a decision"
    fleet.decide_gate("g", DecisionKind.GO)
    assert fleet.run().ok


def test_partial_needs_open_on_verified_work_and_hold_the_acceptance() -> None:
    from locust_tui.domain.plan import Deliverable

    half = Need("a", NeedKind.PERCENT, percent=50.0)
    part = Need("a", NeedKind.DELIVERABLE, deliverable="api")
    begun = Need("a", NeedKind.STARTED)
    deliverables = (Deliverable("api", "api"), Deliverable("docs", "docs"))
    plan = plan_of(work("a", deliverables=deliverables), work("b", half), work("c", part), work("d", begun))
    fleet = Fleet(plan, Script(lambda subject, attempt: Ending(seconds=50.0 if subject == "a" else 1.0)))
    fleet.settle()
    assert [fleet.state(id) for id in "bcd"] == [W.PLANNED, W.PLANNED, W.RUNNING]
    fleet.record(e.WorkstreamReported("a", deliverable="docs"))
    fleet.settle()
    assert fleet.state("b") is W.PLANNED, "a claim is not a verification"
    fleet.record(e.DeliverableVerified("a", "docs"))
    fleet.settle()
    assert [fleet.state(id) for id in "bc"] == [W.RUNNING, W.PLANNED]
    fleet.record(e.DeliverableVerified("a", "api"))
    fleet.settle()
    assert fleet.state("c") is W.RUNNING
    assert fleet.run().ok
    accepted = [fleet.world.workstream(id).accepted_at or 0.0 for id in "abcd"]
    assert max(accepted) - min(accepted) == 0.0, "all waited for a"


def test_ready_work_falls_back_when_a_need_is_taken_back() -> None:
    fleet = Fleet(plan_of(work("a"), work("b", "a"), resources=Resources(max_agents=1)))
    fleet.run()
    fleet.move("b", W.REWORK)
    fleet.move("a", W.REWORK)
    fleet.settle()
    assert (fleet.state("a"), fleet.state("b")) == (W.RUNNING, W.REWORK), "b builds on a"
    assert fleet.run().ok


def test_work_that_nobody_can_start_stays_ready_and_is_named() -> None:
    nobody = replace(work("a"), run=None, agent="ghost", instructions="do it")
    fleet = Fleet(plan_of(nobody, agents={"ghost": AgentType("ghost")}), Script())
    fleet.check_promises = lambda: None  # type: ignore[method-assign]
    end = fleet.run()
    assert fleet.state("a") is W.READY
    assert end.lines == ("a is ready, but agent type ghost has no command",)


def test_work_removed_from_the_plan_is_left_alone() -> None:
    fleet = Fleet(plan_of(work("a"), work("b")))
    fleet.settle()
    fleet.plan = plan_of(work("a"), resources=Resources(max_agents=2))
    fleet.outlook = Outlook(fleet.plan)
    assert fleet.run().ended
    assert fleet.state("b") is W.RUNNING
    assert fleet.world.runs["b.1"].state is RunState.EXITED


def test_a_killed_gate_cancels_what_comes_after_it_and_stops_its_runs() -> None:
    fleet = Fleet(
        gated(GateMode.OVERLAP),
        Script(lambda subject, attempt: Ending(seconds=50.0 if subject == "early" else 5.0)),
    )
    fleet.run_until(lambda fleet: fleet.state("a") is W.ACCEPTED)
    fleet.settle()
    assert fleet.world.gate("g").state is GateState.PENDING
    fleet.decide_gate("g", DecisionKind.KILL)
    end = fleet.run()
    assert [fleet.state(id) for id in ("a", "early", "late", "undated")] == [W.ACCEPTED, *[W.CANCELLED] * 3]
    assert fleet.world.runs["early.1"].state is RunState.KILLED
    assert not end.ok
    assert "gate g is killed" in end.lines


def coordinated(cap: int | None, **types: AgentType) -> Plan:
    agents = {"boss": AgentType("boss", command=("b",)), "coder": AgentType("coder", command=("c",)), **types}
    works = [
        work("a", phase="1", orchestrator="core", run=None, agent="coder", instructions="x"),
        work("b", "a", phase="2", orchestrator="edge", run=None, agent="coder", instructions="x"),
    ]
    return plan_of(
        *works,
        agents=agents,
        resources=Resources(max_agents=cap),
        meta=Meta("meta", "meta", agent="boss", instructions="lead"),
        orchestrators={
            "core": Orchestrator("core", "core", agent="boss", phases=("1",), instructions="lead"),
            "edge": Orchestrator("edge", "edge", agent="boss", phases=("2",), instructions="lead"),
            "quiet": Orchestrator("quiet", "quiet", agent="boss", phases=("2",)),
        },
        phases={"1": Phase("1", "1"), "2": Phase("2", "2")},
    )


def test_orchestrators_agents_begin_once_with_their_first_work() -> None:
    fleet = Fleet(coordinated(None))
    fleet.settle()
    assert {r.id for r in fleet.world.runs.values()} == {"a.1", "meta.1", "core.1"}
    fleet.run()
    assert sorted(r for r in fleet.world.runs if not r.startswith(("a", "b"))) == [
        "core.1",
        "edge.1",
        "meta.1",
    ]


@pytest.mark.parametrize(("cap", "coordinators"), [(1, 0), (2, 1), (3, 2)])
def test_orchestrators_agents_never_take_the_last_slot_of_the_work(cap: int, coordinators: int) -> None:
    forever = Script(lambda subject, attempt: Ending(seconds=10.0 if subject in "ab" else 1e6))
    fleet = Fleet(coordinated(cap), forever)
    fleet.run_until(lambda fleet: fleet.state("b") is W.ACCEPTED)
    assert sum(r.subject not in "ab" for r in fleet.world.runs.values()) <= coordinators
    assert fleet.now < START + 60


def test_slots_go_by_float_then_priority_then_id() -> None:
    from locust_tui.domain.plan import Priority

    plan = plan_of(
        work("z-long", weeks=Weeks(1, 5)),
        work("y", priority=Priority.LOW),
        work("x", priority=Priority.HIGH),
        work("w", priority=Priority.HIGH),
        resources=Resources(max_agents=3),
    )
    fleet = Fleet(plan)
    actions = []
    while not any(isinstance(a, Start) for a in actions):
        actions = list(fleet.look().actions)
        if not any(isinstance(a, Start) for a in actions):
            for action in actions:
                fleet.carry_out(action)
    assert [a.subject for a in actions if isinstance(a, Start)] == ["z-long", "w", "x"]
    assert [a.new for a in actions if isinstance(a, Move)] == [W.RUNNING] * 3
