"""Documents that other hands wrote, in other forms: tables, numbered lists, `flowchart LR`, other tools' names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from locust_tui.domain.plan import NeedKind, Plan, Weeks
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.plans.importing.adding import fitted, orchestrator_from
from locust_tui.plans.importing.finding import NOT_UNDERSTOOD, render_findings
from locust_tui.plans.importing.importing import Imported, import_document
from locust_tui.plans.reading import read_data

DOCUMENTS = Path(__file__).parent / "documents"


def of(name: str) -> Imported:
    return import_document((DOCUMENTS / name).read_bytes(), name)


def plan_of(text: str) -> Plan:
    plan = read_data(text.encode(), "locust-plan.yaml", cached=False).plan
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def ledger() -> Imported:
    return of("ledger.md")


@pytest.fixture(scope="module")
def observatory() -> Imported:
    return of("observatory.md")


def test_tables_give_workstreams_their_dates_and_needs(ledger: Imported) -> None:
    works = ledger.plan.workstreams
    assert [w.weeks for w in works.values()] == [
        Weeks(1, 2),
        Weeks(2, 4),
        Weeks(3, 6),
        Weeks(5, 7),
        Weeks(5, 6),
    ]
    assert [(n.target, n.condition) for n in works["L3"].needs] == [("L1", "50%")]
    assert [d.id for d in works["L1"].deliverables] == ["tables", "migrations"]
    assert works["L5"].priority == "low"


def test_arrows_between_workstreams_are_needs(ledger: Imported) -> None:
    needs = {n.target: n for n in ledger.plan.workstreams["L4"].needs}
    assert needs["L3"].kind is NeedKind.DONE
    assert needs["L2"].percent == 50


def test_a_table_of_leads_gives_orchestrators_with_pools(ledger: Imported) -> None:
    plan = ledger.plan
    assert {o.name: o.workstreams for o in plan.orchestrators.values()} == {
        "Storage": ("L1", "L2", "L3"),
        "Product": ("L4", "L5"),
    }
    assert plan.resources.pools == {"ledger-storage": 4, "product": 3}
    assert plan.workstreams["L4"].agent == "web-dev"


def test_files_and_commands_that_criteria_name_are_measured(ledger: Imported) -> None:
    first, second, third = ledger.plan.gates["g1"].criteria
    assert first.machine[0].patterns == ("docs/schema.md",)
    assert second.machine[0].command is not None
    assert second.machine[0].command.text == "make migrate-check"
    assert third.machine == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (9, "the pools add up to 7, with 2 orchestrators to 9, but max_agents is 6"),
        (16, "with every dependency finished first the plan takes 9 weeks, not 7"),
        (17, "L2 is planned for week 2, but needs L1, planned until week 2"),
        (20, 'L5 needs "L9", which is no workstream of the document'),
        (22, "given as L1 → L2 → L4; by the dependencies it is L1 → L3 → L4: L2 has 1 week of float"),
        (42, "it can only come true after the decision"),
        (50, '"stars" is no fact or built-in quantity'),
        (56, "L5 (CSV export) is planned for weeks 5-6"),
        (61, "deferring L5 saves 0 weeks"),
        (63, 'not understood: what "Pray" would do'),
        (68, "response: < 250ms here, < 200ms on line 41"),
        (78, "2 at a time give the same finish as 6"),
        (79, "Storage has phases 3 here, but its workstreams are in 1, 2"),
        (79, '"boss" is addressed, and is nobody in the document'),
        (80, "ledger-product is another name of product"),
        (81, "no verb of this program is like it"),
        (82, '"moon_phase" is no fact or built-in quantity'),
        (85, 'not understood: section "Recipes"'),
    ],
)
def test_findings_of_the_ledger(ledger: Imported, line: int, words: str) -> None:
    assert [f for f in ledger.findings if f.line == line and words in f.message], render_findings(
        "ledger.md", ledger.findings
    )


def test_an_alias_is_made_for_another_name(ledger: Imported) -> None:
    assert ledger.plan.aliases == {"ledger-product": "product"}


def test_what_is_left_out_of_the_plan_is_no_success_of_its_command(ledger: Imported) -> None:
    alert = ledger.commands[-1]
    assert (alert.became, ledger.plan.alerts) == ("", ())
    assert alert.why.startswith("left out")


def test_numbered_lists_give_phases_workstreams_and_needs_by_name(observatory: Imported) -> None:
    plan = observatory.plan
    assert [(p.name, p.weeks) for p in plan.phases.values()] == [
        ("Survey", Weeks(1, 2)),
        ("Build", Weeks(3, 6)),
        ("Night tests", Weeks(7, 8)),
    ]
    assert list(plan.workstreams) == ["dome-survey", "weather-feed", "mount-driver", "scheduler", "night-run"]
    assert [n.target for n in plan.workstreams["scheduler"].needs] == ["mount-driver", "weather-feed"]
    assert plan.workstreams["mount-driver"].agent == "c-coder"
    assert plan.gates["g1"].approvers == ("observatory-board", "safety")
    assert plan.reports[0].every == "fri 17:00"


def test_broken_blocks_are_named_by_their_line(observatory: Imported) -> None:
    broken = [f for f in observatory.findings if f.code == NOT_UNDERSTOOD]
    assert [f.line for f in broken] == [55, 62]
    assert "this YAML is broken" in broken[0].message


def test_workstreams_may_have_headings_of_their_own() -> None:
    text = """\
# Port
## Phase 2: Crossing (weeks 3-4)
### P-7: Ferry timetable
**Agent type**: planner
**Timeline**: week 3
#### Objectives
- Read the tide tables
- Print the timetable
#### Deliverables
- [ ] A timetable that nobody has to explain to anybody
#### Dependencies
- P-6: Quay (must be there)
#### Success criteria
- No queue
### P-6: Quay
"""
    plan = import_document(text.encode(), "port.md").plan
    ferry = plan.workstreams["P-7"]
    assert (ferry.name, ferry.phase, ferry.weeks, ferry.agent) == (
        "Ferry timetable",
        "2",
        Weeks(3, 3),
        "planner",
    )
    assert ferry.instructions == "Read the tide tables. Print the timetable."
    assert [d.name for d in ferry.deliverables] == ["A timetable that nobody has to explain to anybody"]
    assert [n.target for n in ferry.needs] == ["P-6"]
    assert ferry.notes == "Done when: No queue"


def test_dates_in_hooks_are_filled_in_when_they_run() -> None:
    text = """\
## Workstreams
- **A-1: one**
```bash
tool hooks schedule --cron "0 9 * * *" --task daily --script "
  memory get locust/*/status |
  memory store daily/$(date +%Y%m%d)
"
```
"""
    found = import_document(text.encode(), "x.md")
    assert found.plan.hooks["daily"].script == "memory get locust/*/status | memory store daily/{date}"
    assert [f.line for f in found.findings if f.code == "date"] == [4]


def test_circles_are_cut_and_said() -> None:
    text = "## Workstreams\n| ID | Workstream | Needs |\n|-|-|-|\n|A1|x|A2|\n|A2|y|A3|\n|A3|z|A1|\n"
    found = import_document(text.encode(), "x.md")
    assert sum(len(w.needs) for w in found.plan.workstreams.values()) == 2
    assert [f for f in found.findings if "wait for each other" in f.message and f.line]


def test_one_orchestrator_as_additions(ledger: Imported) -> None:
    additions = orchestrator_from(ledger, "Product")
    assert set(additions) == {
        "agents/web-dev",
        "phases/2",
        "orchestrators/product",
        "workstreams/L4",
        "workstreams/L5",
        "gates/g2",
        "aliases/ledger-product",
    }
    with pytest.raises(NotFoundError) as error:
        orchestrator_from(ledger, "ledger-storrage")
    assert error.value.help is not None
    assert error.value.help.startswith("did you mean ledger-storage")


def test_additions_fit_beside_what_the_plan_has(ledger: Imported) -> None:
    plan = plan_of(
        "phases: {2: {weeks: 1-2}}\n"
        "orchestrators: {main: {phases: 2}}\n"
        'workstreams: {L2: {phase: 2, run: "true"}}\n'
        'gates: {g2: {closes: 2, criteria: [{run: "true"}]}}\n'
    )
    fit = fitted(orchestrator_from(ledger, "product"), plan)
    assert set(fit.places) == {
        "agents/web-dev",
        "orchestrators/product",
        "workstreams/L4",
        "workstreams/L5",
        "aliases/ledger-product",
    }
    assert json.loads(fit.places["workstreams/L4"])["needs"] == {"L2": "50%"}
    assert "L4 needs L3, which is not in the plan; that need is left out" in fit.notes
    with pytest.raises(RefusedError, match="L2 is in the plan already"):
        fitted(orchestrator_from(ledger, "ledger-storage"), plan)


def test_commands_alone_name_workstreams_by_their_ids() -> None:
    text = """\
# Cut short
```sh
any task orchestrate --task up --config '{"agent": "coder", "name": "left", "workstreams": ["A-1", "A-2"], "phase": 1}'
```
"""
    found = import_document(text.encode(), "x.md")
    assert found.plan.orchestrators["left"].workstreams == ("A-1", "A-2")
    assert [f.line for f in found.findings if f.code == "names"] == [3]


def test_workstreams_that_are_nowhere_else_are_said() -> None:
    text = """\
## Workstreams
- **A-1: one**
## Left Orchestrator
- **Workstreams**: A-1, A-9
"""
    found = import_document(text.encode(), "x.md")
    assert [(f.line, f.message) for f in found.findings if f.code == "unknown-workstream"] == [
        (4, '"A-9" is no workstream of the document')
    ]


def test_durations_without_dates_are_estimates() -> None:
    text = """\
## Work packages
| ID | Task | Duration | After |
|---|---|---|---|
| T-1 | Dig | 2 weeks | |
| T-2 | Pour | 3 days | T-1 |
"""
    works = import_document(text.encode(), "x.md").plan.workstreams
    assert [w.estimate for w in works.values()] == [(2, 2, 2), (0.6, 0.6, 0.6)]
    assert [w.weeks for w in works.values()] == [None, None]


ONE = b"""# Core Framework Orchestrator

## Overview
- **Phase**: 1 (Real Navigation)
- **Timeline**: weeks 1-4
- **Focus**: the plugin architecture

## Workstreams
| WS | Name | Weeks | Depends |
|---|---|---|---|
| WS-01 | Core Types | 1-2 | - |
| WS-02 | Navigation | 2-3 | WS-01 |
"""


def test_a_document_about_one_orchestrator_is_headed_by_its_name() -> None:
    document = import_document(ONE, "core.md")
    (core,) = document.plan.orchestrators.values()
    assert (core.id, core.name, core.focus) == ("core-framework", "Core Framework", "the plugin architecture")
    assert {w.orchestrator for w in document.plan.workstreams.values()} == {"core-framework"}
    assert "aliases/core-framework" not in orchestrator_from(document, "Core Framework")


def test_an_agent_whose_name_bears_a_number_is_that_workstreams_and_no_orchestrator() -> None:
    spawn = b"\n```bash\nnpx claude-flow@alpha agent spawn --type rust-pro --name ws01-core --instructions X\n```\n"
    document = import_document(ONE + spawn, "core.md")
    assert list(document.plan.orchestrators) == ["core-framework"]
    work = document.plan.workstreams["WS-01"]
    assert (work.agent, work.instructions) == ("rust-pro", "X")


def test_the_only_orchestrator_of_a_document_may_be_given_a_name() -> None:
    places = orchestrator_from(import_document(ONE, "core.md"), "locust-core")
    assert json.loads(places["aliases/locust-core"]) == "core-framework"
    assert {p for p in places if p.startswith("workstreams/")} == {"workstreams/WS-01", "workstreams/WS-02"}
    with pytest.raises(NotFoundError):
        orchestrator_from(import_document(ONE, "core.md"), "no name")


def test_a_document_about_the_whole_makes_no_orchestrator_of_its_title() -> None:
    meta = import_document(ONE.replace(b"Core Framework", b"Meta"), "meta.md")
    assert not meta.plan.orchestrators
