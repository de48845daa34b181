"""The plan in time: spans, floats, what drives what, whose delay reaches whom, gates and milestones, what could start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import change, random_dags
from seed_plan import START, at_week_end, need, seed_plan

from locust_tui.analysis.derived_memory import derived
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.timeline import timeline
from locust_tui.analysis.timeline_bands import bands_of
from locust_tui.domain.plan import Plan, Project, SchedulePolicy, Weeks, Workstream
from locust_tui.domain.snapshot import ForecastView, GateForecast
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.studies.timeline import END, Band, Driver, Span
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World

RUNNING, ACCEPTED = WorkstreamState.RUNNING, WorkstreamState.ACCEPTED


def done(work: str, first: float, last: float) -> WorkstreamStatus:
    """Accepted, from week `first` to week `last` (positions)."""
    return WorkstreamStatus(
        work, ACCEPTED, first_started=at_week_end(first), accepted_at=at_week_end(last), attempt=1
    )


def runs(work: str, first: float, *verified: str) -> WorkstreamStatus:
    return WorkstreamStatus(work, RUNNING, first_started=at_week_end(first), attempt=1, verified=verified)


def world(*statuses: WorkstreamStatus) -> World:
    found = World(workstreams={s.id: s for s in statuses})
    found.project = ProjectStatus(started=START)
    return found


def three_in_a_row() -> Plan:
    """a (weeks 1-2) → b (week 3) → c (week 4), and d (weeks 3-4) that needs a too."""
    works = (
        Workstream("a", "a", weeks=Weeks(1, 2), run=()),  # type: ignore[arg-type]
        Workstream("b", "b", weeks=Weeks(3, 3), needs=(need("a"),), run=()),  # type: ignore[arg-type]
        Workstream("c", "c", weeks=Weeks(4, 4), needs=(need("b"),), run=()),  # type: ignore[arg-type]
        Workstream("d", "d", weeks=Weeks(3, 4), needs=(need("a"),), run=()),  # type: ignore[arg-type]
    )
    return Plan(Project("p", "p"), {w.id: w for w in works}, calendar=replace(seed_plan().calendar))


def test_a_plan_that_never_ran_is_expected_as_its_network_allows() -> None:
    line = timeline(seed_plan(), World(), START, gates=False)
    assert line.now is None
    assert line.end == pytest.approx(11.0)
    assert line.planned_end == 12.0
    assert line.window == (8, 12)
    assert line.path == ("WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14")
    later = {
        bar.id
        for bar in line.bars
        if bar.expected and bar.planned and bar.expected.start != bar.planned.start
    }
    assert later == {"WS-07", "WS-08", "WS-15"}
    assert {bar.id for bar in line.bars if bar.critical} >= set(line.path)
    first = line.bar("WS-01")
    assert first is not None
    assert first.driver is Driver.START
    assert first.actual is None


def test_by_its_dates_all_fifteen_start_when_planned_and_a_date_drives_the_end() -> None:
    line = timeline(replace(seed_plan(), schedule=SchedulePolicy.AS_PLANNED), World(), START, gates=False)
    assert [bar.expected.start for bar in line.bars if bar.expected] == pytest.approx(
        [bar.planned.start for bar in line.bars if bar.planned]
    )
    assert line.path == ("WS-15",)
    last = line.bar("WS-15")
    assert last is not None
    assert last.driver is Driver.DATE
    assert last.critical
    near = {bar.id for bar in line.bars if bar.near}
    assert near >= {"WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14"}


def test_strict_needs_leave_navigation_one_week() -> None:
    line = timeline(seed_plan(), World(), START, gates=False, strict=True)
    bar = line.bar("WS-02")
    assert line.end == pytest.approx(17.0)
    assert bar is not None
    assert bar.float_weeks == pytest.approx(1.0)
    assert bar.near
    assert not bar.critical


def test_gates_take_float_away_and_both_figures_are_told() -> None:
    bar = timeline(seed_plan(), World(), START).bar("WS-09")
    assert bar is not None
    assert (bar.float_weeks, bar.needs_float) == pytest.approx((0.0, 3.0))


def test_floats_are_those_of_the_snapshot_where_gates_do_not_count() -> None:
    plan, so_far = seed_plan(), world(done("WS-01", 0, 2.4), runs("WS-02", 1))
    now = at_week_end(3)
    line = timeline(plan, so_far, now, gates=False)
    snapshot = build_snapshot(plan, "d", "p", so_far, now, worker_pid=None)
    told = {w.id: w.float_weeks for w in snapshot.workstreams}
    for bar in line.bars:
        if not bar.done:
            assert bar.float_weeks == pytest.approx(told[bar.id], abs=0.051), bar.id


def test_what_happened_stays_what_runs_ends_no_earlier_than_tomorrow() -> None:
    line = timeline(seed_plan(), world(done("WS-01", 0, 2.4), runs("WS-02", 1)), at_week_end(4), gates=False)
    first, second, later = line.bar("WS-01"), line.bar("WS-02"), line.bar("WS-05")
    assert first is not None
    assert first.done
    assert first.actual == first.expected == Span(0.0, pytest.approx(2.56))  # type: ignore[arg-type]
    # 2.4 weeks after its start is a Wednesday evening: 2.8 of the five working days of week 3 are over
    assert first.float_weeks is None
    assert first.deviation_days == pytest.approx(2.8, abs=0.05)
    assert second is not None
    assert second.expected == Span(1.0, pytest.approx(4.2))  # type: ignore[arg-type]
    assert second.actual == Span(1.0, 4.0)
    assert later is not None
    assert later.expected is not None
    assert later.expected.start == 4.0
    assert later.driver is Driver.NOW


@pytest.mark.parametrize("state", [WorkstreamState.FAILED, WorkstreamState.CANCELLED])
def test_what_failed_or_was_cancelled_ended_then(state: WorkstreamState) -> None:
    over = WorkstreamStatus("WS-02", state, since=at_week_end(2), first_started=at_week_end(1), attempt=1)
    bar = timeline(seed_plan(), world(done("WS-01", 0, 1), over), at_week_end(4)).bar("WS-02")
    assert bar is not None
    assert bar.actual == Span(1.0, 2.0)


def test_delays_are_given_to_whom_they_come_from_in_working_days() -> None:
    """a ends a week late; b and d start then instead of a week earlier, c slips because b does."""
    line = timeline(three_in_a_row(), world(done("a", 0, 3), runs("b", 3)), at_week_end(3.0), gates=False)
    a, b, c, d = (line.bar(id) for id in "abcd")
    assert a is not None
    assert b is not None
    assert c is not None
    assert d is not None
    assert a.deviation_days == pytest.approx(5.0)
    assert a.caused_days == pytest.approx(10.0)  # five of b, five of d
    assert b.caused_days == pytest.approx(5.0)  # of c
    assert (c.caused_days, d.caused_days) == (0.0, 0.0)
    assert set(a.moves) == {"b", "c", "d", END}
    assert b.moves == ("c", END)
    assert d.driven_by == ("a",)
    assert (b.start_days, c.deviation_days) == (pytest.approx(5.0), pytest.approx(5.0))


def test_a_plan_that_runs_to_plan_delays_nobody() -> None:
    to_plan = world(done("a", 0, 2), runs("b", 2), runs("d", 2))
    line = timeline(three_in_a_row(), to_plan, at_week_end(2.2), gates=False)
    assert all(bar.caused_days == 0.0 and not bar.moves for bar in line.bars)
    assert line.end == pytest.approx(4.0)


def test_what_has_not_begun_when_it_could_moves_the_end_itself() -> None:
    line = timeline(three_in_a_row(), world(done("a", 0, 2), runs("b", 2)), at_week_end(2.2), gates=False)
    a, d = line.bar("a"), line.bar("d")
    assert a is not None
    assert d is not None
    assert (a.caused_days, a.moves) == (0.0, ())
    assert (d.driver, d.driven_by, d.moves) == (Driver.NOW, (), (END,))


def test_work_that_has_begun_tells_what_it_waited_for_last() -> None:
    plan = seed_plan()
    line = timeline(
        plan,
        world(done("WS-01", 0, 2), done("WS-02", 1, 3), runs("WS-05", 2, "d1", "d2"), runs("WS-06", 3)),
        at_week_end(4),
        gates=False,
    )
    bar = line.bar("WS-06")
    assert bar is not None
    assert bar.driver is Driver.DONE
    assert set(bar.driven_by) == {"WS-02", "WS-05"}


def test_a_part_that_is_verified_early_lets_its_successor_start_now() -> None:
    plan = seed_plan()
    parts = tuple(d.id for d in plan.workstreams["WS-01"].deliverables)
    now = at_week_end(0.4)
    early = timeline(plan, world(runs("WS-01", 0, *parts[:3])), now, gates=False).bar("WS-02")
    waits = timeline(plan, world(runs("WS-01", 0)), now, gates=False).bar("WS-02")
    assert early is not None
    assert waits is not None
    assert early.expected is not None
    assert waits.expected is not None
    assert early.expected.start == pytest.approx(0.56)  # now, which is 2.8 working days after the start
    assert waits.expected.start == pytest.approx(1.0)
    assert waits.driven_by == ("WS-01",)


def test_gates_and_milestones_are_due_reached_and_expected() -> None:
    so_far = world(done("WS-01", 0, 2))
    so_far.gates["g1"] = GateStatus("g1", GateState.GO, since=at_week_end(5))
    line = timeline(seed_plan(), so_far, at_week_end(6))
    decided, ahead = line.mark("g1"), line.mark("g3")
    assert decided is not None
    assert (decided.due, decided.reached, decided.expected) == (4.0, pytest.approx(5.0), None)
    assert decided.late_days == pytest.approx(5.0)
    assert decided.on_time is False
    assert ahead is not None
    assert ahead.expected is not None
    assert ahead.expected > 8.0
    assert ahead.late_days == pytest.approx((ahead.expected - 8.0) * 5)
    assert ahead.driven_by
    reached = line.mark("foundation")
    assert reached is not None
    assert (reached.reached, reached.on_time, reached.late_days) == (
        pytest.approx(2.0),
        True,
        pytest.approx(0.0),
    )


def test_work_given_up_is_expected_nowhere_and_binds_nobody() -> None:
    so_far = world(WorkstreamStatus("WS-12", WorkstreamState.CANCELLED))
    line = timeline(seed_plan(), so_far, START)
    gone = line.bar("WS-12")
    assert gone is not None
    assert gone.expected is None
    assert gone.float_weeks is None
    link = next(link for link in line.links if (link.source, link.target) == ("WS-12", "WS-13"))
    assert link.dead
    assert link.float_weeks is None


def test_needs_have_their_lag_float_and_delay() -> None:
    line = timeline(seed_plan(), world(done("WS-01", 0, 3)), at_week_end(3), gates=False)
    assert len(line.links) == 17
    links = {(link.source, link.target): link for link in line.links}
    half = links["WS-01", "WS-02"]
    assert half.met
    assert half.lag_weeks == pytest.approx(1.0)
    assert half.float_weeks is None
    third = links["WS-05", "WS-06"]
    assert (third.lag_weeks, third.met, third.drives) == (pytest.approx(1.0), False, False)
    assert third.delay_days == pytest.approx(5.0)
    whole = links["WS-02", "WS-06"]
    # it has not begun in week 4 and ends with week 5: a week after a third of WS-05
    assert (whole.lag_weeks, whole.drives, whole.float_weeks) == (0.0, True, pytest.approx(0.0))
    assert whole.delay_days == pytest.approx(10.0)
    assert third.float_weeks == pytest.approx(1.0)
    assert links["WS-04", "WS-12"].float_weeks == pytest.approx(2.0)
    assert sum(link.crosses for link in line.links) == 7


def test_memory_tells_the_same_of_each_need() -> None:
    plan, so_far, now = seed_plan(), world(done("WS-01", 0, 3), runs("WS-02", 1)), at_week_end(3)
    line = timeline(plan, so_far, now, gates=False, as_planned=True)

    def no_snapshot() -> object:
        raise AssertionError("not asked for")

    told = derived(plan, so_far, now, "locust/dependencies/WS-*", no_snapshot)  # type: ignore[arg-type]
    assert len(told) == 17
    for link in line.links:
        edge = told[f"locust/dependencies/{link.source}-{link.target}"]
        assert edge["lag_weeks"] == pytest.approx(link.lag_weeks, abs=1e-3)
        assert edge["delay_weeks"] == pytest.approx((link.delay_days or 0.0) / 5, abs=1e-3)
        if link.float_weeks is not None:
            assert edge["float_weeks"] == pytest.approx(link.float_weeks, abs=1e-3)


def test_what_could_start_and_what_holds_it() -> None:
    so_far = world(done("WS-01", 0, 2), done("WS-05", 2, 5), runs("WS-09", 5, "d1", "d2"))
    line = timeline(seed_plan(), so_far, at_week_end(6))
    assert set(line.ready) == {"WS-02", "WS-03", "WS-07", "WS-08", "WS-10", "WS-11", "WS-15"}
    assert dict(line.holds)["WS-10"] == "gate g2 is shut"
    assert "WS-02" not in dict(line.holds)


def test_a_plan_without_dates_shows_what_happened_and_nothing_more() -> None:
    plan = three_in_a_row()
    undated = {w.id: replace(w, weeks=None) for w in plan.workstreams.values()}
    line = timeline(replace(plan, workstreams=undated), world(done("a", 0, 1.9)), at_week_end(1.95))
    assert line.reason == "no dates in the plan"
    assert line.end is None
    a, b = line.bar("a"), line.bar("b")
    assert a is not None
    assert a.actual is not None
    assert a.actual.end == pytest.approx(1.9)  # a Sunday: there every day counts
    assert (a.planned, a.expected, a.float_weeks) == (None, None, None)
    assert b is not None
    assert b.actual is None
    assert line.ready == ("b", "d")
    assert timeline(Plan(Project("p", "p"), {}), World(), START).reason == "the plan has no workstreams"


def test_a_forecast_gives_bands_to_the_end_and_the_gates() -> None:
    found = bands_of(ForecastView(11.8, 12.7, 13.2, 60.0, gates=(GateForecast("g1", 4.1, 4.8, 4),)))
    line = timeline(seed_plan(), World(), START, bands=found)
    assert line.band == Band(11.8, 12.7)
    mark = line.mark("g1")
    assert mark is not None
    assert mark.band == Band(4.1, 4.8)
    assert bands_of(ForecastView(None, None, None, None, reason="no dates")) == {}


@settings(deadline=None, max_examples=50)
@given(st.data(), random_dags())
def test_any_world_whatever_has_a_timeline(data: st.DataObject, plan: Plan) -> None:
    so_far = World()
    for _ in range(data.draw(st.integers(0, 6))):
        data.draw(change(plan, so_far))
    line = timeline(plan, so_far, data.draw(st.floats(START - 1e6, START + 20 * 604_800)))
    assert [bar.id for bar in line.bars] == list(plan.workstreams)
    for bar in line.bars:
        for span in (bar.planned, bar.actual, bar.expected):
            assert span is None or span.end >= span.start - 1e-9
        assert bar.float_weeks is None or bar.float_weeks >= 0
        assert not (bar.critical and bar.near)
        assert bar.caused_days >= 0
