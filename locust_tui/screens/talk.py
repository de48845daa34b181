"""An agent with pipes on the whole screen: what it writes, and a line for what it is to read."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from textual import events, on
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.client.requests import SendText
from locust_tui.client.run_terminal import RunTerminal
from locust_tui.domain.snapshot import RunView
from locust_tui.terminal.keys import key_name
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.view import View

from .base import CockpitScreen
from .log_clock import LogClock
from .run_line import Left, leave, who, with_leave

_LOOK_S = 1.0
_UNSENT = {
    LinkState.GONE: "no worker runs that could hand it over: u in the cockpit starts it",
    LinkState.CONNECTING: "not sent yet: the worker is not reached; enter tries again",
}


class TalkScreen(CockpitScreen, inherit_bindings=False):
    """A run with pipes: its output as it comes, and a line to type where it takes input."""

    notice_on_top = False
    about = "What the run writes, as it comes; where it takes input, a line for it stands below."
    BINDINGS = [
        Binding("pagedown,shift+pagedown", "page(0.5)"),
        Binding("pageup,shift+pageup", "page(-0.5)"),
        Binding("down,shift+down", "move(1)"),
        Binding("up,shift+up", "move(-1)"),
        Binding("home,shift+home", "start"),
        Binding("end,shift+end", "follow"),
        Binding("escape,q", "leave"),
    ]

    def __init__(self, run: RunView, folder: Path, leave: str, done: Left | None = None) -> None:
        super().__init__(id="talk-screen")
        self.run, self.leave = run.id, leave
        self._after = done
        self._log = folder / "log"
        self._input = RunTerminal(folder)
        self._asked_at = 0.0
        self._takes = self._input.takes_input
        self.log_pane = LogPane(id="log", more="earlier lines: page up")
        self.prompt = Entry(
            prompt=" > ", hint="a line to the agent; enter sends it", keeps=False, id="prompt"
        )
        self.clock = LogClock(self.log_pane, lambda: self.is_current)

    def body(self) -> Iterable[Widget]:
        yield self.log_pane
        self.prompt.display = self._takes
        yield self.prompt

    def ready(self) -> None:
        super().ready()
        (self.prompt if self._takes else self.log_pane).focus()
        self.clock.start()

    def on_unmount(self) -> None:
        self.clock.stop()
        self._input.close()

    def present(self, view: View) -> None:
        if self._takes and time.monotonic() - self._asked_at > _LOOK_S:
            self._asked_at = time.monotonic()
            self._takes = self.prompt.display = self._input.takes_input
            if not self._takes:
                self.log_pane.focus()
        run = view.runs.get(self.run)
        self.log_pane.show(run.subject if run else self.run, run, self._log, view.now)
        self.show_footer()

    def on_key(self, event: events.Key) -> None:
        if event.key == key_name(self.leave):
            event.stop()
            event.prevent_default()
            self.action_leave()
        elif self._takes and not self.prompt.has_focus and self.prompt.press(event):
            event.stop()  # it came before the focus did
            event.prevent_default()
            self.prompt.focus()

    def action_leave(self) -> None:
        leave(self, self._after)

    def action_move(self, delta: int) -> None:
        self.log_pane.move(delta)

    def action_page(self, fraction: float) -> None:
        self.log_pane.page(fraction)

    def action_start(self) -> None:
        self.log_pane.to_start()

    def action_follow(self) -> None:
        self.log_pane.set_follow(True)

    @on(Entry.Submitted)
    def _send(self, message: Entry.Submitted) -> None:
        message.stop()
        if (why := _UNSENT.get(self.host.link.state)) is not None:
            self.prompt.value = " ".join(filter(None, (message.value, self.prompt.value)))
            self.host.say(why, "you")
            return
        self.host.ask(SendText(self.run, message.value), doing="sending", done="sent")

    @on(Entry.Left)
    def _left(self, message: Entry.Left) -> None:
        message.stop()
        self.action_leave()

    def show_footer(self) -> None:
        more = "" if self._takes else "it takes no input"
        row = who(self.host.view, self.run, ended=False, width=self.size.width, more=more)
        self.footer.put(with_leave(row, self.leave, "leaves"))
