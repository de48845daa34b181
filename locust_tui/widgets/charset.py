"""The signs the cockpit draws with, and their plain-ASCII stand-ins for terminals that have no others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from locust_tui.signs import ASCII as SIGNS
from locust_tui.signs import environ_at_start, wants_ascii

_ASCII = str.maketrans(
    {
        **SIGNS,
        "▼": "v", "▶": ">", "━": "=", "─": "-", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
        "├": "+", "┤": "+", "┬": "+", "┴": "+", "…": "~", "·": "-", "–": "-", "—": "-", "→": ">", "←": "<",
        "↑": "^", "↓": "v", "≥": ">=", "≤": "<=", "×": "x", "▎": ">", "▌": "|", "⏎": " ", "“": '"', "”": '"',
        "◀": "<", "‹": "<", "›": ">", "↳": ">", "↵": "<", "−": "-", "┄": "~", "░": ":",
        "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "█": "#",
    }
)  # fmt: skip

_ascii_only = False
forgetting: list[Callable[[], None]] = []
"""What is called when the set changes: whoever keeps drawn text has to forget it."""


def use_ascii(only: bool) -> None:
    """Draw with ASCII alone from now on, or with everything."""
    global _ascii_only
    _ascii_only = only
    for forget in forgetting:
        forget()


def choose_charset() -> None:
    """Settle the set for this process from its environment and stdout."""
    use_ascii(wants_ascii(environ_at_start(os.environ), getattr(sys.__stdout__, "encoding", None)))


def drawn(text: str) -> str:
    """`text` as this terminal can show it; ≥ and ≤ take two cells, every other sign one."""
    if not _ascii_only or text.isascii():
        return text
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
