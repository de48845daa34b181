"""What every screen of the cockpit has: the host, a footer with the keys that matter, a line for answers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from locust_tui.widgets.answer_form import AnswerForm
from locust_tui.widgets.form import Form
from locust_tui.widgets.line import Line
from locust_tui.widgets.message import Answer
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View

from .notice import Notice

if TYPE_CHECKING:
    from .host import Host

TOLD = {"b": "alerts", "o": "overview", "y": "plan"}
"""Keys that the line of what must not be missed names, with their commands: they lead there from wherever it stands."""
EVERYWHERE = {"u": "up_worker", "exclamation_mark": "waiting", "question_mark": "help", "f1": "help", **TOLD}
"""Keys that every screen knows, with their commands."""
SAID_S, REFUSED_S = 6.0, 15.0
"""How long an answer stands where no key is pressed."""
READ_S = 1.0
"""An answer that stood for so long has been seen: the next key takes it away."""


def footer_row(keys: Iterable[tuple[str, str, bool]], width: int) -> Row:
    """ "key word" pairs, as many as fit: unavailable ones, which are dim, go first. The last pair always stays."""
    pairs = list(keys)
    while len(pairs) > 1 and sum(len(key) + len(word) + 3 for key, word, _ in pairs) - 1 > width:
        idle = [index for index, pair in enumerate(pairs[:-1]) if not pair[2]]
        pairs.pop(idle[-1] if idle else -2)
    row = Row(" ")
    for number, (key, word, available) in enumerate(pairs):
        row.add("  " if number else "").add(key, "key" if available else "dim")
        row.add(f" {word}", "text" if available else "dim")
    return row


class CockpitScreen(Screen[None], inherit_bindings=False):
    """A screen that is shown views; `body` composes it, `footer_keys` says the keys that matter now."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CockpitScreen { layout: vertical; background: ansi_default; color: ansi_default; }
    CockpitScreen Answer { layer: default; margin-bottom: 0; }
    """
    BINDINGS = [Binding(keys, f"everywhere('{command}')") for keys, command in EVERYWHERE.items()]

    about = ""
    """Help for the screen in two or three sentences."""
    in_past = False
    """It shows what the view holds and no more, so that it is true of an earlier moment too."""
    form: Form | AnswerForm | None = None
    """What a person fills in over the screen; every key is its own."""
    notice_on_top = True
    """The screen begins with the notice; else it stands where `body` puts it, or under another screen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known_as = id
        self.banner = Notice()
        self.footer = Line(id="footer")
        self.answer = Answer()
        self._hush: Timer | None = None
        self._said_at = 0.0

    @property
    def host(self) -> Host:
        return cast("Host", self.app)

    def differ_from(self, others: Iterable[Widget]) -> None:
        """Take an id that none of `others` has: a gate may be opened from the inbox over a gate."""
        taken, number = {other.id for other in others}, 2
        while self._id is not None and self._id in taken:
            self._id, number = f"{self._known_as}-{number}", number + 1

    def compose(self) -> ComposeResult:
        if self.notice_on_top:
            yield self.banner
        yield from self.body()
        yield self.footer
        yield self.answer

    def body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def _compositor_refresh(self) -> None:
        """Not while the app holds frames back: it would be drawn and thrown away, and be missing afterwards.

        Under a panel what changed is handed to the panel's screen, once: Textual keeps it as its own to draw as well, and
        so hands it on for ever, with the whole screen that had to be drawn when the panel came. Nor is the panel's screen
        asked to be drawn as such: it would take what its own widgets have to draw for done.
        """
        app = self.app
        if app._batch_count:
            return
        if app.is_inline or self not in app._background_screens:
            super()._compositor_refresh()
        elif changed := self._compositor._dirty_regions:
            top = app.screen
            top._set_dirty(*changed)
            top._dirty_widgets.add(top)
            top.check_idle()
            changed.clear()
            self._dirty_widgets.clear()

    def get_focusable_widget_at(self, x: int, y: int) -> Widget | None:
        """A click takes the keys from no form that is open."""
        return self.form if self.form is not None else super().get_focusable_widget_at(x, y)

    def take(self, view: View) -> None:
        """Draw the newest view, and over it what must not be missed."""
        self.banner.show(view)
        self.present(view)

    def grow_older(self, view: View) -> None:
        """Draw the view that was drawn last, at a later moment."""
        self.banner.show(view)
        self.present(view)

    def present(self, view: View) -> None:
        """Draw the newest view."""

    def action_everywhere(self, command: str) -> None:
        """A key that means the same on every screen."""
        if command == "help":
            self.host.main.open_help(str(self.id or "screen").partition("-screen")[0], self.about)
        elif command != "plan" or self._plan_waits():  # y is the second step of answers, too
            self.host.main.action_run(command)

    def _plan_waits(self) -> bool:
        """Whether the line of what must not be missed tells of a plan that is not in force."""
        view = self.host.view
        return view is not None and (view.snapshot.held is not None or bool(view.problems))

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        """(key, word, available now)."""
        return ()

    def show_footer(self) -> None:
        self.footer.put(footer_row(self.footer_keys(), self.size.width or self.app.size.width))

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
            self.take(view)
        self.show_footer()

    def speak(self, words: str, tone: str) -> None:
        """Say something for a while, or until a key, in the footer's line; where it takes more, the panes give way."""
        self.answer.say(words, tone, self.size.width)
        self.footer.display = False
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(REFUSED_S if tone == "bad" else SAID_S, self.hush)
        self._said_at = time.monotonic()

    def takes_for_absence(self, key: str, *, on_top: bool) -> bool:
        """Whether a key is for a panel that tells what happened meanwhile; only the first screen has one."""
        return False

    def key_comes(self) -> None:
        """A key is about to be taken: what was said before is over, and a form that is open hears it.

        A form for which there was no room for a moment has lost the focus, and the screen beneath takes no key, esc neither.
        """
        if self.answer.display and time.monotonic() - self._said_at >= READ_S:
            self.hush()
        if self.form is not None:
            self.set_focus(self.form)

    def go_back(self) -> bool:
        """Back to the screen before. False: it was left already, and what comes late, a second esc or enter, means nothing."""
        if self.app.screen is not self:
            return False
        self.app.pop_screen()
        return True

    def hush(self) -> None:
        """Take back what was said last."""
        self.answer.hush()
        self.footer.display = True


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
        self.go_back()

    def action_move(self, delta: int) -> None:
        self.pane().move(delta)  # type: ignore[attr-defined]

    def action_page(self, fraction: float) -> None:
        self.pane().page(fraction)  # type: ignore[attr-defined]

    def action_edge(self, direction: int) -> None:
        self.pane().move(direction * 1_000_000)  # type: ignore[attr-defined]
