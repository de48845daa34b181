"""Colours of agents' output: SGR sequences become styles, every other control stays visible text.

No links, no cursor moves, no blinking: what an agent wrote can colour its own words and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.color import Color
from rich.style import Style

from locust_tui.safe_text import masked, safe

from .charset import drawn
from .row import Part

LINE_LIMIT = 4096
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def parts_of(line: str) -> list[Part]:
    """A line of output as runs of text with a style, at most `LINE_LIMIT` characters of it."""
    if "\x1b" not in line:
        return [(drawn(safe(line, limit=LINE_LIMIT, oneline=True)), "text")]
    plain = colourless(line)
    if masked(plain) != plain:
        return [(drawn(safe(plain, limit=LINE_LIMIT, oneline=True)), "text")]  # no colour hides a secret
    parts: list[Part] = []
    style, at = Style.null(), 0
    room = LINE_LIMIT
    for match in _SGR.finditer(line):
        text = line[at : match.start()]
        if text:
            parts.append((drawn(safe(text, limit=max(1, room), oneline=True)), style))
            room -= len(text)
        style, at = apply_sgr(style, match.group(1)), match.end()
        if room <= 0:
            return parts
    if at < len(line):
        parts.append((drawn(safe(line[at:], limit=max(1, room), oneline=True)), style))
    return parts


def colourless(line: str) -> str:
    """`line` without its colours: what is looked through for secrets, for no colour hides one."""
    return _SGR.sub("", line) if "\x1b" in line else line


@lru_cache(512)
def apply_sgr(style: Style, codes: str) -> Style:
    """The style after `ESC [ codes m`; codes it does not know change nothing."""
    if len(codes) > 64:
        return style
    numbers = [int(c) if c else 0 for c in codes.replace(":", ";").split(";")]
    index = 0
    while index < len(numbers):
        code = numbers[index]
        if code == 0:
            style = Style.null()
        elif code in (38, 48):
            colour, used = _extended(numbers[index + 1 :])
            if colour is not None:
                style += Style(color=colour) if code == 38 else Style(bgcolor=colour)
            index += used
        else:
            style += _plain(code)
        index += 1
    return style


def _extended(rest: list[int]) -> tuple[Color | None, int]:
    if len(rest) >= 2 and rest[0] == 5 and rest[1] <= 255:
        return Color.from_ansi(rest[1]), 2
    if len(rest) >= 4 and rest[0] == 2 and max(rest[1:4]) <= 255:
        return Color.from_rgb(*rest[1:4]), 4
    return None, len(rest)


def _plain(code: int) -> Style:
    if code in (1, 2, 3, 4):
        return Style(
            bold=code == 1 or None,
            dim=code == 2 or None,
            italic=code == 3 or None,
            underline=code == 4 or None,
        )
    if code == 22:
        return Style(bold=False, dim=False)
    if code == 23:
        return Style(italic=False)
    if code == 24:
        return Style(underline=False)
    if 30 <= code <= 37:
        return Style(color=_NAMES[code - 30])
    if 90 <= code <= 97:
        return Style(color=f"bright_{_NAMES[code - 90]}")
    if 40 <= code <= 47:
        return Style(bgcolor=_NAMES[code - 40])
    if 100 <= code <= 107:
        return Style(bgcolor=f"bright_{_NAMES[code - 100]}")
    if code == 39:
        return Style(color="default")
    if code == 49:
        return Style(bgcolor="default")
    return Style.null()
