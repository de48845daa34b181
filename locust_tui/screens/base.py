"""What every screen of the cockpit has: the host, a footer with the keys that matter, a line for answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from locust_tui.widgets.line import Line
from locust_tui.widgets.message import Answer
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View

if TYPE_CHECKING:
    from .host import Host

Keys = tuple[tuple[str, str], ...]
"""(key, word) pairs of a footer."""


def footer_row(keys: Iterable[tuple[str, str, bool]], width: int) -> Row:
    """ "key word" pairs, as many as fit; unavailable ones are dim. The last pair always stays."""
    pairs = list(keys)
    while len(pairs) > 1 and sum(len(key) + len(word) + 3 for key, word, _ in pairs) > width:
        pairs.pop(-2)
    row = Row(" ")
    for key, word, available in pairs:
        row.add(key, "key" if available else "dim").add(f" {word}  ", "text" if available else "dim")
    return row


class CockpitScreen(Screen[None], inherit_bindings=False):
    """A screen that is shown views; `body` composes it, `footer_keys` says the keys that matter now."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CockpitScreen { layout: vertical; layers: base above; background: ansi_default; color: ansi_default; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.footer = Line(id="footer")
        self.answer = Answer()
        self._hush: Timer | None = None

    @property
    def host(self) -> Host:
        return cast("Host", self.app)

    def compose(self) -> ComposeResult:
        yield from self.body()
        yield self.footer
        yield self.answer

    def body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def present(self, view: View) -> None:
        """Draw the newest view."""

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        """(key, word, available now)."""
        return ()

    def show_footer(self) -> None:
        self.footer.put(footer_row(self.footer_keys(), self.size.width))

    def on_mount(self) -> None:
        self.ready()

    def ready(self) -> None:
        """Mounted: focus what takes the keys. (A hook, for Textual calls the handlers of every class itself.)"""
        self._present_now()

    def on_screen_resume(self) -> None:
        self._present_now()

    def on_resize(self, event: events.Resize) -> None:
        self.resized(event)

    def resized(self, event: events.Resize) -> None:
        self.show_footer()

    def _present_now(self) -> None:
        view = self.host.view
        if view is not None:
            self.present(view)
        self.show_footer()

    def speak(self, words: str, tone: str) -> None:
        """Say something in the line above the footer for a while."""
        self.answer.say(words, tone, self.size.width)
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(15 if tone == "bad" else 6, self.answer.hush)


class Reading(CockpitScreen):
    """A screen with one list to read or choose from: it scrolls, and esc or q closes it."""

    BINDINGS = [
        Binding("escape,q", "close", "back"),
        Binding("down,j", "move(1)"),
        Binding("up,k", "move(-1)"),
        Binding("ctrl+d,pagedown,space", "page(0.5)"),
        Binding("ctrl+u,pageup", "page(-0.5)"),
        Binding("g,home", "edge(-1)"),
        Binding("G,end", "edge(1)"),
    ]

    def pane(self) -> Widget:
        """The list the keys move in."""
        raise NotImplementedError

    def action_close(self) -> None:
        self.app.pop_screen()

    def action_move(self, delta: int) -> None:
        self.pane().move(delta)  # type: ignore[attr-defined]

    def action_page(self, fraction: float) -> None:
        self.pane().page(fraction)  # type: ignore[attr-defined]

    def action_edge(self, direction: int) -> None:
        self.pane().move(direction * 1_000_000)  # type: ignore[attr-defined]
