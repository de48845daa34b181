"""The signs the cockpit draws with, and their plain-ASCII stand-ins for terminals that have no others."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping

_ASCII = str.maketrans(
    {
        "○": ".", "⊘": "#", "⋯": "~", "●": "*", "◐": "!", "⟳": "@", "⏸": "=", "▣": "%", "◇": "-", "✓": "+",
        "✗": "x", "■": "X", "»": ">", "▼": "v", "▶": ">", "⚠": "!", "━": "=", "─": "-", "│": "|", "╭": "+",
        "╮": "+", "╰": "+", "╯": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "…": "~", "·": "-", "–": "-", "→": ">", "←": "<",
        "↑": "^", "↓": "v", "≥": ">", "≤": "<", "×": "x", "▎": ">", "▌": "|", "█": "#", "▇": "*", "▆": "+",
        "▅": "=", "▄": "~", "▃": "-", "▂": ".", "▁": "_", "—": "-", "⏎": " ", "┃": "#",
    }
)  # fmt: skip

_ascii_only = False


def use_ascii(only: bool) -> None:
    """Draw with ASCII alone from now on, or with everything."""
    global _ascii_only
    _ascii_only = only


def wants_ascii(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether a terminal with this environment and output encoding gets the ASCII set."""
    if environ.get("LOCUST_TUI_ASCII", "") not in ("", "0"):
        return True
    try:
        return codecs.lookup(encoding or "ascii").name != "utf-8"
    except LookupError:
        return True


def choose_charset() -> None:
    """Settle the set for this process from its environment and stdout."""
    use_ascii(wants_ascii(os.environ, getattr(sys.__stdout__, "encoding", None)))


def drawn(text: str) -> str:
    """`text` as this terminal can show it; the number of cells stays the same for our own signs."""
    if not _ascii_only or text.isascii():
        return text
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
