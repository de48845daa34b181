"""A newer plan on disk that is not in force: its problems, or what it changes and the yes it wants."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.client.requests import ConfirmPlan, RecheckPlan
from locust_tui.widgets.form import Field, Form, Guard
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, paragraph
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .base import Reading
from .person import user_name

_TITLES = {
    "error": ("✗ ", "bad", "the newer plan has errors; the last good one is in force"),
    "trust": ("◐ ", "you", "the newer plan waits for trust: what it runs has changed"),
    "confirm": ("◐ ", "you", "the newer plan waits for your yes"),
    "gone": ("✗ ", "bad", "the plan file is gone; the last good plan is in force"),
}


class PlanScreen(Reading):
    BINDINGS = [Binding("r", "recheck", "read again")]
    DEFAULT_CSS = "PlanScreen #change { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="plan-screen")
        self.sheet = Sheet(id="change")
        self.guard = Guard()
        self.form: Form | None = None
        self.digest = ""

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        if self.form is None:
            self.sheet.focus()

    def present(self, view: View) -> None:
        held, width = view.snapshot.held, max(20, self.size.width - 6)
        title = Row("Plan", "strong").add(f" · {view.snapshot.plan_path}", "dim")
        if held is None:
            words = view.problems or ("The plan on disk is in force; nothing waits.",)
            last = (
                [SheetLine(Row("last change: ", "dim").add(view.snapshot.plan_change))]
                if view.snapshot.plan_change
                else []
            )
            self.sheet.put(
                title, [*(line for text in words for line in paragraph(text, width, indent="")), *last]
            )
            self._drop_form()
        else:
            sign, tone, words_ = _TITLES.get(held.why, ("? ", "wait", held.why))
            lines = [SheetLine(Row(sign, tone).add(f"{words_} · {since(held.at, view.now)}"))]  # type: ignore[arg-type]
            lines += [SheetLine(Row("  ").add(held.summary)), SheetLine(Row())]
            for text in held.lines:
                lines += paragraph(text, width)
            if held.why == "trust":
                lines += [
                    SheetLine(Row()),
                    SheetLine(Row("  $ ", "dim").add(f"locust-tui trust {view.snapshot.plan_path}")),
                ]
            self.sheet.put(title, lines)
            if held.why == "confirm":
                self._want_yes(held.digest)
            else:
                self._drop_form()
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        if self.form is not None:
            return (
                ("enter", "next field", True),
                ("shift+tab", "field before", True),
                ("esc", "leave it", True),
            )
        return (("r", "read it again", True), ("esc", "back", True))

    def _want_yes(self, digest: str) -> None:
        if self.form is not None:
            if digest != self.digest:
                self.digest = digest
                self.form.unsay("the plan changed again: look again")
            return
        self.digest = digest
        self.form = Form(
            Row("Put it in force", "strong"),
            (Field("by", "as", "your name, as it is recorded", user_name(), required=True),),
            "yes",
            guard=self.guard,
        )
        self.guard.restart()
        self.mount(self.form, after=self.sheet)
        self.form.focus()

    def _drop_form(self) -> None:
        if self.form is not None:
            self.form.remove()
            self.form = None
            self.sheet.focus()

    @on(Form.Left)
    def _left(self, message: Form.Left) -> None:
        message.stop()
        self.app.pop_screen()

    @on(Form.Submitted)
    def _yes(self, message: Form.Submitted) -> None:
        message.stop()
        request = ConfirmPlan(self.digest, message.values["by"])
        self.host.ask(request, doing="putting the plan in force", done="the plan is in force")

    def action_recheck(self) -> None:
        self.host.ask(RecheckPlan(), doing="reading the plan again", done="the plan is read again")
