"""While you were away: what changed since this person's cockpit was last open, over the main screen until a key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from locust_tui.domain.studies.moments import Differences, Group, Moment, Sense
from locust_tui.report.figures import count
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.words import VERDICT, age

from .past import when

if TYPE_CHECKING:
    from locust_tui.widgets.view import View

GUARD_S = 0.5
"""No key is taken so soon after the panel appeared, or after a key that was meant for what is under it."""
HIGHEST = 14
INBOX = "exclamation_mark"
ALL = "differences:"
_ONE_BY_ONE = (
    Group.GATES, Group.FAILURES, Group.WORK, Group.WAITING, Group.PLAN, Group.RISKS, Group.EXCHANGE,
)  # fmt: skip
_FIGURES = ("progress", "p85_week", "cost_usd")


class AwayPanel(Sheet, can_focus=False):
    """Hidden until `tell`. A digit leads to its change, enter to all of them, ! to the inbox; other keys only close it."""

    DEFAULT_CSS = "AwayPanel { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="away")
        self.display = False
        self.places: list[str] = []
        """What the digits lead to, from 1 on: "gate:g1"."""
        self.between: tuple[Moment, Moment] | None = None
        """The two moments that are compared."""
        self._quiet_since = 0.0

    def tell(self, found: Differences, view: View, width: int, room: int) -> None:
        """Show it in at most `room` lines."""
        title = Row(f"While you were away {age(found.after.at - found.before.at)}", "strong")
        title.add(f"  since {when(found.before.at)}", "dim")
        title.end("enter", "key").end(" all · any other key closes", "dim")
        lines, self.places, self.between = [], [], (found.before, found.after)
        told = list(_told(found, view))
        for number, (line, place) in enumerate(told):
            if number == room - 1 and len(told) > room:
                rest = count(len(told) - number, "line")
                lines.append(SheetLine(Row(f"   and {rest} more", "dim")))
                break
            if place and len(self.places) < 9:
                self.places.append(place)
                line = SheetLine(_numbered(line.row, len(self.places)))
            lines.append(line)
        self.put(title, lines)
        self.styles.height = len(lines) + self.sides.rows
        self.display = True
        self.wait_again()

    def wait_again(self) -> None:
        """Take no key for a while."""
        self._quiet_since = time.monotonic()

    def takes(self, key: str) -> str | None:
        """Whether a key is for this panel, and where it leads: "" only closes it; None: the key is another's."""
        if not self.display:
            return None
        if time.monotonic() - self._quiet_since < GUARD_S:
            self.wait_again()
            return None
        self.display = False
        if key == INBOX:
            return None
        if key == "enter":
            return ALL
        chosen = int(key) if key.isdecimal() and key.isascii() else 0
        return self.places[chosen - 1] if 1 <= chosen <= len(self.places) else ""


def _numbered(row: Row, number: int) -> Row:
    """A change's row begins with a blank: its digit stands there."""
    made = Row(f" {number}", "key")
    made.left += [(text[1:] if n == 0 else text, tone) for n, (text, tone) in enumerate(row.left)]
    made.right = row.right
    return made


def _told(d: Differences, view: View) -> Iterator[tuple[SheetLine, str]]:
    """Lines, each with the place that it leads to, where there is one."""
    from .differences import change_line

    if d.verdict_before != d.verdict_after:
        was, now = (VERDICT[v] for v in (d.verdict_before, d.verdict_after))  # type: ignore[index]
        row = Row("   verdict ", "dim").add(f"{was.glyph} {was.word}", was.tone).add(" → ", "dim")
        yield SheetLine(row.add(f"{now.glyph} {now.word}", now.tone)), ""
    waiting = len(view.snapshot.waiting)
    if waiting:
        row = Row(" !", "key").add(f" {count(waiting, 'thing waits', 'things wait')} for you", "you")
        yield SheetLine(row), ""
    for words in d.warnings:
        yield SheetLine(Row(f"   ⚠ {words}", "you")), ""
    for group in _ONE_BY_ONE:
        for change in d.of(group):
            line = change_line(change)
            yield SheetLine(line.row), _place(line.key, view)
    yield from ((line, "") for line in _in_number(d))


def _place(key: str, view: View) -> str:
    """`key` as `go_to` takes it; "" where it leads nowhere now."""
    kind, _, name = key.partition(":")
    if name in view.gates and kind in ("gate", "of"):
        return f"gate:{name}"
    return f"workstream:{name}" if name in view.workstreams else ""


def _in_number(d: Differences) -> Iterator[SheetLine]:
    from locust_tui.report.differences_text import figure_words

    runs, criteria = d.of(Group.RUNS), d.of(Group.CRITERIA)
    parts = []
    if runs:
        bad = sum(c.sense is Sense.BAD for c in runs)
        parts.append(count(len(runs), "run") + (f", {bad} failed" if bad else ""))
    if criteria:
        good = sum(c.sense is Sense.GOOD for c in criteria)
        parts.append(f"{count(len(criteria), 'criterion', 'criteria')} measured, {good} passed")
    for change in d.of(Group.WORKER):
        if change.sense is Sense.BAD:
            yield SheetLine(Row("   ⚠ ", "bad").add(change.after))
    for one in d.figures:
        name, words = figure_words(one)
        was, _, now = words.partition(" → ")
        if one.name in _FIGURES and was != now:
            parts.append(f"{name} {words}")
    if parts:
        yield SheetLine(Row("   ").add(" · ".join(parts), "dim"))
