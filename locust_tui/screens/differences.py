"""What is otherwise between two moments, as lines to read and to go on from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.domain.studies.moments import Change, Differences, FigureChange, Group, Moment, Sense
from locust_tui.errors import LocustTuiError
from locust_tui.report.differences_text import (
    TITLES,
    change_words,
    figure_words,
    sign,
    state_word,
    subject_words,
)
from locust_tui.signs import look_of
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, heading
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import VERDICT, age

from .base import Reading
from .past import past_words

CLOSE_S = 172_800.0
"""Moments nearer to each other than this are told to the second."""
TONES: dict[Sense, Tone] = {Sense.GOOD: "done", Sense.BAD: "bad", Sense.YOU: "you", Sense.PLAIN: "dim"}
_KINDS = {
    Group.GATES: "gate",
    Group.WORK: "workstream",
    Group.FAILURES: "workstream",
    Group.CRITERIA: "of",
    Group.WAITING: "of",
}


class DifferencesScreen(Reading):
    in_past = True
    about = (
        "What is otherwise at the later of two moments: gates and who decided them, what failed, workstreams, the plan, "
        "figures, criteria, risks, what was said, runs and the worker; each with its revision in the record. "
        "enter opens what is under the cursor, as it stood at the moment you look at."
    )
    BINDINGS = [Binding("enter", "open", "open"), Binding("d", "close", "back")]

    def __init__(self, one: Moment, other: Moment) -> None:
        super().__init__(id="differences")
        self.moments = (one, other)
        self.found: Differences | None = None
        self.sheet = Sheet(id="lines")

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()
        self.host.spawn(self._compare())

    async def _compare(self) -> None:
        try:
            self.found = await self.host.port.studies.differences(*self.moments)
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        if self.is_attached:
            self._present_now()

    def present(self, view: View) -> None:
        before, after = sorted(self.moments, key=lambda m: (m.revision, m.at))
        dated = view.snapshot.dated
        told = partial(past_words, dated=dated, seconds=after.at - before.at < CLOSE_S)
        title = Row("What changed", "strong").add(f"  {told(before)}  →  {told(after)}", "dim")
        title.add(f"  {age(after.at - before.at)}", "dim")
        if self.found is None:
            self.sheet.put(title, (), empty=(Row("⋯ comparing", "dim"),))
        else:
            nothing = (Row("Nothing happened in between."), Row("esc goes back.", "dim"))
            self.sheet.put(title, list(difference_lines(self.found)), empty=nothing)
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        yield "↑↓", "move", self.found is not None
        yield "enter", "open", bool(self.sheet.chosen)
        yield "?", "help", True
        yield "esc", "back", True

    def action_open(self) -> None:
        kind, _, name = self.sheet.chosen.partition(":")
        if kind == "of":
            view = self.host.view
            kind = "gate" if view is not None and name in view.gates else "workstream"
        if kind in ("gate", "workstream"):
            self.host.main.go_to(kind, name)


def difference_lines(d: Differences) -> Iterator[SheetLine]:
    """All of it, the important first; nothing at all where nothing is different."""
    if d.verdict_before != d.verdict_after:
        was, now = (VERDICT[v] for v in (d.verdict_before, d.verdict_after))  # type: ignore[index]
        row = Row(" verdict  ", "dim").add(f"{was.glyph} {was.word}", was.tone).add(" → ", "dim")
        yield SheetLine(row.add(f"{now.glyph} {now.word}", now.tone))
    for words in d.warnings:
        yield SheetLine(Row(f" ⚠ {words}", "you"))
    for group in Group:
        if group is Group.FIGURES:
            yield from _figures("Figures", d.figures)
        elif group is Group.KPIS:
            yield from _figures("KPIs", d.kpis)
        elif found := d.of(group):
            yield from heading(f"{TITLES[group]}  {len(found)}")
            for change in found:
                yield change_line(change)


def change_line(change: Change, number: str = "") -> SheetLine:
    """One change, with the key of what it is about."""
    kind = _KINDS.get(change.group, "")
    plain = kind and change.subject and ":" not in change.subject
    key = f"{kind}:{change.subject}" if plain else ""
    glyph = look_of(state_of(change)).glyph
    row = Row(f" {number}" if number else " ", "key").add(f" {glyph} ", TONES[change.sense])
    row.add(subject_words(change), "strong" if change.sense in (Sense.BAD, Sense.YOU) else "text")
    row.add(f"  {change_words(change)}", "text")
    return SheetLine(row.end(f"r{change.revision}" if change.revision is not None else "", "dim"), key)


def state_of(change: Change) -> str:
    """What `look_of` draws its glyph from."""
    return sign(change)


def _figures(title: str, figures: tuple[FigureChange, ...]) -> Iterator[SheetLine]:
    told = []
    for one in figures:
        name, words = figure_words(one)
        was, _, now = words.partition(" → ")
        if was != now:
            told.append((name, words, one))
    if not told:
        return
    yield from heading(title)
    wide = max(len(name) for name, _, _ in told)
    for name, words, one in told:
        row = (
            Row("    ")
            .column(name, min(wide, 28), "dim")
            .add(f"  {words}", TONES[one.sense] if one.sense is not Sense.PLAIN else "text")
        )
        yield SheetLine(row.add(f"  target {one.target}" if one.target else "", "dim"))


__all__ = ["DifferencesScreen", "change_line", "difference_lines", "state_word"]
