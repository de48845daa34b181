"""Mistakes that used to be answered with riddles, or not at all: said once, at their place, with something to do."""

from __future__ import annotations

import pytest

from locust_tui.plans.problem import Problem
from locust_tui.plans.reading import read_data


def problems(text: str) -> list[Problem]:
    return list(read_data(text.encode(), "p", cached=False).problems)


def told(text: str) -> list[tuple[int | None, str, str]]:
    return [(p.line, p.code, p.message) for p in problems(text)]


def criterion(text: str) -> list[Problem]:
    found = problems(f"workstreams: {{a: {{run: x}}}}\ngates: {{g: {{criteria: [{{name: c, {text}}}]}}}}\n")
    return [p for p in found if p.code != "program"]


@pytest.mark.parametrize("text", ["x-b: [", "x-b: [\n", "x-b: [1, {a: 2},\n", "x-b: # [\n  [1, '}'\n"])
def test_an_open_bracket_at_the_end_is_named_and_named_once(text: str) -> None:
    (problem,) = problems("workstreams: {a: {run: x}}\n" + text)
    assert problem.message == 'this "[" is never closed'
    assert problem.help == 'add "]"'
    assert problem.source[(problem.col or 0) - 1] == "["


def test_an_open_brace_at_the_end_is_a_brace() -> None:
    (problem,) = problems("workstreams: {a: {run: x}}\nx-b: {\n")
    assert (problem.line, problem.col, problem.help) == (2, 6, 'add "}"')


def test_a_part_of_the_same_week_is_no_contradiction() -> None:
    text = (
        "calendar: {week: 10s}\nworkstreams:\n  d: {run: x, weeks: 1, deliverables: [{id: d1, files: [a]}, {id: d2, files: [b]}]}\n"
        "  e: {run: x, weeks: %s, needs: {d: %s}}\n"
    )
    assert told(text % (1, "d1")) == []
    assert told(text % (1, "50%")) == []
    (problem,) = problems(text % (1, "d2"))
    assert "expected in week 2" in problem.message
    assert problem.help == "move it to week 2"


@pytest.mark.parametrize("text", ["? [a]\n  : {run: x}", "? {a: b}\n  : {run: x}", "*x : {run: x}"])
def test_a_key_that_is_no_text_is_one_mistake(text: str) -> None:
    found = problems(f"x-l: &x [1]\nworkstreams:\n  b: {{run: y}}\n  {text}\n")
    assert [p.message for p in found] == ["a key must be a text, not a block or a list"]


def test_ids_are_composed_and_it_is_said_once() -> None:
    text = "workstreams:\n  cafe\u0301: {run: x}\n  b: {run: y, needs: [cafe\u0301]}\n  c: {run: y, needs: caf\u00e9}\n"
    reading = read_data(text.encode(), "p", cached=False)
    assert reading.plan is not None
    assert list(reading.plan.workstreams) == ["caf\u00e9", "b", "c"]
    assert reading.plan.workstreams["b"].needs == reading.plan.workstreams["c"].needs
    assert [(p.line, p.code, p.is_error) for p in reading.problems] == [(2, "id", False)]
    twice = problems("workstreams:\n  caf\u00e9: {run: x}\n  cafe\u0301: {run: x}\n")
    assert [(p.line, p.code) for p in twice] == [(3, "duplicate")]


def test_phases_agents_and_approvers_find_their_composed_ids() -> None:
    e = "e\u0301"
    text = (
        f"phases: {{ph{e}: {{}}}}\nagents: {{ag{e}: {{command: sh}}}}\norchestrators: {{or{e}: {{phases: [ph{e}]}}}}\n"
        f"workstreams: {{a: {{agent: ag{e}, instructions: x, phase: ph{e}, deliverables: [{{id: d{e}, files: [f{e}]}}]}},"
        f" b: {{run: x, orchestrator: or{e}, needs: {{a: d{e}}}}}}}\n"
        f"notify: {{ana{e}: [inbox]}}\ngates: {{g: {{closes: ph{e}, approvers: [ana{e}], criteria: [{{run: x}}]}}}}\n"
    )
    reading = read_data(text.encode(), "p", cached=False)
    assert not [p for p in reading.problems if p.is_error]
    assert reading.plan is not None
    (deliverable,) = reading.plan.workstreams["a"].deliverables
    assert deliverable.check is not None
    assert deliverable.check.probes[0].patterns == (f"f{e}",)


def test_a_shared_id_is_no_circle() -> None:
    found = told(
        "workstreams:\n  a: {run: x}\n  g: {run: y, needs: a}\ngates:\n  g: {needs: [a, g], criteria: [{run: x}]}\n"
    )
    assert [code for _, code, _ in found] == ["duplicate"]
    found = told("workstreams:\n  a: {run: x, needs: b}\n  b: {run: y}\n  b: {run: z, needs: a}\n")
    assert [code for _, code, _ in found] == ["duplicate"]
    found = told("workstreams:\n  b: {run: y, needs: a}\n  a: {run: x, needs: b}\n  b: {run: z}\n")
    assert [code for _, code, _ in found] == ["duplicate"]


def test_another_version_is_answered_in_words() -> None:
    (problem,) = problems("version: 2\nworkstreams: {a: {run: x}}\n")
    assert problem.message == "this program reads version 1 of the plan format, not 2"
    assert problem.help == "version: 1, or a newer locust-tui"


@pytest.mark.parametrize("text", ["workstreams: {}\n", "workstreams:\n", "project: x\n"])
def test_a_plan_of_nothing_is_an_error(text: str) -> None:
    (problem,) = problems(text)
    assert problem.is_error
    assert problem.message == "the plan has no workstreams"
    assert "locust-tui new" in (problem.help or "")


def test_missing_programs_of_argument_lists() -> None:
    text = (
        "workstreams:\n  a: {run: [no-such-program, x]}\n  b: {run: no-such-program x}\n  c: {run: [./built/later]}\n"
        "  d: {run: [build/later]}\n  e: {run: [no-such-program], env: {PATH: /opt}}\n  f: {run: [/no/such]}\n"
        "gates: {g: {criteria: [{name: t, memory: [no-such-tool], below: 1MB}, {name: m, metric: {run: [no-such-tool]}, max: 3}]}}\n"
    )
    assert told(text) == [
        (2, "program", '"no-such-program" is not on PATH; workstream a cannot start'),
        (7, "program", '"/no/such" is not there; workstream f cannot start'),
        (8, "program", '"no-such-tool" is not on PATH; criterion "t" of gate g cannot be measured'),
        (8, "program", '"no-such-tool" is not on PATH; criterion "m" of gate g cannot be measured'),
    ]


def test_ids_that_runs_have_are_refused() -> None:
    def messages(ids: str) -> list[str]:
        return [
            m for _, _, m in told("workstreams: {" + ", ".join(f"{i}: {{run: x}}" for i in ids.split()) + "}")
        ]

    assert messages("a A.1") == ['id "A.1" is also what attempt 1 of a is called']
    assert messages("a.b a.b.12") == ['id "a.b.12" is also what attempt 12 of a.b is called']
    assert messages("check-gate-g-c-1") == ['id "check-gate-g-c-1" looks like the run of a check']
    assert messages("a b.1 v1.0 check-style a.x") == []


@pytest.mark.parametrize(
    ("text", "code", "help_"),
    [
        ("files: [x], expect: 3", "expect", "min: 3; or above, below, max"),
        ("coverage: c.json, expect: '> 80%'", "expect", "min: 80%; or above, below, max"),
        ("memory: x, expect: little", "expect", "expect goes with run, metric or http"),
        ("time: x, expect: 3s", "expect", "min: 3s; or above, below, max"),
        ("memory: x, below: 3ms", "unit", "give the limit in B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"),
        ("time: x, below: 10MB", "unit", "give the limit in ns, µs, ms, s, min, h"),
        ("coverage: c.json, above: 3s", "unit", "give the limit in %"),
        ("files: [x], min: 3 MB", "unit", "write the limit without MB"),
        ("http: 'http://x', below: 3ms", "unit", "write the limit without ms"),
        (
            "run: x, below: 3parsec",
            "value",
            "units are %, ns, us, ms, s, min, h, B, kB, MB, GB, KiB, MiB, GiB",
        ),
        ("metric: m.json, unit: ms, below: 3MB", "value", "give the limit in MB"),
        ("run: x, expect: '/(?=a)/'", "expect", "RE2 reads it: no look-around, no backreferences"),
    ],
)
def test_limits_that_cannot_be_compared_are_errors(text: str, code: str, help_: str) -> None:
    (problem,) = criterion(text)
    assert problem.is_error
    assert (problem.code, problem.help) == (code, help_)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("metric: m.json", "no-limit"),
        ("coverage: c.json", "no-limit"),
        ("memory: x", "no-limit"),
        ("memory: x, below: 10", "no-unit"),
    ],
)
def test_measuring_for_nothing_is_a_warning(text: str, code: str) -> None:
    (problem,) = criterion(text)
    assert (problem.is_error, problem.code) == (False, code)


@pytest.mark.parametrize(
    "text",
    [
        "metric: m.json, expect: ok",
        "metric: m.json, as: fact",
        "files: [x], min: 3",
        "http: 'http://x', expect: 204",
        "http: 'http://x', max: 299",
        "run: x, expect: '/^ok$/'",
        "time: x, below: 2min",
        "memory: x, below: 10MiB",
        "run: x, files: [y], expect: done",
    ],
)
def test_criteria_that_make_sense_are_left_alone(text: str) -> None:
    assert criterion(text) == []


@pytest.mark.parametrize(
    ("every", "message"),
    [
        ("fri 25:00", "25:00 is no time of day"),
        ("someday", '"someday" says no time to report at'),
        ("foo 9:00", '"foo" is not a day of the week'),
        ("0s", '"0s" says no time to report at'),
    ],
)
def test_reports_say_when(every: str, message: str) -> None:
    (problem,) = problems(f"workstreams: {{a: {{run: x}}}}\nreports: [{{name: w, every: {every}}}]\n")
    assert problem.message == message
    assert problem.help


def test_known_times_and_metrics_are_read() -> None:
    reports = "".join(
        f"  - {{name: r{n}, every: {e}}}\n" for n, e in enumerate(["fri 17:00", "day 9:00", "1w"])
    )
    text = "workstreams: {a: {run: x}}\nreports:\n" + reports
    assert told(text + "monitors: [{name: m, refresh: 5s, metrics: [progress]}]\n") == []
    (problem,) = problems(text + "monitors: [{name: m, refresh: 5s, metrics: [progres]}]\n")
    assert (problem.help or "").startswith("did you mean progress")


@pytest.mark.parametrize(
    ("typed", "meant"), [("modle", "model"), ("Modle", "model"), ("mod", "mode"), ("modl", "model")]
)
def test_letters_in_the_wrong_order_are_the_likeliest_slip(typed: str, meant: str) -> None:
    (problem,) = problems(
        f"agents: {{c: {{command: x, {typed}: y}}}}\nworkstreams: {{a: {{agent: c, instructions: x}}}}\n"
    )
    assert problem.help == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        (
            "workstreams:\n  a: {run: x}}\n",
            'this "}" closes nothing',
            "remove it, or put the whole value in quotes",
        ),
        ("x-c: {A: b, C: [1}\nworkstreams: {a: {run: x}}\n", '"]" is missing before this "}"', 'add "]"'),
        (
            "version: '1'\nworkstreams: {a: {run: x}}\n",
            'version must be the number 1, not the text "1"',
            "version: 1",
        ),
        (
            'workstreams:\n  a: {run: "x}\n  b: {run: y}\n',
            'this quote (") is never closed',
            'add " where the text ends',
        ),
        (
            'workstreams: {a: {run: x}}\nx-b: ["a, b\n',
            'this quote (") is never closed',
            'add " where the text ends',
        ),
    ],
)
def test_small_slips_have_small_answers(text: str, message: str, help_: str) -> None:
    assert [(p.message, p.help) for p in problems(text)] == [(message, help_)]


def test_a_required_value_that_is_wrong_does_not_hide_what_is_wrong_elsewhere() -> None:
    text = "workstreams: {a: {run: x}, b: {run: x, needs: c}}\nmonitors: [{name: m, refresh: often}, {name: n, refresh: 1m, metrics: [nonsense]}]\n"
    assert [p.code for p in problems(text)] == ["unknown-need", "value", "unknown-name"]


@pytest.mark.parametrize("gate", ["{}", "{approvers: [ana]}", "{opens: 2}", "{needs: [], criteria: []}"])
def test_a_gate_that_rests_on_nothing_is_pointed_out(gate: str) -> None:
    text = f"phases: {{1: {{name: One}}, 2: {{name: Two}}}}\nworkstreams: {{a: {{run: x}}}}\ngates:\n  g: {gate}\n"
    (problem,) = [p for p in problems(text) if p.code != "program"]
    assert (problem.is_error, problem.code, problem.line) == (False, "empty-gate", 4)
    assert "it only waits for a person" in problem.message


@pytest.mark.parametrize(
    "gate", ["{needs: [a]}", "{closes: 1}", "{criteria: [{manual: Is it safe?}]}", "{critera: [{run: x}]}"]
)
def test_a_gate_that_rests_on_something_is_not_called_empty(gate: str) -> None:
    text = f"phases: {{1: {{name: One}}, 2: {{name: Two}}}}\nworkstreams: {{a: {{run: x}}}}\ngates:\n  g: {gate}\n"
    assert "empty-gate" not in [p.code for p in problems(text)]


def test_a_key_of_a_block_that_stands_at_the_top_is_sent_there() -> None:
    (problem,) = [
        p for p in problems("max_agents: 2\nworkstreams: {a: {run: x}}\n") if p.code == "unknown-key"
    ]
    assert problem.help == "resources: {max_agents: …}"


def test_a_signer_beside_a_short_question_is_shown_in_full() -> None:
    (problem,) = [p for p in criterion("manual: Is it safe?, by: boss") if p.code == "unknown-key"]
    assert problem.help == "manual: {text: …, by: boss}"
