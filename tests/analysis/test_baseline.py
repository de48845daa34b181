"""What counts as a change of the plan, what it touches, whether it asks for less, and what the record adds to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_plans import random_dags
from seed_plan import seed_plan

from locust_tui.analysis.baseline import (
    agreed_parts,
    baseline_study,
    changes_between,
    recorded_changes,
    wanted_plans,
)
from locust_tui.analysis.baseline_criteria import eases
from locust_tui.domain import events as e
from locust_tui.domain.criterion import Limit
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import GateMode, Need, Plan, Risk, RiskLink, Weeks
from locust_tui.domain.studies.baseline import ChangeClass, PlanChange

SEED = seed_plan()


def with_work(id: str, **changes: object) -> Plan:
    works = dict(SEED.workstreams)
    works[id] = replace(works[id], **changes)  # type: ignore[arg-type]
    return replace(SEED, workstreams=works)


def with_gate(id: str, **changes: object) -> Plan:
    gates = dict(SEED.gates)
    gates[id] = replace(gates[id], **changes)  # type: ignore[arg-type]
    return replace(SEED, gates=gates)


def words(old: Plan, new: Plan) -> list[str]:
    return [f"{c.kind}{' less' if c.eased else ''}: {c.words}" for c in changes_between(old, new)]


def limited(limit: Limit) -> Plan:
    gate = SEED.gates["g1"]
    return with_gate("g1", criteria=(replace(gate.criteria[0], limit=limit), *gate.criteria[1:]))


def test_a_plan_does_not_differ_from_itself() -> None:
    assert changes_between(SEED, SEED) == ()
    assert changes_between(SEED, seed_plan()) == ()


def test_a_date_that_moved_is_one_change_and_not_its_weight_and_its_orchestrator_too() -> None:
    moved = with_work("WS-02", weeks=Weeks(2, 4))
    assert words(SEED, moved) == ["dates: workstream WS-02: weeks 2-3 → 2-4"]


def test_each_need_is_a_change_of_its_own() -> None:
    needs = SEED.workstreams["WS-04"].needs
    fewer = with_work("WS-04", needs=(Need(needs[0].target), *needs[2:]))
    assert words(SEED, fewer) == [
        f"needs: workstream WS-04: need {needs[0].target} {needs[0].condition} → done",
        f"needs less: workstream WS-04: need {needs[1].target} removed (was {needs[1].condition})",
    ]


def test_a_lowered_limit_names_gate_criterion_and_both_values() -> None:
    before, after = limited(Limit(above=80.0, unit="%")), limited(Limit(above=70.0, unit="%"))
    name = SEED.gates["g1"].criteria[0].name
    assert words(before, after) == [f"limit less: gate g1, {name}: limit > 80 % → > 70 %"]
    assert words(after, before) == [f"limit: gate g1, {name}: limit > 70 % → > 80 %"]
    (change,) = changes_between(before, after)
    assert change.key == f"gate:g1/{SEED.gates['g1'].criteria[0].id}"


def test_a_criterion_that_is_gone_or_counts_no_more_asks_for_less() -> None:
    criteria = SEED.gates["g1"].criteria
    gone = with_gate("g1", criteria=criteria[1:])
    (change,) = changes_between(SEED, gone)
    assert (change.kind, change.eased, change.criterion, change.after) == (
        ChangeClass.CRITERIA,
        True,
        criteria[0].name,
        "",
    )
    should = with_gate("g1", criteria=(replace(criteria[0], must=False), *criteria[1:]))
    assert words(SEED, should) == [f"criteria less: gate g1, {criteria[0].name}: must must → should"]


def test_a_gate_that_is_gone_tells_its_criteria() -> None:
    gates = {id: gate for id, gate in SEED.gates.items() if id != "g1"}
    found = changes_between(SEED, replace(SEED, gates=gates))
    assert [c.criterion for c in found if c.subject == "g1"] == [
        "",
        *(c.name for c in SEED.gates["g1"].criteria),
    ]
    assert all(c.eased for c in found if c.subject == "g1")


@pytest.mark.parametrize(
    ("new", "kind", "eased"),
    [
        (with_gate("g1", mode=GateMode.ADVISORY), ChangeClass.NEEDS, True),
        (with_gate("g1", mode=GateMode.HARD), ChangeClass.NEEDS, False),
        (with_gate("g1", week=9), ChangeClass.DATES, False),
        (with_gate("g1", approvers=("bo",)), ChangeClass.PEOPLE, False),
        (with_work("WS-03", weight=3.0), ChangeClass.ESTIMATES, False),
        (with_work("WS-03", estimate=(1.0, 2.0, 5.0)), ChangeClass.ESTIMATES, False),
        (with_work("WS-03", instructions="something else"), ChangeClass.COMMANDS, False),
        (with_work("WS-03", reviewers=("bo",)), ChangeClass.PEOPLE, False),
        (with_work("WS-03", phase="4"), ChangeClass.SCOPE, False),
        (with_work("WS-03", notes="call them"), ChangeClass.OTHER, False),
        (replace(SEED, project=replace(SEED.project, window=(8, 14))), ChangeClass.DATES, False),
        (replace(SEED, risks=SEED.risks[1:]), ChangeClass.RISKS, True),
        (replace(SEED, people={"lead": ("ana",)}), ChangeClass.PEOPLE, False),
    ],
)  # fmt: skip
def test_every_change_says_what_it_touches(new: Plan, kind: ChangeClass, eased: bool) -> None:
    (change,) = changes_between(SEED, new)
    assert (change.kind, change.eased) == (kind, eased)


def test_an_orchestrator_whose_own_weeks_move_is_told_and_one_that_follows_its_phases_is_not() -> None:
    name, leader = next(iter(SEED.orchestrators.items()))
    own = replace(SEED, orchestrators={**SEED.orchestrators, name: replace(leader, weeks=Weeks(1, 9))})
    assert words(SEED, own) == [f"dates: orchestrator {name}: weeks {leader.weeks} → 1-9"]
    phase = SEED.phases["1"]
    later = replace(own, phases={**SEED.phases, "1": replace(phase, weeks=Weeks(1, 9))})
    assert words(SEED, later) == [f"dates: phase 1: weeks {phase.weeks} → 1-9"]


def test_work_that_came_and_went_is_scope() -> None:
    fewer = replace(SEED, workstreams={k: w for k, w in SEED.workstreams.items() if k != "WS-10"})
    assert words(SEED, fewer)[0] == "scope less: workstream WS-10 removed (was Theme System)"
    assert words(fewer, SEED)[0] == "scope: workstream WS-10 added (Theme System)"


def test_a_risk_put_higher_is_one_change_though_its_score_follows() -> None:
    first = SEED.risks[0]
    raised = replace(SEED, risks=(replace(first, probability="high", score=9.0), *SEED.risks[1:]))
    assert words(SEED, raised) == [f"risks: risk {first.id}: probability {first.probability} → high"]


def test_another_watch_of_a_risk_is_one_change_whatever_kind_it_is_of() -> None:
    watched = replace(SEED.risks[0], watch=SEED.gates["g1"].criteria[0], link=None)
    linked = replace(watched, watch=None, link=RiskLink(kpi="quality"))
    old, new = (replace(SEED, risks=(risk,)) for risk in (watched, linked))
    (change,) = changes_between(old, new)
    assert (change.field, change.after, change.eased) == ("watch", "KPI quality", False)
    (gone,) = changes_between(new, replace(SEED, risks=(replace(linked, link=None),)))
    assert (gone.values, gone.eased) == ("KPI quality → none", True)


LIMITS = st.builds(
    Limit,
    above=st.none() | st.integers(0, 9).map(float),
    minimum=st.none() | st.integers(0, 9).map(float),
    below=st.none() | st.integers(0, 9).map(float),
    maximum=st.none() | st.integers(0, 9).map(float),
)


def passes(limit: Limit, value: float) -> bool:
    return (
        (limit.above is None or value > limit.above)
        and (limit.minimum is None or value >= limit.minimum)
        and (limit.below is None or value < limit.below)
        and (limit.maximum is None or value <= limit.maximum)
    )


@given(LIMITS, LIMITS)
def test_what_lets_a_value_pass_that_failed_before_asks_for_less(old: Limit, new: Limit) -> None:
    if any(passes(new, v / 2) and not passes(old, v / 2) for v in range(-2, 22)):
        assert eases(old, new)


@given(LIMITS)
def test_the_same_limit_asks_for_no_less(limit: Limit) -> None:
    assert not eases(limit, replace(limit))


def in_order(plan: Plan) -> Plan:
    """The plan with its needs in one order: another order of the same needs agrees on nothing else."""
    works = {w.id: replace(w, needs=tuple(sorted(w.needs, key=str))) for w in plan.workstreams.values()}
    return replace(plan, workstreams=works)


@given(random_dags(5), random_dags(5))
def test_any_two_plans_can_be_told_apart_in_words(old: Plan, new: Plan) -> None:
    found = changes_between(old, new)
    assert bool(found) == (in_order(old) != in_order(new))
    assert all(c.words and (c.before or c.after) for c in found)
    there, back = {(c.section, c.subject) for c in found}, changes_between(new, old)
    assert {(c.section, c.subject) for c in back} == there


class Record:
    """The events of a project whose plan changes, and its plans by digest."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.plans: dict[str, Plan] = {}
        self.asked: list[str] = []

    def add(self, body: EventBody, by: Person = WORKER, hours: float = 1.0) -> int:
        at = (self.events[-1].at if self.events else 1_000_000.0) + hours * 3600
        self.events.append(Event(len(self.events) + 1, at, by, body))
        return len(self.events)

    def accept(self, digest: str, plan: Plan, by: Person = WORKER, **more: object) -> int:
        self.plans[digest] = plan
        return self.add(e.PlanAccepted(digest, "p.yaml", saved_by="ana", **more), by)  # type: ignore[arg-type]

    def plan_of(self, digest: str) -> Plan:
        self.asked.append(digest)
        return self.plans[digest]

    @property
    def now(self) -> float:
        return self.events[-1].at + 60


@pytest.fixture
def record() -> Record:
    made = Record()
    made.accept("a", SEED, how="file")
    made.add(e.ProjectStarted("root"))
    made.accept("b", with_work("WS-02", weeks=Weeks(2, 4)), how="file")
    lower = with_work("WS-02", weeks=Weeks(3, 4))
    made.accept(
        "c", replace(lower, gates=with_gate("g1", week=5).gates), Person("bo", uid=7), how="yes", note="fair"
    )
    return made


def test_what_was_in_force_at_the_start_is_agreed_and_never_lost(record: Record) -> None:
    study = baseline_study(record.events, record.plan_of, record.now)
    assert study.agreed is not None
    assert (study.agreed.digest, study.agreed.by, study.agreed.number) == ("a", "root", 1)
    record.add(e.BaselineSet("c", "as agreed with the client"), Person("bo"))
    again = baseline_study(record.events, record.plan_of, record.now)
    assert [(b.number, b.digest, b.by, b.note) for b in again.baselines] == [
        (1, "a", "root", ""),
        (2, "c", "bo", "as agreed with the client"),
    ]
    assert again.drift == ()
    assert len(again.changes) == len(study.changes) == 3


def test_each_change_says_who_when_and_why(record: Record) -> None:
    found = recorded_changes(record.events, record.plan_of)
    assert [(c.words, c.who, c.why, c.revision) for c in found] == [
        ("workstream WS-02: weeks 2-3 → 2-4", "ana, owner of the file", "", 3),
        ("workstream WS-02: weeks 2-4 → 3-4", "bo", "fair", 4),
        ("gate g1: week 4 → 5", "bo", "fair", 4),
    ]
    record.add(e.PlanNoted(3, "WS-01 came late"), Person("ana"))
    record.add(e.PlanNoted(4, "the fair was moved"), Person("cy"))
    assert [c.why for c in recorded_changes(record.events, record.plan_of)] == [
        "WS-01 came late",
        "the fair was moved",
        "the fair was moved",
    ]


def test_against_what_was_agreed_a_field_stands_once_with_who_changed_it_last(record: Record) -> None:
    study = baseline_study(record.events, record.plan_of, record.now)
    assert [(c.words, c.revision, c.by) for c in study.drift] == [
        ("workstream WS-02: weeks 2-3 → 3-4", 4, "bo"),
        ("gate g1: week 4 → 5", 4, "bo"),
    ]


def test_only_what_came_into_force_in_a_time(record: Record) -> None:
    third = record.events[2].at
    assert len(recorded_changes(record.events, record.plan_of, since=third)) == 2
    assert len(recorded_changes(record.events, record.plan_of, until=third)) == 1
    record.add(e.PlanNoted(3, "said later"), Person("ana"))
    assert [c.why for c in recorded_changes(record.events, record.plan_of, until=third)] == [""]


def test_a_plan_taken_back_leaves_no_difference_but_both_changes(record: Record) -> None:
    record.accept("a", SEED, how="file")
    study = baseline_study(record.events, record.plan_of, record.now)
    assert study.drift == ()
    assert len(study.changes) == 5


def test_before_the_start_nothing_is_agreed() -> None:
    record = Record()
    record.accept("a", SEED)
    study = baseline_study(record.events, record.plan_of, record.now)
    assert (study.agreed, study.drift) == (None, ())
    assert baseline_study((), record.plan_of, 0.0).revisions == ()


def test_how_a_criterion_stood_comes_from_the_record_of_that_moment() -> None:
    record = Record()
    before, after = limited(Limit(above=80.0)), limited(Limit(above=70.0))
    record.accept("a", before)
    record.add(e.ProjectStarted())
    (change,) = changes_between(before, after)
    record.accept("b", after, gates=(replace(change, found="had failed with 76.2"),))
    assert [c.found for c in recorded_changes(record.events, record.plan_of)] == ["had failed with 76.2"]
    (drift,) = baseline_study(record.events, record.plan_of, record.now).drift
    assert (drift.found, drift.by) == ("had failed with 76.2", "ana")


def test_what_was_worked_out_once_is_not_read_again(record: Record) -> None:
    known: dict[int, tuple[PlanChange, ...]] = {}
    assert set(wanted_plans(record.events, known)) == {"a", "b", "c"}
    first = baseline_study(record.events, record.plan_of, record.now, known)
    record.asked.clear()
    assert set(wanted_plans(record.events, known)) == {"a", "c"}
    assert baseline_study(record.events, record.plan_of, record.now, known) == first
    assert "b" not in record.asked


def test_what_was_agreed_lists_dates_and_criteria() -> None:
    parts = {(part.section, part.id): part for part in agreed_parts(SEED)}
    assert parts["workstreams", "WS-02"].when == "2-3"
    assert parts["gates", "g1"].when == "4"
    assert len(parts["gates", "g1"].criteria) == len(SEED.gates["g1"].criteria)


RISK = st.builds(Risk, id=st.just("R"), risk=st.text(max_size=5), probability=st.sampled_from(["low", "high"]), impact=st.just("low"))  # fmt: skip


@given(RISK, RISK)
def test_any_change_of_a_risk_is_seen(old: Risk, new: Risk) -> None:
    found = changes_between(replace(SEED, risks=(old,)), replace(SEED, risks=(new,)))
    assert bool(found) == (old != new)
