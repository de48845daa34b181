"""A metric is the number at a path or the last number said, with its unit; anything doubtful is an error."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.criteria.metric import Found, from_file, from_output, last_number, parse_json, value_at
from locust_tui.criteria.reading import MeasureError


@pytest.mark.parametrize(
    ("output", "number", "unit"),
    [
        ("took 9.1 ms", "9.1", "ms"),
        ("took 9.1ms.", "9.1", "ms"),
        ("[9.1 ms 9.2 ms 9.3 ms]", "9.3", "ms"),
        ("12 samples", "12", None),
        ("p99: 12.3 µs", "12.3", "µs"),
        ("1,234,567 B", "1234567", "B"),
        ("1e-3 s", "0.001", "s"),
        ("-3.5", "-3.5", None),
        (".5", "0.5", None),
        ("x=12.", "12", None),
        ("total 86.25 %)", "86.25", "%"),
        ("\x1b[32m86\x1b[0m%", "86", "%"),
        ("86.5%\x1b[0m\n", "86.5", "%"),
        ("9 ms/op", "9", None),
        ("42\n\nthanks\n", "42", None),
        ("v0.1.0 built in 3 s", "3", "s"),
        ("3 s on 2024-01-01", "3", "s"),
        ("3 s at 12:30", "3", "s"),
    ],
)
def test_the_last_number_and_its_unit(output: str, number: str, unit: str | None) -> None:
    assert last_number(output) == Found(number=Fraction(number), unit=unit)


@pytest.mark.parametrize(
    "output", ["", "none", "v0.1.0", "utf8", "2024-01-01", "12:30", "1,5", "3/4", "12x", "\x1b[31m"]
)
def test_what_is_no_number_of_its_own_is_none(output: str) -> None:
    assert last_number(output) is None


@given(st.integers(-(10**15), 10**15), st.text("abc \n", max_size=20))
def test_a_number_at_the_end_is_found_whatever_stands_before(number: int, before: str) -> None:
    assert last_number(f"{before} {number}") == Found(number=Fraction(number))


@pytest.mark.parametrize(
    "output", ["9" * 1_000_000 + "x", "1,111" * 200_000 + "x", "1." * 500_000, "\x1b]" * 300_000]
)
def test_hostile_output_is_read_in_linear_time(output: str) -> None:
    last_number(output)


def test_a_number_beyond_all_use_is_an_error() -> None:
    with pytest.raises(MeasureError):
        last_number("9" * 5000)


DOCUMENT = json.dumps(
    {
        "mean": {"point_estimate": 9999999.0},
        "results": [{"mean": 1.5}, {"mean": 2.5}],
        "a.b": {"c": 7},
        "status": "ok",
        "done": True,
        "nothing": None,
        "text": "12",
    }
)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("mean.point_estimate", Found(number=Fraction(9999999))),
        ("results.1.mean", Found(number=Fraction("2.5"))),
        ("results[0].mean", Found(number=Fraction("1.5"))),
        ("results[-1].mean", Found(number=Fraction("2.5"))),
        ('["a.b"].c', Found(number=Fraction(7))),
        ("status", Found(text="ok")),
        ("done", Found(text="true")),
        ("text", Found(text="12")),
    ],
)
def test_a_value_is_found_by_its_path(at: str, found: Found) -> None:
    assert value_at(parse_json(DOCUMENT, "doc"), at, "doc") == found


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("mean.median", "no median at mean"),
        ("mean", "an object at mean"),
        ("results", "a list at results"),
        ("results.2.mean", "no item 2 at results: a list of 2"),
        ("results.x", "no item x"),
        ("nothing", "nothing"),
        ("status.x", "plain value"),
        ("", "not a path"),
        ("a..b", "not a path"),
        ("a[", "not a path"),
        (".".join("x" * 100), "not a path"),
    ],
)
def test_a_wrong_path_says_what_is_missing(at: str, why: str) -> None:
    with pytest.raises(MeasureError, match=why):
        value_at(parse_json(DOCUMENT, "doc"), at, "doc")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": 1, "a": 2}', "twice"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
    ],
)
def test_json_that_is_broken_or_says_two_things_is_an_error(text: str, why: str) -> None:
    with pytest.raises(MeasureError, match=why):
        parse_json(text, "doc")


@pytest.mark.parametrize("number", ["1e999", "1e999999999", "-1e400", "9" * 100_000])
def test_a_number_that_no_float_holds_is_an_error_at_once(number: str) -> None:
    with pytest.raises(MeasureError):
        from_output(f'{{"a": {number}}}', "a")


def test_a_file_is_read_by_path_or_by_its_last_number(tmp_path: Path) -> None:
    file = tmp_path / "estimates.json"
    file.write_text("\ufeff" + DOCUMENT)
    assert from_file(file, "mean.point_estimate").number == 9999999
    (tmp_path / "size.txt").write_text("binary: 9.4 MB\n")
    assert from_file(tmp_path / "size.txt", None) == Found(number=Fraction("9.4"), unit="MB")


@pytest.mark.parametrize(
    ("content", "why"), [(b"\xff\xfe", "not UTF-8"), (b"none", "no number"), (b"", "is empty")]
)
def test_a_file_without_a_number_is_an_error(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(MeasureError, match=why):
        from_file(tmp_path / "m", None)


def test_the_output_of_a_json_tool_is_read_with_a_path() -> None:
    assert from_output('\x1b[1m{"total": {"percent": 86.2}}\n', "total.percent").number == Fraction("86.2")
