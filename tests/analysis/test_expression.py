"""Expressions: what they may say, what they refuse, and that nothing they refuse costs time."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import cpu_s
from locust_tui.analysis.expression import compile_expression
from locust_tui.analysis.operations import ExpressionError
from locust_tui.plans.reading import read_data

NAMES = {
    "phase_progress": 20.0,
    "expected_progress": 35.0,
    "week": 4,
    "zero": 0,
    "unknown": None,
    "verdict": "yes",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("phase_progress < expected_progress - 10", True),
        ("phase_progress < expected_progress - 15", False),
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-(week + 1) % 3", 1),
        ("1 < week <= 4 < 5", True),
        ("not (week == 4) or phase_progress >= 20", True),
        ("min(week, 2) + max(1, week, 3) + abs(-1) + round(2.4)", 9),
        ("verdict == 'yes' and verdict != 'no'", True),
        ("True and 1", True),
    ],
)
def test_values(text: str, value: object) -> None:
    assert compile_expression(text, NAMES).evaluate(NAMES) == value


@pytest.mark.parametrize(
    "text",
    ["1 / zero > 0", "1 / zero < 0", "not 1 / zero > 0", "unknown > 1", "unknown != 1", "not unknown", "week % zero == 0",
     "unknown > 1 or zero", "min(unknown, 1) < 2", "1e99 * 1e99 * 1e99 * 1e99 * 0 > 1"],
)  # fmt: skip
def test_what_cannot_be_computed_never_fires(text: str) -> None:
    assert compile_expression(text, NAMES).holds(NAMES) is not True


def test_the_unknown_does_not_hide_what_is_certain() -> None:
    assert compile_expression("unknown > 1 or week == 4", NAMES).holds(NAMES) is True
    assert compile_expression("unknown > 1 and week == 5", NAMES).holds(NAMES) is False
    assert compile_expression("unknown > 1 and week == 4", NAMES).holds(NAMES) is None


def test_numbers_of_expressions() -> None:
    assert compile_expression("week / 8", NAMES).number(NAMES) == 0.5
    assert math.isnan(compile_expression("week / zero", NAMES).number(NAMES))
    assert math.isnan(compile_expression("week / unknown", NAMES).number(NAMES))
    assert math.isnan(compile_expression("verdict", NAMES).number(NAMES))


def test_a_share_is_told_from_points() -> None:
    assert compile_expression("week / phase_progress", NAMES).is_share
    assert not compile_expression("100 * week / phase_progress", NAMES).is_share
    assert not compile_expression("phase_progress", NAMES).is_share


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("phase_progres < 3", NAMES)
    assert caught.value.message == 'unknown name "phase_progres"'
    assert caught.value.help is not None
    assert caught.value.help.startswith("did you mean phase_progress")
    assert "expected_progress, phase_progress, unknown, verdict, week, zero" in caught.value.help
    assert caught.value.exit_code == 2


ATTACKS = (
    "", "   ", "\x00", "week\x1b[31m", "wéek", "1 +", "week week", "__import__('os').system('id')", "week.__class__",
    "().__class__.__mro__", "(lambda: 1)()", "[x for x in (1,)]", "{1: 2}", "{1}", "(1, 2)", "[1] * 9", "week[0]", "f'{week}'",
    "'%999999999d' % 1", "'a' * 999999999", "'a' + 'b'", "9 ** 9 ** 9", "2 << 99", "1 if week else 2", "week := 3", "~week",
    "week is 4", "week in (4,)", "None", "1j", "b'x'", "...", "abs(x=1)", "abs(*week)", "max(week)", "open('/etc/passwd')",
    "9" * 400, "1e999", "999999999999999999", "1+" * 249 + "1", "(" * 200 + "1" + ")" * 200, "-" * 400 + "1", "not " * 120 + "1",
    "week" + " and week" * 60, "x" * 501, "'" + "a" * 300 + "'", "week @ 2", "week // 2", "await week", "yield", "print(week)",
    "10000000000000000 * 1", "min()", "round(1, 2)", "round(1.5, ndigits=1)", "week == 4; 1", "week\n== 4\nimport os",
)  # fmt: skip


@pytest.mark.fault(
    53, "attacks on what computes alerts and figures: imports, attributes, huge powers, strings and nesting"
)
@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_are_refused_at_once(text: str) -> None:
    def refused() -> None:
        with pytest.raises(ExpressionError):
            compile_expression(text, NAMES)

    assert cpu_s(refused) < 0.05


@pytest.mark.fault(53, "the same attacks in a plan: in alerts, figures and watched risks")
@pytest.mark.parametrize(
    "place", ["alerts: [{name: x, when: @}]", "kpis: {k: {name: k, measure: @, target: 1}}"]
)
def test_attacks_in_a_plan_are_errors_with_a_line(place: str) -> None:
    head = "project: P\nworkstreams: {a: {run: x}}\n"
    assert not [
        p
        for p in read_data((head + place.replace("@", "week + 1 > 2") + "\n").encode(), "p").problems
        if p.severity == "error" and "kpis" not in place
    ]
    for text in ATTACKS:
        quoted = json.dumps(text).replace("\\u00e9", "\u00e9")
        found = [
            p
            for p in read_data((head + place.replace("@", quoted) + "\n").encode(), "p").problems
            if p.severity == "error"
        ]
        assert found, text
        assert all(p.line for p in found), text


@pytest.mark.fault(53, "figures that are missing, words where numbers belong, numbers beyond all bounds")
@pytest.mark.parametrize(
    "text",
    [
        "999999999999999 * 999999999999999 > 1",
        "verdict < 3",
        "verdict + 1 > 0",
        "-verdict > 0",
        "abs(verdict) > 0",
    ],
)
def test_what_goes_wrong_later_fires_nothing(text: str) -> None:
    expression = compile_expression(text, NAMES)
    assert expression.holds(NAMES) is None
    assert math.isnan(expression.number(NAMES))


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="week+-*/%()<>=! 0123456789.andorot'", max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        expression = compile_expression(text, NAMES)
    except ExpressionError:
        return
    assert expression.holds(NAMES) in (True, False, None)
    assert isinstance(expression.number(NAMES), float)
