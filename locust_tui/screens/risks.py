"""The risk register: the map of probability and impact, the list by score, and moving a risk in two steps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.client.requests import MoveRisk
from locust_tui.domain.snapshot import RiskView
from locust_tui.domain.states import RiskState
from locust_tui.domain.studies.risks import RiskMove
from locust_tui.errors import LocustTuiError
from locust_tui.signs import RISK
from locust_tui.widgets.form import Field
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.risks import map_lines, risk_row, risk_sheet
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .asking import AskScreen
from .deciders import as_field
from .person import user_name
from .questions import Question
from .two_panes import NO_MATCH, TwoPanes

BESIDE = 120
"""Columns from which the detail stands beside map and list."""
_EMPTY = (
    Row("The plan has no risks."),
    Row("One of the plan file:", "dim"),
    Row("risks: [{id: R1, risk: Late API, probability: low, impact: high}]", "dim"),
)
_STEPS = {
    RiskState.TRIGGERED: (
        "Trigger",
        "It has happened: its owner is told, and the plan is at risk.",
        "trigger",
    ),
    RiskState.CLOSED: ("Close", "It is over: no watch triggers it any more.", "close"),
    RiskState.OPEN: ("Reopen", "It may happen again: its watch counts from now on.", "reopen"),
}
"""State → what the step is called, what follows, the word that is typed to confirm it."""


class RisksScreen(TwoPanes):
    about = (
        "The plan's risks. The map has probability upwards and impact to the right, with the level of each cell; the "
        "list has the highest score first, of equal ones the higher impact. Below: the watch with its evidence and age, "
        "what is planned, and how it came to where it stands. t triggers, c closes, o reopens a risk, with a note."
    )
    DEFAULT_CSS = """
    RisksScreen #both { layout: vertical; }
    RisksScreen #upper { height: auto; }
    RisksScreen #map { height: 5; }
    RisksScreen.-beside #both { layout: horizontal; }
    RisksScreen.-beside #upper { width: 6fr; height: 1fr; }
    RisksScreen.-beside #items { width: 1fr; height: 1fr; }
    RisksScreen.-beside #detail { width: 5fr; }
    """
    BINDINGS = [
        Binding("r", "close", "close"),
        Binding("t", "step('triggered')", "trigger"),
        Binding("c", "step('closed')", "close"),
        Binding("o", "step('open')", "reopen"),
    ]

    def __init__(self) -> None:
        self.items = Listing(lambda risk: risk.id, risk_row, _facts, about=self.about)
        super().__init__(self.items, hint="words of a risk, its owner, state or level", id="risks-screen")
        self.map = Sheet(id="map")
        self.map.can_focus = False
        self._history: tuple[str, tuple[RiskMove, ...]] | None = None
        self._asked: tuple[str, str, float | None] | None = None
        """Of which risk the history was asked, as it stood then."""

    def body(self) -> Iterable[Widget]:
        self.filter_line.display = False
        yield Container(Vertical(self.map, self.list_pane, id="upper"), self.detail, id="both")
        yield Vertical(id="answering")
        yield self.filter_line

    @property
    def current(self) -> RiskView | None:
        item = self.items.current
        return item if isinstance(item, RiskView) else None

    def present(self, view: View) -> None:
        everything = view.snapshot.risks
        found = [r for r in everything if self.fits_filter(f"{r.id} {r.risk} {r.owner} {r.state} {r.level}")]
        self.items.show(self._title(found, everything), found, NO_MATCH if self.words else _EMPTY, view.now)
        self.fit(self.app.size.width, self.app.size.height)
        risk = self.current
        width = self.map.inner_width if self.map.size.width else self.app.size.width - 4
        lines = list(map_lines(everything, risk.id if risk is not None else "", width))
        self.map.put(Row("Map", "strong").add(" probability ↑ impact →", "dim"), lines)
        if risk is None:
            self.put_detail("", Row(), ())
        else:
            self._look_up(risk)
            known = self._history[1] if self._history is not None and self._history[0] == risk.id else None
            title = Row(risk.id, "strong").add(f" {risk.risk}")
            self.put_detail(risk.id, title, list(risk_sheet(risk, known, view.now, self.detail_width)))
        self.show_footer()

    def fit(self, width: int, height: int) -> None:
        super().fit(width, height)
        beside, empty = width >= BESIDE, not self.items.items
        self.set_class(False, "-wide")
        self.set_class(beside, "-beside")
        boxed = height >= 30
        steps = 5 if any(r.scale == "pmbok" for r in self.items.items) else 3
        for pane in (self.map, self.list_pane, self.detail):
            pane.set_boxed(boxed)
        frame = 2 if boxed else 1
        self.map.display = not empty or bool(self.words)
        self.map.styles.height = steps + 1 + frame
        rows = max(2, len(self.items.items)) + frame
        self.list_pane.styles.height = "1fr" if beside or empty else max(3, min(rows, int(height * 0.3)))
        if self.is_mounted:
            upper = self.query_one("#upper")
            upper.styles.height = "1fr" if beside or empty else "auto"

    def _title(self, found: list[RiskView], everything: tuple[RiskView, ...]) -> Row:
        row = Row("Risks", "strong")
        for state, look in RISK.items():
            count = sum(risk.state == state for risk in everything)
            if count:
                row.add(f"  {count} {look.word}", look.tone)
        days = [r.exposure_days for r in everything if r.exposure_days is not None and r.state != "closed"]
        if days:
            row.add(f"  {sum(days):.3g} days exposed", "dim")
        if self.words:
            row.right = [*filter_words(self.words, 30).left, (f" {len(found)}", "dim")]
        return row

    def _look_up(self, risk: RiskView) -> None:
        """Ask for its moves: of another risk, and when it has moved."""
        asked = (risk.id, risk.state, risk.since)
        if self._asked != asked:
            self._asked = asked
            self.host.spawn(self._fetch(risk.id))

    async def _fetch(self, risk: str) -> None:
        try:
            self._history = risk, await self.host.port.studies.risk_history(risk)
        except LocustTuiError as error:
            self.host.say_error(error)
        if self.is_current:
            self._present_now()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        state = self.current.state if self.current is not None else ""
        yield "t", "trigger", state in ("open", "closed")
        yield "c", "close it", state in ("open", "triggered")
        yield "o", "reopen", state in ("triggered", "closed")
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    def action_step(self, state: str) -> None:
        risk, wanted = self.current, RiskState(state)
        if risk is None:
            return
        if risk.state == wanted:
            self.host.say(f"{risk.id} is {wanted.value} already", "dim")
        elif self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
        else:
            name, follows, word = _STEPS[wanted]
            by = as_field(lambda: self.host.snapshot, lambda: (), user_name())
            fields = (Field("note", "note", "why; it stands in the record, and its owner is told"), by)
            facts = [Row(f"{risk.risk} · {risk.level}, owner {risk.owner or 'nobody'}"), Row(follows, "you")]
            asked = Question(f"{name} {risk.id}", facts, fields, word)
            self.host.open(AskScreen(asked, partial(self._move, risk.id, wanted)))

    def _move(self, risk: str, state: RiskState, values: dict[str, str]) -> None:
        self.host.ask(
            MoveRisk(risk, state, values["note"], values["by"]),
            doing=f"{risk}: {state.value}",
            done=lambda reply: (
                f"{risk} is {state.value}, recorded as {values['by']}, revision {reply.revision}"
            ),
        )


def _facts(risk: RiskView, now: float) -> object:
    return risk, since(risk.watched_at, now)
