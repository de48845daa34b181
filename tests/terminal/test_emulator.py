"""Whatever an agent prints becomes cells: no sequence fails, none gets out, and the screen is what a terminal would show."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from locust_tui.terminal.emulator import Emulator, fresh_start, modes_set, text_of


def shown(emulator: Emulator) -> list[str]:
    return [text_of(emulator.line(row)) for row in range(emulator.rows)]


def fed(data: bytes, rows: int = 4, columns: int = 20) -> Emulator:
    emulator = Emulator(rows, columns)
    emulator.feed(data)
    return emulator


_PIECES = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(
        lambda prefix, numbers, between, final: (
            b"\x1b["
            + prefix
            + b";".join(b"%d" % n if n >= 0 else b"" for n in numbers)
            + between
            + bytes([final])
        ),
        st.sampled_from([b"", b"?", b">", b"<", b"="]),
        st.lists(st.integers(-1, 120_000), max_size=6),
        st.sampled_from([b"", b"", b" ", b"!", b"$"]),
        st.integers(0x40, 0x7E),
    ),
    st.sampled_from(
        [b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[2J", b"\x1b7", b"\x1b8", b"\x1bM", b"\x1bD", b"\x1bc", b"\x1b]0;t\x07",
         b"\x1bP", b"\x1b\\", b"\n" * 9, "界".encode() * 15, "e\u0301\u0301".encode(), b"\x1b[3;2r", b"\x1b[?6h"]
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.integers(1, 9), st.tuples(st.integers(1, 9), st.integers(1, 30)))
@example([b"\x1b[?5n\x1b[1;2;3A\x1b[9K\x1b[?6h\x1b[2d"], 3, (4, 12))
def test_nothing_an_agent_prints_can_fail_or_leave_the_screen(
    pieces: list[bytes], cut: int, size: tuple[int, int]
) -> None:
    emulator = Emulator(5, 17)
    data = b"".join(pieces)
    half = len(data) // 2
    for part in (data[:half], data[half:]):
        for at in range(0, len(part), cut):
            emulator.feed(part[at : at + cut])
        emulator.resize(*size)
    cursor = emulator.cursor
    assert 0 <= cursor.row < emulator.rows
    assert 0 <= cursor.column < emulator.columns
    for row in range(-emulator.history, emulator.rows):
        cells = [cell for cells, _ in emulator.line(row) for cell in cells]
        assert row < 0 or len(cells) <= emulator.columns
        assert not any(char < " " for cell in cells for char in cell)
        assert all(len(cell) <= 6 for cell in cells)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=12), st.lists(st.integers(1, 7), min_size=1, max_size=9))
@example([" \u0300\u0300".encode()], [1])
@example([b"e", "\u0301".encode() * 9], [2])
@example([b"e", "\u0301".encode() * 3, b"\x1b[2D", b"\x1b[C", "\u0301".encode() * 3], [1])
def test_where_the_bytes_are_cut_makes_no_difference(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole, parts = fed(data), Emulator(4, 20)
    at = index = 0
    while at < len(data):
        step = cuts[index % len(cuts)]
        parts.feed(data[at : at + step])
        at, index = at + step, index + 1
    assert shown(parts) == shown(whole)
    assert parts.cursor == whole.cursor


def test_lines_that_scroll_away_are_kept() -> None:
    emulator = fed(b"".join(b"line %d\r\n" % n for n in range(10)))
    assert shown(emulator) == ["line 7", "line 8", "line 9", ""]
    assert [text_of(emulator.line(row)) for row in range(-emulator.history, 0)] == [
        f"line {n}" for n in range(7)
    ]
    assert [text_of(line) for line in emulator.whole()] == [f"line {n}" for n in range(10)]


def test_the_alternate_screen_gives_the_main_one_back() -> None:
    emulator = fed(b"shell$ vi\r\n\x1b[?1049h\x1b[H\x1b[2Jfile" + b"\r\n~" * 9)
    assert emulator.alternate
    assert shown(emulator)[-1] == "~"
    history = emulator.history
    emulator.feed(b"\x1b[?1049lshell$ ")
    assert shown(emulator) == ["shell$ vi", "shell$", "", ""]
    assert (emulator.alternate, emulator.history) == (False, history)


def test_titles_clipboards_and_device_strings_are_skipped_however_long() -> None:
    emulator = fed(b"a\x1b]52;c;" + b"QUJD" * 50_000)
    emulator.feed(b"QUJD" * 1000 + b"\x07b\x1bPqdata\x1b\\c\x1b_G=1\x1b\\d\x1b]0;never closed")
    emulator.feed(b"\x1b[31mred")
    assert shown(emulator)[0] == "abcdred"


def test_sequences_of_newer_terminals_change_no_colours() -> None:
    emulator = fed(
        b"\x1b[>4;2m\x1b[>1u\x1b[?1u\x1b[=5u\x1b[<u\x1b[4:3mcurly\x1b[4:0m\x1b[38:2::255:135:0mx\x1b[0m\x1b[2mdim"
    )
    found = {"".join(cells): look for cells, look in emulator.line(0)}
    assert found["curly"].underline
    assert found["x"].fg == "ff8700"
    assert not found["x"].underline
    assert found["dim"].faint


def test_erasing_keeps_the_background_only() -> None:
    emulator = fed(b"\x1b[7;4;44mab\x1b[K")
    *_, last = emulator.line(0)
    assert last[0] == " " * 18
    assert (last[1].bg, last[1].reverse, last[1].underline) == ("blue", False, False)


def test_line_drawing_and_joined_characters_are_drawn() -> None:
    assert shown(fed(b"\x1b(0lqk\x1b(B ok"))[0] == "┌─┐ ok"
    assert shown(fed("a\u200d\ufe0fb e\u0301".encode()))[0] == "ab é"


def test_marks_without_end_cost_nothing() -> None:
    emulator = Emulator(4, 20)
    emulator.feed(b"a" + "\u0301".encode() * 200_000)
    for _ in range(200):
        emulator.feed("\u0301".encode() * 50 + b"\x1b[m")
    assert len(emulator.line(0)[0][0][0]) <= 6


def test_modes_and_a_fresh_start_are_found_again() -> None:
    data = b"\x1b[?1;2004h..\x1b[?25l..\x1b[?2004l..\x1b[?2026h"
    assert modes_set(data) == b"\x1b[?1h\x1b[?2004l\x1b[?25l"
    assert fresh_start(b"abc") is None
    assert fresh_start(b"abc\x1b[2Jx\x1b[?1049hy") == 8


def test_what_is_asked_of_the_terminal_is_answered_once() -> None:
    emulator = fed(b"ab\x1b[6n\x1b[5n\x1b[c")
    assert emulator.take_replies() == b"\x1b[1;3R\x1b[0n\x1b[?62;22c"
    assert emulator.take_replies() == b""
    emulator.feed(b"\x1b[6n" * 10_000)
    assert len(emulator.take_replies()) < 200


def test_a_smaller_window_keeps_the_line_being_typed() -> None:
    emulator = fed(b"one\r\ntwo\r\nthree\r\n$ x", rows=10)
    emulator.resize(3, 20)
    assert shown(emulator) == ["two", "three", "$ x"]
    assert emulator.cursor.row == 2
    assert [text_of(line) for line in emulator.whole()] == ["one", "two", "three", "$ x"]
