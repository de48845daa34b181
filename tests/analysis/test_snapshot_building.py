"""The snapshot: total for any world, the same with and without a cache, honest about what holds each workstream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import change, random_dags
from seed_plan import START, WEEK, at_week_end, need, seed_plan

from effort import cpu_s
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.snapshot_cache import SnapshotCache
from locust_tui.domain.criterion import Criterion, CriterionResult, Evidence, Probe, ProbeKind
from locust_tui.domain.people import Condition, Decision, Person, Signature
from locust_tui.domain.plan import GateMode, Milestone, Plan, Resources, SchedulePolicy, Weeks, Workstream
from locust_tui.domain.snapshot import ConditionView, Snapshot, WorkstreamView
from locust_tui.domain.states import (
    AccountState,
    CriterionState,
    DecisionKind,
    GateState,
    PhaseState,
    RunState,
    WorkstreamState,
)
from locust_tui.domain.world import (
    AccountStatus,
    AskStatus,
    GateStatus,
    HeldPlan,
    ProjectStatus,
    RunStatus,
    WorkstreamStatus,
    World,
)

S = WorkstreamState


def started_world(**states: WorkstreamState) -> World:
    """A started world; keyword "WS_01" stands for WS-01."""
    world = World(project=ProjectStatus(started=START))
    for name, state in states.items():
        work = name.replace("_", "-")
        begun = START if state not in (S.PLANNED, S.BLOCKED, S.READY) else None
        accepted = START + WEEK if state is S.ACCEPTED else None
        world.workstreams[work] = WorkstreamStatus(
            work, state, since=START, attempt=1 if begun else 0, first_started=begun, accepted_at=accepted
        )
    return world


def look(
    plan: Plan, world: World, now: float = START + WEEK, worker: int | None = 77, **kw: SnapshotCache
) -> Snapshot:
    return build_snapshot(plan, "digest", "plan.yaml", world, now, worker_pid=worker, **kw)


def view(plan: Plan, world: World, work: str, now: float = START + WEEK) -> WorkstreamView:
    return next(w for w in look(plan, world, now).workstreams if w.id == work)


def with_work(plan: Plan, work: str, **changes: object) -> Plan:
    works = {**plan.workstreams, work: replace(plan.workstreams[work], **changes)}
    return replace(plan, workstreams=works)


def aged_plan() -> Plan:
    """The seed with what the clock and other parts can change: ages, dates, reviewers, a milestone as a need."""
    plan = seed_plan()
    criterion = plan.workstreams["WS-02"].accept[0]
    plan = with_work(
        plan, "WS-02", accept=(replace(criterion, max_age=1e6), replace(criterion, id="b", after="g1"))
    )
    plan = with_work(plan, "WS-03", reviewers=("ana",))
    plan = with_work(plan, "WS-09", retry=2, needs=(need("foundation"), need("g1")))
    return replace(
        plan,
        schedule=SchedulePolicy.AS_PLANNED,
        resources=Resources(max_agents=2, pools={"core": 1, "floating": 1}),
    )


PLANS: tuple[Callable[[], Plan], ...] = (seed_plan, aged_plan)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from(PLANS))
def test_a_cache_changes_nothing_but_the_time_it_takes(data: st.DataObject, make: Callable[[], Plan]) -> None:
    plan, world, cache = make(), World(), SnapshotCache()
    now = START
    for _ in range(data.draw(st.integers(1, 8), label="looks")):
        for _ in range(data.draw(st.integers(0, 4), label="changes")):
            data.draw(change(plan, world))
        now += data.draw(st.sampled_from([0.0, 1.0, 3600.0, WEEK / 3, WEEK, -WEEK]))
        worker = data.draw(st.sampled_from([None, 77]))
        kept = build_snapshot(plan, "d", "p", world, now, worker_pid=worker, cache=cache)
        fresh = build_snapshot(plan, "d", "p", world, now, worker_pid=worker)
        assert kept == fresh


@settings(deadline=None, max_examples=40)
@given(random_dags(), st.data())
def test_any_world_of_any_plan_has_a_snapshot(plan: Plan, data: st.DataObject) -> None:
    world = World()
    for _ in range(data.draw(st.integers(0, 12))):
        data.draw(change(plan, world))
    snapshot = look(plan, world, START + data.draw(st.floats(-5, 60)) * WEEK)
    assert [w.id for w in snapshot.workstreams] == list(plan.workstreams)
    assert snapshot.progress is None or 0 <= snapshot.progress <= 100 + 1e-9
    assert snapshot.reasons
    for w in snapshot.workstreams:
        moving = w.state in (S.RUNNING, S.ACCEPTED)
        assert moving or w.why, w


def ready_world() -> World:
    world = started_world(WS_01=S.ACCEPTED, WS_07=S.READY)
    world.workstreams["WS-07"] = replace(world.workstreams["WS-07"], retry_at=START + WEEK + 60)
    return world


def busy(world: World) -> None:
    world.runs["WS-05.1"] = RunStatus("WS-05.1", "WS-05", 1, "coder", RunState.RUNNING, started=START)


@pytest.mark.parametrize(
    ("plan", "change_world", "later", "why"),
    [
        (seed_plan(), lambda world: None, 30.0, "attempt 1 not before 00:01:00 UTC"),
        (seed_plan(), lambda world: None, 61.0, "about to start"),
        (replace(seed_plan(), resources=Resources(max_agents=1)), busy, 61.0, "no free slot: 1 of 1 agents"),
        (
            replace(seed_plan(), schedule=SchedulePolicy.AS_PLANNED),
            lambda world: None,
            61.0,
            "planned for week 5",
        ),
        (
            replace(seed_plan(), schedule=SchedulePolicy.AS_PLANNED),
            lambda world: None,
            3 * WEEK,
            "about to start",
        ),
    ],
)
def test_a_cache_notices_the_clock_and_the_slots(
    plan: Plan, change_world: Callable[[World], None], later: float, why: str
) -> None:
    cache, world = SnapshotCache(), ready_world()
    look(plan, world, cache=cache)
    change_world(world)
    found = look(plan, world, START + WEEK + later, cache=cache)
    assert found == look(plan, world, START + WEEK + later)
    assert next(w.why for w in found.workstreams if w.id == "WS-07") == why


def test_a_cache_notices_a_free_slot_and_a_float_that_moved() -> None:
    plan, cache = replace(seed_plan(), resources=Resources(max_agents=1)), SnapshotCache()
    world = ready_world()
    busy(world)
    now = START + 2 * WEEK
    look(plan, world, now, cache=cache)
    del world.runs["WS-05.1"]
    assert look(plan, world, now, cache=cache) == look(plan, world, now)
    world.workstreams["WS-05"] = WorkstreamStatus("WS-05", S.RUNNING, first_started=now, since=now, attempt=1)
    before = look(plan, world, now, cache=cache)
    late = look(plan, world, now + 4 * WEEK, cache=cache)
    assert late == look(plan, world, now + 4 * WEEK)
    assert [w.float_weeks for w in late.workstreams] != [w.float_weeks for w in before.workstreams]


def test_another_plan_takes_nothing_from_the_cache() -> None:
    cache, world = SnapshotCache(), started_world()
    look(seed_plan(), world, cache=cache)
    other = with_work(seed_plan(), "WS-01", name="Renamed")
    assert look(other, world, cache=cache).workstreams[0].name == "Renamed"


def test_what_did_not_change_is_the_same_object() -> None:
    plan, cache = seed_plan(), SnapshotCache()
    world = started_world(WS_01=S.RUNNING, WS_05=S.BLOCKED)
    before = {w.id: w for w in look(plan, world, cache=cache).workstreams}
    world.workstreams["WS-01"] = replace(world.workstreams["WS-01"], reported=40.0)
    after = {w.id: w for w in look(plan, world, START + WEEK + 5, cache=cache).workstreams}
    assert after["WS-01"].reported == 40.0
    assert all(after[w] is before[w] for w in before if w != "WS-01")
    world.workstreams["WS-01"] = replace(world.workstreams["WS-01"], verified=("d1", "d2"))
    third = {w.id: w for w in look(plan, world, START + WEEK + 5, cache=cache).workstreams}
    assert {w for w in after if third[w] is not after[w]} == {
        "WS-01",
        "WS-02",
        "WS-03",
        "WS-05",
        "WS-07",
        "WS-08",
        "WS-15",
    }


def test_before_the_first_start_nothing_is_dated_and_the_verdict_says_so() -> None:
    snapshot = look(seed_plan(), World(), START + 40 * WEEK, worker=None)
    assert snapshot.verdict == "not-started"
    assert snapshot.week == 0
    assert snapshot.expected_progress == 0.0
    assert not any(g.overdue for g in snapshot.gates)
    assert snapshot.workstreams[0].why == "the plan has not been started"


def test_why_names_the_edge_and_its_state() -> None:
    world = started_world(WS_01=S.ACCEPTED, WS_05=S.RUNNING, WS_02=S.ACCEPTED)
    world.workstreams["WS-05"] = replace(world.workstreams["WS-05"], verified=("d1",))
    plan = seed_plan()
    assert view(plan, world, "WS-06").why == "needs WS-05 (20 % of 33 %)"
    assert view(plan, world, "WS-06").needs[0].why == "WS-05 is 20 % verified, 33 % needed"
    assert view(plan, world, "WS-10").why == "needs WS-09 (0 % of 33 %); gate g2 is shut"
    assert view(plan, world, "WS-15").why == "gate g3 is shut"


def test_why_names_the_cap_that_is_full() -> None:
    plan = replace(seed_plan(), resources=Resources(max_agents=1))
    world = started_world(WS_01=S.ACCEPTED, WS_07=S.READY)
    assert view(plan, world, "WS-07").why == "about to start"
    world.runs["WS-05.1"] = RunStatus("WS-05.1", "WS-05", 1, "coder", RunState.RUNNING)
    assert view(plan, world, "WS-07").why == "no free slot: 1 of 1 agents"
    pooled = replace(seed_plan(), resources=Resources(max_agents=20, pools={"plugins": 1, "floating": 1}))
    assert view(pooled, world, "WS-07").why == "about to start"  # one floating slot is free
    world.runs["WS-08.1"] = RunStatus("WS-08.1", "WS-08", 1, "coder", RunState.RUNNING)
    assert "its quota is 1" in str(view(pooled, world, "WS-07").why)


def test_why_says_when_the_next_attempt_is_due() -> None:
    world = started_world(WS_01=S.READY)
    status = replace(world.workstreams["WS-01"], attempt=1, retry_at=START + WEEK + 60)
    world.workstreams["WS-01"] = status
    assert view(seed_plan(), world, "WS-01").why == "attempt 2 not before 00:01:00 UTC"
    assert view(seed_plan(), world, "WS-01", START + WEEK + 61).why == "about to start"


def test_a_review_waits_for_checks_then_needs_then_the_gate_then_a_person() -> None:
    plan = with_work(seed_plan(), "WS-05", reviewers=("ana",))
    world = started_world(WS_05=S.REVIEW)
    key, invariant = "accept:WS-05/ws-05-tests", "invariant:WS-05/builds"
    assert (
        view(plan, world, "WS-05").why
        == "2 of 2 checks still to run; accepted only after WS-01; gate g1 is shut"
    )
    failed = CriterionResult(key, CriterionState.FAIL, evidence=Evidence(START, detail="exit code 3"))
    world.criteria = {key: failed}
    assert view(plan, world, "WS-05").why == "check WS-05 tests failed: exit code 3"
    world.criteria = {k: CriterionResult(k, CriterionState.PASS) for k in (key, invariant)}
    assert view(plan, world, "WS-05").why == "accepted only after WS-01; gate g1 is shut"
    world.workstreams["WS-01"] = started_world(WS_01=S.ACCEPTED).workstreams["WS-01"]
    assert view(plan, world, "WS-05").why == "gate g1 is shut"
    assert "accept" not in view(plan, world, "WS-05").actions
    world.gates["g1"] = GateStatus("g1", GateState.GO, since=START)
    assert view(plan, world, "WS-05").why == "waits for a yes of ana"
    assert "accept" in view(plan, world, "WS-05").actions
    items = {i.item: i for i in look(plan, world).waiting}
    assert items["review:WS-05"].wanted == "ana"


def test_a_start_is_offered_only_where_a_person_can_have_it() -> None:
    plan = seed_plan()
    world = started_world(WS_01=S.ACCEPTED)
    assert "start" not in view(plan, world, "WS-06").actions  # a need is unmet
    assert "start" in view(plan, world, "WS-15").actions  # only an overlap gate holds it
    hard = replace(plan, gates={**plan.gates, "g3": replace(plan.gates["g3"], mode=GateMode.HARD)})
    assert "start" not in view(hard, world, "WS-15").actions


def test_everything_that_waits_for_a_person_is_listed_what_holds_up_the_critical_path_first() -> None:
    plan = seed_plan()
    world = started_world(WS_01=S.NEEDS_INPUT, WS_02=S.FAILED, WS_03=S.RUNNING)
    world.workstreams["WS-02"] = replace(world.workstreams["WS-02"], since=START - 5, reason="exit code 1")
    world.gates["g2"] = GateStatus("g2", GateState.PENDING, since=START + 9)
    held = HeldPlan("d", "trust", "2 changes", at=START + 20)
    world.project = replace(world.project, held=held)
    world.runs["WS-03.1"] = RunStatus(
        "WS-03.1", "WS-03", 1, "coder", RunState.WAITING, reason="may I run rm?"
    )
    items = look(plan, world).waiting
    assert [(i.item, i.rank) for i in items] == [
        ("input:WS-01", 0), ("failed:WS-02", 1), ("gate:g2", 1), ("plan:trust", 1), ("run:WS-03.1", 1),
    ]  # fmt: skip
    assert items[2].wanted == "locust-meta, tech-review"
    assert items[1].what == "Navigation System: exit code 1"
    assert [i.subject for i in items] == ["WS-01", "WS-02", "g2", "plan", "WS-03"]
    assert items[3].digest == "d"


def test_what_agents_ask_waits_with_all_that_an_answer_is_about_and_becomes_history() -> None:
    plan, world = seed_plan(), started_world(WS_01=S.RUNNING, WS_02=S.RUNNING)
    world.runs["WS-02.1"] = RunStatus("WS-02.1", "WS-02", 1, "coder", RunState.WAITING)
    world.asks = {
        a.item: a
        for a in (
            AskStatus("permission:WS-02.1:1", "permission", "WS-02", "WS-02.1", "Bash: rm", START, "rm -r x",
                      ("allow", "always", "deny"), "d1", "r1", "Bash(rm -r x)"),
            AskStatus("permission:WS-01.1:1", "permission", "WS-01", "WS-01.1", "Bash: ls", START + 9,
                      choices=("allow", "deny"), digest="d2", ref="r2"),
            AskStatus("budget:plan:cost:80", "escalation", "plan", "WS-01.1", "80 %", START - 9, choices=("seen",)),
        )
    }  # fmt: skip
    world.workstreams["WS-02"] = replace(world.workstreams["WS-02"], state=S.NEEDS_INPUT, attempt=1)
    first, second, third = look(
        plan, world
    ).waiting  # the work that waits is not listed beside what it waits for
    assert [(i.item, i.rank) for i in (first, second, third)] == [
        ("permission:WS-01.1:1", 0), ("permission:WS-02.1:1", 1), ("budget:plan:cost:80", 2),
    ]  # fmt: skip
    assert (second.detail, second.digest, second.rule, second.subject) == (
        "rm -r x",
        "d1",
        "Bash(rm -r x)",
        "WS-02",
    )
    world.asks[second.item] = replace(
        world.asks[second.item], answered=START + 20, choice="always", by="ana", delivered=START + 21
    )
    world.asks[first.item] = replace(world.asks[first.item], withdrawn="it ended")
    world.asks["permission:WS-01.1:2"] = AskStatus(
        "permission:WS-01.1:2",
        "permission",
        "WS-01",
        "WS-01.1",
        "Bash: ls",
        START,
        answered=START + 99,
        choice="allow",
        by="worker",
    )  # by a rule: nobody's answer
    for work, by in (("WS-03", "bo"), ("WS-04", "worker")):
        done = started_world(**{work.replace("-", "_"): S.ACCEPTED}).workstreams[work]
        world.workstreams[work] = replace(done, passed_by=by)
    snapshot = look(plan, world)
    assert [i.item for i in snapshot.waiting] == ["input:WS-02", "budget:plan:cost:80"]
    told = snapshot.answered
    assert [(a.item, a.choice, a.by, a.rule, a.withdrawn) for a in told] == [
        ("review:WS-03", "accept", "bo", "", ""),
        ("permission:WS-02.1:1", "always", "ana", "Bash(rm -r x)", ""),
        ("permission:WS-01.1:1", "", "", "", "it ended"),
    ]


def test_phases_orchestrators_and_current_phases() -> None:
    world = started_world(**{f"WS_0{i}": S.ACCEPTED for i in range(1, 5)}, WS_05=S.RUNNING)
    world.gates["g1"] = GateStatus("g1", GateState.PENDING)
    world.runs["WS-05.1"] = RunStatus("WS-05.1", "WS-05", 1, "coder", RunState.RUNNING)
    snapshot = look(seed_plan(), world, at_week_end(4))
    assert [p.state for p in snapshot.phases] == [
        PhaseState.GATE_PENDING,
        PhaseState.ACTIVE,
        PhaseState.NOT_STARTED,
        PhaseState.NOT_STARTED,
    ]
    assert snapshot.current_phases == ("1", "2")
    assert snapshot.week == 5
    core, plugins, _ = snapshot.orchestrators
    assert (core.progress, core.expected_progress, core.quota) == (100.0, 100.0, 5)
    assert plugins.agents_running == 1


def test_milestones_are_reached_by_their_needs() -> None:
    world = started_world(WS_01=S.ACCEPTED)
    world.gates["g2"] = GateStatus("g2", GateState.GO, since=at_week_end(7))
    found = {m.id: m for m in look(seed_plan(), world, at_week_end(8)).milestones}
    assert (found["foundation"].reached, found["foundation"].on_time) == (START + WEEK, True)
    assert (found["alpha"].reached, found["alpha"].on_time) == (at_week_end(7), False)
    assert (found["beta"].reached, found["beta"].on_time) == (None, None)
    assert found["examples"].on_time is None


def test_risks_are_ordered_by_score_then_impact() -> None:
    risks = look(seed_plan(), World()).risks
    assert [(r.id, r.score, r.level) for r in risks] == [
        ("R3", 6.0, "high"),
        ("R2", 4.0, "medium"),
        ("R1", 3.0, "medium"),
        ("R4", 3.0, "medium"),
    ]


def test_a_plan_without_dates_shows_no_floats() -> None:
    plan = replace(
        seed_plan(),
        workstreams={"a": Workstream("a", "a"), "b": Workstream("b", "b", needs=(need("a"),))},
        gates={},
        milestones=(Milestone("m", "m"),),
        phases={},
        orchestrators={},
    )
    snapshot = look(plan, started_world())
    assert [w.float_weeks for w in snapshot.workstreams] == [None, None]
    assert snapshot.expected_progress is None
    assert snapshot.verdict == "unknown"


def test_a_change_in_two_hundred_of_a_thousand_costs_little() -> None:
    works = {
        f"w{i}": Workstream(f"w{i}", "w", weeks=Weeks(1 + i // 99, 2 + i // 99), agent="coder",
                            needs=tuple(need(f"w{j}") for j in range(max(0, i - 2), i)))
        for i in range(1_000)
    }  # fmt: skip
    plan = replace(seed_plan(), workstreams=works, gates={}, milestones=(), phases={}, orchestrators={})
    world, cache = started_world(), SnapshotCache()
    world.workstreams = {
        w: WorkstreamStatus(w, S.RUNNING, first_started=START, attempt=1) for w in list(works)[:200]
    }
    look(plan, world, cache=cache)
    costs = []
    for k in range(5):
        for w in list(world.workstreams):
            world.workstreams[w] = replace(world.workstreams[w], reported=float(k))
        costs.append(cpu_s(lambda: look(plan, world, cache=cache), times=1))
    assert min(costs) < 0.05  # 5 ms on an idle machine


def test_a_gate_says_which_reviews_its_opening_accepts_and_what_a_kill_cancels() -> None:
    plan = seed_plan()
    gate = plan.gates["g1"]
    held = next(w for w in plan.workstreams.values() if w.phase == gate.opens)
    plan = replace(with_work(plan, held.id, accept=(), needs=(), deliverables=()), meta=None)
    world = started_world(**{held.id.replace("-", "_"): S.REVIEW})
    shown = next(g for g in look(plan, world).gates if g.id == "g1")
    assert shown.accepts == (held.id,)
    assert held.id in shown.cancels
    assert not {w.id for w in plan.workstreams.values() if w.phase == gate.closes} & set(shown.cancels)
    assert dict(shown.why_not).keys() == {"go", "conditional", "hold", "recycle", "kill"} - set(shown.choices)
    world.gates["g1"] = GateStatus("g1", GateState.GO)
    opened = next(g for g in look(plan, world).gates if g.id == "g1")
    assert opened.accepts == ()


def test_a_plan_without_any_week_or_length_is_undated() -> None:
    plan = seed_plan()
    assert look(plan, started_world()).dated
    works = {w.id: replace(w, weeks=None, estimate=None) for w in plan.workstreams.values()}
    gates = {g.id: replace(g, week=None) for g in plan.gates.values()}
    phases = {p.id: replace(p, weeks=None) for p in plan.phases.values()}
    bare = replace(plan, workstreams=works, gates=gates, phases=phases)
    assert not look(bare, started_world()).dated


def test_what_an_agent_says_blocks_it_waits_for_its_orchestrator_while_it_stands() -> None:
    plan, world = seed_plan(), started_world(WS_01=S.RUNNING)
    blocked = replace(
        world.workstreams["WS-01"], blocker="no database", blocked_since=START + 5, reported_at=START + 9
    )
    world.workstreams["WS-01"] = blocked
    snapshot = look(plan, world)
    (item,) = snapshot.waiting
    assert (item.item, item.kind, item.wanted, item.since) == (
        "blocked:WS-01",
        "escalation",
        "core",
        START + 5,
    )
    assert item.what.endswith("the agent says it is blocked: no database")
    assert snapshot.orchestrators[0].blockers == ("WS-01",)
    for state in (S.CANCELLED, S.PLANNED, S.DEFERRED):
        world.workstreams["WS-01"] = replace(blocked, state=state)
        assert look(plan, world).waiting == ()
        assert view(plan, world, "WS-01").blocker == ""
    world.workstreams["WS-01"] = replace(blocked, state=S.NEEDS_INPUT)
    assert [i.item for i in look(plan, world).waiting] == ["input:WS-01"]


def test_work_that_waits_says_what_its_run_waits_for_now() -> None:
    plan, world = seed_plan(), started_world(WS_01=S.NEEDS_INPUT)
    world.workstreams["WS-01"] = replace(
        world.workstreams["WS-01"], attempt=1, reason="spent: $0.19 of $0.10"
    )
    assert view(plan, world, "WS-01").why == "spent: $0.19 of $0.10"
    reason = "spent: $0.22 of $0.10"
    world.runs["WS-01.1"] = RunStatus("WS-01.1", "WS-01", 1, "coder", RunState.WAITING, reason=reason)
    assert view(plan, world, "WS-01").why == reason


def test_what_is_asked_once_for_all_is_not_listed_again_for_each_run_that_waits_for_it() -> None:
    plan, world = seed_plan(), started_world(WS_01=S.RUNNING, WS_02=S.RUNNING)
    for work, account in (("WS-01", "poor"), ("WS-02", "rich")):
        run = RunStatus(f"{work}.1", work, 1, "coder", RunState.WAITING, account=account)
        world.runs[run.id] = run
        world.workstreams[work] = replace(world.workstreams[work], state=S.NEEDS_INPUT, attempt=1)
    both = [item.item for item in look(plan, world).waiting]
    assert both == ["input:WS-01", "input:WS-02"]
    world.accounts["poor"] = AccountStatus("poor", AccountState.REFUSED)
    assert [item.item for item in look(plan, world).waiting] == ["input:WS-02"]
    item = "budget:workstream:WS-02:cost:130"
    spent = AskStatus(item, "escalation", "WS-02", "x.1", "spent", START, choices=("go-on", "stop"))
    world.asks[item] = spent
    assert [one.item for one in look(plan, world).waiting] == [item]


def test_a_run_whose_work_left_the_plan_is_shown_and_counted() -> None:
    plan, world = seed_plan(), started_world(WS_01=S.RUNNING)
    for run in (
        RunStatus("WS-01.1", "WS-01", 1, "coder", RunState.RUNNING, pid=5),
        RunStatus("gone.2", "gone", 2, "coder", RunState.RUNNING, reason="paused once", pid=6),
    ):
        world.runs[run.id] = run
    snapshot = look(plan, world)
    here, gone = snapshot.runs
    assert (here.in_plan, here.reason) == (True, "")
    assert (gone.in_plan, gone.name, gone.reason) == (False, "gone", "no longer in the plan; paused once")
    assert snapshot.agents_running == 2
    full = replace(plan, resources=Resources(max_agents=2))
    assert view(full, started_gone(world), "WS-03").why == "no free slot: 2 of 2 agents"


def started_gone(world: World) -> World:
    """The same world with WS-01 accepted, so that WS-03 may start."""
    return replace(world, workstreams={**world.workstreams, **started_world(WS_01=S.ACCEPTED).workstreams})


def test_a_conditional_go_shows_what_is_still_to_come() -> None:
    plan, world = seed_plan(), started_world()
    conditions = (Condition("write the guide", "ana", "week 2"), Condition("tag it", "bo", "9"))
    decision = Decision(DecisionKind.CONDITIONAL, Person("ana"), START, conditions=conditions)
    world.gates["g1"] = GateStatus("g1", GateState.CONDITIONAL, since=START, decisions=(decision,))
    now = {g.id: g for g in look(plan, world, at_week_end(3)).gates}["g1"]
    assert now.open_conditions == (
        ConditionView("write the guide", "ana", "week 2", True),
        ConditionView("tag it", "bo", "9", False),
    )
    world.gates["g1"] = replace(world.gates["g1"], state=GateState.GO)
    assert {g.id: g for g in look(plan, world).gates}["g1"].open_conditions == ()


def test_a_gate_says_which_questions_a_go_answers_along_and_who_answered() -> None:
    question = Criterion("safe", "Is it safe?", (Probe(ProbeKind.MANUAL),))
    named = Criterion("legal", "Is it legal?", (Probe(ProbeKind.MANUAL, by="counsel"),))
    plan = seed_plan()
    gate = replace(plan.gates["g1"], criteria=(question, named))
    plan, world = replace(plan, gates={**plan.gates, "g1": gate}), started_world()
    shown = {g.id: g for g in look(plan, world).gates}["g1"]
    assert shown.signs == ("Is it safe?",)
    signed = Signature("safe", Person("ana", "tech-review"), START)
    world.gates["g1"] = GateStatus("g1", GateState.PENDING, signatures=(signed,))
    shown = {g.id: g for g in look(plan, world).gates}["g1"]
    assert shown.signs == ()
    assert [c.signed_by for c in shown.criteria] == ["ana", ""]


def test_a_finished_plan_is_told_of_as_at_its_end() -> None:
    plan, cache = replace(seed_plan(), gates={}), SnapshotCache()
    world = World(project=ProjectStatus(started=START))
    for work in plan.workstreams:
        world.workstreams[work] = WorkstreamStatus(
            work, S.ACCEPTED, since=START, attempt=1, first_started=START, accepted_at=START + WEEK
        )
    going_on = look(plan, world, START + 40 * WEEK, cache=cache)
    assert going_on.week == 41
    world.project = replace(world.project, ended=START + 1.5 * WEEK)
    told = look(plan, world, START + 2 * WEEK, cache=cache)
    assert (told.week, told.at) == (2, START + 1.5 * WEEK)
    assert look(plan, world, START + 90 * WEEK, cache=cache) == told
    assert look(plan, world, START + WEEK).at == START + WEEK
    world.workstreams["WS-01"] = replace(world.workstreams["WS-01"], state=S.FAILED)
    assert look(plan, world, START + 2 * WEEK).at == START + 2 * WEEK
