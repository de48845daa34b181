"""Single lines around the panes: each draws one row and is painted only when that row changes."""

from __future__ import annotations

from textual.geometry import Size
from textual.strip import Strip

from .painted import Painted
from .row import BLANK, Row


class Line(Painted):
    """One row of the screen. `put` gives it the row; it is built for a width by `build`."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._row = BLANK
        self._wide = 0
        self._drawn: dict[int, Strip] = {}
        """What the line says, and a blank one for where there are more, as they were drawn last."""

    def build(self, width: int) -> Row:
        """The row for this width; subclasses that only `put` need not say it."""
        return self._row

    def put(self, row: Row) -> None:
        if row != self._row:
            self._row = row
            self._drawn.clear()
            self.refresh()

    def again(self) -> None:
        """Build the row anew and paint it if it changed."""
        if self.size.width:
            self.put(self.build(self.size.width))

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Built as soon as there is room: the event comes only after the first frame was drawn."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self._wide = self.size.width
            self._drawn.clear()
            self.again()
        return changed

    def render_line(self, y: int) -> Strip:
        strip = self._drawn.get(y)
        if strip is None:
            strip = self._drawn[y] = (self._row if y == 0 else BLANK).strip(self._wide)
        return strip
