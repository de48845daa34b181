"""A changed plan is described before it is applied: what starts, what goes stale, what needs a yes."""

from __future__ import annotations

import pytest

from locust_tui.domain.plan import Plan
from locust_tui.plans.diff import ChangeKind, PlanDiff, diff_plans
from locust_tui.plans.reading import read_data

BASE = """\
phases: {1: {name: One, weeks: 1-2}, 2: {name: Two, weeks: 3-4}}
workstreams:
  a: {run: make a, phase: 1}
  b: {run: make b, phase: 1, needs: a}
  c: {run: make c, phase: 2, needs: b}
gates:
  g1: {closes: 1, week: 2, criteria: [{name: tests, run: make test, below: 10}]}
"""


def plan(text: str) -> Plan:
    reading = read_data(text.encode(), "p/plan.yaml", cached=False)
    assert reading.plan is not None, reading.problems
    return reading.plan


def diff(old: str, new: str) -> PlanDiff:
    return diff_plans(plan(BASE), plan(BASE.replace(old, new)))


def test_same_plan_has_no_changes() -> None:
    same = diff_plans(plan(BASE), plan("# a comment\n" + BASE))
    assert not same
    assert same.summary() == "no changes"
    assert not same.executable_changed


@pytest.mark.parametrize(
    ("old", "new", "executable", "starts"),
    [
        ("name: One", "name: First", False, False),
        ("  a: {run: make a, ", "  a: {run: make a, notes: hi, ", False, False),
        ("  a: {run: make a, ", "  a: {run: make a, weight: 3, ", False, False),
        ("make a,", "make all,", True, True),
        ("make a,", "make a, env: {A: b},", True, False),
        ("make a,", "make a, cwd: src,", True, False),
        ("run: make test", "run: make check", True, False),
        ("below: 10", "below: 20", False, False),
        ("needs: a}", "needs: {a: started}}", False, True),
        ("weeks: 1-2", "weeks: 1-3", False, True),
    ],
)
def test_executable_and_starting_changes(old: str, new: str, executable: bool, starts: bool) -> None:
    found = diff(old, new)
    assert found.executable_changed == executable
    assert any(c.affects_starts for c in found.changes) == starts


def test_cosmetic_changes_are_told_apart() -> None:
    assert diff("name: One", "name: First").cosmetic
    assert diff("name: One", "name: First").summary() == "phase 1: name"
    assert not diff("below: 10", "below: 20").cosmetic


def test_changed_criteria_make_the_gate_stale() -> None:
    assert diff("below: 10", "below: 20").stale_gates == ("g1",)
    assert diff("week: 2", "week: 3").stale_gates == ()


def test_added_work_that_may_start_is_counted() -> None:
    found = diff("gates:", "  d: {run: make d, phase: 1}\n  e: {run: make e, phase: 1, needs: a}\ngates:")
    assert found.starts() == ("d",)
    assert found.starts(accepted={"a"}) == ("d", "e")
    assert found.starts(in_progress={"d"}, accepted={"a"}) == ("e",)


def test_work_that_a_shut_gate_bars_does_not_start() -> None:
    found = diff("needs: b}", "needs: a}")
    assert found.starts(accepted={"a"}) == ()
    assert found.starts(accepted={"a"}, approved={"g1"}) == ("c",)


def test_removal_of_what_runs_is_done_or_approved_needs_a_yes() -> None:
    gone = diff_plans(plan(BASE), plan(BASE.replace("  c: {run: make c, phase: 2, needs: b}\n", "")))
    assert gone.of("workstreams", ChangeKind.REMOVED)[0].id == "c"
    assert gone.needs_confirmation() == ()
    for world in ({"in_progress": {"c"}}, {"accepted": {"c"}}):
        assert [c.id for c in gone.needs_confirmation(**world)] == ["c"]
    no_gate = diff_plans(plan(BASE), plan(BASE.split("gates:")[0]))
    assert [c.id for c in no_gate.needs_confirmation()] == ["g1"]
    assert [c.id for c in no_gate.needs_confirmation(approved={"g1"})] == ["g1"]


def test_turning_running_work_into_something_else_needs_a_yes() -> None:
    assert [c.id for c in diff("make a,", "make all,").needs_confirmation(in_progress={"a"})] == ["a"]
    assert diff("make a,", "make all,").needs_confirmation(in_progress={"b"}) == ()
    assert diff("{run: make a,", "{run: make a, name: A,").needs_confirmation(in_progress={"a"}) == ()
    assert [c.id for c in diff("below: 10", "below: 20").needs_confirmation(approved={"g1"})] == ["g1"]


def test_summary_is_one_line() -> None:
    text = (
        BASE.replace("make b,", "make bb,")
        .replace("below: 10", "below: 20")
        .replace("gates:", "  d: {run: x}\n  e: {run: x}\ngates:")
    )
    found = diff_plans(plan(BASE), plan(text))
    line = found.summary(in_progress={"b"}, accepted={"a"})
    assert line == "d, e start, 1 needs your yes (workstream b: run), gate g1 stale, commands changed"


def test_what_was_allowed_is_named_afterwards_as_long_as_it_is_little() -> None:
    found = diff("make b,", "make bb,")
    assert found.summary(in_progress={"b"}, allowed=True) == "workstream b: run, commands changed"
    gone = diff_plans(plan(BASE), plan("workstreams:\n  z: {run: make z}\n"))
    line = gone.summary(in_progress={"a", "b"}, accepted={"c"}, approved={"g1"}, allowed=True)
    assert line.startswith("z starts, workstream")
    assert "workstream a removed, workstream b removed" in line
    assert " more change" in line
    assert "your yes" not in line


def test_every_change_is_named_by_what_it_is_about() -> None:
    text = BASE.replace("make c,", "make c, priority: high,").replace(
        "week: 2,", "week: 2, approvers: [ana],"
    )
    found = diff_plans(plan(BASE), plan(text))
    assert found.summary() == "workstream c: priority, gate g1: approvers"
    stale = diff("below: 10}]", "below: 20}], approvers: [ana]")
    assert stale.summary() == "gate g1 stale, gate g1: approvers"


def test_a_yes_names_what_it_is_asked_for() -> None:
    found = diff("  c: {run: make c, phase: 2, needs: b}\n", "")
    line = found.summary(in_progress={"c"})
    assert line == "1 needs your yes (workstream c removed), commands changed"
