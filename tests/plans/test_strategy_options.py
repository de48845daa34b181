"""What `check` says of strategies, crews and deferred work, with the place."""

from __future__ import annotations

import pytest

from locust_tui.domain.plan import Crew
from locust_tui.plans.reading import read_data

BASE = "agents: {coder: {command: x}}\nworkstreams:\n  a: {weeks: 1, run: x}\n  b: {weeks: 1, run: x}\n"


def found(text: str) -> list[tuple[str, int, str, str]]:
    reading = read_data(text.encode(), "p.yaml", cached=False)
    return [
        (p.severity, p.line, p.message, p.help or "")
        for p in reading.problems
        if p.code in ("strategy", "crew", "deferred-need")
    ]


@pytest.mark.parametrize(
    ("strategy", "severity", "message", "help"),
    [
        ("kind: crash, gain: 1.5", "error", "strategy s: gain is between 0 and 1", "gain: 0.7"),
        ("kind: crash, gian: 0.5", "warning", '"gian" says nothing to strategy s', "did you mean gain?"),
        ("kind: crash, further: maybe", "error", "strategy s: further is true or false", "further: true"),
        ("kind: crash, workstreams: [aa]", "error", 'strategy s: "aa" is no workstream', "did you mean a?"),
        (
            "kind: fast-track, percent: 100",
            "error",
            "strategy s: percent is between 0 and 100",
            "percent: 50",
        ),
        (
            "kind: add-capacity, adds: {codr: 1}",
            "error",
            'strategy s: it adds "codr", which is no agent type',
            "did you mean coder?",
        ),
        (
            "kind: add-capacity, adds: {coder: 0}",
            "error",
            "strategy s: it adds 0 of coder",
            "adds: {coder: 2}",
        ),
        (
            "kind: add-capacity, adds: {coder: 1}, from: soon",
            "error",
            "strategy s: from is a whole number above 0",
            "from: 2",
        ),
    ],
)
def test_keys_of_a_strategy(strategy: str, severity: str, message: str, help: str) -> None:
    assert found(f"{BASE}strategies:\n  - {{id: s, {strategy}}}\n") == [(severity, 6, message, help)]


def test_every_key_of_every_kind_is_known() -> None:
    kinds = (
        "kind: crash, max_agents_per_workstream: 3, gain: 0.7, workstreams: [a], further: true",
        "kind: fast-track, percent: 33, workstreams: a",
        "kind: descope, candidates: [a], to: v2, relink: false, x-mine: 1",
        "kind: waive, criteria: [x], except: [critical], owner: me, due: week 9",
        "kind: add-capacity, adds: {coder: 2}, from: 3, rate: 90",
    )
    items = "".join(f"  - {{id: s{n}, {kind}}}\n" for n, kind in enumerate(kinds))
    assert found(f"{BASE}strategies:\n{items}") == []


def test_what_needs_deferred_work_stays_blocked() -> None:
    text = BASE.replace("a: {weeks: 1", "a: {defer: v2, weeks: 1").replace(
        "b: {weeks: 1", "b: {crew: 2, needs: a, weeks: 1"
    )
    assert [(severity, line, message) for severity, line, message, _ in found(text)] == [
        ("warning", 4, "crew has no effect on b: a command does it"),
        ("warning", 4, "b needs a, which is deferred to v2: it will stay blocked"),
    ]


@pytest.mark.parametrize(
    ("written", "crew"),
    [
        ("2", Crew(2, 0.7)),
        ("{agents: 3, gain: 0.5}", Crew(3, 0.5)),
        ("1", None),
        ("{agents: 1, gain: 0.5}", None),
    ],
)
def test_a_crew_is_read_in_both_forms(written: str, crew: Crew | None) -> None:
    text = f"agents: {{coder: {{command: x}}}}\nworkstreams: {{a: {{agent: coder, instructions: x, crew: {written}}}}}\n"
    reading = read_data(text.encode(), "p.yaml", cached=False)
    assert reading.plan is not None
    assert reading.plan.workstreams["a"].crew == crew
