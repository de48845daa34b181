"""Alerts: every rule of the plan, where it fires, on what figures, since when, and acknowledging it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from textual import on
from textual.binding import Binding

from locust_tui.client.port import LinkState
from locust_tui.client.requests import AcknowledgeAlert
from locust_tui.domain.coordination import AlertStatus
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import AlertRule
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import AlertState
from locust_tui.report.alert_sayings import values_words
from locust_tui.signs import ALERT
from locust_tui.widgets.answer_form import WAIT
from locust_tui.widgets.form import Guard
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact, paragraph
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import Look, age, plural, since

from .two_panes import NO_MATCH, TwoPanes

QUIET = "quiet"
OVERDUE_GATE = "gate-overdue"
RESTORED = "record-restored"
"""Names of the alerts that no plan has to write down."""
_ORDER = (AlertState.FIRING, AlertState.ACKNOWLEDGED, AlertState.PENDING, AlertState.RESOLVED, QUIET)
_SEVERITIES = ("critical", "error", "warning", "info")
_TONES: dict[str, Tone] = {"critical": "bad", "error": "bad", "warning": "you", "info": "dim"}
_EMPTY = (
    Row("The plan has no alerts."),
    Row(
        'locust-tui alert create --name NAME --condition "progress < expected_progress - 10" adds one.', "dim"
    ),
)
_WIDE = 11


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule at one scope. `status` None: it never moved; `rule` None: the plan has it no more, or every plan has it."""

    name: str
    rule: AlertRule | None
    status: AlertStatus | None

    @property
    def key(self) -> str:
        return self.status.key if self.status is not None else f"{self.name}/"

    @property
    def state(self) -> AlertState | str:
        return self.status.state if self.status is not None else QUIET

    @property
    def severity(self) -> str:
        return self.rule.severity if self.rule is not None else "warning"

    @property
    def look(self) -> Look:
        return ALERT[self.state]


def alerts_of(snapshot: Snapshot) -> list[Alert]:
    """Firing ones first, then by severity, the latest first; rules that never moved last."""
    rules = {rule.name: rule for rule in snapshot.alert_rules}
    moved = {status.alert for status in snapshot.alerts}
    found = [Alert(s.alert, rules.get(s.alert), s) for s in snapshot.alerts]
    found += [Alert(name, rule, None) for name, rule in rules.items() if name not in moved]

    def rank(alert: Alert) -> tuple[int, int, float]:
        known = alert.severity in _SEVERITIES
        severity = _SEVERITIES.index(alert.severity) if known else len(_SEVERITIES)
        return _ORDER.index(alert.state), severity, -alert.status.since if alert.status is not None else 0.0

    return sorted(found, key=rank)


class AlertsScreen(TwoPanes):
    about = (
        "Every alert rule of the plan where it moved: firing first, then by severity. Below: what it watches, the figures "
        "it rests on, since when, how often it fired. a says that you know of it; it stays until its condition clears."
    )
    BINDINGS = [
        Binding("b", "close", "close"),
        Binding("a", "acknowledge", "acknowledge"),
        Binding("enter,l,right", "open", "open"),
    ]

    def __init__(self) -> None:
        self.items = Listing(lambda a: a.key, alert_row, _facts, about=self.about)
        super().__init__(self.items, hint="words of alert, scope, state or severity", id="alerts-screen")
        self.guard = Guard()
        self._seen: tuple[str, object] | None = None

    def ready(self) -> None:
        self.guard.restart()
        super().ready()

    @property
    def current(self) -> Alert | None:
        item = self.items.current
        return item if isinstance(item, Alert) else None

    def present(self, view: View) -> None:
        everything = alerts_of(view.snapshot)
        found = [a for a in everything if self._fits(a)] if self.words else everything
        self.items.show(self._title(found, everything), found, NO_MATCH if self.words else _EMPTY, view.now)
        self.fit(self.app.size.width, self.app.size.height)
        alert = self.current
        if alert is None:
            self.put_detail("", Row(), ())
        else:
            title = Row(f"{alert.look.glyph} ", alert.look.tone).add(alert.name, "strong")
            title.add(f" {alert.look.word}", alert.look.tone)
            self.put_detail(alert.key, title, list(alert_lines(alert, view.now, self.detail_width)))
        seen = None if alert is None else (alert.key, alert.state)
        if seen != self._seen:
            self._seen = seen
            self.guard.restart()
        self.show_footer()

    def _fits(self, alert: Alert) -> bool:
        scope = alert.status.scope if alert.status is not None else ""
        return self.fits_filter(f"{alert.name} {scope} {alert.look.word} {alert.severity}")

    def _title(self, found: Sequence[Alert], everything: Sequence[Alert]) -> Row:
        row = Row("Alerts", "strong")
        for state in _ORDER:
            count = sum(1 for a in everything if a.state == state)
            if count:
                look = ALERT[state]
                row.add(f"  {count} {look.word}", look.tone)
        if self.words:
            row.right = [*filter_words(self.words, 30).left, (f" {len(found)}", "dim")]
        return row

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        alert = self.current
        yield "a", "acknowledge", alert is not None and alert.state is AlertState.FIRING
        yield "enter", "open", alert is not None
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    @on(Pane.Moved)
    def _moved_on(self) -> None:
        """What a person goes to has not just appeared."""
        alert = self.current
        self._seen = None if alert is None else (alert.key, alert.state)

    def action_acknowledge(self) -> None:
        alert = self.current
        if alert is None:
            return
        if alert.state is not AlertState.FIRING:
            by = (
                f" by {alert.status.by}" if alert.status is not None and alert.state == "acknowledged" else ""
            )
            self.host.say(f"{alert.name} is {alert.look.word}{by}: there is nothing to acknowledge", "you")
        elif self.guard.closed:
            self.host.say(WAIT, "dim")
        elif self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
        else:
            self.host.ask(
                AcknowledgeAlert(alert.key),
                doing=f"acknowledge {alert.name}",
                done=f"{alert.name} is acknowledged; it stays until its condition clears",
            )

    def action_open(self) -> None:
        """What it is about: the gate that it names, else the plan as a whole."""
        alert, view = self.current, self.host.view
        if alert is None or view is None:
            return
        scope = alert.status.scope if alert.status is not None else ""
        if scope in view.gates:
            self.host.main.go_to("gate", scope)
        else:
            self.host.main.do_overview()


def _facts(alert: Alert, now: float) -> object:
    return alert, since(alert.status.since, now) if alert.status is not None else ""


def alert_row(alert: Alert, width: int, now: float) -> Row:
    """State, severity, age, name and scope, the figures; how often it fired stands at the end."""
    status = alert.status
    row = Row(f"{alert.look.glyph} ", alert.look.tone).column(alert.look.word, 14, alert.look.tone)
    row.column(alert.severity, 9, _TONES.get(alert.severity, "text"))
    row.column(since(status.since, now) if status is not None else "", 4, "dim", align_right=True).add("  ")
    row.add(alert.name).add(f" in {status.scope}" if status is not None and status.scope else "")
    values = values_words(status.values) if status is not None else ""
    row.add(f"  {values or (alert.rule.when if alert.rule is not None else '')}", "dim")
    if status is not None and status.fired > 1:
        row.end(f"{status.fired}×", "dim")
    return row


def alert_lines(alert: Alert, now: float, width: int) -> Iterator[SheetLine]:
    rule, status = alert.rule, alert.status
    if rule is not None:
        yield fact("fires when", rule.when, wide=_WIDE)
        held = f" · once it has held for {age(rule.hold)}" if rule.hold else ""
        yield fact("severity", f"{rule.severity}{held}", _TONES.get(rule.severity, "text"), wide=_WIDE)
        yield fact(
            "tells", ", ".join(rule.notify) or "nobody: it stands here and in the headline", wide=_WIDE
        )
    elif alert.name == RESTORED:
        about = "less of the record was found than had been written; nothing starts before a person knows"
        yield fact("fires when", about, wide=_WIDE)
    elif alert.name == OVERDUE_GATE:
        yield fact(
            "fires when", "a gate is shut after the end of its week; every plan has this alert", wide=_WIDE
        )
    else:
        yield fact("fires when", "the plan has no such rule any more", "dim", wide=_WIDE)
    if status is None:
        yield fact("so far", "quiet: it has never moved", "dim", wide=_WIDE)
        return
    if status.scope:
        yield fact("scope", status.scope, wide=_WIDE)
    yield fact("since", f"{since(status.since, now)} ago", wide=_WIDE)
    yield fact("fired", plural(status.fired, "time"), wide=_WIDE)
    for name, value in status.values:
        yield fact("figure", f"{name} {'—' if value is None else f'{value:.4g}'}", wide=_WIDE)
    if status.by and status.state is AlertState.ACKNOWLEDGED:
        yield fact("known to", status.by, wide=_WIDE)
    if status.why and status.why != f"{status.by} knows":
        yield SheetLine(Row())
        yield from paragraph(status.why, width)
