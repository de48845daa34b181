"""What counts as a report, and that a stream is cut into the same lines however it arrives."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.reports import MAX_LINE, Misreported, Reported, parse_event_line, parse_stdout_line
from locust_tui.agents.shell import LineBuffer, reports_in_events, reports_in_output


def test_a_report_on_stdout_says_progress_deliverable_and_note() -> None:
    found = parse_stdout_line(b"::locust progress=40,deliverable=api::half of it")
    assert found == Reported(progress=40.0, deliverable="api", note="half of it")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"::locust ::only a note", Reported(note="only a note")),
        (b"::locust progress=40%::", Reported(progress=40.0)),
        (b"::locust blocker=no key%2C no login::", Reported(blocker="no key, no login")),
        (b"::locust next=review::a%0Ab", Reported(next="review", note="a\nb")),
        (b"::locust progress=7::100%25 sure\r", Reported(progress=7.0, note="100% sure")),
    ],
)
def test_escapes_are_githubs(line: bytes, expected: Reported) -> None:
    assert parse_stdout_line(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"::locust progress=40",
        b"::locust progress=lots::",
        b"::locust progress=101::",
        b"::locust progress=nan::",
        b"::locust colour=red::",
        b"::locust 40::",
    ],
)
def test_a_line_meant_as_a_report_that_is_none_says_why(line: bytes) -> None:
    found = parse_stdout_line(line)
    assert isinstance(found, Misreported)
    assert found.why


@pytest.mark.parametrize("line", [b"", b"progress=40", b" ::locust progress=4::", b"::warning ::x"])
def test_other_output_is_no_report(line: bytes) -> None:
    assert parse_stdout_line(line) is None


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"progress": 200}',
        b'{"colour": 1}',
        b'{"note": 1}',
        b"\xff\xfe",
        b'{"note": "\xff"}',
        b"[" * 5000,
        b"nonsense",
    ],
)
def test_a_broken_event_line_changes_nothing_and_is_named(line: bytes) -> None:
    assert isinstance(parse_event_line(line), Misreported)


def test_an_event_line_is_json() -> None:
    line = json.dumps({"progress": 12.5, "note": "half", "at": 1.0}).encode()
    assert parse_event_line(line) == Reported(progress=12.5, note="half")
    assert parse_event_line(b"  ") is None


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_lines_do_not_depend_on_how_the_bytes_arrive(data: bytes, cuts: list[int]) -> None:
    whole = LineBuffer().feed(data)
    pieces, buffer, last = [], LineBuffer(), 0
    for cut in [*sorted(min(c, len(data)) for c in cuts), len(data)]:
        pieces += buffer.feed(data[last:cut])
        last = cut
    assert pieces == whole
    assert [line for _, line in whole] == data.split(b"\n")[:-1]
    assert all(data[:offset].endswith(line + b"\n") for offset, line in whole)


@given(st.binary(max_size=200))
def test_no_line_of_output_can_break_the_reducer(data: bytes) -> None:
    for said in (parse_stdout_line(b"::locust " + data), parse_event_line(data)):
        assert said is None or isinstance(said, Reported | Misreported)
        if isinstance(said, Reported) and said.progress is not None:
            assert 0 <= said.progress <= 100


def test_an_endless_line_is_passed_over_and_the_next_one_counts() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b"x" * (MAX_LINE + 1)) == []
    found = reports_in_output(buffer.feed(b"x\n::locust progress=1::\n"))
    assert [said for _, said in found] == [Reported(progress=1.0)]


def test_reading_goes_on_behind_the_last_report() -> None:
    stream = b"hello\n::locust progress=10::\n::locust progress=20::\n"
    ((first, _), _) = reports_in_output(LineBuffer().feed(stream))
    again = LineBuffer(first)
    assert [said for _, said in reports_in_output(again.feed(stream[first:]))] == [Reported(progress=20.0)]


def test_a_reader_that_fell_behind_begins_at_a_whole_line() -> None:
    buffer = LineBuffer()
    buffer.feed(b'{"progress": 1')
    buffer.jump(1000)
    found = reports_in_events(buffer.feed(b'gress": 2}\n{"progress": 3}\n'))
    assert [said for _, said in found] == [Reported(progress=3.0)]
