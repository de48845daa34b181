"""Whatever size a terminal says it has, and however often it says another one, the cockpit draws, rests and leaves."""

from __future__ import annotations

import time

import pytest

from terminal import Terminal, ready

SOON_S = 20.0
"""A storm is over in less than a second; so much is allowed where others use the machine too."""


@pytest.mark.fault(
    61, "it is started in a terminal of no size, of one cell, of three by two, and of 1000 by 500"
)
@pytest.mark.parametrize(
    ("columns", "rows"), [(0, 0), (1, 1), (3, 2), (1000, 500)], ids=["none", "cell", "tiny", "huge"]
)
def test_a_terminal_of_any_size_is_drawn_to_and_left(columns: int, rows: int) -> None:
    with Terminal("running", columns=columns, rows=rows) as terminal:
        terminal.looks = columns < 1000  # half a million cells take longer to look at than to draw
        terminal.until(lambda _: b"\x1b[?1049h" in terminal.raw)
        terminal.quiet()
        terminal.looks = True
        terminal.resize(80, 24)
        terminal.until(ready)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored


@pytest.mark.fault(61, "400 resizes in two seconds, down to nothing and up to 400 by 200, on four screens")
@pytest.mark.parametrize(
    ("keys", "there"),
    [
        pytest.param(b"", ready, id="board"),
        pytest.param(b"a", "Decide", id="form"),
        pytest.param(b"o", "esc back", id="overview", marks=pytest.mark.soak),
        pytest.param(b"?", "esc back", id="help", marks=pytest.mark.soak),
    ],
)
def test_after_a_storm_of_resizes_it_is_whole_at_once_and_rests(keys: bytes, there: str) -> None:
    sizes = [(0, 0), (1, 1), (400, 200), (30, 8), (80, 24), (120, 36), (2, 50), (200, 3)]
    with Terminal("ready", columns=120, rows=36) as terminal:
        terminal.until(ready)
        terminal.send(keys)
        terminal.until(there)
        for step in range(400):
            terminal.resize(*sizes[step % len(sizes)])
            terminal.pump(0.002)
        terminal.screen.reset()
        terminal.resize(100, 30)
        began = time.monotonic()
        terminal.until(there)
        assert time.monotonic() - began < SOON_S
        terminal.quiet(1.0)
        before = terminal.cpu_s()
        terminal.pump(0.5)
        assert terminal.cpu_s() - before < 0.3
