"""Going about in time: by event, day and week, to what stands out or is typed, playing, and marking what to compare."""

from __future__ import annotations

from bisect import bisect_right

from textual.binding import Binding
from textual.timer import Timer

from locust_tui.domain.studies.moments import Moment, TimeAxis
from locust_tui.errors import LocustTuiError

from .main import MainScreen
from .past import past_words

DAY_S = 86_400.0
TICK_S = 0.25
WHOLE_S = 60.0
"""So long the whole record plays at speed 1."""
FASTEST = 32


class TimeMoves(MainScreen):
    """The keys that choose the moment; `travel` goes there."""

    BINDINGS = [
        Binding("left", "step(-1)"),
        Binding("right", "step(1)"),
        Binding("left_square_bracket,shift+left", "leap(-1, 1)"),
        Binding("right_square_bracket,shift+right", "leap(1, 1)"),
        Binding("left_curly_bracket,ctrl+left", "leap(-1, 7)"),
        Binding("right_curly_bracket,ctrl+right", "leap(1, 7)"),
        Binding("home", "end_of(-1)"),
        Binding("end", "end_of(1)"),
        Binding("n", "mark_by(1)"),
        Binding("N", "mark_by(-1)"),
        Binding("space", "set_mark"),
        Binding("d", "compare"),
        Binding("t", "type_moment"),
        Binding("p", "play"),
        Binding("plus,equals_sign", "faster(1)"),
        Binding("minus", "faster(-1)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.axis: TimeAxis | None = None
        self.moment = Moment(0, 0.0)
        self.marked: Moment | None = None
        self.speed = 1
        self._playing: Timer | None = None
        self._wanted: Moment | None = None
        """Where it was asked to go last."""
        self._going = False

    def travel(self, moment: Moment) -> None:
        """Show another moment."""
        raise NotImplementedError

    def show_axis(self) -> None:
        raise NotImplementedError

    @property
    def seconds(self) -> bool:
        """Whether moments are told to the second: the whole record is of a day or two."""
        return self.axis is None or self.axis.last.at - self.axis.first.at < 2 * DAY_S

    async def read_axis(self) -> None:
        """Read the record as far as it goes by now, and go to its end."""
        raise NotImplementedError

    def at_revision(self, revision: int) -> None:
        """Go to a revision, as far as the record goes; beyond what was read of it, it is read again."""
        now = self.host.snapshot.revision if self.host.snapshot is not None else 0
        if self.axis is not None and self.axis.last.revision < min(revision, now):
            self.host.spawn(self.read_axis())
        elif self.axis is not None:
            revision = max(1, min(self.axis.last.revision, revision))
            self.travel(Moment(revision, self.axis.stamps[revision - 1]))

    @property
    def _here(self) -> Moment:
        return self._wanted or self.moment

    def action_step(self, delta: int) -> None:
        self.stop()
        self.at_revision(self._here.revision + delta)

    def action_leap(self, direction: int, days: int) -> None:
        """By days of the clock; where a plan week is not seven days, by a seventh of it for a day."""
        self.stop()
        if self.axis is None:
            return
        step = days * (self.axis.week_s / 7 if self.axis.week_s != 7 * DAY_S else DAY_S)
        self.leap_to(self._here.at + direction * step)

    def leap_to(self, at: float) -> None:
        """Go to a moment of the clock, as far as the record goes."""
        self.stop()
        if self.axis is not None:
            at = min(self.axis.last.at, max(self.axis.first.at, at))
            self.travel(Moment(max(1, bisect_right(self.axis.stamps, at)), at))

    def action_end_of(self, direction: int) -> None:
        self.stop()
        if self.axis is not None:
            self.at_revision(1 if direction < 0 else 2**53)

    def action_mark_by(self, direction: int) -> None:
        """To the next thing that stands out."""
        self.stop()
        if self.axis is None:
            return
        here = self._here.revision
        found = [m for m in self.axis.marks if (m.revision - here) * direction > 0]
        if found:
            self.at_revision(found[0 if direction > 0 else -1].revision)
        else:
            self.host.say("nothing stands out beyond this", "dim")

    def action_play(self) -> None:
        if self._playing is not None:
            self.stop()
        elif self.axis is not None:
            if self._here.revision >= self.axis.last.revision:
                self.at_revision(1)
            self._playing = self.set_interval(TICK_S, self._tick)
        self.show_axis()
        self.show_footer()

    def _tick(self) -> None:
        if self.axis is None or self._going:
            return
        if self.moment.revision >= self.axis.last.revision:
            self.stop()
            self.at_revision(self.moment.revision)
            return
        each = self.axis.last.revision * TICK_S / WHOLE_S * self.speed
        self.at_revision(self.moment.revision + max(1, round(each)))

    def stop(self) -> None:
        """Play no more."""
        if self._playing is not None:
            self._playing.stop()
            self._playing = None
            self.show_axis()
            self.show_footer()

    def action_faster(self, direction: int) -> None:
        self.speed = max(1, min(FASTEST, self.speed * 2 if direction > 0 else self.speed // 2))
        self.show_axis()

    # marks, comparing, typing

    def action_set_mark(self) -> None:
        """Mark this moment; a second time on the same takes the mark away."""
        same = self.marked is not None and self.marked.revision == self.moment.revision
        self.marked = None if same else self.moment
        self.host.say(
            "the mark is gone"
            if same
            else f"marked {past_words(self.moment, seconds=self.seconds)}; d elsewhere compares",
            "dim",
        )
        self.show_axis()

    def action_compare(self) -> None:
        """What is otherwise between the mark, or now where there is none, and here."""
        if self.axis is None:
            return
        from .differences import DifferencesScreen

        other = self.marked
        if other is None or other.revision == self.moment.revision:
            other = Moment(self.axis.last.revision, self.axis.last.at, self.axis.last.week)
        if other.revision == self.moment.revision:
            self.host.say("there is nothing to compare this moment with: mark another with space", "you")
            return
        self.stop()
        self.host.open(DifferencesScreen(self.moment, other))

    def action_type_moment(self) -> None:
        from .go_to_moment import GoToMomentScreen

        self.stop()
        self.host.open(GoToMomentScreen(self.go_by_words))

    def go_by_words(self, text: str) -> None:
        """Go to the moment that somebody typed."""
        self.host.spawn(self._find(text))

    async def _find(self, text: str) -> None:
        try:
            moment = await self.host.port.studies.find_moment(text)
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        self.hush()  # what was refused before is over
        self.travel(moment if moment.revision else Moment(1, moment.at))
