"""One workstream: every field, what it needs, what it delivers, its checks, its attempts, and the keys that steer it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.widgets.cards import named
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet
from locust_tui.widgets.view import View

from .base import Reading
from .commands import BY_ID, STEERING
from .facts import workstream_facts

_KEYS = (
    "log",
    "attach",
    "review",
    "why",
    "start",
    "pause",
    "retry",
    "cancel",
    "accept",
    "reject",
    "verify",
    "reopen",
)


class WorkstreamScreen(Reading):
    """Keys that steer are the main screen's, where this workstream is the selected one."""

    in_past = True

    about = (
        "One workstream: what it needs, delivers and must pass, its attempts and instructions. Verified figures "
        "count; what its agent says stands beside them."
    )

    BINDINGS = [Binding(BY_ID[name].keys, f"steer('{name}')", BY_ID[name].words) for name in _KEYS]

    def __init__(self, workstream: str) -> None:
        super().__init__(id="workstream")
        self.workstream = workstream
        self.sheet = Sheet(id="facts")

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def present(self, view: View) -> None:
        workstream = view.workstreams.get(self.workstream)
        if workstream is None:
            self.sheet.put(
                Row(self.workstream),
                (),
                empty=(Row("The plan has it no more."), Row("esc goes back.", "dim")),
            )
        else:
            title = Row(workstream.id, "strong")
            if named(workstream.id, workstream.name):
                title.add(f" {workstream.name}")
            self.sheet.put(title, workstream_facts(workstream, view, self.size.width - 6))
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        main = self.host.main
        for name in _KEYS:
            possible = main.why_not(name) is None
            if possible or name not in STEERING:
                yield BY_ID[name].shown, main.label(BY_ID[name]), possible
        for key in ("waiting", "help"):
            yield BY_ID[key].shown, BY_ID[key].label, True
        yield "esc", "back", True

    def action_steer(self, command: str) -> None:
        self.host.main.select(self.workstream)
        self.host.main.action_run(command)
