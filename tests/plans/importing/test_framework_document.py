"""The document of the framework project becomes the plan it describes, with a line for everything, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.analysis.addresses import address
from locust_tui.domain.plan import SchedulePolicy, Weeks
from locust_tui.plans.importing.finding import Finding
from locust_tui.plans.importing.importing import Imported, import_document
from locust_tui.plans.reading import read_data
from locust_tui.report.graph import mermaid, plan_graph

DOCUMENT = Path(__file__).parent / "documents" / "framework.md"


@pytest.fixture(scope="module")
def imported() -> Imported:
    return import_document(DOCUMENT.read_bytes(), "DOC.md")


def said(imported: Imported, code: str) -> list[Finding]:
    return [f for f in imported.findings if f.code == code]


def test_it_reads_as_a_plan_without_errors(imported: Imported) -> None:
    reading = read_data(imported.text.encode(), "locust-plan.yaml", cached=False)
    assert [p for p in reading.problems if p.is_error] == []
    assert reading.plan == imported.plan


def test_everything_of_the_document_is_there(imported: Imported) -> None:
    plan = imported.plan
    assert plan.meta is not None
    assert (plan.meta.id, plan.meta.agent) == ("locust-meta", "orchestrator")
    assert [len(o.workstreams) for o in plan.orchestrators.values()] == [4, 7, 4]
    assert list(plan.workstreams) == [f"WS-{n:02}" for n in range(1, 16)]
    assert [len(g.criteria) for g in plan.gates.values()] == [6, 5, 5, 5]
    assert [g.week for g in plan.gates.values()] == [4, 6, 8, 12]
    assert [g.closes for g in plan.gates.values()] == ["1", "2", "3", "4"]
    assert (len(plan.kpis), len(plan.risks), len(plan.strategies)) == (4, 4, 4)
    assert (len(plan.success), len(plan.after_release)) == (5, 4)


def test_orchestrators_have_what_their_sections_and_commands_say(imported: Imported) -> None:
    plugins = imported.plan.orchestrators["locust-plugin-orchestrator"]
    assert (plugins.name, plugins.alias, plugins.agent) == ("Plugin Development", "PD", "coder")
    assert (plugins.phases, plugins.weeks) == (("2", "3"), Weeks(3, 8))
    assert plugins.focus == "Building the plugin ecosystem and user interaction components"
    assert plugins.deliverables == ("Omnibar", "tooltips", "highlights", "configuration system")
    assert [o.agent for o in imported.plan.orchestrators.values()] == ["rust-pro", "coder", "docs-architect"]


def test_every_name_of_one_thing_leads_to_it(imported: Imported) -> None:
    names = {
        "MO": "locust-meta",
        "Locust-Meta": "locust-meta",
        "CF": "locust-core-orchestrator",
        "INT": "locust-integration-orchestrator",
        "WS01": "WS-01",
        "ws-05-omnibar-core": "WS-05",
    }
    assert {name: address(imported.plan, {}, name) for name in names} == names


def test_workstreams_are_in_the_phase_whose_gate_speaks_of_them(imported: Imported) -> None:
    phases = [w.phase for w in imported.plan.workstreams.values()]
    assert phases == ["1"] * 4 + ["2"] * 2 + ["3"] * 5 + ["4"] * 4
    told = said(imported, "phase")
    assert [f.line for f in told] == [27, 28, 29, 30, 31, 32, 33]
    assert "the document does not say which" in told[-1].message


def test_without_dependencies_the_weeks_order_the_work_and_that_is_said(imported: Imported) -> None:
    assert imported.plan.schedule is SchedulePolicy.AS_PLANNED
    assert not any(w.needs for w in imported.plan.workstreams.values())
    assert "names no dependencies between workstreams" in said(imported, "no-needs")[0].message


def test_project_resources_and_routes(imported: Imported) -> None:
    plan = imported.plan
    assert (plan.project.name, plan.project.short) == ("Locust Plugin Framework", "Locust")
    assert (plan.project.repo, plan.project.branch, plan.project.pr_prefix) == (
        "raibid-labs/locust",
        "main",
        "locust-",
    )
    assert plan.project.window == (8, 12)
    assert plan.resources.max_agents == 20
    assert {r.kind: r.to for r in plan.escalation} == {
        "workstream": ("orchestrator",),
        "cross-domain": ("locust-meta",),
        "architecture": ("locust-meta", "technical-review"),
        "timeline": ("locust-meta", "project-stakeholders"),
    }
    assert plan.monitors[0].refresh == 300
    assert plan.monitors[0].metrics == ("progress", "quality", "velocity", "blockers")
    assert (plan.alerts[0].when, plan.alerts[0].notify) == (
        "phase_progress < expected_progress - 10",
        ("locust-meta",),
    )
    assert plan.features == {"performance-tracking", "github-integration", "learned-estimates"}
    assert plan.reports[0].to == ("locust-meta",)


def test_targets_of_kpis(imported: Imported) -> None:
    kpis = imported.plan.kpis
    assert (kpis["velocity"].low, kpis["velocity"].high) == (2, 3)
    assert (kpis["quality"].above, kpis["quality"].unit) == (80, "%")
    assert (kpis["efficiency"].below, kpis["predictability"].minimum) == (20, 90)


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        (
            "gate-before-phase",
            104,
            "phase 2 begins in week 3, but gate g1 that opens it is due at the end of week 4",
        ),
        ("gate-before-phase", 121, "phase 4 begins in week 7, but gate g3"),
        ("velocity", 272, "15 workstreams in 12 weeks are 1.25 a week"),
        ("cap", 142, "max_agents 20 is never reached"),
        ("text-vs-dates", 329, "WS-14 (Documentation) is planned for weeks 7-12"),
        ("kpi-measure", 276, "counts every review"),
        ("circular", 135, "Published to crates.io as v0.1.0"),
        ("descope", 307, "saves 0 weeks"),
        ("manual", 111, "coverage > 80%"),
        ("no-command", 166, "agent type rust-pro has no command"),
        ("feature", 355, "no neural network is trained"),
    ],
)
def test_what_the_document_gets_wrong_is_said_at_its_line(
    imported: Imported, code: str, line: int, words: str
) -> None:
    assert [f for f in imported.findings if (f.code, f.line) == (code, line) and words in f.message]


def test_a_publication_is_looked_at_after_the_decision(imported: Imported) -> None:
    published = imported.plan.gates["g4"].criteria[-1]
    assert (published.name, published.after) == ("Published to crates.io as v0.1.0", "decision")


def test_a_line_of_the_plan_names_the_line_it_comes_from(imported: Imported) -> None:
    document = DOCUMENT.read_text().split("\n")
    named = [line.rsplit("# DOC.md:", 1) for line in imported.text.splitlines() if "# DOC.md:" in line]
    assert len(named) > 100
    for line, number in named:
        key = line.strip().split(":")[0]
        if key.startswith("WS-"):
            assert key in document[int(number) - 1]


def test_the_tree_is_the_documents(imported: Imported) -> None:
    graph = plan_graph(imported.plan)
    assert (len(graph.nodes), len(graph.edges)) == (19, 18)
    assert "WS-15" in mermaid(graph)


COMMANDS = [
    (142, "swarm init", "resources.max_agents: 20"),
    (145, "agent spawn", "meta (id locust-meta)"),
    (152, "memory store", "project.name, project.window"),
    (166, "task orchestrate", "orchestrators.locust-core-orchestrator"),
    (178, "task orchestrate", "orchestrators.locust-plugin-orchestrator"),
    (190, "task orchestrate", "orchestrators.locust-integration-orchestrator"),
    (244, "memory store", None),
    (249, "hooks notify", None),
    (254, "task orchestrate", None),
    (291, "swarm status", None),
    (294, "task status", None),
    (297, "agent metrics", None),
    (300, "memory get", None),
    (355, "features enable", "features.learned-estimates"),
    (356, "features enable", "features.performance-tracking"),
    (357, "features enable", "features.github-integration"),
    (360, "github config", "project.repo, branch, pr_prefix"),
    (369, "monitor create", "monitors: locust-development"),
    (375, "alert create", "alerts: phase-gate"),
]


@pytest.mark.parametrize(("number", "line", "verb", "became"), [(n, *row) for n, row in enumerate(COMMANDS)])
def test_each_command_is_mapped_or_its_reason_said(
    imported: Imported, number: int, line: int, verb: str, became: str | None
) -> None:
    command = imported.commands[number]
    assert command.verb is not None
    assert (command.line, " ".join(command.verb)) == (line, verb)
    assert command.ours.startswith(f"locust-tui {verb} ")
    assert command.became == (became or "")
    assert bool(command.why) is (became is None)


def test_no_command_is_left_over(imported: Imported) -> None:
    assert len(imported.commands) == len(COMMANDS) == 19
