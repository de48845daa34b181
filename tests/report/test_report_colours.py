"""Every colour that words have can be read on every ground they stand on: in light, in the dark, and on paper (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import locust_tui.report.html as page

STYLE = Path(page.__file__).with_name("report.css").read_text()
WORDS = ("ink", "soft", "done", "run", "you", "bad", "wait")
GROUNDS = ("paper", "card")
LEAST = 4.5
"""Contrast of text of ordinary size; of what is no text, 3."""


def schemes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in blocks]
    return dict(zip(("light", "dark", "paper"), found, strict=True))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_words_can_be_read(scheme: str) -> None:
    colours = schemes()[scheme]
    poor = {
        (word, ground): round(contrast(colours[word], colours[ground]), 2)
        for word in WORDS
        for ground in GROUNDS
        if contrast(colours[word], colours[ground]) < LEAST
    }
    assert poor == {}
    assert contrast(colours["ink"], colours["window"]) >= LEAST
    assert contrast(colours["soft"], colours["window"]) >= LEAST


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_lines_can_be_seen(scheme: str) -> None:
    colours = schemes()[scheme]
    for line in ("plan", "done", "run", "you", "bad"):
        assert contrast(colours[line], colours["paper"]) >= 3, line
