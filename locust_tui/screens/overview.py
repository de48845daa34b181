"""The plan as a whole: why its verdict is what it is, phases, forecast, milestones, risks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from textual.widget import Widget

from locust_tui.domain.states import WorkstreamState
from locust_tui.report.run_words import TELLING, account_words, spend_words, worst_budget
from locust_tui.signs import WAITS_FOR_OTHERS, look_of
from locust_tui.widgets.cards import called
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, fact, heading, paragraph
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import PHASE, RUN, VERDICT, WORKSTREAM, bar, points, since

from .base import Reading


class OverviewScreen(Reading):
    in_past = True
    about = (
        "The plan as a whole: why its verdict is what it is, how far each phase is, when it may be finished, which "
        "milestones and gates lie ahead, which risks are open, which accounts are limited and what was spent."
    )

    def __init__(self) -> None:
        super().__init__(id="overview")
        self.sheet = Sheet(id="lines")

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def present(self, view: View) -> None:
        self.sheet.put(
            Row(view.snapshot.plan_name, "strong"), list(_lines(view, max(20, self.size.width - 6)))
        )
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("↑↓", "scroll", True), ("!", "inbox", True), ("?", "help", True), ("esc", "back", True))


def _lines(view: View, width: int) -> Iterator[SheetLine]:
    snapshot = view.snapshot
    look = VERDICT[snapshot.verdict]
    yield SheetLine(
        Row(f"{look.glyph} {look.word}", look.tone).add(f"  {points(snapshot.progress)} done", "text")
    )
    for reason in snapshot.reasons:
        yield from paragraph(reason, width)
    if not (snapshot.phases or snapshot.gates or snapshot.milestones or snapshot.dated):
        yield from _undated(view, width)
        yield from _risks(view)
        yield from _accounts(view)
        return
    if snapshot.phases:
        yield from heading("Phases")
    for phase in snapshot.phases:
        state = PHASE[phase.state]
        full, rest = bar(phase.progress, 16)
        row = (
            Row(f"  {state.glyph} ", state.tone)
            .column(called(phase.id, phase.name), 30)
            .add(full, state.tone)
            .add(rest, "dim")
        )
        row.column(points(phase.progress), 6, align_right=True).add(
            f"  plan {points(phase.expected_progress)}", "dim"
        )
        row.add(f"  weeks {phase.weeks}" if width > 90 else "", "dim")
        yield SheetLine(row.end(state.word, state.tone))
    yield from _forecast(view)
    if snapshot.milestones:
        yield from heading("Milestones")
    for milestone in snapshot.milestones:
        reached = milestone.reached is not None
        tone: Tone = (
            "done"
            if reached and milestone.on_time is not False
            else ("you" if milestone.on_time is False else "wait")
        )
        row = Row("  ✓ " if reached else "  ○ ", tone).column(milestone.name, 34)
        row.add(f"week {milestone.week}" if milestone.week is not None else "", "dim")
        row.add(f"  reached {since(milestone.reached, view.now)} ago" if reached else "", "dim")
        yield SheetLine(row.add("  late" if milestone.on_time is False else "", "you"))
    yield from _risks(view)
    yield from _accounts(view)


def _accounts(view: View) -> Iterator[SheetLine]:
    """Whether agents can work, and what they used."""
    snapshot = view.snapshot
    if snapshot.accounts:
        yield from heading("Accounts")
    for account in snapshot.accounts:
        look = look_of(account.state.value)
        yield SheetLine(Row(f"  {look.glyph} ", look.tone).add(account_words(account, view.now)))
    if snapshot.spend is None:
        return
    yield from heading("Spent")
    parts = [
        ("plan", snapshot.spend),
        *((o.id, o.spend) for o in snapshot.orchestrators if o.spend is not None),
    ]
    for name, spend in parts:
        worst = worst_budget(spend)
        near = worst is not None and worst.points >= worst.warn
        yield fact(name, spend_words(spend), "you" if near else "text")


_WORK = tuple(
    dict.fromkeys(
        look
        for state, one in (*WORKSTREAM.items(), *((state, RUN[state]) for state in TELLING))
        for look in ((one, WAITS_FOR_OTHERS) if state is WorkstreamState.REVIEW else (one,))
    )
)
"""Every look of a workstream, in the order in which they are counted; the two of a review stand together."""


def _undated(view: View, width: int) -> Iterator[SheetLine]:
    """What there is to say of a plan without phases, gates and weeks."""
    looks = Counter(map(view.look, view.snapshot.workstreams))
    yield from heading("Work")
    for look in _WORK:
        if looks[look]:
            yield SheetLine(Row(f"  {look.glyph} ", look.tone).add(f"{looks[look]} {look.word}"))
    yield SheetLine(Row())
    yield from paragraph(
        "The plan has no phases, gates, weeks or milestones, so there is no schedule and no forecast to show. "
        "weeks: on workstreams gives a forecast; phases: and gates: give a path to release.",
        width,
        "dim",
    )


def _forecast(view: View) -> Iterator[SheetLine]:
    forecast = view.snapshot.forecast
    yield from heading("Forecast")
    if forecast.p50_week is None:
        yield SheetLine(Row("  ").add(forecast.reason or "no forecast yet", "dim"))
        return
    for name, week in (("P50", forecast.p50_week), ("P85", forecast.p85_week), ("P95", forecast.p95_week)):
        yield fact(name, f"week {week:.1f}" if week is not None else "—")
    yield fact("in window", points(forecast.in_window))
    for gate in forecast.gates:
        late = gate.p50_week is not None and gate.due_week is not None and gate.p50_week > gate.due_week
        due = f"  due week {gate.due_week}" if gate.due_week is not None else ""
        p50 = f"P50 week {gate.p50_week:.1f}" if gate.p50_week is not None else "—"
        p85 = f"  P85 week {gate.p85_week:.1f}" if gate.p85_week is not None else ""
        yield fact(f"gate {gate.id}", p50 + p85 + due, "you" if late else "text")


def _risks(view: View) -> Iterator[SheetLine]:
    if not view.snapshot.risks:
        return
    yield from heading("Risks")
    for risk in sorted(view.snapshot.risks, key=lambda r: -r.score):
        tone: Tone = "you" if risk.level in ("high", "critical") else "dim"
        row = Row("  ⚠ ", tone).add(risk.risk).add(f"  {risk.level}, {risk.state}", "dim")
        yield SheetLine(
            row.add(f"  owner {risk.owner}" if risk.owner else "  no owner", "dim" if risk.owner else "you")
        )
        if risk.mitigation:
            yield SheetLine(Row("    ").add(risk.mitigation, "dim"))
