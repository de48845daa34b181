"""One orchestrator: how its domain stands, its slots and its agent, what blocks it, what comes next, what it has to do."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.domain.snapshot import OrchestratorView, Snapshot
from locust_tui.widgets.cards import named
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet
from locust_tui.widgets.view import View

from .base import Reading
from .message_form import write_message
from .orchestrator_facts import orchestrator_facts


class OrchestratorScreen(Reading):
    in_past = True
    about = (
        "One orchestrator: how far its domain is beside its plan, its slots and its agent, what blocks it, what the next week "
        "is for, its open tasks, what waits for its word, its workstreams. enter opens a workstream, n writes to it."
    )
    BINDINGS = [
        Binding("enter,l,right", "open", "open"),
        Binding("n", "write", "write"),
        Binding("L", "log", "log"),
        Binding("w", "why", "why"),
    ]

    def __init__(self, orchestrator: str) -> None:
        super().__init__(id="orchestrator")
        self.orchestrator = orchestrator
        self.sheet = Sheet(id="facts")

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def found(self, view: View) -> OrchestratorView | None:
        s = view.snapshot
        if self.orchestrator == s.meta_id:
            return _over_all(s, s.meta_id)
        return next((o for o in s.orchestrators if o.id == self.orchestrator), None)

    def present(self, view: View) -> None:
        found = self.found(view)
        if found is None:
            gone = (Row("The plan has it no more."), Row("esc goes back.", "dim"))
            self.sheet.put(Row(self.orchestrator), (), empty=gone)
        else:
            title = Row(found.id, "strong")
            if named(found.id, found.name):
                title.add(f" {found.name}")
            if found.alias:
                title.add(f" · {found.alias}", "dim")
            self.sheet.put(title, list(orchestrator_facts(found, view, max(20, self.size.width - 6))))
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        view = self.host.view
        run = view.latest_run(self.orchestrator) if view is not None else None
        yield "enter", "open", bool(self.sheet.chosen)
        yield "n", "message", self.host.link.state is not LinkState.GONE
        yield "L", "log", run is not None
        yield "w", "why", run is not None
        yield "!", "inbox", True
        yield "?", "help", True
        yield "esc", "back", True

    def action_open(self) -> None:
        kind, _, name = self.sheet.chosen.partition(":")
        if kind:
            self.host.main.go_to(kind, name)

    def action_write(self) -> None:
        if self.host.refuses():
            return
        if self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
        else:
            write_message(self.host, to=self.orchestrator)

    def action_log(self) -> None:
        self._of_its_run(lambda run: self.host.main.go_to("log", run))

    def action_why(self) -> None:
        self._of_its_run(self.host.main.open_why)

    def _of_its_run(self, act: object) -> None:
        view = self.host.view
        run = view.latest_run(self.orchestrator) if view is not None else None
        if run is None:
            self.host.say(f"no agent of {self.orchestrator} has run", "you")
        elif callable(act):
            act(run.id)


def _over_all(s: Snapshot, id: str) -> OrchestratorView:
    """The meta-orchestrator: its domain is the whole plan."""
    return OrchestratorView(
        id, s.meta_name, None, tuple(w.id for w in s.workstreams), s.progress, s.expected_progress,
        s.agents_running, s.cap, blockers=tuple(dict.fromkeys(b for o in s.orchestrators for b in o.blockers)),
        spend=s.spend, verdict=s.verdict, reasons=s.reasons, gap_at_risk=s.gap_at_risk,
    )  # fmt: skip
