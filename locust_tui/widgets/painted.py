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
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips
