"""The checker sees what a plan's parts say against each other."""

from __future__ import annotations

import re

from locust_tui.plans.problem import Problem
from locust_tui.plans.reading import read_data

MACHINE = {"program", "worktree"}
"""What is missing where these tests run, not in the plan."""


def found(text: str, code: str) -> list[Problem]:
    return [p for p in read_data(text.encode(), "p", cached=False).problems if p.code == code]


def test_dates_against_strict_needs(framework_text: str) -> None:
    strict = re.sub(
        r"needs: \{([^}]*)\}",
        lambda m: "needs: [" + ", ".join(part.split(":")[0].strip() for part in m.group(1).split(",")) + "]",
        framework_text,
    )
    dates = found(strict, "dates-vs-needs")
    pairs = {
        (m.group(1), m.group(2))
        for p in dates
        if (m := re.match(r"(\S+) is planned .* needs (\S+),", p.message))
    }
    assert pairs == {
        ("WS-02", "WS-01"), ("WS-03", "WS-01"), ("WS-04", "WS-02"), ("WS-04", "WS-03"), ("WS-06", "WS-05"),
        ("WS-10", "WS-09"), ("WS-11", "WS-09"), ("WS-13", "WS-12"), ("WS-14", "WS-13"),
    }  # fmt: skip
    assert all("takes 17 weeks, not 12" in p.message for p in dates)
    assert dates[0].help == "needs: {WS-01: 50%} lets it start half-way (fast-tracking), or move it to week 3"


def test_overlapped_dates_are_consistent(framework_text: str) -> None:
    assert not found(framework_text, "dates-vs-needs")


def test_framework_plan_has_warnings_and_no_errors(framework_text: str) -> None:
    reading = read_data(framework_text.encode(), "p", cached=False)
    assert not [p for p in reading.problems if p.is_error]
    codes = {p.code for p in reading.problems} - MACHINE
    assert codes == {
        "velocity", "cap", "pools", "partial-need", "limits", "kpi-measure", "descope",
        "gate-before-phase", "critical-path", "text-vs-dates",
    }  # fmt: skip
    (velocity,) = found(framework_text, "velocity")
    assert "15 workstreams in 12 weeks are 1.25 a week" in velocity.message
    (pools,) = found(framework_text, "pools")
    assert "add up to 20, with 4 orchestrators to 24, but max_agents is 20" in pools.message
    (cap,) = found(framework_text, "cap")
    assert "at most 5 workstreams" in cap.message


def test_cycles_through_gates_are_found() -> None:
    text = (
        "phases: {1: {}, 2: {}}\nworkstreams:\n  a: {phase: 1, run: x, needs: b}\n  b: {phase: 2, run: x}\n"
        "gates: {g: {closes: 1, mode: %s, criteria: [{run: x}]}}\n"
    )
    assert len(found(text % "overlap", "cycle")) == 1
    assert len(found(text % "hard", "cycle")) == 1
    assert not found(text % "advisory", "cycle")


def test_every_circle_of_a_plan_is_named() -> None:
    text = "workstreams: {a: {run: x, needs: b}, b: {run: x, needs: a}, c: {run: x, needs: d}, d: {run: x, needs: c}, e: {run: x, needs: e}}"
    messages = [p.message for p in found(text, "cycle")]
    assert len(messages) == 3
    assert any("a → b → a" in m or "b → a → b" in m for m in messages)
    assert "e needs itself" in messages


def test_long_chains_are_no_problem() -> None:
    chain = "".join(f"  w{n}: {{run: x, needs: w{n + 1}}}\n" for n in range(2000)) + "  w2000: {run: x}\n"
    reading = read_data(("workstreams:\n" + chain).encode(), "p", cached=False)
    assert reading.plan is not None
    closed = read_data(
        ("workstreams:\n" + chain.replace("w2000: {run: x}", "w2000: {run: x, needs: w0}")).encode(),
        "p",
        cached=False,
    )
    assert [p.code for p in closed.problems] == ["cycle"]


def test_approvers_without_address() -> None:
    text = "workstreams: {a: {run: x}}\ngates: {g: {approvers: [anna], criteria: [{run: x}]}}\nnotify: {ana: [inbox]%s}\n"
    (problem,) = found(text % "", "approver")
    assert problem.is_error
    assert problem.help == "did you mean ana?"
    (problem,) = found(text % ", default: [inbox]", "approver")
    assert not problem.is_error
    assert not found(
        "workstreams: {a: {run: x}}\ngates: {g: {approvers: [anna], criteria: [{run: x}]}}\n", "approver"
    )


def test_metric_without_unit_against_a_limit_with_one() -> None:
    text = "workstreams: {a: {run: x}}\ngates: {g: {criteria: [{name: t, metric: m.json, at: x%s, below: 10ms}]}}\n"
    assert found(text % "", "no-unit")
    assert not found(text % ", unit: ns", "no-unit")
