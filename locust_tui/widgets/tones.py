"""What colours mean: one tone per meaning, in the terminal's own sixteen colours.

The palette is the person's: light and dark terminals, 16 colours and NO_COLOR all work, and a state is
never told by colour alone. Grey is the dim attribute, for bright black is invisible in some palettes.
"""

from __future__ import annotations

from typing import Literal

from rich.style import Style

Tone = Literal[
    "text",
    "strong",
    "dim",
    "done",
    "run",
    "you",
    "bad",
    "wait",
    "frame",
    "focus",
    "cursor",
    "here",
    "key",
    "alarm",
]

STYLES: dict[str, Style] = {
    "text": Style(),
    "strong": Style(bold=True),
    "dim": Style(dim=True),
    "done": Style(color="green"),
    "run": Style(color="bright_blue"),
    "you": Style(color="yellow"),
    "bad": Style(color="red"),
    "wait": Style(dim=True),
    "frame": Style(dim=True),
    "focus": Style(bold=True),
    "cursor": Style(reverse=True),
    "here": Style(bold=True),
    "key": Style(bold=True),
    "alarm": Style(color="red", bold=True),
}
"""`text` own words, `dim` side matter, `done run you bad wait` states, `frame focus` borders, `cursor` the row
under the cursor of the focused pane, `here` the selected row elsewhere, `key` a key to press."""
