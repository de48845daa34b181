"""Screens of coordination in a real terminal: keys as bytes, and nothing hostile that reaches it."""

from __future__ import annotations

import re

import pytest
from terminal_bytes import forbidden

from terminal import Terminal, ready


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "large"])
@pytest.mark.fault(
    25, "messages, memory, alerts and escalations attack; their screens draw them on a terminal"
)
def test_nothing_hostile_reaches_the_terminal(part: int, size: tuple[int, int]) -> None:
    with Terminal(f"hostile-words{part}", columns=size[0], rows=size[1]) as terminal:
        terminal.until(ready)
        for key in b"mjjr\x1bn\x1b3\x1b\x1bbj\rq\x1bdj\x1bMhj\x1b\x1b!jw\x1b\x1b1gjjjjjj\r\x1b:mon\x1b":
            terminal.send(bytes([key]))
            terminal.quiet(0.12)
        terminal.back()
        assert forbidden(bytes(terminal.raw)) == []


def test_a_message_is_acknowledged_answered_and_no_paste_sends_one() -> None:
    with Terminal("coordinating", columns=120, rows=36) as terminal:
        terminal.until("2 msg")
        terminal.send(b"m")
        terminal.until("1 all 8")
        terminal.quiet(0.7)
        terminal.send(b"jj")
        terminal.quiet(0.1)
        terminal.send(b"a")
        terminal.until("m6 is acknowledged")
        terminal.send(b"r")
        terminal.until("Answer m6")
        terminal.quiet(0.7)
        for keys in (b"\r", b"we wait", b"\r", b"\x1b[200~send\r\x1b[201~"):
            terminal.send(keys)
            terminal.quiet(0.2)
        terminal.until("a paste does not confirm")
        for letter in (b"s", b"e", b"n", b"d"):
            terminal.send(letter)
            terminal.quiet(0.1)
        terminal.until(lambda shown: re.search(r"confirm +send\b", shown) is not None)
        terminal.quiet(0.2)
        terminal.send(b"\r")
        terminal.until("sent: plugins")


def test_a_firing_alert_is_acknowledged_by_a_key_that_was_not_already_under_way() -> None:
    with Terminal("coordinating", columns=80, rows=24) as terminal:
        terminal.until("is firing")
        terminal.send(b"ba")
        terminal.until("wait half a second")
        terminal.quiet(0.7)
        terminal.send(b"a")
        terminal.until("phase-behind is acknowledged")
