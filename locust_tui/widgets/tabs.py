"""The tab line of small screens: which panes there are, which is shown, what waits; or that there is no room."""

from __future__ import annotations

from rich.cells import cell_len

from locust_tui.domain.snapshot import GateView

from .line import Line
from .row import BLANK, Row, crop, shown
from .view import View

PANES = ("tree", "board", "gate", "kpis", "log")


class PaneTabs(Line):
    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.small = False
        self._shown: tuple[View, str, GateView | None] | None = None
        self._beyond = ""

    def show(self, view: View, at: str, gate: GateView | None, beyond: str = "") -> None:
        """`beyond`: what of the pane there is no room for."""
        self._shown, self._beyond = (view, at, gate), beyond
        self.again()

    def build(self, width: int) -> Row:
        if self.small:
            return Row(" needs 60×20", "you").add(
                f" · this is {self.app.size.width}×{self.app.size.height}", "dim"
            )
        if self._shown is None:
            return BLANK
        view, at, gate = self._shown
        row = Row(" ")
        for number, name in enumerate(PANES, 1):
            here = name == at
            row.add(f" {number} ", "cursor" if here else "key").add(f"{name}", "cursor" if here else "text")
            if name == "gate" and gate is not None:
                row.add(f" {gate.passed}/{len(gate.criteria)}", "cursor" if here else "dim")
                if gate.id in view.waiting_gates:
                    row.add(" ◐", "cursor" if here else "you")
            row.add(" ", "cursor" if here else "text").add(" ")
        if view.filter:
            row.right = [*filter_words(view.filter, width - cell_len(row.text) - 2).left, (" ", "text")]
        elif self._beyond and cell_len(row.text) + cell_len(self._beyond) + 2 <= width:
            row.end(f"{self._beyond} ", "dim")
        return row


def filter_words(words: str, width: int) -> Row:
    """ "/ hint · esc clears" within `width` cells: which filter is on and how to let it go."""
    end = " · esc clears"
    return Row("/ ", "key").add(crop(shown(words), max(3, width - len(end) - 2)), "strong").add(end, "dim")
