"""Numbers compare as the decimals people wrote, and are shown so that nobody is misled."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.domain.criterion import Limit
from locust_tui.domain.quantity import UNITS, QuantityError, convert, exact, format_value, limit_text


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        ("9999999", "ns", "ms", "9.999999"),
        ("10000000", "ns", "ms", "10"),
        ("1.5", "s", "ms", "1500"),
        ("250", "us", "µs", "250"),
        ("10", "MB", "B", "10000000"),
        ("10", "MiB", "B", "10485760"),
        ("10485760", "B", "MiB", "10"),
        ("1024", "KiB", "MiB", "1"),
        ("86.2", "%", "%", "86.2"),
        ("7", None, None, "7"),
        ("7", "ms", None, "7"),
    ],
)
def test_conversion_is_exact(value: str, unit: str | None, to: str | None, result: str) -> None:
    assert convert(exact(value), unit, to) == Fraction(result)


@pytest.mark.parametrize(
    ("unit", "to", "why"),
    [
        ("ns", "MB", "cannot be compared"),
        ("furlong", "ms", "unknown unit"),
        ("ms", "KB", "unknown unit"),
        (None, "ms", "no unit"),
        (None, "%", "no unit"),
    ],
)
def test_what_cannot_be_compared_is_an_error(unit: str | None, to: str | None, why: str) -> None:
    with pytest.raises(QuantityError, match=why):
        convert(Fraction(1), unit, to)


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)), st.fractions())
def test_conversion_there_and_back_loses_nothing(a: str, b: str, value: Fraction) -> None:
    if UNITS[a][0] == UNITS[b][0]:
        assert convert(convert(value, a, b), b, a) == value
    else:
        with pytest.raises(QuantityError):
            convert(value, a, b)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_a_float_is_the_decimal_it_was_written_as(number: object) -> None:
    text = f"{float(str(number))!r}"
    assert exact(float(text)) == Fraction(text)


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-Infinity", "1e9999", "1e999999999", "9" * 5000, "", "0x10", "1_0", "١"]
)
def test_no_finite_number_is_refused_at_once(text: str) -> None:
    with pytest.raises(QuantityError):
        exact(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_float_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(QuantityError):
        exact(value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (11_200_000, "ns", "11.2 ms"),
        (11.2, "ms", "11.2 ms"),
        (86.0, "%", "86 %"),
        (86.04, "%", "86 %"),
        (9_400_000, "B", "9.4 MB"),
        (9.5, "MiB", "9.5 MiB"),
        (0.5, "s", "500 ms"),
        (90, "s", "90 s"),
        (600, "s", "10 min"),
        (0, "ms", "0 ms"),
        (-1_500_000, "B", "-1.5 MB"),
        (1234, None, "1234"),
        (1234.5, None, "1234"),
        (2, None, "2"),
        (None, "ms", "—"),
        (float("nan"), "ms", "not a number"),
        (3, "wombats", "3 wombats"),
    ],
)
def test_a_value_is_shown_in_a_sensible_unit(value: float | None, unit: str | None, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "limit", "text"),
    [
        (9.999999, "ms", Limit(below=10, unit="ms"), "9.999999 ms"),
        (79.96, "%", Limit(above=80, unit="%"), "79.96 %"),
        (10.0, "ms", Limit(below=10, unit="ms"), "10 ms"),
        (9.4, "ms", Limit(below=10, unit="ms"), "9.4 ms"),
        (999_999.0, "ns", Limit(below=1, unit="ms"), "999.999 µs"),
    ],
)
def test_a_near_miss_never_looks_like_the_limit(value: float, unit: str, limit: Limit, text: str) -> None:
    assert format_value(value, unit, limit) == text


@given(st.floats(min_value=0.001, max_value=1e6), st.floats(min_value=0.001, max_value=1e6))
def test_rounding_never_changes_the_side_of_the_limit(value: float, bound: float) -> None:
    shown = float(format_value(value, "%", Limit(below=bound, unit="%")).removesuffix(" %"))
    assert (shown < bound, shown == bound) == (value < bound, value == bound)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit(below=10, unit="ms"), "< 10 ms"),
        (Limit(above=80, unit="%"), "> 80 %"),
        (Limit(minimum=3), "≥ 3"),
        (Limit(minimum=2, maximum=3), "≥ 2 and ≤ 3"),
        (Limit(expect="success"), "= success"),
        (Limit(expect="/^ok/"), "matches /^ok/"),
        (Limit(below=10, unit="ms", text="under ten"), "under ten"),
        (None, ""),
    ],
)
def test_a_limit_reads_like_a_comparison(limit: Limit | None, text: str) -> None:
    assert limit_text(limit) == text
