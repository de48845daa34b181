"""Flow: cycle, age, throughput, use of agents, needs between orchestrators, gates, and each workstream's own figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, at_week_end, seed_plan

from locust_tui.analysis.flow import flow, percentile
from locust_tui.analysis.kpi_figures import kpi_study
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Decision
from locust_tui.domain.plan import Kpi, Plan, Resources
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, RunState, WorkstreamState
from locust_tui.domain.studies.figures import Flow, WorkstreamFigures
from locust_tui.domain.world import World

S = WorkstreamState
DAY = 0.2
"""A working day in plan weeks, while days lie within a week."""


class Log:
    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or seed_plan()
        self.events: list[e.Event] = []
        self.world = World()
        self.at(START, e.ProjectStarted())

    def at(self, moment: float, *bodies: e.EventBody) -> None:
        for body in bodies:
            event = e.Event(self.world.revision + 1, moment, WORKER, body)
            apply(self.world, event)
            self.events.append(event)

    def move(self, moment: float, work: str, *states: S) -> None:
        for new in states:
            self.at(moment, e.WorkstreamMoved(work, self.world.workstream(work).state, new))

    def begin(self, moment: float, work: str, *, ready: float | None = None) -> str:
        if ready is not None:
            self.move(ready, work, S.READY)
        elif self.world.workstream(work).state is S.PLANNED:
            self.move(moment, work, S.READY)
        self.move(moment, work, S.RUNNING)
        attempt = self.world.workstream(work).attempt + 1
        run = f"{work}.{attempt}"
        self.at(moment, e.RunCreated(run, work, attempt, "coder", ("x",), "/"), e.RunStarted(run, 1))
        return run

    def end(self, moment: float, run: str, *, accept: bool = True) -> None:
        work = run.partition(".")[0]
        self.at(moment, e.RunEnded(run, RunState.EXITED, 0, ended=moment))
        self.move(moment, work, S.REVIEW)
        if accept:
            self.at(moment, e.WorkstreamReviewed(work, 1, True))
            self.move(moment, work, S.ACCEPTED)

    def flow(self, moment: float) -> Flow:
        return flow(self.plan, self.world, moment, self.events)

    def of(self, work: str, moment: float) -> WorkstreamFigures:
        return next(w for w in self.flow(moment).workstreams if w.id == work)


def days(count: float) -> float:
    """The moment so many calendar days after the start, a Monday."""
    return START + count * 86_400.0


def test_cycle_lead_and_age_in_working_days() -> None:
    log = Log()
    first = log.begin(days(1), "WS-01", ready=days(0))
    log.end(days(8), first)  # Tuesday to Tuesday: five working days
    log.begin(days(2), "WS-02")
    found = log.flow(days(9))
    done, going = found.items
    assert (done.cycle, done.lead, done.age) == (pytest.approx(5.0), pytest.approx(6.0), None)
    assert (going.cycle, going.age, going.aging) == (None, pytest.approx(5.0), False)
    assert (found.wip.value, found.cycle_p50.value) == (1.0, pytest.approx(5.0))
    assert [i.aging for i in log.flow(days(10)).items] == [False, True]
    assert log.flow(days(9)).cycle_p85.rests.count == 1


def test_throughput_counts_full_weeks_and_means_the_last_four() -> None:
    log = Log()
    for number, work in enumerate(["WS-01", "WS-02", "WS-03", "WS-05"]):
        log.end(at_week_end(1.5 + number * 0.9), log.begin(START, work))
    found = log.flow(at_week_end(5.2))
    assert found.throughput == (0, 1, 1, 1, 1)
    assert found.throughput_mean.value == 1.0
    early = Log().flow(at_week_end(0.5))
    assert (early.throughput, early.throughput_mean.value) == ((), None)
    assert early.throughput_mean.reason == "no full week has passed"
    assert early.cycle_p50.reason == "nothing is finished yet"


def test_a_fixed_trace_gives_the_shares_worked_out_by_hand() -> None:
    log = Log(replace(seed_plan(), resources=Resources(max_agents=2)))
    hour = 3600.0
    one = log.begin(START, "WS-01")  # busy 0–4
    log.move(START + hour, "WS-02", S.READY)  # waits 1–2
    two = log.begin(START + 2 * hour, "WS-02")  # busy 2–3, waits for a person 3–4
    log.at(START + 3 * hour, e.RunChanged(two, RunState.WAITING, "protocol"))
    log.end(START + 4 * hour, one)
    log.end(START + 4 * hour, two)
    found = log.flow(START + 8 * hour)
    capacity, dispatch = found.capacity_utilisation, found.dispatch_efficiency
    assert (capacity.part, capacity.whole, capacity.figure.value) == (5.0, 16.0, pytest.approx(31.25))
    assert (dispatch.part, dispatch.whole) == (5.0, 7.0)  # 1 + 2 · 3
    assert dispatch.figure.value == pytest.approx(500 / 7)
    assert dispatch.figure.rests.count >= capacity.figure.rests.count == 5


def test_no_cap_no_time_and_nothing_to_do_have_reasons() -> None:
    free = Log(replace(seed_plan(), resources=Resources()))
    assert free.flow(days(1)).capacity_utilisation.figure.reason == "the plan has no cap"
    assert Log().flow(START).capacity_utilisation.figure.reason == "no time has passed"
    assert Log().flow(days(1)).dispatch_efficiency.figure.reason == "there was nothing to do"


def test_needs_between_orchestrators() -> None:
    log = Log()
    for work, begun, ended in (("WS-01", 0.0, 2.0), ("WS-02", 1.0, 3.2)):
        run = log.begin(at_week_end(begun), work)
        log.end(at_week_end(ended), run)
    found = log.flow(at_week_end(4))
    assert (found.cross_domain.part, found.cross_domain.whole) == (5, 7)
    assert found.cross_domain.figure.value == pytest.approx(500 / 7)
    # WS-01 was due in week 2 and in time for its four; WS-02, due in week 3, was not; WS-04 is due now and not there
    assert (found.cross_domain_on_time.part, found.cross_domain_on_time.whole) == (4, 6)
    assert found.cross_domain_overdue == ("WS-04 > WS-12",)
    assert found.cross_domain.figure.rests.count == 2  # the acceptance of WS-01 met four of them
    alone = replace(seed_plan(), orchestrators={}, workstreams={"WS-01": seed_plan().workstreams["WS-01"]})
    assert Log(alone).flow(days(1)).cross_domain.figure.reason.startswith("no need crosses")


def decide(log: Log, moment: float, gate: str, kind: DecisionKind) -> None:
    log.at(moment, e.GateMoved(gate, log.world.gate(gate).state, GateState.PENDING))
    log.at(moment, e.GateDecided(gate, Decision(kind, WORKER, moment)))


def test_a_gate_that_was_recycled_first_never_passed_at_first() -> None:
    log = Log()
    assert log.flow(days(1)).gate_pass.figure.reason == "no gate has been decided yet"
    decide(log, days(1), "g1", DecisionKind.RECYCLE)
    first = log.flow(days(2)).gate_pass
    assert (first.part, first.whole, first.figure.value) == (0, 1, 0.0)
    decide(log, days(3), "g1", DecisionKind.GO)
    assert (log.flow(days(4)).gate_pass.part, log.flow(days(4)).gate_pass.whole) == (0, 1)
    decide(log, days(5), "g2", DecisionKind.CONDITIONAL)
    share = log.flow(days(6)).gate_pass
    assert (share.part, share.whole, share.figure.rests.count) == (1, 2, 3)


def test_criteria_that_passed_when_they_were_first_measured() -> None:
    log = Log()
    for key, states in {"gate:g1/hints": "FP", "gate:g1/core-types": "PF", "accept:WS-01/x": "F"}.items():
        for letter in states:
            state = CriterionState.PASS if letter == "P" else CriterionState.FAIL
            log.at(days(1), e.CriterionMeasured(CriterionResult(key, state, evidence=Evidence(days(1)))))
    share = log.flow(days(2)).criteria_pass
    assert (share.part, share.whole, share.figure.value, share.figure.rests.count) == (1, 2, 50.0, 4)


def test_reopening_and_recovery() -> None:
    log = Log()
    run = log.begin(days(0), "WS-01")
    log.end(days(1), run)
    log.move(days(2), "WS-01", S.REWORK)
    share = log.flow(days(3)).change_failure
    assert (share.part, share.whole, share.figure.value) == (1, 1, 100.0)
    log.move(days(2), "WS-01", S.NEEDS_INPUT)
    log.move(days(4), "WS-01", S.RUNNING)
    log.move(days(1), "WS-02", S.BLOCKED)
    found = log.flow(days(4)).recovery
    assert (found.value, found.rests.count) == (pytest.approx(2.0), 2)
    assert found.rests.note == "1 still blocked, failed or in need of input"
    log.move(days(4), "WS-02", S.DEFERRED)
    assert log.flow(days(4)).recovery.value == pytest.approx(2.0)  # giving up is no recovery


def test_the_figures_of_a_workstream() -> None:
    log = Log()
    run = log.begin(at_week_end(0), "WS-01")
    for part in ("d1", "d2", "d3"):
        log.at(days(1), e.DeliverableVerified("WS-01", part))
    log.at(days(2), e.WorkstreamReviewed("WS-01", 1, False), e.WorkstreamReviewed("WS-01", 1, False))
    early = log.of("WS-01", days(5))
    assert early.completion.value == 60.0
    assert (early.schedule.value, early.schedule.reason) == (None, "its planned end is ahead")
    overdue = log.of("WS-01", at_week_end(2) + 3 * 86_400)
    assert (overdue.schedule.value, overdue.within_two_days) == (pytest.approx(3.0), False)
    log.end(at_week_end(2) + 86_400, run)
    done = log.of("WS-01", at_week_end(9))
    assert done.review_pass.value == pytest.approx(100 / 3)
    assert (done.schedule.value, done.within_two_days) == (pytest.approx(1.0), True)
    assert log.of("WS-02", days(1)).review_pass.reason == "it has not been reviewed"


def test_delay_that_a_workstream_causes_is_what_its_successors_waited_past_their_start() -> None:
    log = Log()
    run = log.begin(at_week_end(0), "WS-01")
    # WS-05 waits for WS-01 to be done, from week 3 on; WS-02 and WS-03 for half of it, from week 2 on
    for part in ("d1", "d2", "d3"):
        log.at(at_week_end(1) + 2 * 86_400, e.DeliverableVerified("WS-01", part))
    log.begin(at_week_end(1) + 3 * 86_400, "WS-02")
    assert log.of("WS-01", at_week_end(2)).delay_caused.value == pytest.approx(2 + 2)
    log.end(at_week_end(2) + 86_400, run)
    log.begin(at_week_end(2) + 4 * 86_400, "WS-05")
    found = log.of("WS-01", at_week_end(4)).delay_caused
    assert found.value == pytest.approx(2 + 2 + 1)  # that WS-05 began three days later still is not its doing
    assert log.of("WS-12", at_week_end(4)).delay_caused.value == 0.0
    nothing = flow(log.plan, World(), START).workstreams[0]
    assert (nothing.delay_caused.value, nothing.delay_caused.reason) == (
        None,
        "the plan has not been started",
    )


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([50.0, 85.0, 95.0]))
def test_nearest_rank(values: list[float], points: float) -> None:
    found = percentile(values, points)
    assert found in values
    assert 100 * sum(v <= found for v in values) / len(values) >= points - 1e-9
    assert 100 * sum(v < found for v in values) / len(values) < points


# key figures and what they are from


def test_a_kpi_says_what_it_was_computed_from() -> None:
    log = Log()
    for work in ("WS-01", "WS-02"):
        log.end(at_week_end(1.4), log.begin(START, work))
    log.at(days(1), e.WorkstreamReviewed("WS-03", 1, False))
    found = {k.view.id: k for k in kpi_study(log.plan, log.world, at_week_end(2), log.events).kpis}
    velocity, quality = found["velocity"], found["quality"]
    assert (velocity.part, velocity.whole, velocity.view.value) == (2.0, 2.0, 1.0)
    assert dict(velocity.inputs) == {"workstreams_completed": 2.0, "week": 2.0}
    assert dict(velocity.second) == {
        "accepted in the last full week": 2.0, "mean of the last 4 full weeks": 1.0,
    }  # fmt: skip
    accepted = [
        v.revision for v in log.events if isinstance(v.body, e.WorkstreamMoved) and v.body.new is S.ACCEPTED
    ]
    assert velocity.rests.revisions == tuple(accepted)
    assert (quality.part, quality.whole) == (2.0, 3.0)
    assert quality.second[0][1] == pytest.approx(200 / 3)
    assert quality.rests.count == 3


def test_first_pass_has_a_trend_from_the_reviews_that_were() -> None:
    log = Log()
    log.at(at_week_end(0.5), e.WorkstreamReviewed("WS-01", 1, False))
    log.at(at_week_end(1.5), e.WorkstreamReviewed("WS-01", 2, True), e.WorkstreamReviewed("WS-02", 1, True))
    study = kpi_study(log.plan, log.world, at_week_end(2.5), log.events)
    quality = next(k for k in study.kpis if k.view.id == "quality")
    assert quality.view.trend == (0.0, 50.0, 50.0)


def test_a_measure_that_cannot_be_read_says_which_name_is_near() -> None:
    plan = replace(seed_plan(), kpis={"k": Kpi("k", "K", "velocitee / 2")})
    (found,) = kpi_study(plan, World(), START).kpis
    assert found.view.value is None
    assert "velocitee" in found.view.reason


def test_three_due_two_in_time_five_ahead_are_67_percent() -> None:
    log = Log()
    for gate, week in (("g1", 3.5), ("g2", 6.5)):
        decide(log, at_week_end(week), gate, DecisionKind.GO)
    plan = replace(log.plan, milestones=log.plan.milestones[:1])  # foundation in week 2; gates in 4, 6, 8, 12
    log.end(at_week_end(1.5), log.begin(START, "WS-01"))
    found = {k.view.id: k for k in kpi_study(plan, log.world, at_week_end(6.6), log.events).kpis}[
        "predictability"
    ]
    assert (found.part, found.whole) == (2.0, 3.0)
    assert found.view.value == pytest.approx(200 / 3)
