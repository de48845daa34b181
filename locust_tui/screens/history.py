"""Time travel: the whole cockpit as it stood at any moment of the record, with the record as an axis under it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual import on
from textual.binding import Binding
from textual.timer import Timer
from textual.widget import Widget

from locust_tui.domain.events import Event
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.moments import Moment
from locust_tui.errors import LocustTuiError
from locust_tui.report.event_line import event_line
from locust_tui.widgets.row import Row
from locust_tui.widgets.scrubber import Scrubber
from locust_tui.widgets.tabs import PANES
from locust_tui.widgets.view import View
from locust_tui.widgets.words import age

from .past import PAST, Past, PastPort, link_of, past_words
from .time_moves import TimeMoves

SETTLED_S = 0.4
"""A moment that is looked at for so long gets its forecast."""
TOLD = 3


class HistoryScreen(TimeMoves):
    """The main screen over again, shown earlier moments; nothing that it shows can be steered."""

    in_past = True
    about = (
        "The plan as it was: tree, board, gates and key figures of the moment under the cursor of the axis, read from the "
        "record alone. ← → go by event, [ ] by day, { } by week, n N to the next thing that stands out, home and end to "
        "the ends, t to a moment you type. space marks a moment, d shows what is otherwise between it and this one, "
        "p plays, + and - make that faster or slower. ⚠ a worker died, ◆ a gate was decided, ✗ failed, § another plan, "
        "✓ accepted, ● begun. Nothing can be asked for from here."
    )
    DEFAULT_CSS = """
    HistoryScreen #axis { height: 7; }
    """
    BINDINGS = [
        Binding("H,q", "close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._id = self._known_as = "history"
        self.scrubber = Scrubber(id="axis")
        self._last: tuple[Event, ...] = ()
        self._stepped = 0.0
        self._no_record = False
        self._settling: Timer | None = None

    # what is shown

    def body(self) -> Iterable[Widget]:
        yield from super().body()
        yield self.scrubber

    def ready(self) -> None:
        snapshot = self.host.snapshot
        if snapshot is not None:
            self.moment = Moment(snapshot.revision, snapshot.at, snapshot.week)
            self._show(snapshot)
        super().ready()
        self.host.spawn(self.read_axis())

    def on_unmount(self) -> None:
        self.stop()
        if self.host.past is not None and self.host.past.screen is self:
            self.host.look_back(None)

    async def read_axis(self) -> None:
        try:
            self.axis = await self.host.port.studies.time_axis()
        except LocustTuiError as error:
            self.host.say_error(error)
        if self.axis is None:
            self._no_record = True
            self.show_axis()
            self.host.say("nothing has been recorded yet: there is no past to look at", "you")
            return
        for line in self.axis.warnings[:1]:
            more = f" (+{len(self.axis.warnings) - 1})" if len(self.axis.warnings) > 1 else ""
            self.host.say(f"{line}{more}", "you")
        self.travel(self.axis.last)

    def _show(self, snapshot: Snapshot) -> None:
        words = past_words(self.moment, dated=snapshot.dated, seconds=self.seconds)
        port = self.host.past.port if self.host.past is not None else PastPort(self.host.port)
        past = Past(snapshot, self.moment, link_of(snapshot), words, self, port)  # type: ignore[arg-type]
        self.host.look_back(past)

    def present(self, view: View) -> None:
        super().present(view)
        self.show_axis()

    def grow_older(self, view: View) -> None:
        """The past stays as it is; how far now has gone on is told."""
        self.show_axis()

    def show_axis(self) -> None:
        """The axis as it is now, with what happened last before the moment."""
        now = self.host.snapshot.revision if self.host.snapshot is not None else 0
        title = Row("History", "strong")
        if self.axis is None:
            words = "nothing has been recorded yet" if self._no_record else "⋯ reading the record"
            self.scrubber.show(None, self.moment, None, title.add(f"  {words}", "dim"), ())
            return
        title.add(f"  r{self.moment.revision} of {self.axis.last.revision}", "dim")
        title.add(f"  {age(max(0.0, self.host.clock() - self.moment.at))} ago", "dim")
        if self.marked is not None:
            title.add(f"  ▲ marked r{self.marked.revision}", "you")
        if self._playing is not None:
            title.add(f"  ▶ playing ×{self.speed}", "run")
        if self.axis.warnings:
            title.end("⚠ the record may not tell everything  ", "you")
        if now > self.axis.last.revision:
            title.end(f"now r{now}", "dim")
        told = [
            Row(" ").add(event_line(event), "text" if n == 0 else "dim") for n, event in enumerate(self._last)
        ]
        self.scrubber.show(self.axis, self.moment, self.marked, title, told)

    def lay_out(self, mode: str) -> None:
        if self.at == "log":
            self.at = "board"
        super().lay_out(mode)
        self.log_pane.display = False
        self.scrubber.display = mode != "small"
        self.scrubber.styles.height = 7 if mode == "wide" else 4

    def _log_visible(self) -> bool:
        return False

    def focus_pane(self, name: str) -> None:
        super().focus_pane("tree" if name == "log" else name)

    def do_previous_pane(self) -> None:
        panes = PANES[:-1]
        self.focus_pane(panes[(panes.index(self.at) - 1) % len(panes)])

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        there = self.axis is not None
        yield "← →", "event", there
        yield "[ ]", "day", there
        yield "n N", "mark", there and bool(self.axis and self.axis.marks)
        yield "space", "mark here", there
        yield "d", "compare", there
        yield "p", "stop" if self._playing is not None else "play", there
        yield "t", "go to", there
        yield "{ }", "week", there
        yield "enter", "open", True
        yield "?", "help", True
        yield "esc", "now", True

    # going about

    def travel(self, moment: Moment) -> None:
        """Show another moment; of many that are asked for at once only the last."""
        self._wanted = moment
        if not self._going:
            self._going = True
            self.host.spawn(self._go())

    async def _go(self) -> None:
        studies = self.host.port.studies
        try:
            while self._wanted is not None and self.is_attached:
                moment, self._wanted = self._wanted, None
                snapshot = await studies.as_of(moment, forecast=False)
                last = await studies.events_until(moment.revision, TOLD)
                if not self._overtaken:
                    self._arrive(Moment(moment.revision, moment.at, snapshot.week), snapshot, last)
        except LocustTuiError as error:
            self.stop()
            self.host.say_error(error)
        finally:
            self._going = False

    @on(Scrubber.Chosen)
    def _clicked(self, message: Scrubber.Chosen) -> None:
        message.stop()
        self.leap_to(message.at)

    @property
    def _overtaken(self) -> bool:
        """Another moment is asked for by now, which a person wants to see at once."""
        return self._wanted is not None and self._playing is None

    def _arrive(self, moment: Moment, snapshot: Snapshot, last: tuple[Event, ...]) -> None:
        if not self.is_attached or self.host.past is None:
            return
        self.moment, self._last, self._stepped = moment, last, time.monotonic()
        self._show(snapshot)
        if self._settling is not None:
            self._settling.stop()
        if self._playing is None:
            self._settling = self.set_timer(SETTLED_S, lambda: self.host.spawn(self._forecast(moment)))

    async def _forecast(self, moment: Moment) -> None:
        """The figures of the moment that take longer, once it is looked at."""
        try:
            snapshot = await self.host.port.studies.as_of(moment)
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        if self.is_attached and self.moment == moment and self.host.past is not None:
            self._show(snapshot)

    # leaving

    def do_back(self) -> None:
        if self.host.filter_words:
            super().do_back()
        else:
            self.action_close()

    def do_help(self) -> None:
        self.open_help("history", self.about)

    def do_quit(self) -> None:
        self.action_close()

    def do_history(self) -> None:
        self.action_close()

    def action_close(self) -> None:
        """Back to now."""
        self.stop()
        if self.go_back():
            self.host.look_back(None)

    def do_interrupt(self) -> None:
        self.host.say(PAST)
