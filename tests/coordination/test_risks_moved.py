"""The risk register: what watches and people make of risks, who is told, and when watches are measured."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import pytest

from locust_tui.analysis.risks import risk_views
from locust_tui.client.requests import MoveRisk
from locust_tui.domain import events as e
from locust_tui.domain.criterion import Command, Criterion, CriterionResult, Evidence, Limit, Probe, ProbeKind
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import Calendar, Orchestrator, Plan, Project, Risk, Workstream
from locust_tui.domain.states import CriterionState as C
from locust_tui.domain.states import RiskState as R
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.plans.reading import load_plan
from locust_tui.worker.coordination.risks import by_watches, move_risk
from locust_tui.worker.facts import COMPUTED_S, WATCH_S, FactWatch, fact_outcomes
from project import Project as Folder

WATCH = Criterion("watch", "watch", (Probe(ProbeKind.RUN, command=Command(("x",), "x")),))
RISKS = (
    Risk("R1", "API changes", "low", "high", "core", "Pin it", watch=WATCH),
    Risk("R4", "Docs lag", "high", "low", "edge"),
    Risk("R3", "Instability", "medium", "high", "core"),
)
PLAN = Plan(
    Project("P", "P"),
    {"a": Workstream("a", "A", orchestrator="core")},
    orchestrators={o: Orchestrator(o, o) for o in ("core", "edge")},
    risks=RISKS,
    calendar=Calendar(week_s=7 * 86400.0),
)


@dataclass
class Register:
    plan: Plan = PLAN
    now: float = 1000.0
    world: World = field(default_factory=World)

    def commit(self, by: Person, *bodies: EventBody) -> None:
        for body in bodies:
            apply(self.world, Event(self.world.revision + 1, self.now, by, body))

    def measured(self, state: C, detail: str = "exit 1", seconds: float = 10.0) -> list[str]:
        """The words of what that moves."""
        self.now += seconds
        result = CriterionResult("risk/R1", state, evidence=Evidence(self.now, detail=detail))
        self.commit(WORKER, e.CriterionMeasured(result))
        moved = by_watches(self.plan, self.world)
        self.commit(WORKER, *moved)
        return [f"{m.risk} {m.state}: {m.why}" for m in moved if isinstance(m, e.RiskMoved)]

    def move(self, risk: str, state: R, note: str = "") -> None:
        self.now += 10
        told = move_risk(self.plan, self.world, MoveRisk(risk, state, note), "ana")
        self.commit(Person("ana", uid=os.getuid()), *told.events)

    def states(self) -> dict[str, str]:
        return {view.id: view.state for view in risk_views(self.plan, self.world)}


def test_a_failing_watch_triggers_once_and_tells_the_owner() -> None:
    register = Register()
    assert register.measured(C.FAIL) == ["R1 triggered: its watch failed: exit 1"]
    assert register.measured(C.FAIL) == []
    (message,) = register.world.messages.values()
    assert (message.to, message.subject, message.priority) == ("core", "risk R1 is triggered", "high")
    assert "Pin it" in message.text


def test_a_watch_that_passes_again_clears_what_it_triggered() -> None:
    register = Register()
    register.measured(C.FAIL)
    assert register.measured(C.PASS, "exit 0") == ["R1 open: its watch passes again: exit 0"]
    assert register.measured(C.FAIL) == ["R1 triggered: its watch failed: exit 1"]


@pytest.mark.parametrize("state", [C.ERROR, C.STALE, C.NOT_RUN])
def test_what_was_not_measured_moves_nothing(state: C) -> None:
    assert Register().measured(state) == []


def test_what_a_person_triggered_no_watch_clears_and_what_one_closed_none_opens() -> None:
    register = Register()
    register.move("r1", R.TRIGGERED, "I saw it")
    assert register.measured(C.PASS) == []
    register.move("R1", R.CLOSED, "pinned for good")
    assert register.measured(C.FAIL) == []
    assert register.states()["R1"] == "closed"
    register.move("R1", R.OPEN)
    assert register.states()["R1"] == "open"  # the failure was measured before
    assert register.measured(C.FAIL) != []


def test_saying_what_is_so_changes_nothing() -> None:
    register = Register()
    register.move("R4", R.TRIGGERED, "nobody writes")
    with pytest.raises(RefusedError, match="R4 is triggered already: nobody writes"):
        register.move("R4", R.TRIGGERED)
    with pytest.raises(NotFoundError) as told:
        register.move("R5", R.CLOSED)
    assert "R4" in (told.value.help or "")


def test_the_register_is_ordered_by_score_and_then_impact() -> None:
    assert [(v.id, v.score) for v in risk_views(PLAN, World())] == [("R3", 6), ("R1", 3), ("R4", 3)]


def started(**changes: object) -> tuple[Plan, World]:
    plan = replace(PLAN, **changes)  # type: ignore[arg-type]
    register = Register(plan)
    register.commit(WORKER, e.ProjectStarted())
    return plan, register.world


def test_a_watch_is_measured_every_hour_by_the_clock() -> None:
    plan, world = started()
    watch = FactWatch()
    assert watch.due(plan, world, 1000.0) == (["risk/R1"], 1000.0 + WATCH_S)
    world.criteria["risk/R1"] = CriterionResult("risk/R1", C.PASS, evidence=Evidence(1001.0))
    assert watch.due(plan, world, 1002.0) == ([], 1001.0 + WATCH_S)
    assert watch.due(plan, world, 1001.0 + WATCH_S)[0] == ["risk/R1"]


def test_its_own_max_age_says_otherwise() -> None:
    risk = replace(RISKS[0], watch=replace(WATCH, max_age=60.0))
    plan, world = started(risks=(risk,))
    world.criteria["risk/R1"] = CriterionResult("risk/R1", C.PASS, evidence=Evidence(1001.0))
    assert FactWatch().due(plan, world, 1030.0) == ([], 1061.0)
    assert FactWatch().due(plan, world, 1061.0)[0] == ["risk/R1"]


def test_a_fact_of_the_plan_that_a_risk_watches_is_measured_as_often() -> None:
    fact = Criterion("lag", "lag", WATCH.probes, fact="lag")
    watch = Criterion("w", "w", (Probe(ProbeKind.FACT, text="lag"),), limit=Limit(below=20.0))
    plan, world = started(facts=(fact,), risks=(replace(RISKS[1], watch=watch),))
    assert FactWatch().due(plan, world, 1000.0)[0] == ["fact/lag"]
    world.criteria["fact/lag"] = CriterionResult("fact/lag", C.PASS, 30.0, evidence=Evidence(1001.0))
    assert FactWatch().due(plan, world, 1002.0)[0] == ["risk/R4"]
    world.criteria["risk/R4"] = CriterionResult("risk/R4", C.FAIL, 30.0, evidence=Evidence(1002.0))
    assert FactWatch().due(plan, world, 1003.0) == ([], 1001.0 + WATCH_S)
    assert FactWatch().due(plan, world, 1001.0 + WATCH_S)[0] == ["fact/lag"]


def test_a_watch_may_look_at_what_the_plan_itself_gives() -> None:
    watch = Criterion("w", "w", (Probe(ProbeKind.FACT, text="blockers"),), limit=Limit(below=1.0))
    plan, world = started(risks=(replace(RISKS[1], watch=watch),))
    assert FactWatch().due(plan, world, 1000.0) == (["risk/R4"], 1000.0 + COMPUTED_S)
    (outcome,) = fact_outcomes(watch, plan, world, 1000.0).values()
    assert outcome.value == 0


PLAN_TEXT = """\
project: F
workstreams:
  a: {run: exec sleep 60}
facts:
  docs_lag: {run: cat lag}
risks:
  - {id: R1, risk: Drift, owner: ana, watch: {run: test ! -e drift, max_age: 300ms}}
  - {id: R4, risk: Docs lag, probability: high, impact: low, watch: {fact: docs_lag, below: 20}}
"""


def test_watches_are_run_now_and_then_and_the_record_has_every_move(project: Folder) -> None:
    (project.path / "lag").write_text("35\n")
    project.write(PLAN_TEXT)
    project.up()
    project.reaches(lambda w: w.risks.get("R4") and w.risks["R4"].state is R.TRIGGERED)
    (project.path / "drift").touch()
    project.reaches(lambda w: w.risks.get("R1") and w.risks["R1"].state is R.TRIGGERED)
    (project.path / "drift").unlink()
    world = project.reaches(lambda w: w.risks["R1"].state is R.OPEN)
    assert {v.id: v.state for v in risk_views(load_plan(project.plan), world)} == {
        "R1": "open",
        "R4": "triggered",
    }
    project.ask(MoveRisk("R4", R.CLOSED, "a writer joined", "ana"))
    moves = [(m.risk, m.state.value) for m in project.events(e.RiskMoved)]
    assert moves == [("R4", "triggered"), ("R1", "triggered"), ("R1", "open"), ("R4", "closed")]
    assert project.world().risks["R4"].by == "ana"
    project.assert_sound()
