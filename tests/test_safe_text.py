"""Nothing that could steer a terminal passes the one door, and plain text passes unchanged."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.safe_text import drawn_for_terminal, safe


@given(st.text(max_size=400))
@pytest.mark.fault(25, "any text at all, by the hundred")
def test_no_control_bidi_invisible_or_surrogate_character_passes(text: str) -> None:
    for character in safe(text):
        assert character in "\n\t\u200d" or unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert not "\u202a" <= character <= "\u202e"
        assert not "\u2066" <= character <= "\u2069"
        assert not 0xE0000 <= ord(character) <= 0xE0FFF


@pytest.mark.parametrize(
    "text", ["plain", "日本語 ログ ✓", "👩‍👩‍👧", "naïve é", "a\nb\tc", "[red]not markup[/]"]
)
def test_what_people_write_is_unchanged(text: str) -> None:
    assert safe(text) == text


def test_escape_sequences_are_shown() -> None:
    assert safe("\x1b]52;c;AAAA\x07") == "␛]52;c;AAAA␇"
    assert safe("\x9b31m\x7f") == "<U+009B>31m␡"
    assert safe("a\udc80b") == "a\ufffdb"


def test_one_line_stays_one_line() -> None:
    assert "\n" not in safe("a\nb\x85c\u2028d", oneline=True)


def test_length_and_stacked_marks_are_bounded() -> None:
    assert safe("x" * 5000, limit=100).startswith("x" * 100 + "…")
    assert "4900" in safe("x" * 5000, limit=100)
    assert safe("a" + "\u0301" * 500).count("\u0301") == 4


@given(st.text(max_size=200))
def test_the_last_door_leaves_colours_and_nothing_else_that_steers(text: str) -> None:
    shown = drawn_for_terminal(f"\x1b[1;32m{text}\x1b[0m\n")
    assert shown.startswith("\x1b[1;32m")
    assert shown.endswith("\x1b[0m\n")
    without = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert not [c for c in without if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert drawn_for_terminal(shown) == shown


def test_what_a_line_maker_forgot_is_shown_for_what_it_is() -> None:
    assert drawn_for_terminal("a\x1b]0;owned\x07\x1b[2J\x9b") == "a␛]0;owned␇␛[2J<U+009B>"
