"""The weekly report as plain text, without any markup."""

from __future__ import annotations

from .page import Page
from .page_lines import page_lines, text_of
from .sections import page_of
from .weekly import StatusReport

WIDTH = 100


def plain_text(report: StatusReport, width: int = WIDTH) -> str:
    """The whole report in lines of at most `width` columns; the same figures as every other format."""
    return page_text(page_of(report), width)


def page_text(page: Page, width: int = WIDTH) -> str:
    return "\n".join(text_of(line) for line in page_lines(page, width)) + "\n"
