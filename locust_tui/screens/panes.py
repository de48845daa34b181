"""The panes of the main screen, how they share the room, and the one subject they all speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import events
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widget import Widget

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.report.run_words import limit_words
from locust_tui.widgets.board import Board, BoardColumn
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.gate import GateChecklist
from locust_tui.widgets.headline import Headline
from locust_tui.widgets.kpis import KpiStrip
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.tabs import PANES, PaneTabs
from locust_tui.widgets.tree import OrchestratorTree
from locust_tui.widgets.view import View

from .away import AwayPanel
from .base import CockpitScreen

NEEDED = (60, 20)
ROOMY = (110, 30)


class Panes(CockpitScreen):
    """`selected` is the one subject (workstream, orchestrator or meta) that tree, board, log and keys speak of."""

    notice_on_top = False
    DEFAULT_CSS = """
    Panes #top { height: 5fr; }
    Panes #middle { height: 3fr; }
    Panes #log { height: 3fr; }
    Panes #gate { width: 8fr; }
    Panes #kpis { width: 7fr; }
    Panes #tree { width: 28%; min-width: 34; max-width: 52; }
    Panes.-tabs #tree { width: 1fr; max-width: 100%; }
    Panes.-tabs #top, Panes.-tabs #middle, Panes.-tabs #log { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="main")
        self.banner.with_note = True
        self.headline, self.tabs = Headline(), PaneTabs()
        self.tree_pane, self.board = OrchestratorTree(id="tree"), Board(id="board")
        self.gate, self.kpis, self.log_pane = GateChecklist(id="gate"), KpiStrip(id="kpis"), LogPane(id="log")
        self.filter_line = Entry(prompt=" / ", id="filter")
        self.away = AwayPanel()
        self.selected = ""
        self._kept = ""
        """What was selected before a filter left nothing."""
        self.at = "board"
        """The pane with the focus."""
        self.mode = "wide"
        """wide, tabs, small"""

    def body(self) -> Iterable[Widget]:
        yield self.headline
        yield self.tabs
        yield self.banner
        yield self.away
        yield Horizontal(self.tree_pane, self.board, id="top")
        yield Horizontal(self.gate, self.kpis, id="middle")
        yield self.log_pane
        self.filter_line.display = False
        yield self.filter_line

    def show_log(self, view: View) -> None:
        run = view.latest_run(self.selected)
        path = self.host.port.log_path(run.id) if run is not None else None
        limit = limit_words(run, view.snapshot, view.now) if run is not None else ""
        self.log_pane.show(self.selected, run, path, view.now, limit)

    def ready(self) -> None:
        self._fit(self.app.size)  # before the first layout, which is then the only one
        super().ready()

    def resized(self, event: events.Resize) -> None:
        self._fit(event.size)
        super().resized(event)

    def _fit(self, size: Size) -> None:
        width, height = size
        if width < NEEDED[0] or height < NEEDED[1]:
            mode = "small"
        else:
            mode = "wide" if width >= ROOMY[0] and height >= ROOMY[1] else "tabs"
        self.lay_out(mode)

    def lay_out(self, mode: str) -> None:
        self.mode = mode
        wide = mode == "wide"
        self.set_class(not wide, "-tabs")
        visible = {"wide": set(PANES), "tabs": {self.at}, "small": set()}[mode]
        self.tabs.small = mode == "small"
        self.tabs.display = not wide
        self.query_one("#top").display = bool(visible & {"tree", "board"})
        self.query_one("#middle").display = bool(visible & {"gate", "kpis"})
        for name, pane in self.panes().items():
            pane.display = name in visible
        boxes: tuple[Pane[Any], ...] = (
            self.tree_pane,
            *self.board.columns,
            self.gate,
            self.kpis,
            self.log_pane,
        )
        for box in boxes:
            box.set_boxed(wide)
        width = self.app.size.width
        self.board.expect(width - max(34, min(52, width * 28 // 100)) if wide else width)
        self.board.set_columns_shown(5 if wide or width >= 110 else 3)
        view = self.host.view
        if view is not None:
            self.show_tabs(view)

    def show_tabs(self, view: View) -> None:
        beyond = self.board.out_of_view if self.at == "board" and self.mode == "tabs" else ""
        self.tabs.show(view, self.at, self.gate.gate, beyond)

    def panes(self) -> dict[str, Widget]:
        return {
            "tree": self.tree_pane,
            "board": self.board,
            "gate": self.gate,
            "kpis": self.kpis,
            "log": self.log_pane,
        }

    # the selection

    @property
    def focused_pane(self) -> Pane[Any]:
        if self.at == "board":
            return self.board.current
        return self.panes()[self.at]  # type: ignore[return-value]

    def focus_pane(self, name: str) -> None:
        self.at = name
        if self.mode == "tabs":
            self.lay_out("tabs")
        if name == "board":
            self.board.focus_current()
        else:
            self.focused_pane.focus()
        view = self.host.view
        if view is not None:
            self.show_tabs(view)
        self.show_footer()

    def select(self, subject: str) -> None:
        """Make this the selected subject in tree, board and log; a filter that hides it goes."""
        self.selected = subject
        view = self.host.view
        if view is not None and view.filter and subject and subject not in self.shown_subjects(view):
            self.host.filter_words = ""
            self.host.present()
        self.tree_pane.unfold_to(subject)
        self.tree_pane.select_key(subject)
        self.board.select(subject)
        view = self.host.view
        if view is not None:
            self.show_log(view)
            self.show_tabs(view)
        self.show_footer()

    def follow(self, pane: Pane[Any]) -> None:
        """Select what the cursor of `pane` has come to: at once, for the next key may be on its way already."""
        if isinstance(pane, BoardColumn):
            self.board.active = self.board.columns.index(pane)
        if isinstance(pane, BoardColumn | OrchestratorTree) and pane.current_key != self.selected:
            self.select(pane.current_key)

    def shown_subjects(self, view: View) -> set[str]:
        """What may be selected: under a filter, its matches and the branches over them."""
        matches = {w.id for w in view.snapshot.workstreams if view.matches(w)}
        branches = {
            o.id for o in view.snapshot.orchestrators if not view.filter or matches & {*o.workstreams}
        }
        if view.snapshot.meta_id is not None and (matches or not view.filter):
            branches.add(view.snapshot.meta_id)
        return matches | branches

    def first_match(self, view: View) -> str:
        """The first workstream of the tree that the filter leaves; "" where it leaves none."""
        ordered = [i for o in view.snapshot.orchestrators for i in o.workstreams if i in view.workstreams]
        rest = [w.id for w in view.snapshot.workstreams if w.id not in set(ordered)]
        return next((i for i in (*ordered, *rest) if view.matches(view.workstreams[i])), "")

    def on_descendant_focus(self) -> None:
        """A click may have moved the focus."""
        focused = self.focused
        for name, pane in self.panes().items():
            if focused is not None and (focused is pane or pane in focused.ancestors) and name != self.at:
                self.at = name
                self.show_footer()


def first_choice(workstreams: Iterable[WorkstreamView]) -> str:
    """What is selected at first: what needs a person, else what runs, else the first of the plan."""
    order = (
        WorkstreamState.NEEDS_INPUT,
        WorkstreamState.FAILED,
        WorkstreamState.RUNNING,
        WorkstreamState.REVIEW,
    )
    best, rank = "", len(order) + 1
    for workstream in workstreams:
        here = order.index(workstream.state) if workstream.state in order else len(order)
        if here < rank:
            best, rank = workstream.id, here
    return best
