"""Keys that move: between panes, inside them, through columns, gates and branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.widgets.gate import GateChecklist
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.tabs import PANES
from locust_tui.widgets.tree import OrchestratorTree

from .panes import Panes


class Moves(Panes):
    """The movement commands of the main screen."""

    def do_next_pane(self) -> None:
        self.focus_pane(PANES[(PANES.index(self.at) + 1) % len(PANES)])

    def do_previous_pane(self) -> None:
        self.focus_pane(PANES[(PANES.index(self.at) - 1) % len(PANES)])

    def do_pane_tree(self) -> None:
        self.focus_pane("tree")

    def do_pane_board(self) -> None:
        self.focus_pane("board")

    def do_pane_gate(self) -> None:
        self.focus_pane("gate")

    def do_pane_kpis(self) -> None:
        self.focus_pane("kpis")

    def do_pane_log(self) -> None:
        self.focus_pane("log")

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def do_page_down(self) -> None:
        self._page(0.5)

    def do_page_up(self) -> None:
        self._page(-0.5)

    def do_top(self) -> None:
        pane = self.focused_pane
        if isinstance(pane, LogPane):
            pane.to_start()
        else:
            self._move(-1_000_000)

    def do_bottom(self) -> None:
        self._move(1_000_000)

    def do_left(self) -> None:
        self._turn(-1)

    def do_right(self) -> None:
        self._turn(1)

    def action_run(self, command: str) -> None:
        raise NotImplementedError

    def _move(self, delta: int) -> None:
        self._walk(lambda pane: pane.move(delta))

    def _page(self, fraction: float) -> None:
        self._walk(lambda pane: pane.page(fraction))

    def _walk(self, step: Callable[[Pane[Any]], None]) -> None:
        pane = self.focused_pane
        before = pane.cursor
        step(pane)
        if pane.cursor != before:
            self.follow(pane)

    def _turn(self, step: int) -> None:
        pane = self.focused_pane
        if self.at == "board":
            if self.board.turn(step):
                self.follow(self.board.current)
        elif isinstance(pane, GateChecklist):
            pane.turn(step)
        elif isinstance(pane, OrchestratorTree):
            if step < 0:
                pane.fold()
            elif not pane.unfold() and pane.current is not None and isinstance(pane.current, WorkstreamView):
                self.action_run("log")
        elif isinstance(pane, LogPane) and step > 0:
            self.action_run("log")
