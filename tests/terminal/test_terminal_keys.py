"""Keys arrive at the agent as xterm would send them; a paste presses no key of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.terminal.keys import BRACKETS, DETACH, encode, key_name, paste


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("upper_a", "A", b"A"),
        ("é", "é", "é".encode()),
        ("full_stop", ".", b"."),
        ("enter", "\r", b"\r"),
        ("escape", "\x1b", b"\x1b"),
        ("backspace", "\x7f", b"\x7f"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+@", "\0", b"\0"),
        ("ctrl+backslash", "\x1c", b"\x1c"),
        ("alt+a", "a", b"\x1ba"),
        ("alt+shift+a", "A", b"\x1bA"),
        ("up", None, b"\x1b[A"),
        ("ctrl+up", None, b"\x1b[1;5A"),
        ("shift+home", None, b"\x1b[1;2H"),
        ("alt+left", None, b"\x1b[1;3D"),
        ("delete", None, b"\x1b[3~"),
        ("f1", None, b"\x1bOP"),
        ("f5", None, b"\x1b[15~"),
        ("ctrl+f12", None, b"\x1b[24;5~"),
        ("shift+tab", None, b"\x1b[Z"),
        ("super+k", None, b""),
    ],
)
def test_keys_are_sent_as_xterm_sends_them(key: str, character: str | None, sent: bytes) -> None:
    assert encode(key, character) == sent


def test_arrows_have_another_form_where_the_agent_asked_for_it() -> None:
    assert encode("up", None, application_cursor=True) == b"\x1bOA"
    assert encode("ctrl+up", None, application_cursor=True) == b"\x1b[1;5A"


def test_what_textual_makes_of_a_key_is_what_was_pressed() -> None:
    """There and back: the bytes of a terminal, the toolkit's name for them, the same bytes."""
    from textual import events
    from textual._xterm_parser import XTermParser

    for typed in (
        "a",
        "Z",
        " ",
        "\r",
        "\t",
        "\x7f",
        "\x03",
        "\x1a",
        "\x1d",
        "\x1b[A",
        "\x1b[1;5C",
        "\x1b[5~",
        "\x1b[24~",
        "ü",
        "|",
    ):
        found = [event for event in XTermParser().feed(typed) if isinstance(event, events.Key)]
        assert [encode(event.key, event.character) for event in found] == [typed.encode()], typed


@given(st.text(), st.booleans())
def test_a_paste_presses_no_key(text: str, bracketed: bool) -> None:
    data = paste(text, bracketed=bracketed)
    if bracketed:
        assert data.startswith(BRACKETS[0])
        assert data.endswith(BRACKETS[1])
        data = data.removeprefix(BRACKETS[0]).removesuffix(BRACKETS[1])
    assert not any(byte < 0x20 and byte not in b"\r\t" for byte in data)
    assert b"\x7f" not in data


def test_lines_of_a_paste_end_as_enter_does() -> None:
    assert paste("a\nb\r\nc\rd\t\x1b[201~", bracketed=True) == b"\x1b[200~a\rb\rc\rd\t[201~\x1b[201~"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (DETACH, "ctrl+right_square_bracket"),
        ("Ctrl-Q", "ctrl+q"),
        ("f12", "f12"),
        ("alt+x", "alt+x"),
        ("ctrl+\\", "ctrl+backslash"),
        ("shift+f5", "shift+f5"),
        ("q", None),
        ("enter", None),
        ("ctrl+c", None),
        ("ctrl+i", None),
        ("", None),
        ("ctrl+", None),
        ("hyper+x", None),
        ("up", None),
    ],
)
def test_a_key_to_leave_with_is_one_that_nobody_needs(written: str, name: str | None) -> None:
    assert key_name(written) == name
