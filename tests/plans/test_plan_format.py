"""What the plan format promises: every key loads, short forms mean what they say, defaults are filled in."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.domain.criterion import ProbeKind
from locust_tui.domain.plan import GateMode, Need, NeedKind, Plan, Priority, SchedulePolicy, Weeks
from locust_tui.plans.quantities import (
    BadValueError,
    format_duration,
    parse_date,
    parse_days,
    parse_duration,
    parse_quantity,
    parse_weeks,
)
from locust_tui.plans.reading import read_data


def load(text: str) -> Plan:
    reading = read_data(text.encode(), "here/plan.yaml", cached=False)
    assert reading.plan is not None, reading.problems
    return reading.plan


def errors(text: str) -> list[str]:
    return [p.message for p in read_data(text.encode(), "p", cached=False).problems if p.is_error]


def test_framework_plan_joins_its_parts(framework: Plan) -> None:
    members = {id_: len(o.workstreams) for id_, o in framework.orchestrators.items()}
    assert members == {"core": 4, "plugins": 7, "integration": 4}
    assert {id_: str(o.weeks) for id_, o in framework.orchestrators.items()} == {
        "core": "1-4",
        "plugins": "3-8",
        "integration": "7-12",
    }
    assert sum(len(w.needs) for w in framework.workstreams.values()) == 17
    assert sum(w.weight for w in framework.workstreams.values()) == 100
    assert [(g.closes, g.opens, g.week) for g in framework.gates.values()] == [
        ("1", "2", 4),
        ("2", "3", 6),
        ("3", "4", 8),
        ("4", None, 12),
    ]
    assert sum(len(g.criteria) for g in framework.gates.values()) == 21
    assert sum(bool(c.manual) for g in framework.gates.values() for c in g.criteria) == 2
    assert framework.workstreams["WS-03"].agent == "coder"
    assert framework.workstreams["WS-07"].agent == "coder"
    assert framework.workstreams["WS-12"].agent == "docs-architect"
    assert framework.workstreams["WS-07"].priority is Priority.MEDIUM
    assert (
        framework.workstreams["WS-01"].timeout,
        framework.workstreams["WS-01"].retry,
        framework.workstreams["WS-01"].worktree,
    ) == (432_000, 1, True)
    assert framework.calendar.start == datetime.datetime(2025, 11, 17, tzinfo=datetime.UTC).timestamp()
    assert (framework.project.window, framework.project.short, framework.last_week) == ((8, 12), "Locust", 12)


def test_framework_plan_keeps_its_criteria(framework: Plan) -> None:
    by_fact = {c.fact: c for g in framework.gates.values() for c in g.criteria if c.fact}
    render = by_fact["overlay_render_ms"]
    assert (
        render.probes[0].kind,
        render.probes[0].unit,
        render.limit and render.limit.below,
        render.limit and render.limit.unit,
    ) == (ProbeKind.METRIC, "ns", 10, "ms")
    assert by_fact["coverage"].limit is not None
    assert by_fact["coverage"].limit.text == "> 80%"
    assert by_fact["published"].after == "decision"
    assert by_fact["published"].limit is not None
    assert by_fact["published"].limit.expect == "200"
    stable = framework.gates["g2"].criteria[4]
    assert [p.kind for p in stable.probes] == [ProbeKind.RUN, ProbeKind.MANUAL]
    assert [c.fact for c in framework.facts] == ["critical_bugs", "documented_public_items"]
    assert framework.risks[1].watch is not None
    assert framework.risks[1].watch.probes[0].kind is ProbeKind.FACT
    assert [r.score for r in framework.risks] == [3, 4, 6, 3]
    assert framework.notify["stakeholders"].commands[0].argv == (
        "mail",
        "-s",
        "{subject}",
        "team@example.org",
    )
    assert framework.agents["coder"].command[:2] == ("claude", "-p")
    assert framework.agents["coder"].kind == "claude"


def test_smallest_plan_has_defaults() -> None:
    plan = load("workstreams: {build: {run: make}}")
    build = plan.workstreams["build"]
    assert (plan.project.name, build.name, build.weight, build.run and build.run.argv) == (
        "here",
        "build",
        1,
        ("/bin/sh", "-c", "make"),
    )
    assert plan.schedule is SchedulePolicy.ASAP
    assert plan.last_week is None


@pytest.mark.parametrize(
    ("written", "needs"),
    [
        ("a", [Need("a")]),
        ("[a, b]", [Need("a"), Need("b")]),
        ("{a: done, b: 50%}", [Need("a"), Need("b", NeedKind.PERCENT, 50)]),
        (
            "{a: started, b: api}",
            [Need("a", NeedKind.STARTED), Need("b", NeedKind.DELIVERABLE, deliverable="api")],
        ),
        ("[a, {b: 33.5%}]", [Need("a"), Need("b", NeedKind.PERCENT, 33.5)]),
        ("{a: {condition: started, hard: true}}", [Need("a", NeedKind.STARTED, hard=True)]),
        ("", []),
    ],
)
def test_needs_in_every_form(written: str, needs: list[Need]) -> None:
    for key in ("needs", "depends_on"):
        plan = load(
            f"workstreams:\n  a: {{run: x}}\n  b: {{run: x, deliverables: [api]}}\n  c: {{run: x, {key}: {written}}}\n"
        )
        assert list(plan.workstreams["c"].needs) == needs


def test_deliverables_in_every_form() -> None:
    plan = load(
        "workstreams: {a: {run: x, deliverables: [api, {id: docs, files: [d.md]}, {name: The site, run: make site}]}}"
    )
    found = plan.workstreams["a"].deliverables
    assert [(d.id, d.name, d.check is not None) for d in found] == [
        ("api", "api", False),
        ("docs", "docs", True),
        ("the-site", "The site", True),
    ]
    plan = load(
        "workstreams: {a: {run: x, deliverables: {api: The interface, docs: {files: [d.md]}, site: }}}"
    )
    assert [(d.id, d.name, d.check is not None) for d in plan.workstreams["a"].deliverables] == [
        ("api", "The interface", False), ("docs", "docs", True), ("site", "site", False),
    ]  # fmt: skip


def test_commands_are_shell_text_or_argument_lists() -> None:
    plan = load("workstreams: {a: {run: 'echo $HOME && x'}, b: {run: [echo, $HOME, 3, true]}}")
    a, b = plan.workstreams["a"].run, plan.workstreams["b"].run
    assert a is not None
    assert a.shell
    assert b is not None
    assert b.argv == ("echo", "$HOME", "3", "true")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("claude -p {prompt}", "unknown placeholder {prompt}"),
        ("sh -c 'claude {instructions}'", "stands inside the text of a shell"),
        ("claude 'open", "a quote in the command is not closed"),
        ("'a\\0b'", None),
        ("[]", "must not be empty"),
    ],
)
def test_agent_commands_are_checked(command: str, words: str | None) -> None:
    text = f"agents: {{x: {{command: {command if command[0] in '[' else chr(34) + command + chr(34)}}}}}\nworkstreams: {{a: {{run: x}}}}\n"
    found = errors(text)
    assert words is None or any(words in message for message in found), found
    assert found


def test_criterion_ids_are_slugs_and_unique() -> None:
    plan = load(
        "workstreams: {a: {run: x}}\ngates: {g: {criteria: [{name: Tests pass, run: x}, {name: tests pass!, run: y}, {run: make it}]}}"
    )
    assert [c.id for c in plan.gates["g"].criteria] == ["tests-pass", "tests-pass-2", "make-it"]


def test_limits_share_a_unit() -> None:
    plan = load(
        "workstreams: {a: {run: x}}\ngates: {g: {criteria: [{time: x, min: 10ms, max: 1s}, {memory: y, below: 10MiB}]}}"
    )
    first, second = (c.limit for c in plan.gates["g"].criteria)
    assert first is not None
    assert (first.minimum, first.maximum, first.unit) == (10, 1000, "ms")
    assert second is not None
    assert second.text == "< 10 MiB"
    assert errors("workstreams: {a: {run: x}}\ngates: {g: {criteria: [{time: x, min: 10ms, max: 1MB}]}}")


def test_needs_may_name_a_milestone() -> None:
    plan = load(
        "workstreams: {a: {run: x}, b: {run: x, needs: First light}}\nmilestones: [{name: First light, needs: a}]"
    )
    assert plan.workstreams["b"].needs == (Need("first-light"),)


def test_demo_agent_needs_no_definition() -> None:
    plan = load("workstreams: {a: {agent: demo, instructions: try it}}")
    assert plan.agents["demo"].command[0] == "locust-tui"


def test_free_keys_are_left_alone_everywhere() -> None:
    plan = load(
        "x-team: [a, b]\nworkstreams: {a: {run: x, x-note: hello}}\ngates: {g: {x-why: no, criteria: [{run: x, x-y: 1}]}}"
    )
    assert plan.free == {"x-team": '["a", "b"]'}
    assert plan.gates["g"].mode is GateMode.OVERLAP


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workstreams: {a/b: {run: x}}", 'holds "/"'),
        ("workstreams: {-a: {run: x}}", 'begins with "-"'),
        ("workstreams: {'..': {run: x}}", 'begins with "."'),
        ("workstreams: {'%s': {run: x}}" % ("a" * 300), "300 characters"),
        ("workstreams: {a: {run: x}, A: {run: x}}", 'is also the workstream "a"'),
        ("workstreams: {a: {run: x}}\ngates: {a: {criteria: [{run: x}]}}", 'is also the workstream "a"'),
        ("workstreams: {a: {run: x}}\ngates: {g: {criteria: [{name: x}]}}", "measures nothing"),
        ("workstreams: {a: {run: x, instructions: y}}", "both run and instructions"),
        ("workstreams: {a: {instructions: y}}", "no agent to follow them"),
        ("workstreams: {a: {run: x, phase: 1}}\norchestrators: {o: {phases: 2}}", "none has phase 1"),
        ("workstreams: {a: {run: x, needs: {b: api}}, b: {run: x, deliverables: [ap]}}", "no such deliverable"),
        ("workstreams: {a: {run: x}}\ngates: {g: {closes: 7}}", "there is no such phase"),
        ("workstreams: {a: {run: x}}\ngates: {g: {criteria: [{run: x, below: 3 furlong}]}}", "not a known unit"),
        ("workstreams: {a: {run: x}}\nkpis: {v: {measure: velocty, target: 2-3}}", '"velocty" is no fact'),
        ("workstreams: {a: {run: x}}\nalerts: [{name: l, when: __import__('os')}]", "no expression"),
        ("workstreams: {a: {run: x}}\nstrategies: [{id: s, kind: descope, candidates: [b]}]", "which is no workstream"),
        ("workstreams: {a: {run: x, env: {1a: x}}}", "cannot name a variable"),
        ("calendar: {timezone: Mars/Base}\nworkstreams: {a: {run: x}}", "not a time zone"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_an_error(text: str, words: str) -> None:
    found = errors(text)
    assert any(words in message for message in found), found


@given(st.integers(1, 500), st.integers(0, 500), st.sampled_from(["-", "–", "..", " - "]), st.booleans())
def test_weeks_round_trip(first: int, more: int, dash: str, worded: bool) -> None:
    weeks = Weeks(first, first + more)
    assert parse_weeks(f"{'weeks ' if worded else ''}{first}{dash}{first + more}") == weeks
    assert parse_weeks(str(weeks)) == weeks


@given(st.integers(0, 10**9))
def test_durations_round_trip(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for parse in (parse_weeks, parse_duration, parse_quantity, parse_date, parse_days):
        with contextlib.suppress(BadValueError):
            parse(text)


@given(st.dates())
def test_dates_round_trip(day: datetime.date) -> None:
    assert parse_date(day.isoformat()) == day


def test_quantities() -> None:
    assert [parse_quantity(t) for t in ("90%", "10ms", "10 MiB", "3", "1.5e3", ".5s")] == [
        (90, "%"), (10, "ms"), (10, "MiB"), (3, None), (1500, None), (0.5, "s"),
    ]  # fmt: skip
    assert parse_days("mon-fri") == (0, 1, 2, 3, 4)
    assert parse_days(["sat", "sun-mon"]) == (0, 5, 6)
