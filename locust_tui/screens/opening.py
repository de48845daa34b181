"""Commands that open another screen over the main one, and going to a thing by its name.

Each screen is imported when it is first opened: the first frame does not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable

from locust_tui.domain.states import WorkstreamState
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.gate import GateChecklist

from .base import CockpitScreen
from .panes import Panes


class Opening(Panes):
    def do_open(self) -> None:
        pane = self.focused_pane
        view = self.host.view
        if isinstance(pane, GateChecklist):
            if pane.gate is not None:
                self.open_gate(pane.gate.id)
        elif self.at == "log":
            self.do_attach()
        elif view is not None and self.at != "kpis" and self.selected in view.workstreams:
            self.open_work(self.selected)
        elif view is not None and self.at != "kpis" and self._leads(self.selected):
            self.open_orchestrator(self.selected)
        else:
            self.do_overview()

    def _leads(self, id: str) -> bool:
        return self.host.view is not None and id in self.host.view.leaders

    def open_orchestrator(self, orchestrator: str) -> None:
        from .orchestrator import OrchestratorScreen

        self.host.open(OrchestratorScreen(orchestrator))

    def open_gate(self, gate: str) -> None:
        from .gate import GateScreen

        self.host.open(GateScreen(gate))

    def open_workstream(self, workstream: str) -> None:
        from .workstream import WorkstreamScreen

        self.host.open(WorkstreamScreen(workstream))

    def open_review(self, workstream: str) -> None:
        from .review import ReviewScreen

        self.host.open(ReviewScreen(workstream))

    def open_work(self, workstream: str) -> None:
        """What a person wants to see of it now: its changes while they wait for a yes, else all about it."""
        view = self.host.view
        found = view.workstreams.get(workstream) if view is not None else None
        if found is not None and found.branch and found.state is WorkstreamState.REVIEW:
            self.open_review(workstream)
        else:
            self.open_workstream(workstream)

    def do_review(self) -> None:
        self.open_review(self.selected)

    def open_log(self, subject: str, run: str | None = None) -> None:
        from .log import LogScreen

        self.host.open(LogScreen(subject, run))

    def do_log(self) -> None:
        self.open_log(self.selected)

    def do_attach(self) -> None:
        if self.log_pane.run is not None:
            self.open_terminal(self.log_pane.run.id)

    def open_terminal(self, run: str) -> None:
        """The terminal of a run of the view; one that left no output has none to show."""
        from locust_tui.client.preferences import detach_key

        from .attach import attach_screen

        view, log = self.host.view, self.host.port.log_path(run)
        if view is None or log is None or run not in view.runs:
            self.host.say(f"{run} has left nothing to show", "you")
            return
        try:
            leave = detach_key()
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        self.host.open(attach_screen(view.runs[run], log.parent, leave))

    def do_waiting(self) -> None:
        """The inbox; the one that is open already, where there is one under what was opened from it."""
        from .inbox import InboxScreen

        self._open_once(InboxScreen)

    def do_messages(self) -> None:
        from .messages import MessagesScreen

        self._open_once(MessagesScreen)

    def do_alerts(self) -> None:
        from .alerts import AlertsScreen

        self._open_once(AlertsScreen)

    def do_memory(self) -> None:
        from .memory import MemoryScreen

        self._open_once(MemoryScreen)

    def do_forecast(self) -> None:
        from .forecast import ForecastScreen

        self._open_once(ForecastScreen)

    def do_monitors(self) -> None:
        self.open_monitor("")

    def do_figures(self) -> None:
        from .figures import FiguresScreen

        self._open_once(FiguresScreen)

    def do_report(self) -> None:
        from .report import ReportScreen

        self._open_once(ReportScreen)

    def do_timeline(self) -> None:
        from .timeline import TimelineScreen

        self._open_once(TimelineScreen)

    def do_baseline(self) -> None:
        from .baseline import BaselineScreen

        self._open_once(BaselineScreen)

    def do_strategies(self) -> None:
        from .strategies import StrategiesScreen

        self._open_once(StrategiesScreen)

    def do_risks(self) -> None:
        from .risks import RisksScreen

        self._open_once(RisksScreen)

    def open_monitor(self, name: str) -> None:
        """Its dashboard; of the first one where none is named."""
        from .monitors import MonitorsScreen

        self.host.open(MonitorsScreen(name))

    def _open_once(self, kind: Callable[[], CockpitScreen]) -> None:
        """Open a screen; the one that is open already, where there is one under what was opened from it."""
        if any(isinstance(screen, kind) for screen in self.app.screen_stack):  # type: ignore[arg-type]
            while not isinstance(self.app.screen, kind):  # type: ignore[arg-type]
                self.app.pop_screen()
        else:
            self.host.open(kind())

    def do_history(self) -> None:
        from .history import HistoryScreen

        self._open_once(HistoryScreen)

    def do_why(self) -> None:
        """Of the log's run where the log has the focus, else of what is selected."""
        run = self.log_pane.run
        self.open_why(run.id if self.at == "log" and run is not None else self.selected)

    def open_why(self, id: str) -> None:
        from .why import WhyScreen

        self.host.open(WhyScreen(id))

    def do_overview(self) -> None:
        from .overview import OverviewScreen

        self._open_once(OverviewScreen)

    def do_palette(self) -> None:
        from .palette import PaletteScreen

        self.host.open(PaletteScreen())

    def do_help(self) -> None:
        self.open_help(self.at, self.focused_pane.about)

    def open_help(self, name: str, about: str) -> None:
        from .help import HelpScreen

        self.host.open(HelpScreen(name, about))

    def do_plan(self) -> None:
        from .plan_change import PlanScreen

        self._open_once(PlanScreen)

    def do_follow(self) -> None:
        self.log_pane.set_follow(not self.log_pane.follow)

    def do_wrap(self) -> None:
        self.log_pane.set_wrap(not self.log_pane.wrap)

    def go_to(self, kind: str, name: str) -> None:
        """Open what a waiting item or a palette row names: gate:g1, review:WS-04, input:WS-05, plan:…, log:RUN, run:RUN,
        orchestrator:core, monitor:main."""
        view = self.host.view
        if view is None:
            return
        if kind == "plan":
            self.do_plan()
        elif kind == "gate" and name in view.gates:
            self.gate.choose(name)
            self.open_gate(name)
        elif kind in ("log", "run") and name in view.runs:
            self.open_log(view.runs[name].subject, name)
        elif name in view.workstreams:
            self.select(name)
            self.open_work(name)
        elif self._leads(name):
            self.open_orchestrator(name)
        elif kind == "monitor":
            self.open_monitor(name)
        else:
            self.host.say(f"{kind} {name}: the plan has it no more", "you")
