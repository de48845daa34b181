"""Commands that open another screen over the main one, and going to a thing by its name."""

from __future__ import annotations

from locust_tui.widgets.gate import GateChecklist

from .gate import GateScreen
from .help import HelpScreen
from .log import LogScreen
from .overview import OverviewScreen
from .palette import PaletteScreen
from .panes import Panes
from .plan_change import PlanScreen
from .waiting import WaitingScreen
from .workstream import WorkstreamScreen


class Opening(Panes):
    def do_open(self) -> None:
        pane = self.focused_pane
        view = self.host.view
        if isinstance(pane, GateChecklist):
            if pane.gate is not None:
                self.app.push_screen(GateScreen(pane.gate.id))
        elif self.at == "log":
            self.do_log()
        elif view is not None and self.at != "kpis" and self.selected in view.workstreams:
            self.app.push_screen(WorkstreamScreen(self.selected))
        else:
            self.app.push_screen(OverviewScreen())

    def do_log(self) -> None:
        self.app.push_screen(LogScreen(self.selected))

    def do_waiting(self) -> None:
        self.app.push_screen(WaitingScreen())

    def do_overview(self) -> None:
        self.app.push_screen(OverviewScreen())

    def do_palette(self) -> None:
        self.app.push_screen(PaletteScreen())

    def do_help(self) -> None:
        self.app.push_screen(HelpScreen(self.at, self.focused_pane.about))

    def do_plan(self) -> None:
        self.app.push_screen(PlanScreen())

    def do_follow(self) -> None:
        self.log_pane.set_follow(not self.log_pane.follow)

    def do_wrap(self) -> None:
        self.log_pane.set_wrap(not self.log_pane.wrap)

    def go_to(self, kind: str, name: str) -> None:
        """Open what a waiting item or a palette row names: gate:g1, review:WS-04, input:WS-05, plan:…, log:RUN."""
        view = self.host.view
        if view is None:
            return
        if kind == "plan":
            self.do_plan()
        elif kind == "gate" and name in view.gates:
            self.gate.choose(name)
            self.app.push_screen(GateScreen(name))
        elif kind == "log" and name in view.runs:
            self.app.push_screen(LogScreen(view.runs[name].subject, name))
        elif name in view.workstreams:
            self.select(name)
            self.app.push_screen(WorkstreamScreen(name))
        else:
            self.host.say(f"{kind} {name}: the plan has it no more", "you")
