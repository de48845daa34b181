"""Strategies: the reference figures, what is refused and why, and that nothing begun is ever changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from random_plans import random_dags
from seed_plan import START, WEEK

from effort import cpu_s
from locust_tui.analysis.schedule import critical_path
from locust_tui.analysis.strategies.capacity import levelled_weeks, remaining
from locust_tui.analysis.strategies.case import Case, as_if_done
from locust_tui.analysis.strategies.crash import crash
from locust_tui.analysis.strategies.cut import cheapest_cut
from locust_tui.analysis.strategies.edits import edited
from locust_tui.analysis.strategies.fast_track import fast_track
from locust_tui.analysis.strategies.offered import find_strategy, offered
from locust_tui.analysis.strategies.preview import Settings, previews
from locust_tui.domain import events as e
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import (
    AgentType,
    Crew,
    Deliverable,
    Need,
    NeedKind,
    Plan,
    Project,
    Strategy,
    Weeks,
    Workstream,
)
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.studies.strategies import (
    CapRaised,
    CrewSet,
    CriterionSetAside,
    Deferred,
    NeedLoosened,
    NeedMoved,
    Preview,
)
from locust_tui.domain.world import WorkstreamStatus, World
from locust_tui.errors import NotFoundError, UsageError
from locust_tui.plans.reading import load_plan

QUICK = Settings(runs=100)
STRICT = Settings(runs=100, strict=True)


@cache
def seed() -> Plan:
    return load_plan(Path(__file__).parents[2] / "demo_plans" / "locust" / "locust-plan.yaml")


def look(*names: str, plan: Plan | None = None, world: World | None = None, how: Settings = QUICK) -> Preview:
    return previews(plan or seed(), "d", world or World(), START, [names], how)[0]


def refused(preview: Preview) -> dict[str, str]:
    return {one.subject: one.why for one in preview.refused}


def work(id: str, weeks: int, *needs: str | Need, parts: int = 5, **more: object) -> Workstream:
    first = 1
    return Workstream(
        id, id, weeks=Weeks(first, first + weeks - 1), agent="hand", instructions="x",
        needs=tuple(n if isinstance(n, Need) else Need(n) for n in needs),
        deliverables=tuple(Deliverable(f"d{i}", f"d{i}") for i in range(parts)), **more,
    )  # type: ignore[arg-type]  # fmt: skip


def plan_of(*works: Workstream, strategies: Iterable[Strategy] = (), **more: object) -> Plan:
    agents = {"hand": AgentType("hand", rate=10.0)}
    return Plan(
        Project("P", "P", window=(1, 9)), {w.id: w for w in works}, agents=agents, strategies=tuple(strategies), **more
    )  # type: ignore[arg-type]  # fmt: skip


def strategy(kind: str, **options: object) -> Strategy:
    return Strategy(kind, kind, kind, "", {name: json.dumps(value) for name, value in options.items()})


def under_way(plan: Plan, *begun: str) -> World:
    world = World()
    bodies: list[EventBody] = [e.ProjectStarted()]
    for id in begun:
        bodies += [e.WorkstreamMoved(id, S.PLANNED, S.READY), e.WorkstreamMoved(id, S.READY, S.RUNNING)]
        bodies += [e.RunCreated(f"{id}.1", id, 1, "hand", ("true",), "/")]
    for number, body in enumerate(bodies, 1):
        apply(world, Event(number, START, WORKER, body))
    return world


# the reference figures


def test_six_critical_workstreams_with_two_agents_take_12_7_weeks_where_strictly_17_were_planned() -> None:
    found = look("accelerate", how=STRICT)
    assert (found.now.weeks, found.then.weeks) == (17.0, 12.7)
    crews = [x for x in found.edits if isinstance(x, CrewSet)]
    assert sorted(x.workstream for x in crews) == ["WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14"]
    assert {(x.agents, x.gain) for x in crews} == {(2, 0.7)}
    assert crews[0].workstream in ("WS-12", "WS-14")  # the cheapest agents: 1.00 an hour
    assert crews[-1].workstream == "WS-01"  # the dearest: 2.00
    assert refused(found)["WS-02"] == "has float (1.0 weeks)"
    assert refused(found)["WS-07"] == "has float (13.0 weeks)"
    assert any("11.9 weeks" in note and "WS-03, WS-04" in note for note in found.notes)


def test_what_becomes_critical_is_shortened_too_where_the_plan_says_so() -> None:
    further = strategy("crash", further=True)
    found = look("crash", plan=replace(seed(), strategies=(further,)), how=STRICT)
    assert found.then.weeks == 11.9
    assert len(found.edits) == 7


def test_deferring_the_three_nice_to_haves_saves_nothing_and_frees_seven_agent_weeks() -> None:
    from locust_tui.report.strategies_text import headline

    for how in (QUICK, STRICT):
        found = look("descope", how=how)
        assert found.saved == 0.0
        assert headline(found) == "saves 0.0 weeks, frees 7 agent-weeks"
        assert [x.workstream for x in found.edits if isinstance(x, Deferred)] == ["WS-07", "WS-08", "WS-10"]
        assert "13 of 100 points" in found.risk


def test_two_more_agents_bring_nothing_for_agents_are_not_the_limit() -> None:
    found = look("external")
    assert found.saved == 0.0
    assert "0.0 weeks: agents are not the limit" in found.notes
    assert found.edits[0] == CapRaised(("resources", "max_agents"), 20, 22)


def test_must_criteria_are_not_waived() -> None:
    found = look("tradeoff")
    assert found.reason == "no should criterion of other than critical work is left"
    assert set(refused(found).values()) == {"a must criterion"}


def test_fast_tracking_is_offered_where_the_plan_names_none() -> None:
    assert [s.id for s in offered(seed())] == ["accelerate", "descope", "tradeoff", "external", "fast-track"]
    found = look("fast-track")
    assert (found.now.weeks, found.then.weeks) == (11.0, 8.6)
    assert "WS-05 begins on unfinished WS-01" in found.risk
    assert found.then.p85 < found.now.p85  # type: ignore[operator]


def test_all_five_take_no_time_to_speak_of() -> None:
    assert len(previews(seed(), "d", World(), START)) == 5
    assert cpu_s(lambda: previews(seed(), "d", World(), START)) < 5  # 0.3 s on an idle machine


def test_together_each_is_made_on_what_the_one_before_leaves() -> None:
    both, one = look("accelerate", "fast-track"), look("accelerate")
    assert both.ids == ("accelerate", "fast-track")
    assert both.edits[: len(one.edits)] == one.edits
    assert both.then.weeks < one.then.weeks  # type: ignore[operator]
    assert both.digest != one.digest


# crashing


def test_the_cheapest_set_that_cuts_every_critical_path_is_shortened() -> None:
    dear = AgentType("dear", rate=100.0)
    plan = plan_of(
        work("a", 2), work("b", 3, "a"), work("c", 3, "a"), replace(work("d", 2, "b", "c"), agent="dear")
    )
    plan = replace(plan, agents={**plan.agents, "dear": dear})
    schedule = critical_path(plan)
    assert cheapest_cut(schedule, {"b": 1.0, "c": 1.0, "d": 9.0}) == ("b", "c")
    assert cheapest_cut(schedule, {"b": 5.0, "c": 5.0, "d": 9.0}) == ("d",)
    assert cheapest_cut(schedule, {"b": 1.0}) == ()
    found = crash(Case(plan, World(), START), strategy("crash", workstreams=["b", "c"]))
    assert [x.workstream for x in found.edits if isinstance(x, CrewSet)] == ["b", "c"]


@pytest.mark.parametrize(
    ("w", "why"),
    [
        (work("a", 2, parts=1), "1 open deliverable: a second agent has nothing to do"),
        (work("a", 2, parts=0), "0 open deliverables: a second agent has nothing to do"),
        (work("a", 2, crew=Crew(2)), "has 2 agents already"),
    ],
)
def test_what_cannot_be_divided_is_not_shortened(w: Workstream, why: str) -> None:
    found = crash(Case(plan_of(w), World(), START), strategy("crash"))
    assert found.edits == ()
    assert [one.why for one in found.refused] == [why]


def test_a_gain_that_is_none_is_an_error() -> None:
    for gain in (1.0, 0, "much"):
        with pytest.raises(UsageError):
            crash(Case(plan_of(work("a", 2)), World(), START), strategy("crash", gain=gain))


# fast-tracking


def test_mandatory_order_stays_and_is_said() -> None:
    plan = plan_of(work("a", 2), work("b", 2, Need("a", hard=True)), work("c", 2, "b"))
    found = fast_track(Case(plan, World(), START), strategy("fast-track", percent=25))
    assert found.edits == (NeedLoosened("c", "b", "25%"),)
    assert [(one.subject, one.why) for one in found.refused] == [
        ("b needs a", "hard: true, the order is mandatory")
    ]


def test_only_needs_that_bring_the_finish_forward_are_loosened() -> None:
    plan = plan_of(work("a", 4), work("b", 1), work("c", 2, "a", "b"))
    found = fast_track(Case(plan, World(), START), strategy("fast-track"))
    assert found.edits == (NeedLoosened("c", "a", "50%"),)


def test_work_without_deliverables_cannot_be_half_verified() -> None:
    plan = plan_of(work("a", 2, parts=0), work("b", 2, "a"))
    found = fast_track(Case(plan, World(), START), strategy("fast-track"))
    assert found.edits == ()
    assert "names no deliverables" in found.refused[0].why


# descoping


def test_who_needs_deferred_work_needs_what_that_needed() -> None:
    half = Need("a", NeedKind.PERCENT, percent=50)
    plan = plan_of(
        work("a", 2), work("b", 2, half), work("c", 2, "b"), work("d", 1, "c"), work("z", 1, "c", "a")
    )
    found = look(
        "descope", plan=replace(plan, strategies=(strategy("descope", candidates=["b", "c"], to="v2"),))
    )
    assert found.edits == (
        Deferred("b", "v2"),
        Deferred("c", "v2"),
        NeedMoved("d", "c", (half,)),
        NeedMoved("z", "c", ()),
    )
    after = edited(plan, found.edits)
    assert [n.target for n in after.workstreams["z"].needs] == ["a"]
    blocked = strategy("descope", candidates=["c"], relink=False)
    found = look("descope", plan=replace(plan, strategies=(blocked,)))
    assert found.notes == ("d is blocked: it needs c", "z is blocked: it needs c")


def test_what_a_milestone_is_reached_by_is_not_deferred() -> None:
    asked = strategy("descope", candidates=["WS-13", "WS-99", "WS-08"])
    found = look("descope", plan=replace(seed(), strategies=(asked,)))
    assert refused(found)["WS-13"].startswith("milestone Examples complete is reached by it")
    assert refused(found)["WS-99"] == "no workstream of this plan"
    assert [x for x in found.edits if isinstance(x, Deferred)] == [Deferred("WS-08", "later")]


# waiving


def test_should_criteria_of_other_than_critical_work_become_debts() -> None:
    def soft(w: Workstream) -> Workstream:
        return replace(w, accept=tuple(replace(c, must=False) for c in w.accept))

    plan = replace(seed(), workstreams={id: soft(w) for id, w in seed().workstreams.items()})
    named = strategy(
        "waive",
        criteria=["WS-07/tooltip tests", "WS-01/unit coverage", "WS-07/api", "nothing"],
        due="week 14",
    )
    found = look("waive", plan=replace(plan, strategies=(named,)))
    assert found.edits == (
        CriterionSetAside("WS-07", "accept:WS-07/tooltip-tests", "tooltip tests", "plugins", "week 14"),
    )
    assert refused(found)["WS-01 unit coverage"] == "WS-01 is critical"
    assert refused(found)["nothing"] == "no criterion of a workstream"
    assert not found.writes
    assert found.then == found.now


# capacity


def test_where_agents_are_the_limit_more_of_them_save_weeks() -> None:
    works = [work(id, 2) for id in "abcd"]
    asked = strategy("add-capacity", adds={"hand": 2, "nobody": 1})
    plan = plan_of(*works, strategies=(asked,))
    plan = replace(plan, resources=replace(plan.resources, max_agents=2))
    found = look("add-capacity", plan=plan)
    assert (found.now.weeks, found.now.levelled, found.then.levelled, found.saved) == (2.0, 4.0, 2.0, 2.0)
    assert refused(found) == {"nobody": "no agent type of this plan"}
    unlimited = look("add-capacity", plan=plan_of(*works, strategies=(asked,)))
    assert unlimited.reason == "no cap stands in the way"


def test_of_a_plan_that_is_done_nothing_is_tried() -> None:
    plan, world = seed(), under_way(seed())
    for id in plan.workstreams:
        world.workstreams[id] = WorkstreamStatus(
            id, S.ACCEPTED, first_started=START, accepted_at=START + WEEK
        )
    found = previews(plan, "digest", world, START + 2 * WEEK, settings=QUICK)
    assert {p.reason for p in found} == {"nothing is left to do"}
    assert not any(p.changes for p in found)


def test_what_is_done_needs_no_agents_any_more() -> None:
    plan = plan_of(work("a", 4), work("b", 2, "a"))
    case = Case(plan, under_way(plan, "a"), START + WEEK)
    rest, at = remaining(case)
    assert at == pytest.approx(1.0)
    assert rest.workstreams["a"].estimate == pytest.approx((3.0, 3.0, 3.0))


# names, running plans, properties


def test_strategies_are_found_by_id_and_by_kind() -> None:
    assert find_strategy(seed(), "ACCELERATE").id == "accelerate"
    assert find_strategy(seed(), "crash").id == "accelerate"
    with pytest.raises(NotFoundError) as told:
        find_strategy(seed(), "accelerat")
    assert "accelerate" in (told.value.help or "")
    with pytest.raises(UsageError, match="twice"):
        look("descope", "descope")


def test_work_that_has_begun_is_left_alone() -> None:
    plan = plan_of(work("a", 2), work("b", 2, "a"), work("c", 2, "b"))
    world = under_way(plan, "a", "b")
    case = Case(plan, world, START + WEEK)
    assert {one.subject: one.why for one in crash(case, strategy("crash")).refused}["a"].startswith(
        "begun already: running"
    )
    assert [x.workstream for x in crash(case, strategy("crash")).edits if isinstance(x, CrewSet)] == ["c"]
    assert fast_track(case, strategy("fast-track")).edits == (NeedLoosened("c", "b", "50%"),)


@given(random_dags())
@settings(max_examples=40, deadline=None)
def test_no_strategy_makes_a_plan_longer_or_touches_what_it_does_not_name(plan: Plan) -> None:
    parts = tuple(Deliverable(f"d{i}", f"d{i}") for i in range(3))
    works = {
        id: replace(w, deliverables=parts, agent="coder", run=None, instructions="x")
        for id, w in plan.workstreams.items()
    }
    case = Case(replace(plan, workstreams=works), World(), START)
    before = case.schedule().weeks
    for make, asked in ((crash, strategy("crash")), (fast_track, strategy("fast-track"))):
        made = make(case, asked)
        after = case.after(made.edits)
        assert after.schedule().weeks <= before + 1e-9
        assert bool(made.edits) != bool(made.reason)
        if made.edits:
            assert after.schedule().weeks < before - 1e-9
        changed = {x.workstream for x in made.edits if isinstance(x, CrewSet | NeedLoosened)}
        assert all(after.plan.workstreams[id] == w for id, w in works.items() if id not in changed)
        assert as_if_done(after.plan).workstreams.keys() == works.keys()


def test_levelling_what_is_left_agrees_with_the_critical_path_where_agents_are_many() -> None:
    half = Need("a", NeedKind.PERCENT, percent=50)
    plan = plan_of(work("a", 4), work("b", 4, half), work("c", 1, "b"))
    plan = replace(plan, resources=replace(plan.resources, max_agents=9))
    for weeks in (0.2, 1.0, 3.0):
        case = Case(plan, under_way(plan, "a"), START + weeks * WEEK)
        assert levelled_weeks(case) == pytest.approx(case.schedule().weeks, abs=0.21)
