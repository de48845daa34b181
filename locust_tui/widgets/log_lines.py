"""A line of a run's output as it is drawn: its own colours, or what a report in it says."""

from __future__ import annotations

from .row import Part, Row
from .sgr import parts_of
from .words import points

MARK = "::locust "
GUTTER = "┃ "
"""Before a line that was a report and not output."""


def line_parts(line: str) -> list[Part]:
    """Runs of text with a tone: "┃ 40% ✓ api  wrote src/api.py" for `::locust progress=40,deliverable=api::wrote …`."""
    return _report(line) if line.startswith(MARK) else parts_of(line)


def _report(line: str) -> list[Part]:
    from locust_tui.report.agent_report import Misreported, report_in

    said = report_in(line)
    if isinstance(said, Misreported):
        return Row(GUTTER, "bad").add(f"✗ no report: {said.why} ", "bad").add(line, "dim").left
    if said is None:
        return parts_of(line)
    row = Row(GUTTER, "run")
    if said.progress is not None:
        row.add(f"{points(said.progress):>4} ", "strong")
    if said.deliverable:
        row.add(f"✓ {said.deliverable}  ", "strong")
    if said.blocker:
        row.add(f"⚠ {said.blocker}  ", "you")
    if said.note:
        row.add(f"{said.note}  ")
    if said.next:
        row.add(f"next: {said.next}", "dim")
    return row.left


def amount_of(size: int) -> str:
    """Bytes as people say them: "45 MB", "2.1 MB", "812 kB"."""
    if size >= 10_000_000:
        return f"{size // 1_000_000} MB"
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1_000)} kB"
