"""One message for each change of a predecessor and each domain that waits for it, and never the same twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis import needs_news as n
from locust_tui.domain.coordination import MessageStatus
from locust_tui.domain.plan import (
    Calendar,
    Deliverable,
    Meta,
    Need,
    NeedKind,
    Orchestrator,
    Plan,
    Project,
    Weeks,
    Workstream,
)
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import ProjectStatus, WorkstreamStatus, World

S = WorkstreamState


def work(id: str, owner: str, *needs: Need, week: int = 1) -> Workstream:
    return Workstream(
        id,
        id.title(),
        orchestrator=owner,
        needs=needs,
        weeks=Weeks(week, week),
        deliverables=(Deliverable("api", "API"),),
    )


PLAN = Plan(
    Project("P", "P"),
    {
        "types": work("types", "core"),
        "parser": work("parser", "core", Need("types"), week=2),
        "hover": work("hover", "plugins", Need("types", NeedKind.DELIVERABLE, deliverable="api"), week=2),
        "tooltip": work("tooltip", "plugins", Need("types"), Need("parser"), week=3),
        "ide": work("ide", "join", Need("types"), week=3),
    },
    calendar=Calendar(week_s=10.0),
    meta=Meta("boss", "Boss"),
    orchestrators={k: Orchestrator(k, k) for k in ("core", "plugins", "join")},
)
EDGES = n.edges(PLAN)


def world(**states: S) -> World:
    made = World(project=ProjectStatus(started=100.0))
    for id, state in states.items():
        made.workstreams[id] = WorkstreamStatus(id, state, attempt=1, first_started=101.0)
    return made


def keep(made: World, told: tuple[n.News, ...]) -> None:
    for one in told:
        made.messages[one.id] = MessageStatus(one.id, one.owner, one.text, "worker", 1.0, group=one.group)


def test_only_needs_across_domains_are_told_of() -> None:
    assert {(e.target, e.successor, e.owner) for e in EDGES} == {
        ("types", "hover", "plugins"),
        ("types", "tooltip", "plugins"),
        ("parser", "tooltip", "plugins"),
        ("types", "ide", "join"),
    }


def test_a_domain_gets_one_message_that_names_all_its_workstreams() -> None:
    told = n.news(PLAN, world(types=S.ACCEPTED), 101.0, EDGES, frozenset())
    assert [(one.owner, one.kind, one.successors) for one in told] == [
        ("plugins", "met", ("hover", "tooltip")),
        ("join", "met", ("ide",)),
    ]
    assert "hover" in told[0].text
    assert "tooltip" in told[0].text


def test_what_was_told_is_not_told_again_and_what_comes_later_is() -> None:
    made = world(types=S.RUNNING)
    made.workstreams["types"] = WorkstreamStatus("types", S.RUNNING, attempt=1, verified=("api",))
    first = n.news(PLAN, made, 101.0, EDGES, frozenset())
    assert [(one.owner, one.successors) for one in first] == [("plugins", ("hover",))]
    keep(made, first)
    assert n.news(PLAN, made, 101.0, EDGES, frozenset()) == ()
    made.workstreams["types"] = WorkstreamStatus("types", S.ACCEPTED, attempt=1, verified=("api",))
    later = n.news(PLAN, made, 101.0, EDGES, frozenset())
    assert [(one.owner, one.successors) for one in later] == [("plugins", ("tooltip",)), ("join", ("ide",))]
    keep(made, later)
    assert n.news(PLAN, made, 101.0, EDGES, frozenset()) == ()


def test_needs_that_were_met_when_they_came_are_no_news() -> None:
    made = world(types=S.ACCEPTED)
    assert n.news(PLAN, made, 101.0, EDGES, n.met_edges(PLAN, made, EDGES)) == ()


def test_a_slip_is_told_once_for_each_planned_end() -> None:
    made = world(types=S.RUNNING)
    assert n.news(PLAN, made, 114.9, EDGES, frozenset()) == ()
    assert n.next_late(PLAN, made, 114.9, EDGES) == 115.0
    told = n.news(PLAN, made, 115.0, EDGES, frozenset())
    assert [(one.owner, one.kind) for one in told] == [("plugins", "late"), ("join", "late")]
    assert told[0].subject == "types is late for hover, tooltip"
    keep(made, told)
    assert n.news(PLAN, made, 119.0, EDGES, frozenset()) == ()


def test_what_is_there_a_moment_after_its_planned_end_was_no_slip() -> None:
    made = world(types=S.ACCEPTED)
    assert {one.kind for one in n.news(PLAN, made, 111.0, EDGES, frozenset())} == {"met"}
    real = Plan(PLAN.project, PLAN.workstreams, calendar=Calendar(), orchestrators=PLAN.orchestrators)
    week = real.calendar.week_s
    assert n.next_late(real, world(types=S.RUNNING), 100.0, n.edges(real)) == 100.0 + 1.1 * week


def test_dates_that_had_passed_before_the_project_began_are_no_slip() -> None:
    old = Plan(PLAN.project, PLAN.workstreams, calendar=Calendar(start=0.0), orchestrators=PLAN.orchestrators)
    made = World(project=ProjectStatus(started=1e9))
    assert n.news(old, made, 1e9 + 1, n.edges(old), frozenset()) == ()


def test_a_failure_is_told_again_only_after_another_attempt() -> None:
    made = world(types=S.FAILED)
    told = n.news(PLAN, made, 101.0, EDGES, frozenset())
    assert {(one.owner, one.kind) for one in told} == {("plugins", "failed"), ("join", "failed")}
    keep(made, told)
    assert n.news(PLAN, made, 102.0, EDGES, frozenset()) == ()
    made.workstreams["types"] = WorkstreamStatus("types", S.FAILED, attempt=2)
    assert len(n.news(PLAN, made, 103.0, EDGES, frozenset())) == 2


def test_successors_that_are_over_want_no_news() -> None:
    made = world(types=S.CANCELLED, hover=S.ACCEPTED, tooltip=S.CANCELLED, ide=S.DEFERRED)
    assert n.news(PLAN, made, 101.0, EDGES, frozenset()) == ()


@given(st.lists(st.tuples(st.sampled_from(["types", "parser"]), st.sampled_from(list(S))), max_size=12))
def test_whatever_happens_nothing_is_told_twice_and_each_message_is_to_one_domain(
    moves: list[tuple[str, S]],
) -> None:
    made, sent = world(), []
    for turn, (id, state) in enumerate(moves):
        made.workstreams[id] = WorkstreamStatus(id, state, attempt=turn)
        told = n.news(PLAN, made, 101.0 + turn, EDGES, frozenset())
        assert len({(one.target, one.owner, one.kind) for one in told}) == len(told)
        keep(made, told)
        sent += [one.id for one in told]
        assert n.news(PLAN, made, 101.0 + turn, EDGES, frozenset()) == ()
    assert len(sent) == len(set(sent))
