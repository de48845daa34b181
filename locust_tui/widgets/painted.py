"""The base of everything the cockpit draws: lines that are complete as they are painted."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Painted(Widget, inherit_bindings=False):
    """A widget whose `render_line` gives lines of its full width, without border, padding or tint by style sheet."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: Textual would look after each for what these widgets never have."""
        if self.get_line_filters():
            return super().render_lines(crop)
        start, end = crop.column_span
        strips = [self.render_line(y) for y in crop.line_range]
        return [s if start == 0 and s.cell_length == end else s.crop(start, end) for s in strips]
