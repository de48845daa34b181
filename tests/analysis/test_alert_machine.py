"""The life of an alert: it fires once a crossing, never on what is unknown, and clears only well inside its limit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.alert_band import relaxed
from locust_tui.analysis.alerts import COOLDOWN_S, Standing, Step, cooldown, step
from locust_tui.analysis.expression import compile_expression
from locust_tui.analysis.operations import ExpressionError
from locust_tui.analysis.quantities import KNOWN_QUANTITIES
from locust_tui.domain.plan import Calendar
from locust_tui.domain.states import AlertState as A

NAMES = tuple(KNOWN_QUANTITIES)
SEED = "phase_progress < expected_progress - 10"


def drive(
    looks: list[tuple[float, float | None]], *, hold: float = 0.0, calm: float = 300.0, when: str = SEED
) -> list[Step]:
    """Feed (moment, points behind plan) to the machine as the worker does; every step it takes."""
    condition, safe = compile_expression(when, NAMES), compile_expression(relaxed(when), NAMES)
    standing, taken = Standing(), []
    for at, behind in looks:
        values = {"expected_progress": 50.0, "phase_progress": None if behind is None else 50.0 - behind}
        still = safe.holds(values)
        done = step(
            standing, holds=condition.holds(values), clear=None if still is None else not still,
            hold=hold, cooldown=calm, now=at,
        )  # fmt: skip
        standing = done.standing
        taken.append(done)
    return taken


def states(taken: list[Step]) -> list[A | None]:
    return [s.standing.state for s in taken if s.moved]


def said(taken: list[Step]) -> list[A | None]:
    return [s.standing.state for s in taken if s.says]


def test_it_fires_at_once_where_nothing_else_is_asked_and_says_nothing_twice() -> None:
    taken = drive([(0, 5), (10, 11), (20, 15), (30, 30), (4000, 12)])
    assert said(taken) == [A.FIRING]


def test_it_waits_for_as_long_as_its_rule_asks() -> None:
    taken = drive([(0, 11), (599, 12), (600, 12)], hold=600)
    assert states(taken) == [A.PENDING, A.FIRING]
    assert taken[0].again_at == 600
    assert states(drive([(0, 11), (599, 9), (700, 11), (1200, 11)], hold=600)) == [
        A.PENDING,
        A.RESOLVED,
        A.PENDING,
    ]
    assert said(drive([(0, 11), (599, 9)], hold=600)) == []


def test_it_clears_two_points_inside_its_limit_and_not_before() -> None:
    inside_the_band = drive([(0, 11), (10, 9), (5000, 8.1), (9000, 9.9)])
    assert said(inside_the_band) == [A.FIRING]
    clear = drive([(0, 11), (10, 8), (309, 8), (310, 8)])
    assert said(clear) == [A.FIRING, A.RESOLVED]
    assert clear[1].again_at == 310


def test_what_flaps_sends_one_message() -> None:
    taken = drive([(float(t), 11.0 if t % 2 else 5.0) for t in range(1, 2000)])
    assert said(taken) == [A.FIRING]


def test_what_is_unknown_fires_nothing_and_resolves_nothing() -> None:
    assert said(drive([(0, None), (1000, None)])) == []
    assert states(drive([(0, 11), (10, None), (9000, None)])) == [A.FIRING]
    assert states(drive([(0, 11), (10, None)], hold=60)) == [A.PENDING, A.RESOLVED]
    unknown_in_between = drive([(0, 11), (10, 5), (200, None), (311, 5), (400, 5)])
    assert states(unknown_in_between) == [A.FIRING]


def test_an_acknowledged_one_is_silent_until_it_is_resolved() -> None:
    done = step(Standing(A.ACKNOWLEDGED, 0), holds=True, clear=False, hold=0, cooldown=10, now=5)
    assert (done.moved, done.standing.state) == (False, A.ACKNOWLEDGED)
    calm = step(Standing(A.ACKNOWLEDGED, 0, 5), holds=False, clear=True, hold=0, cooldown=10, now=15)
    assert (calm.standing.state, calm.says) == (A.RESOLVED, True)


LOOKS = st.lists(
    st.tuples(st.floats(0.1, 400), st.none() | st.floats(-20, 30)), min_size=1, max_size=80
)  # fmt: skip


@given(LOOKS, st.sampled_from([0.0, 60.0, 600.0]), st.sampled_from([0.0, 120.0, 300.0]))
def test_any_course_of_values_keeps_what_is_promised(
    gaps: list[tuple[float, float | None]], hold: float, calm: float
) -> None:
    looks, at = [], 0.0
    for gap, behind in gaps:
        at += gap
        looks.append((at, behind))
    taken = drive(looks, hold=hold, calm=calm)
    told = said(taken)
    # firing and resolved take turns, beginning with firing
    assert all(a is not b for a, b in pairwise(told))
    assert not told or told[0] is A.FIRING
    for k, ((now, behind), done) in enumerate(zip(looks, taken, strict=True)):
        if done.says and done.standing.state is A.FIRING:
            assert behind is not None
            assert behind > 10
            if hold:  # it has held at every look since one that lies long enough back
                since = [j for j in range(k) if looks[j][0] <= now - hold + 1e-6]
                assert since
                assert all(b is not None and b > 10 for _, b in looks[since[-1] : k + 1])
        if done.says and done.standing.state is A.RESOLVED:
            calm_looks = [b for t, b in looks[: k + 1] if t >= now - calm]
            assert all(b is not None and b <= 8 for b in calm_looks)
        if done.again_at is not None:
            assert done.again_at >= now


@pytest.mark.parametrize(
    ("when", "wider"),
    [
        (SEED, "phase_progress < expected_progress - 10 + 2.0"),
        ("progress <= 50", "progress <= 50 + 2.0"),
        ("quality > 80 and blockers > 3", "quality > 80 - 2.0 and blockers > 3 - 0.02 * abs(3)"),
        ("not progress > 50", "not progress > 50 + 2.0"),
        ("10 < progress < 20", "10 < progress + 2.0 and progress < 20 + 2.0"),
        ("blockers == 2", "blockers == 2"),
    ],
)
def test_each_comparison_of_order_has_a_band(when: str, wider: str) -> None:
    assert relaxed(when) == wider


@given(st.floats(-100, 100), st.floats(-100, 100), st.sampled_from(["<", "<=", ">", ">="]), st.booleans())
def test_what_fires_is_never_clear(progress: float, limit: float, sign: str, negated: bool) -> None:
    when = f"progress {sign} ({limit!r})" if limit >= 0 else f"progress {sign} (-{-limit!r})"
    when = f"not ({when})" if negated else when
    try:
        fires, holds = compile_expression(when, NAMES), compile_expression(relaxed(when), NAMES)
    except ExpressionError:  # a number too small to be written without an exponent of three digits
        return
    if fires.holds({"progress": progress}):
        assert holds.holds({"progress": progress})


def test_the_cooldown_shrinks_with_the_week() -> None:
    assert cooldown(Calendar()) == COOLDOWN_S
    assert cooldown(Calendar(week_s=2.0)) < 0.01
