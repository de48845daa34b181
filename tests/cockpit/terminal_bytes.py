"""What may come through to a terminal: our own drawing, and nothing that words from outside could ask of it."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\x1b(?:\[([<>=?]?)([0-9;:$ ]*)([@-~])|([\]P_^X])|(.))", re.S)
OWN_MODES = frozenset(
    {"1049", "1000", "1003", "1015", "1006", "1016", "25", "2004", "1004", "2026", "2048", "2027", "7"}
)
_ASKS = frozenset("nct")
"""Reports of place, kind and title: the terminal would type its answer."""
_WIDE_OUT = {
    *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0x061C, 0x2029,
    0x2060, 0xFEFF, 0x7F, 0x00, 0x0E,
}  # fmt: skip


def forbidden(raw: bytes, own: frozenset[str] | tuple[str, ...] = OWN_MODES) -> list[str]:
    """What a terminal must never be sent: OSC, DCS, APC, C1, bidi, modes other than `own`, resets, questions."""
    text = raw.decode("utf-8")
    found = [f"U+{ord(c):04X}" for c in text if ord(c) in _WIDE_OUT or 0xE0000 <= ord(c) <= 0xE0FFF]
    for match in _ESCAPE.finditer(text):
        private, codes, final, string, other = match.groups()
        if (
            string
            or (other and other not in "78=>")
            or (final and final in "hl" and private == "?" and codes not in own)
            or (final == "J" and codes != "")
            or (final and final in _ASKS and not private)
            or (final == "m" and not private and codes in {"5", "6", "8"})
        ):
            found.append(repr(match.group()))
    return found
