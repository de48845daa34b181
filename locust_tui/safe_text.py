"""The one door for text that came from outside our source, on its way to a terminal.

Agents' output, plan fields, names, notes and error texts pass `safe` where they are drawn or printed,
never where they are stored: the record keeps the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST_SECRET = 4096
"""One that begins within the limit and ends this far behind it is still known as one."""

_mask: Callable[[str], str] | None = None
_mask_growing: Callable[[str], str] | None = None


def mask_with(mask: Callable[[str], str] | None, growing: Callable[[str], str] | None = None) -> None:
    """From now on, text that passes `safe` in this process is masked by `mask` first; `growing` is for text that goes on."""
    global _mask, _mask_growing
    _mask, _mask_growing = mask, growing or mask


def masked(text: str) -> str:
    """`text` with the secrets masked that this process knows of, and nothing else changed."""
    return text if _mask is None else _mask(text)


def masked_so_far(text: str) -> str:
    """`masked` of a line that is still being written: not even the beginning of a secret is seen."""
    return text if _mask_growing is None else _mask_growing(text)


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_STACKED_MARKS = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


_COLOUR_OR_INVISIBLE = re.compile(rf"\x1b\[[0-9;]*m|{_INVISIBLE.pattern}")


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"<U+{code:04X}>"


def drawn_for_terminal(text: str) -> str:
    """Output as it may go to a terminal: line ends, tabs and our colours stay, whatever else steers becomes visible.

    The last door, for what a line's maker forgot; words from outside pass `safe` before they are put into lines.
    """
    return _COLOUR_OR_INVISIBLE.sub(lambda m: m.group() if m.end() - m.start() > 1 else _visible(m), text)


def safe(text: str, *, limit: int = 4096, oneline: bool = False) -> str:
    """`text` with every control, bidi, invisible and tag character made visible.

    At most `limit` characters are kept (the rest is counted, not dropped silently); stacked combining
    marks are capped at four. With `oneline`, newlines and tabs become visible marks too.
    """
    over = len(text) - limit
    if _mask is not None:
        text = _mask(text[: limit + LONGEST_SECRET])
    if over > 0:
        text = f"{text[:limit]}… (+{over} characters)"
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub(_visible, text)
    if not text.isascii():
        text = _STACKED_MARKS.sub(r"\1", text)
    if oneline:
        text = text.replace("\n", "⏎").replace("\t", " ")
    return text
