"""Every route of an escalation by a clock in hand: who is asked, what silence leads to, what closes it, who may speak."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.analysis.escalations import DEFAULTS, classify
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.coordination import EscalationStatus
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import EscalationRoute, Meta, Need, Orchestrator, Plan, Project, Workstream
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import LocustTuiError, NotFoundError, RefusedError, UsageError
from locust_tui.plans.reading import load_plan
from locust_tui.worker.callers import Caller
from locust_tui.worker.coordination import escalation_rules as rules

H, DAY = 3600.0, 86_400.0
PLAN = Plan(
    Project("P", "P"),
    {
        "WS-01": Workstream("WS-01", "Types", orchestrator="core", agent="c", instructions="x"),
        "WS-02": Workstream("WS-02", "Keys", orchestrator="core", agent="c", instructions="x"),
        "WS-05": Workstream(
            "WS-05", "Omnibar", orchestrator="plugins", agent="c", instructions="x", needs=(Need("WS-01"),)
        ),
    },
    meta=Meta("boss", "Boss"),
    orchestrators={
        "core": Orchestrator("core", "Core", "core-orchestrator", workstreams=("WS-01", "WS-02")),
        "plugins": Orchestrator("plugins", "Plugins", workstreams=("WS-05",)),
    },
    people={"tech-review": ("tom", "tina")},
    escalation=(
        EscalationRoute("workstream", ("orchestrator",), 4 * H),
        EscalationRoute("cross-domain", ("boss",), 4 * H),
        EscalationRoute("architecture", ("boss", "tech-review"), 24 * H, "all"),
        EscalationRoute("timeline", ("boss", "stakeholders"), 24 * H),
    ),
)
ANA = Caller(os.getuid(), 7, "ana", "/dev/pts/1", False)


@dataclass
class Story:
    """A world that a clock in hand and named people write."""

    plan: Plan = PLAN
    now: float = 1000.0
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.commit(WORKER, e.ProjectStarted())

    def commit(self, by: Person, *bodies: EventBody) -> None:
        for body in bodies:
            apply(self.world, Event(self.world.revision + 1, self.now, by, body))

    def pass_time(self, seconds: float) -> list[EventBody]:
        """What the worker does by itself after so long."""
        self.now += seconds
        events, _ = rules.by_time(self.plan, self.world, self.now)
        self.commit(WORKER, *events)
        return [event for event in events if not isinstance(event, (e.MessageSent, e.MessageDelivered))]

    def up(self, what: str, about: str = "", kind: str = "", caller: Caller = ANA) -> str:
        told = rules.raise_one(self.plan, self.world, r.Escalate(what, about, kind), caller)
        self.commit(caller.person(), *told.events)
        return str(told.data["id"])

    def answer(
        self, id: str, decision: str, by: str | None = None, caller: Caller = ANA, **more: object
    ) -> dict[str, object]:
        request = r.AnswerEscalation(id, decision, by=by, **more)  # type: ignore[arg-type]
        told = rules.answer(self.plan, self.world, request, caller, self.now)
        self.commit(caller.person(by), *told.events)
        return told.data

    def acknowledge(self, id: str, by: str | None = None) -> None:
        told = rules.acknowledge(self.plan, self.world, r.AcknowledgeEscalation(id, by=by), ANA, self.now)
        self.commit(ANA.person(by), *told.events)

    def status(self, id: str = "E1") -> EscalationStatus:
        return self.world.escalations[id]

    def told(self) -> list[tuple[str, str]]:
        """(to, subject) of every message."""
        return [(m.to, m.subject.partition(":")[0]) for m in self.world.messages.values()]

    def agent(self, subject: str) -> Caller:
        run = RunStatus(f"{subject}.1", subject, 1, "c")
        self.world.runs[run.id] = run
        return replace(ANA, agent=True, run=run.id)

    def moved(self, id: str, *states: S, reason: str = "") -> None:
        for old, new in zip((self.world.workstream(id).state, *states), states, strict=False):
            self.commit(WORKER, e.WorkstreamMoved(id, old, new, reason))


def refusal(call: object, *args: object, **more: object) -> LocustTuiError:
    with pytest.raises(LocustTuiError) as raised:
        call(*args, **more)  # type: ignore[operator]
    return raised.value


def test_a_workstreams_issue_goes_to_its_own_orchestrator() -> None:
    story = Story()
    story.up("the parser is wrong", "ws-05")
    status = story.status()
    assert (status.kind, status.route, status.subject, status.by) == (
        "workstream", ("plugins",), "WS-05", "ana",
    )  # fmt: skip
    assert story.told() == [("plugins", "workstream escalation E1")]
    assert status.due == story.now + 4 * H


@pytest.mark.parametrize(
    ("about", "text", "kind"),
    [
        ("WS-05", "WS-02 gives me nothing", "cross-domain"),
        ("WS-01", "WS-02 gives me nothing", "workstream"),
        ("WS-01", "plugins needs another trait", "workstream"),
        ("WS-01", "core-orchestrator and WS-05 disagree about the schedule", "cross-domain"),
        ("WS-01", "the architecture of the event pipeline does not hold", "architecture"),
        ("WS-01", "we slip the deadline by a week", "timeline"),
        ("WS-01", "I need more agents", "resource"),
        ("core", "nobody decides here", "cross-domain"),
        ("WS-01", "WS-055 is another plan's", "workstream"),
    ],
)
def test_the_kind_is_found_from_what_it_touches(about: str, text: str, kind: str) -> None:
    assert classify(PLAN, about, text) == kind


def test_a_word_that_is_also_an_id_counts_where_an_arrow_joins_it() -> None:
    works = {
        "docs": Workstream("docs", "Docs", orchestrator="b", run=None),
        "api": Workstream("api", "API", orchestrator="a", needs=(Need("docs"),)),
        "cli": Workstream("cli", "CLI", orchestrator="a"),
    }
    plan = replace(PLAN, workstreams=works, orchestrators={o: Orchestrator(o, o) for o in "ab"})
    assert classify(plan, "api", "the docs are missing") == "cross-domain"
    assert classify(plan, "cli", "the docs are missing") == "workstream"


def test_silence_on_a_route_of_one_is_told_again_and_never_approves() -> None:
    story = Story()
    story.up("stuck", "WS-01")
    assert story.pass_time(4 * H - 1) == []
    for n in (1, 2):
        (step,) = story.pass_time(1 if n == 1 else 4 * H)
        assert isinstance(step, e.EscalationStepped)
        assert (step.step, step.due) == (0, story.now + 4 * H)
        assert "nothing is approved" in step.why
    assert story.status().open
    assert not story.status().replies
    assert story.told() == [("core", "workstream escalation E1")] * 3
    assert [m.priority for m in story.world.messages.values()] == ["normal", "high", "high"]


def test_a_timeline_goes_from_the_meta_orchestrator_to_the_stakeholders_by_the_clock() -> None:
    story = Story()
    story.up("two weeks late", "WS-01", "timeline")
    assert story.status().waits_for == ("boss",)
    (step,) = story.pass_time(24 * H)
    assert isinstance(step, e.EscalationStepped)
    assert story.status().waits_for == ("stakeholders",)
    assert [to for to, _ in story.told()] == ["boss", "stakeholders"]
    (again,) = story.pass_time(24 * H)
    assert isinstance(again, e.EscalationStepped)
    assert (again.step, story.status().open) == (1, True)
    data = story.answer("E1", "we take two weeks more", "stakeholders")
    assert data["closed"] is True
    assert story.status().decision == "we take two weeks more"


def test_a_resource_takes_the_timelines_route_where_it_has_none() -> None:
    story = Story()
    story.up("no slots left", "WS-01", "resource")
    assert story.status().route == ("boss", "stakeholders")


def test_what_the_meta_orchestrator_passes_on_goes_to_the_stakeholders_at_once() -> None:
    story = Story()
    story.up("two weeks late", "WS-01", "timeline")
    data = story.answer("E1", "", pass_on=True, note="not mine to spend")
    assert data["to"] == ["stakeholders"]
    assert story.status().open
    assert story.status().waits_for == ("stakeholders",)
    assert story.status().due == story.now + 24 * H
    with pytest.raises(RefusedError, match="nobody stands behind"):
        story.answer("E1", "", pass_on=True)


def test_whoever_was_too_late_still_settles_it() -> None:
    story = Story()
    story.up("two weeks late", "WS-01", "timeline")
    story.pass_time(24 * H)
    assert story.answer("E1", "cut the scope", party="boss")["closed"] is True


def test_architecture_needs_both_and_keeps_a_record_of_the_decision() -> None:
    story = Story()
    id = story.up("the architecture of traits", "WS-01")
    assert story.status().waits_for == ("boss", "tech-review")
    assert sorted(to for to, _ in story.told()) == ["boss", "tech-review"]
    first = story.answer(id, "split the trait", by="tom", note="object safety", consequences="one more crate")
    assert (first["closed"], first["to"], first["party"]) == (False, ["boss"], "tech-review")
    assert story.status().open
    (again,) = story.pass_time(24 * H)
    assert isinstance(again, e.EscalationStepped)
    assert story.told()[-1][0] == "boss"
    assert len(story.told()) == 3
    with pytest.raises(RefusedError, match="everyone on its route"):
        story.answer(id, "", pass_on=True)
    assert story.answer(id, "split the trait")["closed"] is True
    status = story.status()
    assert status.decision == "split the trait"
    assert status.context == "the architecture of traits\nobject safety"
    assert status.consequences == "one more crate"
    assert status.closed_why == "answered by tom for tech-review, ana for boss"
    assert ("WS-01", "E1 is answered") in story.told()


def test_the_two_may_differ_and_the_record_says_so() -> None:
    story = Story()
    id = story.up("the architecture of traits", "WS-01")
    story.answer(id, "split it", by="tom")
    story.answer(id, "keep it", by="boss")
    assert story.status().decision == "tech-review: split it; boss: keep it"


def test_an_acknowledgement_gives_the_time_anew_once() -> None:
    story = Story()
    story.up("stuck", "WS-01")
    story.pass_time(3 * H)
    story.acknowledge("e1")
    assert story.status().due == story.now + 4 * H
    with pytest.raises(RefusedError, match="only once"):
        story.acknowledge("E1")
    assert story.pass_time(4 * H - 1) == []
    assert len(story.pass_time(1)) == 1
    assert story.status().open


def test_without_a_route_in_the_plan_there_is_one() -> None:
    story = Story(replace(PLAN, escalation=()))
    story.up("stuck", "WS-01")
    assert story.status().route == ("core", "boss")
    story.up("the architecture is off", "WS-01")
    assert (story.status("E2").route, story.status("E2").mode) == (("boss", "tech-review"), "all")
    story.up("late", "WS-01", "timeline")
    assert story.status("E3").route == ("boss", "stakeholders")
    assert all(route.within for route in DEFAULTS.values())
    story.pass_time(4 * H)
    assert story.status().waits_for == ("boss",)


def test_where_nobody_is_above_it_waits_for_whoever_sits_there() -> None:
    story = Story(Plan(Project("P", "P"), {"a": Workstream("a", "A")}))
    story.up("stuck", "a")
    assert story.status().route == ("operator",)
    assert story.answer("E1", "go on")["closed"] is True


def test_a_role_that_the_plan_gives_to_people_is_theirs_alone() -> None:
    story = Story()
    id = story.up("the architecture of traits", "WS-01")
    story.answer(id, "yes")  # for the meta-orchestrator, whom nobody is named for
    error = refusal(story.answer, id, "yes")
    assert isinstance(error, RefusedError)
    assert "tom, tina" in error.message
    assert story.answer(id, "yes", by="tina")["closed"] is True


def test_an_orchestrators_agent_answers_for_workstreams_below_it_and_for_nothing_else() -> None:
    story = Story()
    core, plugins, worker = story.agent("core"), story.agent("plugins"), story.agent("WS-01")
    story.up("stuck", caller=worker)
    assert (story.status().subject, story.status().run) == ("WS-01", "WS-01.1")
    for other in (plugins, worker):
        assert isinstance(refusal(story.answer, "E1", "go on", caller=other), RefusedError)
    story.up("the architecture is off", "WS-01")
    assert isinstance(refusal(story.answer, "E2", "fine", caller=story.agent("boss")), RefusedError)
    data = story.answer("E1", "use the old one", caller=core)
    assert (data["party"], data["closed"]) == ("core", True)
    assert story.status().closed_why == "answered by core.1 for core"


def test_the_first_of_two_answers_counts_and_the_second_learns_of_it() -> None:
    story = Story()
    story.up("stuck", "WS-01")
    story.answer("E1", "go left", "bo")
    error = refusal(story.answer, "E1", "go right")
    assert error.message == "E1 is settled already: go left (answered by bo for core)"


def test_the_same_words_are_the_same_escalation_and_nobody_is_flooded() -> None:
    story = Story()
    assert story.up("stuck", "WS-01") == story.up(" stuck ", "WS-01")
    agent = story.agent("WS-02")
    for n in range(rules.MOST_OPEN):
        story.up(f"stuck {n}", caller=agent)
    assert isinstance(refusal(story.up, "once more", caller=agent), RefusedError)


@pytest.mark.parametrize(
    ("about", "kind", "what", "error"),
    [
        ("WS-99", "", "x", NotFoundError),
        ("WS-01", "workstreem", "x", NotFoundError),
        ("WS-01", "", "  ", UsageError),
    ],
)
def test_what_nobody_knows_is_not_escalated(
    about: str, kind: str, what: str, error: type[LocustTuiError]
) -> None:
    assert isinstance(refusal(Story().up, what, about, kind), error)


def blocked(story: Story, text: str) -> None:
    story.moved("WS-01", S.READY, S.RUNNING)
    story.agent("WS-01")
    story.commit(Person("WS-01.1"), e.WorkstreamReported("WS-01", "WS-01.1", blocker=text))


def test_a_blocker_that_lasts_escalates_once_and_closes_when_it_is_gone() -> None:
    story = Story()
    blocked(story, "no database")
    assert story.pass_time(9) == []
    (event,) = story.pass_time(1)
    assert isinstance(event, e.EscalationRaised)
    assert (event.kind, event.route, event.item) == ("workstream", ("core",), "blocked:WS-01")
    assert story.pass_time(60) == []
    story.commit(Person("WS-01.1"), e.WorkstreamReported("WS-01", "WS-01.1", blocker=""))
    (closed,) = story.pass_time(0)
    assert isinstance(closed, e.EscalationClosed)
    assert closed.why == "its cause is gone: WS-01 is running"
    assert not story.status().decision


def test_a_blocker_that_is_over_at_once_is_nobodys() -> None:
    story = Story()
    blocked(story, "no database")
    story.commit(Person("WS-01.1"), e.WorkstreamReported("WS-01", "WS-01.1", blocker=""))
    assert story.pass_time(100) == []


def test_what_was_settled_is_not_raised_again_while_it_lasts() -> None:
    story = Story()
    blocked(story, "no database")
    story.pass_time(10)
    story.answer("E1", "use sqlite")
    assert story.pass_time(3600) == []
    story.commit(Person("WS-01.1"), e.WorkstreamReported("WS-01", "WS-01.1", blocker=""))
    story.now += 1
    story.commit(Person("WS-01.1"), e.WorkstreamReported("WS-01", "WS-01.1", blocker="no disk"))
    (again,) = story.pass_time(10)
    assert isinstance(again, e.EscalationRaised)
    assert again.id == "E2"


def test_a_failure_that_holds_another_domain_goes_to_the_meta_orchestrator() -> None:
    story = Story()
    story.moved("WS-01", S.READY, S.RUNNING, S.FAILED, reason="exit 1")
    story.moved("WS-05", S.BLOCKED, reason="WS-01 failed")
    raised = story.pass_time(10)
    assert [(x.item, x.kind, x.route) for x in raised if isinstance(x, e.EscalationRaised)] == [
        ("failed:WS-01", "cross-domain", ("boss",))
    ]


def test_a_need_that_another_domain_gave_up_is_a_matter_of_its_own() -> None:
    story = Story()
    story.moved("WS-01", S.CANCELLED)
    story.moved("WS-05", S.BLOCKED)
    (event,) = story.pass_time(10)
    assert isinstance(event, e.EscalationRaised)
    assert (event.item, event.kind, event.subject) == ("edge:WS-05:WS-01", "cross-domain", "WS-05")


def test_a_stalled_run_is_its_workstreams_matter_until_it_is_heard_of_again() -> None:
    story = Story()
    story.moved("WS-02", S.READY, S.RUNNING)
    story.commit(
        WORKER,
        e.RunCreated("WS-02.1", "WS-02", 1, "c", (), "."),
        e.RunStarted("WS-02.1", 7),
        e.RunChanged("WS-02.1", R.STALLED, "silence", "not a byte for 10 m"),
    )
    (event,) = story.pass_time(10)
    assert isinstance(event, e.EscalationRaised)
    assert (event.item, event.run, event.what) == (
        "stalled:WS-02.1", "WS-02.1", "WS-02.1 is stalled: not a byte for 10 m",
    )  # fmt: skip
    story.commit(WORKER, e.RunChanged("WS-02.1", R.RUNNING, "protocol"))
    (closed,) = story.pass_time(1)
    assert isinstance(closed, e.EscalationClosed)


def test_a_need_that_is_only_late_is_a_matter_after_a_working_day() -> None:
    story = Story()
    story.moved("WS-05", S.BLOCKED, reason="its start has passed")
    assert (
        story.pass_time(10 * DAY) == []
    )  # what it waits for has not begun: that is the matter, whatever holds it
    story.moved("WS-01", S.READY, S.RUNNING)
    (event,) = story.pass_time(0)
    assert isinstance(event, e.EscalationRaised)
    assert (event.item, event.kind) == ("edge:WS-05:WS-01", "cross-domain")


def test_a_need_of_another_domain_that_goes_on_is_given_its_time() -> None:
    story = Story()
    story.moved("WS-01", S.READY, S.RUNNING)
    story.moved("WS-05", S.BLOCKED, reason="its start has passed")
    assert story.pass_time(1.4 * DAY - 1) == []  # a fifth of the plan's week
    assert len(story.pass_time(2)) == 1


def test_the_shipped_plan_routes_as_its_document_says() -> None:
    from locust_tui.analysis.escalations import route_for

    folder = Path(__file__).resolve().parents[2] / "demo_plans"
    plan = load_plan(next(folder.glob("locust/locust-plan.yaml")))
    routes = {
        kind: route_for(plan, kind, "WS-05")
        for kind in ("workstream", "cross-domain", "architecture", "timeline")
    }
    assert routes["workstream"].to == (plan.workstreams["WS-05"].orchestrator,)
    assert [routes[kind].mode for kind in routes] == ["steps", "steps", "all", "steps"]
    assert all(route.within for route in routes.values())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["core", "boss", "tech-review", "stakeholders"]), min_size=1, max_size=4, unique=True
    ),
    st.sampled_from(["steps", "all"]),
    st.lists(st.floats(0.0, 3 * DAY), max_size=12),
)
def test_no_time_that_passes_ever_settles_anything(to: list[str], mode: str, pauses: list[float]) -> None:
    story = Story(replace(PLAN, escalation=(EscalationRoute("workstream", tuple(to), 4 * H, mode),)))
    story.up("stuck", "WS-01", "workstream")
    for pause in pauses:
        story.pass_time(pause)
        status = story.status()
        assert status.open
        assert not status.replies
        assert status.waits_for
        assert status.due is not None
        assert status.due > story.now
        assert 0 <= status.step < len(to)
        assert set(status.waits_for) <= set(to)
    steps = story.status().step
    assert story.answer("E1", "go on", party=story.status().waits_for[0], by="tom")["closed"] is (
        mode == "steps" or len(to) == 1
    )
    assert story.status().step == steps
