"""Every line is as wide as the window and harmless, whatever the agent wrote into its cells."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.safe_text import safe
from locust_tui.terminal.emulator import Emulator
from locust_tui.widgets.terminal import row_of


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from(["\x1b[31m", "\x1b[7m", "\x1b[2;3H", "界", "👩‍👩‍👧", "e\u0301", "\u202e", "\x1b[9C", "\b"])), max_size=12),
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(0, 40)),
)  # fmt: skip
def test_a_line_is_exactly_as_wide_as_the_window_and_safe(
    pieces: list[str], width: int, cursor: int | None
) -> None:
    emulator = Emulator(3, 20)
    emulator.feed("".join(pieces).encode("utf-8", "replace"))
    width = min(width, emulator.columns)
    for row in range(emulator.rows):
        strip = row_of(emulator.line(row), width, cursor).strip(width)
        assert strip.cell_length == width
        assert "…" not in strip.text or "…" in "".join(pieces)
        assert safe(strip.text, oneline=True) == strip.text
