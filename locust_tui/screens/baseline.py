"""What was agreed, and every change of it: what it changed, who, when and why; agreeing anew, and saying why."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import events
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.client.requests import NotePlanChange, SetBaseline
from locust_tui.domain.studies.baseline import BaselineStudy, PlanChange
from locust_tui.widgets.baseline import agreed_sheet, change_key, change_row, change_sheet
from locust_tui.widgets.form import Field
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .asking import AskScreen
from .deciders import as_field
from .person import user_name
from .questions import Question
from .studying import FOR_EVER, Study
from .two_panes import NO_MATCH, TwoPanes

THREE = 110
"""Columns from which what was agreed stands beside its changes."""
_NOT_STARTED = (
    Row("Nothing is agreed yet: the project has not started."),
    Row("u starts the worker.", "dim"),
)
_UNCHANGED = (
    Row("The plan is as it was agreed."),
    Row("What you change in the plan file from now on stands here, with who and when.", "dim"),
)


class BaselineScreen(TwoPanes):
    about = (
        "What was agreed when the project started, with its dates and criteria, and every change of the plan since: the "
        "latest first, with what it touches, who and why. ⚠ marks what asks for less than before. n says why a change "
        "was made; = agrees to the plan as it is now, which is then what later ones are compared with."
    )
    DEFAULT_CSS = """
    BaselineScreen #all { height: 1fr; layout: horizontal; }
    BaselineScreen #agreed { width: 2fr; }
    BaselineScreen #both { width: 3fr; }
    """
    BINDINGS = [
        Binding("B", "close", "close"),
        Binding("n", "note", "why"),
        Binding("equals_sign", "agree", "agree anew"),
        Binding("tab", "other", "what was agreed"),
        Binding("enter,l,right", "open", "open"),
    ]

    def __init__(self) -> None:
        self.items = Listing(change_key, change_row, _facts, about=self.about)
        super().__init__(self.items, hint="words of a place, class, person or reason", id="baseline-screen")
        self.agreed = Sheet(id="agreed")
        self.study: Study[BaselineStudy] = Study(self, good_for=FOR_EVER)

    def body(self) -> Iterable[Widget]:
        self.filter_line.display = False
        yield Container(self.agreed, Container(self.list_pane, self.detail, id="both"), id="all")
        yield Vertical(id="answering")
        yield self.filter_line

    @property
    def current(self) -> PlanChange | None:
        item = self.items.current
        return item if isinstance(item, PlanChange) else None

    def present(self, view: View) -> None:
        self.study.ask_when_due(view.snapshot.revision, lambda: self.host.port.studies.baseline())
        study = self.study.value
        changes = list(reversed(study.changes)) if study is not None else []
        found = [c for c in changes if self.fits_filter(f"{c.words} {c.kind} {c.by} {c.why}")]
        if study is None:
            empty: tuple[Row, ...] = (self.study.waiting("reading the record"),)
        else:
            empty = _UNCHANGED if study.agreed is not None else _NOT_STARTED
        title = Row("Changes", "strong").add(f" {len(changes)}" if changes else "", "dim")
        if self.words:
            title.right = [*filter_words(self.words, 30).left, (f" {len(found)}", "dim")]
        self.items.show(title, found, NO_MATCH if self.words else empty, view.now)
        self.fit(self.app.size.width, self.app.size.height)
        if study is not None:
            width = max(20, self.agreed.inner_width) if self.agreed.size.width else 40
            self.agreed.put(Row("Agreed", "strong"), list(agreed_sheet(study, view.now, width)))
        change = self.current
        if change is None or study is None:
            self.put_detail("", Row(), ())
        else:
            lines = list(change_sheet(change, study, view.now, self.detail_width))
            self.put_detail(change_key(change), Row(change.place, "strong"), lines)
        self.show_footer()

    def fit(self, width: int, height: int) -> None:
        super().fit(width, height)
        self.set_class(False, "-wide")  # the other half is what was agreed
        boxed = width >= THREE or height >= 30
        for pane in (self.list_pane, self.detail):
            pane.set_boxed(boxed)
        if self.items.items:
            lines = len(self.items.items) + (2 if boxed else 1)
            self.list_pane.styles.height = max(4, min(lines, int(height * self.share)))
        both = self.query("#both").first(Container) if self.is_mounted else None
        wide = width >= THREE
        self.agreed.set_boxed(boxed)
        first = self.agreed.has_focus
        self.agreed.display = wide or first
        if both is not None:
            both.display = wide or not first

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        study = self.study.value
        agreed = study.agreed if study is not None else None
        yield "n", "say why", self.current is not None
        yield "=", "agree anew", agreed is not None and self._newer()
        yield "tab", "changes" if self.agreed.has_focus else "agreed", True
        yield "enter", "open", self.current is not None
        yield "/", "filter", bool(self.items.items)
        yield "?", "help", True
        yield "esc", "back", True

    def _newer(self) -> bool:
        """Whether another plan is in force than the one agreed last."""
        study = self.study.value
        return bool(
            study and study.agreed and study.revisions and study.agreed.digest != study.revisions[-1].digest
        )

    def resized(self, event: events.Resize) -> None:
        super().resized(event)

    def action_other(self) -> None:
        """Between what was agreed and its changes."""
        agreed = self.agreed.has_focus
        self.agreed.display = True
        (self.list_pane if agreed else self.agreed).focus()
        self.call_after_refresh(self._present_now)

    def action_move(self, delta: int) -> None:
        (self.agreed if self.agreed.has_focus else self.list_pane).move(delta)

    def action_page(self, fraction: float) -> None:
        (self.agreed if self.agreed.has_focus else self.detail).page(fraction)

    def action_open(self) -> None:
        """The gate or workstream that the change is about."""
        change, view = self.current, self.host.view
        if change is None or view is None:
            return
        if change.section == "gates" and change.subject in view.gates:
            self.host.main.go_to("gate", change.subject)
        elif change.subject in view.workstreams:
            self.host.main.open_workstream(change.subject)
        else:
            self.host.say("what it is about has no screen of its own", "dim")

    def _gone(self) -> bool:
        if self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
            return True
        return False

    def action_note(self) -> None:
        change = self.current
        if change is None or self._gone():
            return
        facts = [
            Row(change.words),
            Row(f"revision {change.revision}, {change.who}: it is kept for all it changed.", "dim"),
        ]
        asked = Question(
            "Why the plan changed", facts, self._fields("why it was changed", change.why), "note"
        )
        self.host.open(AskScreen(asked, partial(self._note, change.revision)))

    def _note(self, revision: int, values: dict[str, str]) -> None:
        self._ask(
            NotePlanChange(revision, values["note"], values["by"]), "writing it down",
            f"why the plan changed at revision {revision} is on record",
        )  # fmt: skip

    def action_agree(self) -> None:
        if not self._newer():
            self.host.say("the plan in force is what was agreed last", "dim")
            return
        study = self.study.value
        if self._gone() or study is None:
            return
        count = len(study.drift)
        differs = f"{count} field{'' if count == 1 else 's'} of it differ{'s' if count == 1 else ''} from what was agreed."
        facts = [
            Row(differs),
            Row(
                "From now on later plans are compared with it; what was agreed before stays on record.", "you"
            ),
        ]
        asked = Question("Agree to the plan in force", facts, self._fields("why it is agreed anew"), "agree")
        self.host.open(AskScreen(asked, partial(self._agree, study.revisions[-1].digest)))

    def _agree(self, digest: str, values: dict[str, str]) -> None:
        self._ask(
            SetBaseline(values["note"], values["by"], digest),
            "agreeing",
            f"agreed by {values['by']}: plan {digest[:12]}",
        )

    def _fields(self, hint: str, value: str = "") -> tuple[Field, ...]:
        by = as_field(lambda: self.host.snapshot, lambda: (), user_name())
        return Field("note", "note", hint, value, required=True), by

    def _ask(self, request: NotePlanChange | SetBaseline, doing: str, done: str) -> None:
        self.host.ask(request, doing=doing, done=done, then=self._look_anew)

    def _look_anew(self) -> None:
        self.study.ask_anew()
        self._present_now()


def _facts(change: PlanChange, now: float) -> object:
    return change, since(change.at, now)
