"""An agent's terminal on the whole screen: its keys are the agent's, but the one that leaves."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

from textual import events, on
from textual.widget import Widget

from locust_tui.client.run_screen import RunScreen
from locust_tui.client.run_terminal import RunTerminal
from locust_tui.domain.snapshot import RunView
from locust_tui.terminal.keys import key_name
from locust_tui.widgets.log_lines import amount_of
from locust_tui.widgets.terminal import TerminalView
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural

from .base import CockpitScreen
from .keyboard import Keyboard
from .run_line import Left, leave, who, with_leave
from .talk import TalkScreen

FEED_S = 0.012
"""Of each turn at most so long goes into an agent's output, however much there is; keys and drawing come first."""
_TURN_S, _TYPING_S, _ACTIVE_S, _QUIET_S = 0.025, 0.02, 0.05, 0.2
_TYPED_LATELY_S, _GREW_LATELY_S = 1.0, 5.0
_LOOK_S = 1.0
_UNREAD = 4096


class AttachScreen(CockpitScreen, inherit_bindings=False):
    """The terminal of a run that has one. It follows the log and types into the run's FIFO, with a worker or without."""

    notice_on_top = False
    about = "The agent's own terminal. All keys but the one that leaves are the agent's; shift+page up shows earlier lines."
    BINDINGS = []

    def __init__(self, run: str, folder: Path, leave: str, done: Left | None = None) -> None:
        """`leave`: the key that leaves, as it is written. `done`: called instead of going back to the screen before."""
        super().__init__(id="attach-screen")
        self.run, self.leave = run, leave
        self._after = done
        self.terminal = RunTerminal(folder)
        self.view_of_it = TerminalView(key_name(leave) or leave, id="terminal")
        self._log = folder / "log"
        self._handle: asyncio.TimerHandle | None = None
        self._looked = self._typed = self._grew = 0.0
        self._ended = False
        self._wants_older = False

    def body(self) -> Iterable[Widget]:
        yield self.view_of_it

    def ready(self) -> None:
        super().ready()
        self.set_focus(self.view_of_it)
        self._begin()

    def _begin(self) -> None:
        """Once there is room: the window's size is told, and the log is played into what the terminal then measures."""
        size = self.view_of_it.size
        if self._handle is None and size.width and size.height:
            self._look()
            rows, columns = self.terminal.size() or (size.height, size.width)
            self.view_of_it.show(RunScreen(self._log, rows, columns))
            self._handle = asyncio.get_running_loop().call_soon(self._turn)  # type: ignore[assignment]

    def resized(self, event: events.Resize) -> None:
        super().resized(event)
        self.call_after_refresh(self._fit)

    def on_screen_resume(self) -> None:
        Keyboard.for_an_agent = True

    def on_screen_suspend(self) -> None:
        Keyboard.for_an_agent = False

    def _fit(self) -> None:
        self._begin()
        self._look()
        self.view_of_it.refresh()

    def on_unmount(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        Keyboard.for_an_agent = False
        self.terminal.close()

    # the clock

    def _turn(self) -> None:
        try:
            wait = self._follow()
        except Exception as error:
            self.app._handle_exception(error)
            return
        self._handle = asyncio.get_running_loop().call_later(wait, self._turn)

    def _follow(self) -> float:
        """Take in what is new; seconds until the next look."""
        played, now = self.view_of_it.played, time.monotonic()
        assert played is not None
        if now - self._looked >= _LOOK_S:
            self._look()
        self.terminal.push()
        before, skipped = played.emulator.scrolled, played.skipped
        more = played.advance(FEED_S)
        changed = played.emulator.has_changed or played.emulator.scrolled != before
        self.view_of_it.follow()
        replies = played.emulator.take_replies()
        if replies and not self._ended and self.terminal.first:
            self.terminal.type(replies)
        if self._wants_older and not more:
            self._read_older(played)
        if changed or more:
            self._grew = now
        if played.skipped != skipped:
            self.show_footer()
        if more or self._wants_older:
            return _TURN_S
        if now - self._typed < _TYPED_LATELY_S:
            return _TYPING_S
        slow = 2 if os.environ.get("SSH_CONNECTION") else 1
        return (_ACTIVE_S if now - self._grew < _GREW_LATELY_S else _QUIET_S) * slow

    def _look(self) -> None:
        """Once a second: our window, the others', whether it has ended."""
        self._looked = time.monotonic()
        size, terminal, played = self.view_of_it.size, self.terminal, self.view_of_it.played
        if size.width and size.height and not self._ended:
            terminal.show(size.height, size.width)
        measured = terminal.size()
        if played is not None:
            # without a terminal any more, what is left is drawn in the window's own size
            played.resize(*(measured or (played.emulator.rows, played.emulator.columns)))
            self.view_of_it.follow()
        if not self._ended and terminal.ended:
            self._ended = True
            self.view_of_it.live = False
            self.view_of_it.refresh()
        self.show_footer()

    def _read_older(self, played: RunScreen) -> None:
        if played.read_older(FEED_S) or not played.has_older:
            self._wants_older = False
            self.view_of_it.refresh()
            self.show_footer()

    # the person

    def on_key(self, event: events.Key) -> None:
        """One that came before the focus did, or after it was lost."""
        self.view_of_it.on_key(event)

    def on_paste(self, event: events.Paste) -> None:
        self.view_of_it.on_paste(event)

    @on(TerminalView.Typed)
    def _type(self, message: TerminalView.Typed) -> None:
        message.stop()
        self._typed = time.monotonic()
        if not self.terminal.type(message.data):
            self.host.say("that was not typed: nobody reads the agent's terminal any more", "bad")
        elif self._handle is not None and self.terminal.unread > _UNREAD:
            self.host.say(f"the agent does not read: {self.terminal.unread} bytes wait for it", "you")

    @on(TerminalView.Scrolled)
    def _scroll(self, message: TerminalView.Scrolled) -> None:
        message.stop()
        played = self.view_of_it.played
        near = self.view_of_it.above + self.view_of_it.size.height >= self.view_of_it.most_above
        if played is not None and near and self.view_of_it.above and played.has_older:
            self._wants_older = True
        self.show_footer()

    @on(TerminalView.Leave)
    def _leave(self, message: TerminalView.Leave) -> None:
        message.stop()
        leave(self, self._after)

    # the bottom line

    def present(self, view: View) -> None:
        self.show_footer()

    def show_footer(self) -> None:
        row = who(self.host.view, self.run, ended=self._ended, width=self.size.width)
        played = self.view_of_it.played
        if played is not None:
            if played.problem:
                row.add(f" · {played.problem}", "bad")
            if self.view_of_it.above:
                older = "…" if self._wants_older else ""
                row.add(f" · {self.view_of_it.above} lines up{older}", "you")
            if played.skipped:
                row.add(f" · {amount_of(played.skipped)} skipped", "you")
            if self.terminal.viewers > 1:
                size = f"{played.emulator.columns}x{played.emulator.rows}"
                row.add(f" · {plural(self.terminal.viewers, 'viewer')} {size}", "dim")
        self.footer.put(with_leave(row, self.leave, "goes back" if self._ended else "leaves"))


def attach_screen(run: RunView, folder: Path, leave: str, done: Left | None = None) -> CockpitScreen:
    """The screen for this run, whose folder it is: its terminal, or its output with a line to type."""
    probe = RunTerminal(folder)
    probe.close()
    if probe.tty is not None:
        return AttachScreen(run.id, folder, leave, done)
    return TalkScreen(run, folder, leave, done)
