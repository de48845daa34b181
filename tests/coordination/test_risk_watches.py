"""What risks watch: a command's exit code, a fact's limit, a KPI, a gate's criterion, an expression; on both scales."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.expression import compile_expression
from locust_tui.analysis.operations import ExpressionError
from locust_tui.analysis.quantities import Quantities, known_names
from locust_tui.analysis.risk_links import link_findings, linked_criterion
from locust_tui.analysis.risks import risk_level, risk_views
from locust_tui.client.requests import MoveRisk
from locust_tui.client.risk_history import risk_history
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import CriterionState as C
from locust_tui.domain.states import RiskState as R
from locust_tui.domain.states import WorkstreamState as W
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan, read_plan
from locust_tui.report.risk_map import risk_map
from locust_tui.report.risk_text import map_lines
from locust_tui.worker.coordination.risks import by_links, by_watches, move_risk
from locust_tui.worker.facts import WATCH_S
from project import Project as Folder

REGISTER = """\
project: Register
workstreams:
  core: {run: "true", phase: build, weeks: 1}
  api: {run: "true", phase: build, weeks: 1}
  docs-1: {run: "true", phase: docs, weeks: 1, deliverables: [guide, index]}
phases: {build: {weeks: 1}, docs: {weeks: 1}}
gates:
  g2: {needs: [core], criteria: [{name: API stability, metric: {run: cat breaks}, max: 0, as: breaks}]}
kpis:
  quality: {measure: quality, target: 80%}
risks:
  - {id: R1, risk: Ratatui API changes, probability: low, impact: high, owner: ana}
  - {id: R2, risk: Performance regression, probability: medium, impact: medium, watch: {kpi: quality}}
  - {id: R3, risk: Plugin API instability, probability: medium, impact: high, watch: {gate: g2, criterion: api stability}}
  - {id: R4, risk: Documentation lag, probability: high, impact: low, delay: 10d,
     watch: {when: 'verified("docs") < verified_rest("docs") - 20'}}
"""


def plan_of(text: str, folder: Path) -> Plan:
    path = folder / "locust-plan.yaml"
    path.write_text(text)
    return load_plan(path)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return plan_of(REGISTER, tmp_path_factory.mktemp("register"))


@dataclass
class Register:
    plan: Plan
    now: float = 1_000_000.0
    world: World = field(default_factory=World)

    def commit(self, *bodies: EventBody, by: Person = WORKER) -> None:
        for body in bodies:
            apply(self.world, Event(self.world.revision + 1, self.now, by, body))

    def start(self) -> Register:
        self.commit(e.ProjectStarted())
        return self

    def work(self, id: str, *states: W) -> None:
        for state in states:
            self.commit(e.WorkstreamMoved(id, self.world.workstream(id).state, state, ""))

    def accept(self, id: str) -> None:
        self.work(id, W.READY, W.RUNNING, W.REVIEW, W.ACCEPTED)

    def look(self, seconds: float = 1.0) -> list[str]:
        """What a look at the watches records, as "R4 fail" and "R4 -> triggered"."""
        self.now += seconds
        found = by_links(self.plan, self.world, self.now)
        self.commit(*found)
        moved = by_watches(self.plan, self.world)
        self.commit(*moved)
        told = [f"{b.result.key[5:]} {b.result.state}" for b in found if isinstance(b, e.CriterionMeasured)]
        return told + [f"{m.risk} -> {m.state}" for m in moved if isinstance(m, e.RiskMoved)]

    def state(self, risk: str) -> str:
        return next(view.state for view in risk_views(self.plan, self.world) if view.id == risk)


def test_documentation_that_lags_behind_the_rest_triggers_its_risk_and_is_told_once(plan: Plan) -> None:
    register = Register(plan).start()
    assert register.look() == ["R4 pass"]
    register.accept("core")
    assert register.look() == ["R4 fail", "R4 -> triggered"]  # 0 against 50
    detail = register.world.criteria["risk/R4"].evidence
    assert detail is not None
    assert detail.detail == 'verified("docs") 0, verified_rest("docs") 50'
    assert register.look() == []
    assert len(register.world.messages) == 1
    register.accept("docs-1")
    assert register.look() == ["R4 pass", "R4 -> open"]


def test_a_value_that_dances_on_the_limit_clears_only_some_way_inside_of_it(plan: Plan) -> None:
    register = Register(plan).start()
    register.accept("core")
    register.look()
    register.commit(e.DeliverableVerified("docs-1", "guide", True))
    assert register.look() == ["R4 pass", "R4 -> open"]  # 50 against 50


def test_a_kpi_that_misses_its_target_triggers(plan: Plan) -> None:
    register = Register(plan).start()
    assert register.look() == ["R4 pass"]  # no review yet: the KPI has no value, which says nothing
    register.commit(e.WorkstreamReviewed("core", 1, False))
    assert "R2 -> triggered" in register.look()
    evidence = register.world.criteria["risk/R2"].evidence
    assert evidence is not None
    assert "KPI quality is 0" in evidence.detail


def test_a_gates_criterion_that_fails_triggers_and_one_that_passes_clears(plan: Plan) -> None:
    register = Register(plan).start()
    register.look()

    def measured(state: C, value: float) -> list[str]:
        result = CriterionResult("gate:g2/api-stability", state, value, evidence=Evidence(register.now))
        register.commit(e.CriterionMeasured(result))
        return register.look()

    assert measured(C.PASS, 0) == ["R3 pass"]
    assert measured(C.FAIL, 3) == ["R3 fail", "R3 -> triggered"]
    evidence = register.world.criteria["risk/R3"].evidence
    assert evidence is not None
    assert evidence.detail == "API stability at gate g2: fail with 3, wanted ≤ 0"
    assert measured(C.ERROR, 3) == ["R3 not-run"]
    assert register.state("R3") == "triggered"
    assert measured(C.PASS, 0) == ["R3 pass", "R3 -> open"]


def test_a_criterion_may_be_named_by_how_only_its_name_begins(tmp_path: Path) -> None:
    two = REGISTER.replace("criteria: [", "criteria: [{name: API docs, run: x}, ")
    named = plan_of(two.replace("criterion: api stability", "criterion: API st"), tmp_path)
    link = named.risks[2].link
    assert link is not None
    found = linked_criterion(named, link)
    assert found is not None
    assert found.name == "API stability"
    path = tmp_path / "locust-plan.yaml"
    path.write_text(two.replace("criterion: api stability", "criterion: API"))
    assert 'gate g2 has no criterion "API"' in str(read_plan(path).problems)


def test_before_the_start_nothing_is_watched(plan: Plan) -> None:
    assert link_findings(plan, World(), 5.0) == {}


def test_what_a_person_closed_stays_closed_and_what_one_reopened_counts_after_a_while(plan: Plan) -> None:
    register = Register(plan).start()
    register.accept("core")
    register.look()

    def move(state: R) -> None:
        register.now += 1
        told = move_risk(plan, register.world, MoveRisk("R4", state, "so"), "ana")
        register.commit(*told.events, by=Person("ana", uid=os.getuid()))

    move(R.CLOSED)
    assert register.look(10_000) == ["R4 fail"]
    assert register.state("R4") == "closed"
    move(R.OPEN)
    assert register.look() == []
    assert register.look(400) == ["R4 fail", "R4 -> triggered"]


def test_what_is_found_again_is_recorded_again_only_when_the_record_grows_old(plan: Plan) -> None:
    register = Register(plan).start()
    register.look()
    assert register.look(WATCH_S - 10) == []
    assert register.look(20) == ["R4 pass"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{kpi: qualty}", 'there is no KPI "qualty"'),
        ("{gate: g9, criterion: x}", 'there is no gate "g9"'),
        ("{gate: g2, criterion: API stabilty}", 'gate g2 has no criterion "API stabilty"'),
        ("{gate: g2}", "gate and criterion stand together"),
        ("{kpi: quality, run: x}", "a watch looks at one thing"),
        ("""{when: 'verified("dosc") < 20'}""", '"dosc" names no work'),
        ("{when: blokers > 2}", '"blokers" is no fact or built-in quantity'),
        ("{when: verified(docs) < 2}", 'verified takes ids of work in quotes: verified("WS-01")'),
    ],
)
def test_a_watch_that_names_nothing_is_an_error_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "locust-plan.yaml"
    path.write_text(REGISTER.replace("{kpi: quality}}", text + "}"))
    problems = [p for p in read_plan(path).problems if p.is_error]
    assert said in "\n".join(p.message for p in problems)
    line = 1 + REGISTER[: REGISTER.index("{id: R2")].count("\n")
    assert [p.line for p in problems] == [line] * len(problems)


@given(st.sets(st.sampled_from(["core", "api", "docs-1"]), max_size=3))
def test_the_named_work_and_the_rest_are_all_work(plan: Plan, done: set[str]) -> None:
    register = Register(plan).start()
    for id in sorted(done):
        register.accept(id)
    values = Quantities(plan, register.world, register.now)
    both = 'verified("docs") + 2 * verified_rest("docs")'  # one workstream of three, all of the same weight
    assert compile_expression(both, known_names(plan)).number(values) == pytest.approx(100 * len(done))
    assert compile_expression('verified("build", "docs")', ()).number(values) == pytest.approx(
        100 * len(done) / 3
    )


def test_unknown_work_is_not_known_rather_than_nothing(plan: Plan) -> None:
    values = Quantities(plan, Register(plan).start().world, 2_000_000.0)
    assert compile_expression('verified("nothing") < 50', ()).holds(values) is None
    with pytest.raises(ExpressionError):
        compile_expression('abs("docs")', ())


def on(scale: str, folder: Path) -> Plan:
    return plan_of(REGISTER.replace("{id: R1,", f"{{id: R1, scale: {scale},"), folder)


def test_three_levels_tie_r1_and_r4_and_put_the_greater_impact_first(plan: Plan) -> None:
    views = risk_views(plan, World())
    assert [(v.id, v.score, v.level) for v in views] == [
        ("R3", 6, "high"),
        ("R2", 4, "medium"),
        ("R1", 3, "medium"),
        ("R4", 3, "medium"),
    ]
    assert [(v.row, v.column) for v in views] == [(2, 3), (2, 2), (1, 3), (3, 1)]


def test_the_wider_scale_separates_them(tmp_path: Path) -> None:
    views = risk_views(on("pmbok", tmp_path), World())
    assert [(v.id, v.score, v.level) for v in views] == [
        ("R3", 0.2, "high"),
        ("R1", 0.12, "medium"),
        ("R2", 0.1, "medium"),
        ("R4", 0.07, "medium"),
    ]
    assert risk_level(0.18, "pmbok") == "high"
    assert risk_level(0.05, "pmbok") == "low"


def test_exposure_is_probability_times_delay_on_either_scale(plan: Plan, tmp_path: Path) -> None:
    for one in (plan, on("pmbok", tmp_path)):
        exposed = {v.id: v.exposure_days for v in risk_views(one, World())}
        assert exposed == {"R1": None, "R2": None, "R3": None, "R4": 7.0}


def test_numbers_and_very_high_put_the_register_on_the_wider_scale(tmp_path: Path) -> None:
    wide = plan_of(
        REGISTER.replace("probability: low, impact: high", "probability: 0.25, impact: very-high"), tmp_path
    )
    first = risk_views(wide, World())[0]
    assert (first.id, first.score, first.scale) == ("R1", 0.2, "pmbok")  # as R3, with the greater impact
    assert (first.row, first.column) == (2, 5)


def test_the_map_holds_every_risk_once(plan: Plan, tmp_path: Path) -> None:
    for one, size in ((plan, 3), (on("pmbok", tmp_path), 5)):
        views = risk_views(one, World())
        found = risk_map(views)
        assert len(found.rows) == size == len(found.impacts)
        assert sorted(r.id for row in found.rows for cell in row for r in cell.risks) == [
            "R1",
            "R2",
            "R3",
            "R4",
        ]
        drawn = map_lines(views, width=100)
        assert all(len(line) <= 100 for line in drawn)
        assert sum(line.count("R3") for line in drawn) == 1


LIVE = """\
project: Live
calendar: {week: 2s}
workstreams:
  core: {run: "true", weeks: 1}
  docs: {run: exec sleep 60, weeks: 1}
risks:
  - {id: R1, risk: Drift, owner: ana, watch: {run: test ! -e drift, max_age: 200ms}}
  - {id: R2, risk: Slower, watch: {when: render > 1.05 * agreed}}
  - {id: R4, risk: Docs lag, owner: ana, watch: {when: 'verified("docs") < verified_rest("docs") - 20'}}
facts:
  render: {metric: {run: cat render}}
  agreed: {metric: {run: echo 10}}
"""


def test_the_worker_watches_while_it_runs_and_tells_the_owner_once(project: Folder) -> None:
    (project.path / "render").write_text("10.4\n")
    project.write(LIVE)
    project.up()
    project.reaches(lambda w: w.risks.get("R4") and w.risks["R4"].state is R.TRIGGERED)
    (project.path / "render").write_text("10.6\n")
    (project.path / "drift").touch()
    world = project.reaches(
        lambda w: {"R1", "R2"} <= {k for k, r in w.risks.items() if r.state is R.TRIGGERED}
    )
    assert "render 10.6" in world.risks["R2"].why
    told = [m for m in world.messages.values() if m.subject == "risk R4 is triggered"]
    assert [m.to for m in told] == ["ana"]
    project.ask(MoveRisk("R4", R.CLOSED, "a writer joined", "ana"))
    with project.record() as store:
        moves = risk_history(store, "R4")
    assert [(m.state.value, m.by) for m in moves] == [("triggered", "worker"), ("closed", "ana")]
    assert moves[-1].why == "a writer joined"
    project.assert_sound()


def test_alerts_and_kpis_that_ask_for_work_which_does_not_exist_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "locust-plan.yaml"
    alert = """alerts: [{name: late, when: 'verified("dosc") < 20'}]\n"""
    path.write_text(REGISTER.replace("measure: quality", """measure: 'verified("api", "ap")'""") + alert)
    problems = read_plan(path).problems
    assert [(p.message, p.help) for p in problems if p.is_error] == [
        ('"ap" names no work', "did you mean api?"),
        ('"dosc" names no work', "did you mean docs or docs-1?"),
    ]
