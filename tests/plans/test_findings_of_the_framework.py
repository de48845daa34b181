"""The framework plan contradicts itself in twelve ways; the check says each at its line, with the numbers."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from locust_tui.plans.problem import Problem, Severity, count_problems, gathered, render_problems
from locust_tui.plans.reading import read_data

MACHINE = {"program", "worktree"}
"""What depends on the computer that the test runs on."""


def problems(text: str) -> list[Problem]:
    found = read_data(text.encode(), "plan.yaml", cached=False).problems
    return [p for p in found if p.code not in MACHINE]


@pytest.fixture(scope="module")
def strict_text(framework_text: str) -> str:
    """As the project's documents wrote it: every need is done before the next begins."""
    return re.sub(r": (50|33)%", ": done", framework_text)


@pytest.fixture(scope="module")
def strict(strict_text: str) -> list[Problem]:
    return problems(strict_text)


@pytest.fixture(scope="module")
def framework_problems(framework_text: str) -> list[Problem]:
    return problems(framework_text)


def only(found: list[Problem], code: str) -> Problem:
    (one,) = [p for p in found if p.code == code]
    return one


def test_nine_needs_contradict_the_dates_and_17_weeks_are_not_12(
    strict: list[Problem], strict_text: str
) -> None:
    found = [p for p in strict if p.code == "dates-vs-needs"]
    edges = [re.findall(r"WS-\d\d", p.message)[:2][::-1] for p in found]
    assert edges == [
        ["WS-01", "WS-02"], ["WS-01", "WS-03"], ["WS-02", "WS-04"], ["WS-03", "WS-04"], ["WS-05", "WS-06"],
        ["WS-09", "WS-10"], ["WS-09", "WS-11"], ["WS-12", "WS-13"], ["WS-13", "WS-14"],
    ]  # fmt: skip
    assert all(p.severity is Severity.WARNING for p in found)
    assert all("as written the plan takes 17 weeks, not 12" in p.message for p in found)
    lines = strict_text.splitlines()
    assert all(edge[0] in lines[p.line - 1] for p, edge in zip(found, edges, strict=True) if p.line)


def test_the_nine_are_told_together_with_the_line_of_each(strict: list[Problem]) -> None:
    said = render_problems(strict)
    head = next(line for line in said.splitlines() if "[dates-vs-needs]" in line)
    assert "as written the plan takes 17 weeks, not 12: 9 needs start before" in head
    for problem in strict:
        if problem.code == "dates-vs-needs":
            assert re.search(rf"^  {problem.line}:{problem.col} +WS-\d\d starts in week", said, re.MULTILINE)
    assert said.count("[dates-vs-needs]") == 1


def test_the_critical_path_is_computed_and_a_stated_one_is_compared(
    strict: list[Problem], strict_text: str
) -> None:
    note = only(strict, "critical-path")
    assert note.severity is Severity.NOTE
    assert "WS-01 → WS-05 → WS-06 → WS-12 → WS-13 → WS-14: 17 weeks" in note.message
    stated = strict_text.replace(
        "  window: 8-12", "  critical_path: [WS-01, WS-02, WS-05, WS-12]\n  window: 8-12"
    )
    wrong = only(problems(stated), "critical-path")
    assert wrong.severity is Severity.WARNING
    assert "given as WS-01 → WS-02 → WS-05 → WS-12; by the needs it is WS-01 → WS-05" in wrong.message
    assert "WS-02 has 1 week of float" in wrong.message
    assert "WS-06, WS-13, WS-14 are left out" in wrong.message
    assert wrong.source[(wrong.col or 0) - 1 :].startswith("WS-02")
    right = stated.replace("[WS-01, WS-02, WS-05, WS-12]", "[WS-01, WS-05, WS-06, WS-12, WS-13, WS-14]")
    assert not [p for p in problems(right) if p.code == "critical-path"]


def test_each_phase_begins_two_weeks_before_its_gate(
    framework_problems: list[Problem], framework_text: str
) -> None:
    found = [p for p in framework_problems if p.code == "gate-before-phase"]
    said = [
        re.findall(r"phase (\d) begins in week (\d), .* gate (g\d) .* week (\d)", p.message)[0] for p in found
    ]
    assert said == [("2", "3", "g1", "4"), ("3", "5", "g2", "6"), ("4", "7", "g3", "8")]
    assert {p.severity for p in found} == {Severity.NOTE}
    hard = framework_text.replace("    closes: 1 ", "    mode: hard\n    closes: 1 ")
    (wait,) = [p for p in problems(hard) if p.code == "gate-before-phase" and p.severity is Severity.WARNING]
    assert "WS-05, WS-06 cannot start as planned" in wait.message


def test_the_pace_that_is_asked_for_is_not_the_plans(framework_problems: list[Problem]) -> None:
    message = only(framework_problems, "velocity").message
    assert "15 workstreams in 12 weeks are 1.25 a week" in message
    assert "by its own dates only weeks 4, 6 and 8 reach 2" in message


def test_twenty_agents_cannot_be_used_and_four_give_the_same_finish(
    framework_problems: list[Problem],
) -> None:
    message = only(framework_problems, "cap").message
    assert "at most 5 workstreams are planned for the same week" in message
    assert "4 at a time give the same finish as 20" in message
    assert "add up to 20, with 4 orchestrators to 24" in only(framework_problems, "pools").message


def test_a_mitigation_from_week_1_contradicts_the_documentation_of_weeks_9_to_11(
    framework_problems: list[Problem],
) -> None:
    found = only(framework_problems, "text-vs-dates")
    assert found.severity is Severity.NOTE
    assert found.message == (
        '"Parallel documentation team from week 1", but WS-14 (Documentation) is planned for weeks 9-11'
    )


def test_one_coverage_has_three_limits(framework_problems: list[Problem]) -> None:
    message = only(framework_problems, "limits").message
    assert message.startswith("coverage of src/core/** in lcov.info has different limits: ")
    assert re.search(r"> 80% \(gate g1, line \d+\), > 90% \(workstream WS-01, line \d+\)", message)


def test_first_pass_acceptance_is_measured_by_another_number(framework_problems: list[Problem]) -> None:
    found = only(framework_problems, "kpi-measure")
    assert "fail, fail, pass is 33 %, and 0 % at first pass" in found.message
    assert found.help == "measure: first_pass / reviewed"


def test_publication_as_an_entry_criterion_is_circular(
    framework_problems: list[Problem], framework_text: str
) -> None:
    assert not [p for p in framework_problems if p.code == "circular"]
    found = only(problems(framework_text.replace(", after: decision", "")), "circular")
    assert '"Published to crates.io as v0.1.0" of gate g4 is what that gate should allow' in found.message


def test_leaving_the_nice_to_have_out_saves_nothing(framework_problems: list[Problem]) -> None:
    message = only(framework_problems, "descope").message
    assert message == (
        "deferring WS-07, WS-08, WS-10 saves 0 weeks and frees 7 agent-weeks: none of them is on the critical path"
    )


def test_all_of_it_fits_on_two_screens_the_weightiest_first(strict: list[Problem]) -> None:
    groups = gathered(strict)
    assert [group[0].code for group in groups][:2] == ["dates-vs-needs", "velocity"]
    severities = [group[0].severity for group in groups]
    assert severities == sorted(severities, key=list(Severity).index)
    assert len(render_problems(strict).splitlines()) < 90
    kinds = Counter(group[0].severity for group in groups)
    assert count_problems(strict).startswith(f"{kinds[Severity.WARNING]} warnings (")
