"""Earned value: the plan's own figures, every zero denominator, cost, earned schedule, and the curve as of any week."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, at_week_end, seed_plan

from locust_tui.analysis.earned_schedule import earned_schedule, finish_week, time_index
from locust_tui.analysis.earned_value import earned_curve, earned_study, earned_value
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import AgentType, Budget, Phase, Plan, Project, Weeks, Workstream
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.studies.figures import EarnedValue, Figure
from locust_tui.domain.world import World
from locust_tui.report.figures_text import earned_lines, schedule_word, share

S = WorkstreamState
WEEKLY = [4.0, 14.7, 26.5, 37.0, 46.5, 56.0, 66.0, 77.0, 84.0, 92.0, 97.3, 100.0]
PHASES = {
    "1": (1, [13.8, 50.6, 82.2, 100.0]),
    "4": (7, [5.7, 20.7, 44.8, 72.4, 90.8, 100.0]),
}
HOUR = 3600.0


class Record:
    """A log in the making, and the world it leads to."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or seed_plan()
        self.events: list[e.Event] = []
        self.world = World()
        self.tell(0.0, e.PlanAccepted("digest-one", "plan.yaml"), e.ProjectStarted())

    def tell(self, week: float, *bodies: e.EventBody) -> None:
        for body in bodies:
            event = e.Event(self.world.revision + 1, at_week_end(week), WORKER, body)
            apply(self.world, event)
            self.events.append(event)

    def move(self, week: float, work: str, *states: S) -> None:
        for new in states:
            self.tell(week, e.WorkstreamMoved(work, self.world.workstream(work).state, new))

    def begin(self, week: float, work: str, agent: str = "coder") -> str:
        self.move(week, work, S.READY, S.RUNNING)
        attempt = self.world.workstream(work).attempt + 1
        run = f"{work}.{attempt}"
        self.tell(week, e.RunCreated(run, work, attempt, agent, ("x",), "/"), e.RunStarted(run, 1))
        return run

    def finish(self, begun: float, ended: float, work: str) -> None:
        run = self.begin(begun, work)
        for d in self.plan.workstreams[work].deliverables:
            self.tell(ended, e.DeliverableVerified(work, d.id))
        self.tell(ended, e.RunEnded(run, RunState.EXITED, 0))
        self.move(ended, work, S.REVIEW, S.ACCEPTED)

    def value(self, week: float) -> EarnedValue:
        return earned_study(self.plan, self.world, at_week_end(week), self.events).project


def on_plan(weeks: int) -> Record:
    """Each workstream done as planned, every deliverable as the plan's time passes."""
    record = Record()
    happenings = []
    for w in record.plan.workstreams.values():
        assert w.weeks is not None
        begun = w.weeks.first - 1.0
        happenings.append((begun, 0, w.id, ""))
        for n, d in enumerate(w.deliverables, 1):
            at = begun + w.weeks.duration * n / len(w.deliverables)
            happenings.append((at, 1, w.id, d.id))
        happenings.append((float(w.weeks.last), 2, w.id, ""))
    for week, kind, work, deliverable in sorted(happenings):
        if week > weeks:
            break
        if kind == 0:
            record.begin(week, work)
        elif kind == 1:
            record.tell(week, e.DeliverableVerified(work, deliverable))
        else:
            record.move(week, work, S.REVIEW, S.ACCEPTED)
    return record


def test_planned_value_of_the_example_at_the_end_of_each_week() -> None:
    curve = earned_curve(seed_plan(), World(), START)
    assert [p.week for p in curve.points] == list(range(13))
    assert [p.pv for p in curve.points[1:]] == pytest.approx(WEEKLY, abs=0.05)
    assert all(ev is None for _, _, ev in curve.burn_up)
    assert (curve.now_week, curve.bac) == (None, 100.0)


@pytest.mark.parametrize("phase", PHASES)
def test_planned_value_of_its_phases(phase: str) -> None:
    first, expected = PHASES[phase]
    plan, record = seed_plan(), Record()
    found = []
    for week in range(first, first + len(expected)):
        study = earned_study(plan, record.world, at_week_end(week), record.events)
        found.append(next(p for p in study.phases if p.id == phase).expected_percent.value)
    assert found == pytest.approx(expected, abs=0.051)


def test_the_headline_is_as_exact_as_the_table_below_it() -> None:
    record = on_plan(4)
    study = earned_study(record.plan, record.world, at_week_end(4) - 1.0, record.events)
    assert "% earned, 37% planned; week 4 passed" in earned_lines(study)[0]  # and not 36, a second before
    assert [share(Figure(v)) for v in (0.0, 33.64, 99.97, 100.0)] == ["0%", "33.6%", "99.9%", "100%"]


def test_on_plan_at_week_four_37_points_are_planned_and_earned() -> None:
    record = on_plan(4)
    found = record.value(4)
    assert (found.bac.value, found.pv.value) == (100.0, pytest.approx(37.0))
    done = sum(record.plan.workstreams[w].weight for w in ("WS-01", "WS-02", "WS-03", "WS-04"))
    assert found.ev.value == pytest.approx(done + 8 * 0.6 + 8 * 0.2)  # thirds come in fifths
    unweighted = replace(
        record.plan, workstreams={w.id: replace(w, weight=1.0) for w in record.plan.workstreams.values()}
    )
    study = earned_study(unweighted, record.world, at_week_end(4), record.events)
    assert study.project.expected_percent.value == pytest.approx(100 * 5 / 15)


def test_every_zero_denominator_has_no_value_and_a_reason() -> None:
    before = earned_study(seed_plan(), World(), START).project
    assert (before.spi.value, before.spi.reason) == (None, "the plan has not been started")
    record = Record()
    record.finish(0.0, 0.0, "WS-01")
    ahead = record.value(0)
    assert (ahead.pv.value, ahead.ev.value, ahead.spi.value) == (0.0, 8.0, None)
    assert ahead.spi.reason == "nothing was planned to be done by now; 8 points are earned ahead of it"
    assert (ahead.spi_t.value, ahead.spi_t.reason) == (None, "its planned start is ahead")
    nothing = Record().value(3)
    assert (nothing.spi.value, nothing.spi_t.value, nothing.finish.value) == (0.0, 0.0, None)
    assert nothing.finish.reason == "nothing is earned yet"
    assert (nothing.cpi.value, nothing.eac.value) == (None, None)
    assert "WS-01, WS-02, WS-03" in nothing.cpi.reason


def test_a_plan_without_weights_or_dates_says_so() -> None:
    undated = Plan(Project("P", "P"), {"a": Workstream("a", "A", instructions="do it")})
    found = earned_study(undated, World(), START).project
    assert (found.pv.value, found.pv.reason) == (None, "no dates in the plan")
    assert found.es.reason == "no dates in the plan"
    curve = earned_curve(undated, World(), START)
    assert (curve.points, curve.reason) == ((), "no dates in the plan")
    gone = replace(undated, workstreams={"a": replace(undated.workstreams["a"], weight=0.0)})
    assert earned_study(gone, World(), START).project.bac.reason == "no workstream has a weight"


def test_work_dated_by_its_phase_alone_is_planned_in_a_straight_line() -> None:
    plan = replace(
        seed_plan(), phases={"1": Phase("1", "One", Weeks(1, 4))},
        workstreams={"a": Workstream("a", "A", "1", instructions="x")},
    )  # fmt: skip
    assert [p.pv for p in earned_curve(plan, World(), START).points] == [0.0, 0.25, 0.5, 0.75, 1.0]


# cost


def priced(rate: float = 10.0, **more: object) -> Plan:
    plan = seed_plan()
    return replace(plan, agents={"coder": AgentType("coder", command=("true",), rate=rate)}, **more)  # type: ignore[arg-type]


def test_cost_is_hours_times_rate_and_the_indices_follow() -> None:
    record = Record(priced())
    assert record.value(0).budget.value == pytest.approx(39 * 40 * 10)  # 39 agent-weeks of 40 hours
    run = record.begin(0.0, "WS-01")
    record.tell(2.0, e.RunEnded(run, RunState.EXITED, 0, ended=at_week_end(0) + 100 * HOUR))
    record.move(2.0, "WS-01", S.REVIEW, S.ACCEPTED)
    found = record.value(2)
    bac, ev, ac = 15_600.0, 800.0, 1_000.0  # two of 39 weeks are earned
    assert (found.earned.value, found.ac.value) == (pytest.approx(ev), pytest.approx(ac))
    assert found.cv.value == pytest.approx(-200.0)
    assert found.cpi.value == pytest.approx(0.8)
    assert found.eac.value == pytest.approx(bac / 0.8)
    assert found.etc.value == pytest.approx(bac / 0.8 - ac)
    assert found.vac.value == pytest.approx(bac - bac / 0.8)
    assert found.tcpi.value == pytest.approx((bac - ev) / (bac - ac))
    assert found.ac.rests.count == 2


def test_what_an_agent_says_it_cost_counts_before_its_rate() -> None:
    record = Record(priced())
    run = record.begin(0.0, "WS-01")
    record.tell(0.5, e.RunUsed(run, cost_usd=3.0))
    record.tell(1.0, e.RunUsed(run, cost_usd=7.5), e.RunEnded(run, RunState.EXITED, 0))
    assert record.value(1).ac.value == 7.5
    curve = earned_curve(record.plan, record.world, at_week_end(2), record.events)
    assert [p.ac for p in curve.points[:3]] == [0.0, 7.5, 7.5]


def test_nothing_spent_and_everything_spent() -> None:
    record = Record(priced())
    assert (record.value(1).cpi.value, record.value(1).cpi.reason) == (None, "nothing has been spent")
    run = record.begin(0.0, "WS-01")
    record.tell(1.0, e.RunUsed(run, cost_usd=20_000.0))
    found = record.value(1)
    assert (found.tcpi.value, found.tcpi.reason) == (None, "the budget is spent")
    assert (found.cpi.value, found.eac.value, found.eac.reason) == (0.0, None, "nothing is earned yet")


def test_where_no_agent_tells_its_cost_none_is_made_up() -> None:
    record = Record(replace(seed_plan(), budget=Budget(cost=1000.0)))
    record.begin(0.0, "WS-01")
    found = record.value(1)
    assert found.budget.value == pytest.approx(1000.0)
    assert (found.ac.value, found.ac.reason) == (None, "no agent says what it costs, and none has a rate")
    study = earned_study(record.plan, record.world, at_week_end(1), record.events)
    assert study.cost_basis == "the plan's budget, shared out by weight"
    second = record.begin(0.5, "WS-02")
    record.tell(1.0, e.RunUsed(second, cost_usd=5.0))
    partly = record.value(1)
    assert (partly.ac.value, partly.cpi.value) == (5.0, None)
    assert partly.cpi.reason == "of 1 of 2 runs nobody knows what they cost"


def test_deferred_work_leaves_the_budget_and_what_it_cost_stays() -> None:
    record = Record(priced())
    run = record.begin(0.0, "WS-10")
    record.tell(1.0, e.RunUsed(run, cost_usd=5.0), e.RunEnded(run, RunState.EXITED, 0))
    record.move(1.0, "WS-10", S.DEFERRED)
    found = record.value(2)
    assert (found.bac.value, found.removed, found.ac.value) == (97.0, 1, 5.0)
    assert found.budget.value == pytest.approx(37 * 40 * 10)


# earned schedule


def test_earned_schedule_by_hand() -> None:
    steps = [0.0, 0.1, 0.3, 0.3, 0.6, 1.0]
    planned = lambda t: steps[int(t)] + (steps[min(5, int(t) + 1)] - steps[int(t)]) * (t - int(t))  # noqa: E731
    weeks = Weeks(1, 5)
    assert earned_schedule(planned, 0.0, weeks, 2.0) == 0.0
    assert earned_schedule(planned, 0.2, weeks, 4.0) == pytest.approx(1.5)
    assert earned_schedule(planned, 0.45, weeks, 4.0) == pytest.approx(3.5)
    assert earned_schedule(planned, 1.0, weeks, 9.0) == 5.0
    idle = [earned_schedule(planned, 0.3, weeks, at) for at in (1.0, 2.5, 4.0)]
    assert idle == [2.0, 2.5, 3.0]  # the plan stands still from week 2 to 3: within it, work is on time
    assert time_index(1.5, 3.0, weeks) == 0.5
    assert finish_week(0.5, weeks) == 10.0
    assert time_index(6.0, 5.0, Weeks(7, 12)) is None
    assert finish_week(0.8, Weeks(7, 12)) == 6 + 6 / 0.8


def test_the_index_of_time_stays_low_where_that_of_value_ends_at_one() -> None:
    record = Record()
    for number, work in enumerate(record.plan.workstreams):
        record.finish(float(number), number + 1.0, work)
    found = record.value(20)
    assert found.spi.value == 1.0
    assert (found.es.value, found.planned_finish.value) == (12.0, 12.0)
    assert found.spi_t.value == pytest.approx(12.0 / 15.0)
    assert found.finish.value == pytest.approx(15.0)
    assert schedule_word(found)[0] == "late"  # 0.8, whatever the index of value says at the end


def test_where_nothing_was_budgeted_no_budget_is_spent() -> None:
    plan = seed_plan()
    works = {k: replace(w, run="true", agent=None) for k, w in plan.workstreams.items()}
    found = Record(replace(plan, workstreams=works)).value(1)
    assert (found.budget.value, found.tcpi.value, found.tcpi.reason) == (0.0, None, "nothing was budgeted")


def test_where_all_work_is_out_of_scope_that_is_the_reason_of_everything() -> None:
    record = Record()
    for work in record.plan.workstreams:
        record.move(0.0, work, S.CANCELLED)
    found = record.value(1)
    whys = {f.reason for f in (found.bac, found.pv, found.ev, found.spi, found.es, found.spi_t, found.finish)}
    assert whys == {"no workstream is left in scope"}


def test_once_all_is_earned_nothing_more_is_to_be_spent() -> None:
    record = Record(priced(0.7))
    for number, work in enumerate(record.plan.workstreams):
        record.finish(float(number), number + 1.0, work)
    record.tell(16.0, *(e.RunUsed(run, cost_usd=33.3) for run in record.world.runs))
    found = record.value(20)
    assert found.eac.value == found.ac.value
    assert found.etc.value == 0.0


# the curve


def test_earned_value_is_told_as_of_each_week() -> None:
    record = Record()
    record.finish(0.0, 1.5, "WS-01")
    record.finish(1.5, 3.5, "WS-02")
    curve = earned_curve(record.plan, record.world, at_week_end(4), record.events)
    assert [p.ev for p in curve.points] == [0.0, 0.0, 8.0, 8.0, 16.0, *[None] * 8]
    assert curve.now_week == 4.0
    assert curve.forecast[0] == (4.0, 16.0)
    assert curve.forecast[1][1] == 100.0
    assert curve.forecast[1][0] == pytest.approx(record.value(4).finish.value)
    assert curve.rests.count == 12  # five deliverables and an acceptance each


def test_scope_that_left_and_came_back_is_a_rebaseline_of_its_date() -> None:
    record = Record()
    record.move(2.5, "WS-10", S.DEFERRED)
    record.move(3.5, "WS-11", S.CANCELLED)
    record.move(5.2, "WS-10", S.PLANNED)
    curve = earned_curve(record.plan, record.world, at_week_end(6), record.events)
    assert [(c.what, c.state, c.bac_before, c.bac_after) for c in curve.changes] == [
        ("WS-10", "deferred", 100.0, 97.0),
        ("WS-11", "cancelled", 97.0, 92.0),
        ("WS-10", "back", 92.0, 95.0),
    ]
    assert [c.revision for c in curve.changes] == [3, 4, 5]
    assert [p.bac for p in curve.points] == [100, 100, 100, 97, 92, 92, *[95] * 7]
    assert curve.points[-1].pv == 95.0


def test_a_plan_that_was_in_force_weighs_its_own_time() -> None:
    record = Record()
    heavier = replace(
        record.plan, workstreams={**record.plan.workstreams, "WS-16": Workstream("WS-16", "More", "4", weeks=Weeks(12, 14), weight=20)}
    )  # fmt: skip
    record.tell(2.2, e.PlanAccepted("digest-two", "plan.yaml"))
    plans = {"digest-one": record.plan, "digest-two": heavier}
    curve = earned_curve(heavier, record.world, at_week_end(4), record.events, plans)
    assert [p.bac for p in curve.points] == [100, 100, 100, *[120] * 12]
    assert [(c.what, c.state, c.bac_after) for c in curve.changes] == [("plan", "changed", 120.0)]
    assert curve.points[-1].week == 14.0


def test_figures_name_the_events_they_rest_on() -> None:
    record = Record()
    record.finish(0.0, 1.0, "WS-01")
    found = record.value(2)
    verified = [v.revision for v in record.events if isinstance(v.body, e.DeliverableVerified)]
    accepted = [
        v.revision
        for v in record.events
        if isinstance(v.body, e.WorkstreamMoved) and v.body.new is S.ACCEPTED
    ]
    assert found.ev.rests.revisions == (*verified, *accepted)
    assert found.ev.rests.note == "weights of plan digest-one"
    study = earned_study(record.plan, record.world, at_week_end(2), record.events)
    others = [p.ev.rests.count for p in study.phases if p.id != "1"]
    assert others == [0, 0, 0]


WORKS = list(seed_plan().workstreams)
STEPS = st.tuples(
    st.sampled_from(WORKS), st.sampled_from(["finish", "verify", "defer", "back"]), st.floats(0, 1)
)


@given(st.lists(STEPS, max_size=25))
def test_whatever_happened_the_figures_keep_their_bounds_and_agree(
    steps: list[tuple[str, str, float]],
) -> None:
    record, week = Record(), 0.0
    for work, what, later in steps:
        week += later
        status = record.world.workstream(work)
        if what == "finish" and status.state is S.PLANNED:
            record.finish(week, week, work)
        elif what == "verify":
            record.tell(week, e.DeliverableVerified(work, "d1"))
        elif what == "defer" and status.state is S.PLANNED:
            record.move(week, work, S.DEFERRED)
        elif what == "back" and status.state is S.DEFERRED:
            record.move(week, work, S.PLANNED)
    study = earned_study(record.plan, record.world, at_week_end(week), record.events)
    for scope in (study.project, *study.phases, *study.orchestrators):
        figures = [
            getattr(scope, name) for name in EarnedValue.__slots__ if isinstance(getattr(scope, name), Figure)
        ]
        assert all((f.value is None) is bool(f.reason) for f in figures)
        if scope.bac.value is None or scope.ev.value is None or scope.pv.value is None:
            continue
        assert -1e-9 <= scope.ev.value <= scope.bac.value + 1e-9
        assert -1e-9 <= scope.pv.value <= scope.bac.value + 1e-9
        assert scope.spi.value is None or scope.spi.value >= 0
        if scope.pv.value == 0:
            assert scope.spi.value is None
        assert 0 <= (scope.es.value or 0.0) <= 12
    curve = study.curve
    if curve.points:
        now = next(p for p in curve.points if p.week == curve.now_week)
        assert now.ev == pytest.approx(study.project.ev.value)
        assert now.pv == pytest.approx(study.project.pv.value)
        replayed = earned_curve(
            record.plan, World(project=record.world.project), at_week_end(week), record.events
        )
        told = [p.ev for p in curve.points if p.week < now.week]
        assert told == [p.ev for p in replayed.points if p.week < now.week]
        assert all(a.week < b.week for a, b in zip(curve.points, curve.points[1:], strict=False))


def test_a_part_of_the_plan_by_ids() -> None:
    record = on_plan(3)
    found = earned_value(record.plan, record.world, at_week_end(3), ["WS-01", "WS-02"], record.events)
    assert (found.bac.value, found.ev.value, found.spi.value) == (16.0, 16.0, 1.0)
