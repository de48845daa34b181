"""`logs` shows every character of lines of any length, however the bytes come, and no part of a secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.cli.agent_output import Lines, shown
from locust_tui.masking import empty
from locust_tui.safe_text import mask_with

SECRET = b"Kd93-tZq7-Lw20-Rb55"
LONGEST = 65_536


@pytest.fixture
def knows_secret() -> Iterator[None]:
    masks = empty()
    masks.add([SECRET.decode()])
    mask_with(masks.mask, masks.mask_growing)
    yield
    mask_with(None)


def printed(*pieces: bytes) -> list[str]:
    lines = Lines()
    found = [line for piece in pieces for line in lines.feed(piece)] + lines.end()
    return [shown(line, colour=False) for line in found]


@pytest.mark.fault(28, "a secret wherever `logs` cuts a line that does not end")
@pytest.mark.usefixtures("knows_secret")
@pytest.mark.parametrize("colour", [b"", b"\x1b[31m"], ids=["plain", "coloured"])
@pytest.mark.parametrize("behind", [LONGEST, 4096, 9])
def test_no_part_of_a_secret_is_seen_where_a_long_line_is_cut(behind: int, colour: bytes) -> None:
    secret = SECRET[:9] + colour + SECRET[9:]
    text = b"x" * ((1 << 18) - behind) + secret + b"x" * (behind - 9)
    for cut in (len(text), (1 << 18), (1 << 18) - behind + 9):
        seen = "".join(printed(text[:cut], text[cut:]))
        assert SECRET[:6].decode() not in seen
        assert SECRET[-6:].decode() not in seen
        assert seen == text.replace(secret, b"***").decode()


@pytest.mark.fault(24, "characters cut in two, and bytes that are no text, in `logs`")
@given(
    st.lists(st.sampled_from(["ä", "🐛", "x", "\n", "\r", "\r\n", "\0", "\x9b"]), max_size=40).map("".join),
    st.lists(st.integers(0, 120), max_size=6),
)
def test_characters_cut_in_two_are_whole_again(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[a:b] for a, b in zip(places, [*places[1:], len(data)], strict=True)]
    assert printed(*pieces) == printed(data)
    assert not any("\ufffd" in line for line in printed(*pieces))


@pytest.mark.fault(23, "lines of 5 MB, whole and without an end, in `logs`")
@pytest.mark.parametrize("end", [b"", b"\n"], ids=["without an end", "whole"])
def test_of_a_long_line_every_character_is_printed(end: bytes) -> None:
    data = "ä1234567".encode() * 600_000 + end
    lines = printed(*(data[at : at + (1 << 18)] for at in range(0, len(data), 1 << 18)))
    assert "".join(lines).encode() + end == data
    assert max(map(len, lines)) <= LONGEST
