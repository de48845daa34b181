"""`summarize`: standard input rolled up, for the pipelines of hooks."""

from __future__ import annotations

import sys

import click

from ...errors import UsageError
from ..command import Settings, verb
from ..output import put, put_json


@verb("summarize")
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, as_json: bool) -> int:
    """Roll up what comes on standard input: counts by state, mean progress, blockers. No model is asked.

    It reads a JSON document, one JSON value a line, or lines of `memory get --pattern`.
    """
    from ...analysis.summary import document, summarize, words
    from ...safe_text import safe

    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "nothing comes on standard input", help="locust-tui status --json | locust-tui summarize"
        )
    found = summarize(sys.stdin.buffer.read().decode("utf-8", "replace"))
    if as_json:
        put_json(document(found))
    else:
        put(safe(words(found), limit=65_536))
    return 0
