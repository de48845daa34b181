"""Why a workstream or a run is in its state: the very lines of the verb `why`."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from locust_tui.report.why import Why, why_run, why_workstream
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, paragraph
from locust_tui.widgets.view import View

from .panel import Panel


class WhyScreen(Panel):
    """Of a workstream, or of a run, or of the latest run of an orchestrator."""

    in_past = True

    BINDINGS = [Binding("w", "close", "back")]

    def __init__(self, subject: str) -> None:
        super().__init__(id="why")
        self.subject = subject

    def present(self, view: View) -> None:
        found = _why(self.subject, view)
        width = max(20, self.size.width - 6)
        lines: list[SheetLine] = []
        for line in found.lines if found is not None else ():
            lines += paragraph(line.strip(), width, indent="  " if line.startswith(" ") else "")
        gone = (Row("Nothing is known of it any more."), Row("esc goes back.", "dim"))
        self.sheet.put(Row("Why", "strong").add(f" · {self.subject}", "dim"), lines, empty=gone)
        self.fit(max(2, len(lines)) + 2)
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("ctrl+d", "scroll", len(self.sheet.items) > self.sheet.room), ("esc", "back", True))


def _why(subject: str, view: View) -> Why | None:
    snapshot = view.snapshot
    if subject in view.workstreams:
        return why_workstream(view.workstreams[subject], snapshot, view.now)
    run = view.runs.get(subject) or view.latest_run(subject)
    return why_run(run, snapshot, view.now) if run is not None else None
