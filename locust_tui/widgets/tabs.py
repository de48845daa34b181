"""The tab line of small screens: which panes there are, which is shown, what waits; or that there is no room."""

from __future__ import annotations

from locust_tui.domain.snapshot import GateView

from .line import Line
from .row import BLANK, Row
from .view import View

PANES = ("tree", "board", "gate", "kpis", "log")


class PaneTabs(Line):
    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.small = False
        self._shown: tuple[View, str, GateView | None] | None = None

    def show(self, view: View, at: str, gate: GateView | None) -> None:
        self._shown = (view, at, gate)
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
        return row
