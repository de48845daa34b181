"""An agent's terminal on the whole screen: its keys are the agent's, but the one that leaves."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from textual import events, on
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.client.requests import SendText
from locust_tui.client.run_screen import RunScreen
from locust_tui.client.run_terminal import RunTerminal
from locust_tui.domain.snapshot import RunView
from locust_tui.terminal.keys import key_name
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.log_lines import amount_of
from locust_tui.widgets.row import Row, crop, shown
from locust_tui.widgets.terminal import TerminalView
from locust_tui.widgets.view import View
from locust_tui.widgets.words import RUN, outcome, plural, since

from .base import CockpitScreen
from .keyboard import Keyboard
from .log_clock import LogClock

FEED_S = 0.012
"""Of each turn at most so long goes into an agent's output, however much there is; keys and drawing come first."""
_TURN_S, _TYPING_S, _ACTIVE_S, _QUIET_S = 0.025, 0.02, 0.05, 0.2
_TYPED_LATELY_S, _GREW_LATELY_S = 1.0, 5.0
_LOOK_S = 1.0
_UNREAD = 4096

Left = Callable[[], None]


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
        changed = bool(played.emulator._screen.dirty) or played.emulator.scrolled != before
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
        row = who(self.host.view, self.run, ended=self._ended)
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
        self.footer.put(_with_leave(row, self.leave, "goes back" if self._ended else "leaves"))


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
        self.prompt = Entry(prompt=" > ", hint="a line to the agent; enter sends it", id="prompt")
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
        if self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs that could hand it over: u in the cockpit starts it", "you")
            return
        self.prompt.value = ""
        self.host.ask(SendText(self.run, message.value), doing="sending", done="sent")

    @on(Entry.Left)
    def _left(self, message: Entry.Left) -> None:
        message.stop()
        self.action_leave()

    def show_footer(self) -> None:
        row = who(self.host.view, self.run, ended=False)
        if not self._takes:
            row.add(" · it takes no input", "dim")
        self.footer.put(_with_leave(row, self.leave, "leaves"))


def attach_screen(run: RunView, folder: Path, leave: str, done: Left | None = None) -> CockpitScreen:
    """The screen for this run, whose folder it is: its terminal, or its output with a line to type."""
    probe = RunTerminal(folder)
    probe.close()
    if probe.tty is not None:
        return AttachScreen(run.id, folder, leave, done)
    return TalkScreen(run, folder, leave, done)


def leave(screen: CockpitScreen, done: Left | None) -> None:
    """Back to the screen before, or whatever the caller wants instead."""
    if done is not None:
        done()
    else:
        screen.app.pop_screen()


def who(view: View | None, run_id: str, *, ended: bool) -> Row:
    """Run, type, state, source and age, as they are known now."""
    run = view.runs.get(run_id) if view is not None else None
    if view is None or run is None:
        return Row(" ").add(run_id, "strong")
    look = RUN[run.state]
    row = Row(" ").add(run.id, "strong").add(f" · {crop(shown(run.agent_type), 16)} · ")
    if ended and run.ended is None:
        return row.add("its process has ended", "you")
    row.add(f"{look.glyph} {outcome(run)}", look.tone).add(f" ({run.source})", "dim")
    moment = run.ended if run.ended is not None else run.started
    if moment is not None:
        age = since(moment, view.now)
        row.add(f" · {f'for {age}' if run.ended is None else f'ended {age} ago'}", "dim")
    if view.link.state is LinkState.GONE:
        row.add(" · no worker", "you")
    return row


def _with_leave(row: Row, key: str, words: str) -> Row:
    return row.end(f"{key} ", "key").end(f"{words} ", "text")
