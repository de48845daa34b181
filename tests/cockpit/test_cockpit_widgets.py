"""The small parts: rows that fit, words for ages and amounts, colours of output, the tail of a log, typed lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from locust_tui.screens.base import footer_row
from locust_tui.widgets import words
from locust_tui.widgets.charset import _ASCII, drawn, use_ascii
from locust_tui.widgets.log_file import LogFile
from locust_tui.widgets.log_pieces import PIECE
from locust_tui.widgets.row import Row, shown
from locust_tui.widgets.sgr import LINE_LIMIT, parts_of
from locust_tui.widgets.sparkline import BARS, sparkline

FORBIDDEN = {
    chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(texts, texts, texts, st.integers(1, 90))
def test_a_row_is_exactly_as_wide_as_asked_and_harmless(left: str, more: str, right: str, width: int) -> None:
    row = Row(left, "run").add(more).end(right, "dim")
    drawn = "".join(text for text, _ in row.fit(width))
    assert cell_len(drawn) == width
    assert not FORBIDDEN & set(drawn)


def test_a_footer_that_fits_to_the_last_cell_is_whole_and_one_that_does_not_drops_a_key() -> None:
    keys = [("enter", "open", True), ("x", "cancel", False), ("q", "leave", True)]
    whole = " enter open  x cancel  q leave"
    assert "".join(part for part, _ in footer_row(keys, len(whole)).fit(len(whole))) == whole
    fewer = "".join(part for part, _ in footer_row(keys, len(whole) - 1).fit(len(whole) - 1))
    assert fewer.rstrip() == " enter open  q leave"


@given(texts, st.integers(1, 40), st.booleans())
def test_a_column_is_exactly_as_wide_as_asked(text: str, width: int, align_right: bool) -> None:
    row = Row().column(text, width, align_right=align_right)
    assert cell_len(row.text) == width


@given(st.text(max_size=300))
def test_output_keeps_nothing_a_terminal_would_act_on(line: str) -> None:
    drawn = "".join(text for text, _ in parts_of(line))
    assert not FORBIDDEN & set(drawn)


def test_output_keeps_its_colours() -> None:
    parts = parts_of("a\x1b[1;31mred\x1b[0m \x1b[38;5;208mx\x1b[38;2;1;2;3my\x1b[39mz")
    assert [text for text, _ in parts] == ["a", "red", " ", "x", "y", "z"]
    assert parts[1][1] == Style(bold=True, color="red")
    assert isinstance(parts[4][1], Style)
    assert parts[4][1].color is not None


def test_other_sequences_stay_visible_text() -> None:
    drawn = "".join(text for text, _ in parts_of("\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b]8;;http://x\x07link"))
    assert drawn == "␛]52;c;ZXZpbA==␇␛[2J␛]8;;http://x␇link"


def test_a_long_line_is_cut_and_says_how_much_is_missing() -> None:
    drawn = "".join(text for text, _ in parts_of("x" * 10_000))
    assert drawn.startswith("x" * LINE_LIMIT)
    assert "5904" in drawn


def test_signs_have_ascii_stand_ins_of_the_same_width() -> None:
    assert shown("◐") == "◐"
    use_ascii(True)
    for sign in map(chr, _ASCII):
        text = shown(sign)
        assert text.isascii()
        assert len(text) == (2 if sign in "≥≤" else 1)
    assert drawn("…") not in {drawn(bar) for bar in BARS}
    assert len({drawn(bar) for bar in BARS}) == len(BARS)
    assert drawn("◐") != drawn("⚠")
    assert "?" not in drawn("◀ ‹ › ↳ ↵ − ┄ ░")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "—"),
        (-3, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (3_599, "59m"),
        (7_200, "2h"),
        (200_000, "2d"),
    ],
)
def test_ages_are_short(seconds: float | None, said: str) -> None:
    assert words.age(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, "—"), (0.0, "0%"), (99.7, "99%"), (100.0, "100%"), (46.4, "46%")]
)
def test_not_quite_done_is_not_shown_as_done(value: float | None, said: str) -> None:
    assert words.points(value) == said
    full, rest = words.bar(value, 10)
    assert len(full) + len(rest) == 10
    assert (rest == "") == (value == 100)


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=30), st.integers(0, 20))
def test_a_sparkline_has_a_cell_a_value_and_no_more_than_its_room(
    values: list[float | None], width: int
) -> None:
    assert len(sparkline(values, width)) in (0, min(len(values), width))


def test_a_log_is_read_from_its_end_then_followed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"line %d\n" % n for n in range(20_000)))
    log = LogFile(path)
    assert log.poll()
    assert log.lines[-1] == "line 19999"
    assert len(log.lines) < 10_000
    assert not log.poll()
    with path.open("ab") as more:
        more.write("häl".encode()[:2])
    log.poll()
    with path.open("ab") as more:
        more.write("häl".encode()[2:] + b"f\r\nopen")
    assert log.poll()
    assert log.lines[-1] == "hälf"
    assert log.unfinished == "open"


def test_earlier_lines_come_piece_by_piece_and_none_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"line %d\n" % n for n in range(15_000)))
    log = LogFile(path)
    log.poll()
    while log.earlier():
        pass
    assert list(log.lines) == [f"line {n}" for n in range(15_000)]


def test_the_head_that_was_given_up_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\0" * 1_000 + b"kept\n")
    (tmp_path / "trim.json").write_text(json.dumps({"trimmed": 1_000}))
    log = LogFile(path)
    log.poll()
    assert list(log.lines) == ["kept"]
    assert log.trimmed == 1_000
    assert not log.has_earlier


def test_a_line_without_an_end_does_not_grow_without_one(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    log = LogFile(path)
    log.poll()
    for _ in range(5):
        with path.open("ab") as more:
            more.write(b"x" * PIECE)
        log.poll()
    assert len(log.unfinished) <= 2 * PIECE


def test_a_log_that_is_a_link_or_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "log").symlink_to(tmp_path / "secret")
    for name in ("log", "missing"):
        log = LogFile(tmp_path / name)
        log.poll()
        assert log.problem
        assert not log.lines


def test_of_a_replaced_log_nothing_more_is_shown_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    log = LogFile(path)
    log.poll()
    (tmp_path / "other").write_text("new\n")
    (tmp_path / "other").replace(path)
    assert log.poll()
    assert log.problem.startswith("the log was replaced")
    assert list(log.lines) == ["old"]
