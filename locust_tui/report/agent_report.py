"""What a line of an agent's output reports, read as the worker reads it."""

from __future__ import annotations

from ..agents.reports import Misreported, Reported, parse_stdout_line

__all__ = ["Misreported", "Reported", "report_in"]


def report_in(line: str) -> Reported | Misreported | None:
    """The report in a line of output, why it is none, or None for any other line."""
    return parse_stdout_line(line.encode("utf-8", "replace"))
