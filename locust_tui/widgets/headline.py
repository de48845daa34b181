"""The line that is always there: does the plan go well, who works, who waits for me."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from locust_tui.client.port import LinkState
from locust_tui.domain.coordination import AlertStatus, MessageStatus
from locust_tui.domain.snapshot import AccountView, Snapshot, SpendView, WaitingView
from locust_tui.domain.states import AccountState, AlertState, RunState, WorkstreamState
from locust_tui.report.local_time import HOUR, local
from locust_tui.report.run_words import shut_words, spend_short, worst_budget
from locust_tui.signs import ALERT

from .banner import has_no_room_for_accounts, has_no_room_for_alerts
from .line import Line
from .reasons import shorter
from .row import BLANK, Row, crop, shown
from .tones import Tone
from .view import View
from .words import RUN, VERDICT, bar, points


class _Piece:
    """One figure of the line: its forms, the longest first, and the rank at which each next form is taken."""

    def __init__(self, forms: list[Row], ranks: list[int], *, right: bool = False) -> None:
        """`ranks[i]` is when form i gives way to form i + 1, the highest first; past the last form it is gone."""
        self.forms, self.ranks, self.right = forms, ranks, right
        self.form = 0

    @property
    def row(self) -> Row:
        return self.forms[self.form] if self.form < len(self.forms) else BLANK

    @property
    def rank(self) -> int:
        """When it gives way next; -1 never."""
        return self.ranks[self.form] if self.form < len(self.ranks) else -1

    @property
    def width(self) -> int:
        return cell_len(self.row.text)


_SHUT = RUN[RunState.LIMITED].glyph
SPEND_FROM = 120
"""Cells from which the plan's spending is told."""
NAME = 24
NAME_AT_LEAST = ((4, 8), (8, 18))
"""(rank, cells): the plan's name is cut to so many cells before anything of a lower rank gives way."""


class Headline(Line):
    """Plan, week, phases, progress, verdict, agents, what waits, the time; the less important give way.

    Phases, the progress beside the planned one, the verdict, failures and what waits for a person always stay.
    """

    def __init__(self) -> None:
        super().__init__(id="headline")
        self._view: View | None = None

    def show(self, view: View) -> None:
        self._view = view
        self.again()

    def grow_older(self, view: View) -> None:
        """Show the same snapshot as before at a later moment: the time of day has whole minutes."""
        if self._view is None or view.now // 60 != self._view.now // 60:
            self.show(view)

    def build(self, width: int) -> Row:
        if self._view is None:
            return BLANK
        pieces = _pieces(self._view, width)
        name = shown(self._view.snapshot.plan_name)
        wide = min(cell_len(name), NAME)

        def free() -> int:
            return width - 2 - wide - sum(2 + p.width for p in pieces if p.width)

        while free() < 0:
            next_ = max(pieces, key=lambda piece: piece.rank)
            least = next((least for rank, least in NAME_AT_LEAST if next_.rank < rank), wide)
            if wide > least:
                wide = max(least, wide + free())
            elif next_.rank < 0:
                break
            else:
                next_.form += 1
        wide = min(cell_len(name), wide + max(0, free()))
        row = Row(" ").column(name, wide, "strong")
        for piece in pieces:
            if piece.width:
                part = piece.row.left
                if piece.right:
                    row.right += [*part, ("  ", "text")]
                else:
                    row.left += [("  ", "text"), *part]
        row.right[-1:] = [(" ", "text")]
        return row


def _pieces(view: View, width: int) -> list[_Piece]:
    """In reading order, after the name."""
    s = view.snapshot
    pieces: list[_Piece] = []
    if s.dated and (s.last_week or s.week):
        last = f"/{s.last_week}" if s.last_week else ""
        pieces.append(_Piece([Row("wk ", "dim").add(f"{s.week}{last}")], [4]))
    if s.current_phases:
        numbers = "·".join(s.current_phases)
        word = "phase " if len(s.current_phases) == 1 else "phases "
        pieces.append(_Piece([Row(word, "dim").add(numbers), Row("ph ", "dim").add(numbers)], [3]))
    pieces.append(_progress(s))
    pieces.append(_verdict(s))
    failed = sum(1 for w in s.workstreams if w.state is WorkstreamState.FAILED)
    if failed:
        pieces.append(_Piece([Row(f"{failed} failed", "bad"), Row(f"✗{failed}", "bad")], [1]))
    if s.spend is not None and width >= SPEND_FROM and (said := spend_short(s.spend)):
        whole, short = _spent(s.spend, said), _spent(s.spend, said.partition(" of ")[0])
        pieces.append(_Piece([whole, short], [7, 5], right=True))
    pieces.append(_agents(s))
    shut = [a for a in s.accounts if a.state is not AccountState.OPEN]
    if shut and has_no_room_for_accounts(view):
        pieces.append(_shut(shut, view.now))
    if view.firing and has_no_room_for_alerts(view):
        pieces.append(_firing(view.firing))
    if view.unread:
        pieces.append(_unread(view.unread))
    if view.link.state is LinkState.GONE:
        pieces.append(_Piece([Row("⚠ no worker", "bad")], [], right=True))
    pieces.append(_waiting(s.waiting))
    clock = Row(local(view.now, HOUR), "dim")
    pieces.append(_Piece([clock], [2 if s.spend is None else 8], right=True))
    return pieces


def _progress(s: Snapshot) -> _Piece:
    planned = BLANK if s.expected_progress is None else Row("  plan ", "dim").add(points(s.expected_progress))
    forms = []
    for wide in (16, 8, 0):
        row = Row(points(s.progress), "strong")
        if wide:
            full, rest = bar(s.progress, wide)
            row.add(" ").add(full, "done").add(rest, "dim")
        row.left += (
            planned.left if wide else [(t.replace("  plan", " plan"), tone) for t, tone in planned.left]
        )
        forms.append(row)
    return _Piece(forms, [11, 9])


def _verdict(s: Snapshot) -> _Piece:
    look = VERDICT[s.verdict]
    bare = Row(f"{look.glyph} {look.word}", look.tone)
    reason = shorter(s.reasons[0]) if s.reasons and look.tone in ("you", "bad") else ""
    if not reason:
        return _Piece([bare], [])
    return _Piece([Row(f"{look.glyph} {look.word}", look.tone).add(f": {reason}", "dim"), bare], [8])


def _agents(s: Snapshot) -> _Piece:
    count = s.agents_running
    tone: Tone = "run" if count else "dim"
    cap = f"/{s.cap}" if s.cap else ""
    word = " agent" if (s.cap or count) == 1 else " agents"
    return _Piece(
        [Row(f"{count}{cap}", tone).add(word, "dim"), Row(f"{count}{cap}", tone).add(" ag", "dim")],
        [6, 0],
        right=True,
    )


def _shut(accounts: Sequence[AccountView], now: float) -> _Piece:
    """Accounts on which nothing goes on: a person's to mend first, then the one that is shut longest."""
    first = max(accounts, key=lambda a: (a.state is AccountState.REFUSED, a.resets_at or float("inf")))
    tone: Tone = "bad" if first.state is AccountState.REFUSED else "you"
    others = f" +{len(accounts) - 1}" if len(accounts) > 1 else ""
    name = f"{_SHUT} {crop(shown(first.id), 12)}"
    words = shut_words(first, now)
    forms = [f"{name} {words}", f"{name} {words.partition(' UTC')[0]}", f"{name} {first.state.value}", name]
    return _Piece([Row(form, tone).add(others, "dim") for form in forms], [9, 7, 5, 0], right=True)


def _firing(alerts: Sequence[AlertStatus]) -> _Piece:
    """Alerts that nobody knows of; the latest by its name where there is room."""
    glyph, more = ALERT[AlertState.FIRING].glyph, f" +{len(alerts) - 1}" if len(alerts) > 1 else ""
    named = Row(f"{glyph} {crop(shown(alerts[0].alert), 16)}{more} ", "bad").add("(b)", "key")
    words = f"{glyph} {len(alerts)} {'alert' if len(alerts) == 1 else 'alerts'}"
    return _Piece([named, Row(words, "bad"), Row(f"{glyph}{len(alerts)}", "bad")], [7, 3], right=True)


def _unread(messages: Sequence[MessageStatus]) -> _Piece:
    """Messages that people have not read; urgent ones are yellow."""
    count = len(messages)
    tone: Tone = "you" if any(m.priority in ("urgent", "high") for m in messages) else "strong"
    word = "message" if count == 1 else "messages"
    forms = [
        Row(f"{count} {word} ", tone).add("(m)", "key"),
        Row(f"{count} {word}", tone),
        Row(f"{count} msg", tone),
    ]
    return _Piece(forms, [9, 6, 1], right=True)


def _spent(spend: SpendView, said: str) -> Row:
    """The plan's total; yellow once a person is to be told of its budget, red when it is spent."""
    worst = worst_budget(spend)
    tone: Tone = "dim"
    if worst is not None and worst.points >= worst.warn:
        tone = "bad" if worst.points >= 100 else "you"
    return Row(said, tone)


def _waiting(items: Sequence[WaitingView]) -> _Piece:
    """How many things wait, and the most urgent of them where there is room."""
    count = len(items)
    if not count:
        return _Piece([Row("nothing waits for you", "dim")], [12], right=True)
    wait = f"⚠ {count} {'waits' if count == 1 else 'wait'}"
    short = [Row(f"{wait} (!)", "you"), Row(wait, "you")]
    first = items[0]
    if first.subject and first.rank < 2:
        what = f"{first.kind} {crop(shown(first.subject), 16)} "
        forms = [Row(f"{words}: {what}", "you").add("(!)", "key") for words in (wait, f"⚠ {count}")]
        return _Piece([*forms, *short], [10, 6, 1], right=True)
    return _Piece([Row(f"{wait} for you ", "you").add("(!)", "key"), *short], [7, 1], right=True)
