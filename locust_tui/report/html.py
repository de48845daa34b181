"""The weekly report as one HTML page, for mail and browsers: what the Markdown says, without scripts or links."""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt

from ..safe_text import safe
from .markdown import markdown
from .weekly import StatusReport

_STYLE = "body{font:16px/1.5 sans-serif;max-width:48em;margin:2em auto;padding:0 1em}"


def html(report: StatusReport) -> str:
    """The whole page; text from the plan or an agent stays text."""
    title = f"{safe(report.short, limit=200, oneline=True)} Development Status - Week {report.week}"
    signs = ["heading", "list", "escape"]  # all that the report's own Markdown uses
    body = MarkdownIt("zero").enable(signs).render(markdown(report))
    head = f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}</body>\n</html>\n'
