"""A newer plan on disk that is not in force: its problems, or what it would run and change, and the yes it wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import on
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.client.port import LinkState
from locust_tui.client.requests import ConfirmPlan, RecheckPlan
from locust_tui.domain.held_plan import HeldPlan, PlanError
from locust_tui.domain.snapshot import RunView
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.form import Field, Form, Guard
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, paragraph
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural, since

from .base import Reading
from .deciders import as_field
from .gate_forms import agent_words
from .person import user_name
from .person_form import PersonForm

_TITLES: dict[str, tuple[str, Tone, str]] = {
    "error": ("✗ ", "bad", "the newer plan has errors; the last good one is in force"),
    "first": ("◐ ", "you", "not trusted yet: this is what it would run"),
    "trust": ("◐ ", "you", "what the plan would run has changed: + new, - gone since it was trusted"),
    "confirm": ("◐ ", "you", "the newer plan waits for your yes"),
    "gone": ("✗ ", "bad", "the plan file is gone; the last good plan is in force"),
}
_MARKS: dict[str, Tone] = {"+": "you", "-": "bad"}


class PlanScreen(Reading):
    BINDINGS = [Binding("r", "recheck", "read again")]
    DEFAULT_CSS = "PlanScreen #change { height: 1fr; }"
    about = (
        "A newer plan on disk that is not in force, and why. Everything it would run or change is listed; the form "
        "under it wants a word typed: trust, or yes. Nothing starts before."
    )

    def __init__(self) -> None:
        super().__init__(id="plan-screen")
        self.sheet = Sheet(id="change")
        self.guard = Guard()
        self.form: PersonForm | None = None
        self.asked = ("", "")
        """What the form asks about: why the plan is held, and its digest."""
        self._shown: tuple[str, str] | None = None
        """Why the plan that was shown last is held, and its digest."""
        self._was_shown = False
        """Whether anything was shown before what is shown now."""

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
        shown = (held.why, held.digest) if held is not None else ("", "")
        self._was_shown = self._shown is not None
        if held is not None and self._shown not in (None, shown):
            self.hush()  # what was said of the plan before may be true no more
        self._shown = shown
        title = Row("Plan", "strong").add(f" · {view.snapshot.plan_path}", "dim")
        if held is None:
            self.sheet.put(title, list(_in_force(view, width)))
            self._drop_form()
        else:
            self.sheet.put(title, list(_held(held, view, width)))
            if held.why in ("confirm", "trust") and not held.refused:
                self._want_word(held, view)
            else:
                self._drop_form()
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        if self.form is not None:
            return (
                ("enter", "next field", True),
                ("pgdn pgup", "read on, back", self.sheet.hint() != ""),
                ("esc", "leave it", True),
            )
        return (
            ("r", "read it again", True),
            ("!", "inbox", True),
            ("?", "help", True),
            ("esc", "back", True),
        )

    def _want_word(self, held: HeldPlan, view: View) -> None:
        asked = (held.why, held.digest)
        facts = _follows(held, view)
        if self.form is not None and self.asked[0] == held.why:
            self.form.tell(facts)
            if asked != self.asked:
                self.asked = asked
                self.form.unsay("the plan changed again: look again")
            return
        self._drop_form()
        self.asked = asked
        if held.why == "trust":
            form = PersonForm(Row("Trust it", "strong"), facts, (), "trust", guard=self.guard)
        else:
            by = as_field(lambda: self.host.snapshot, lambda: (), user_name())
            note = Field("note", "why", "why the plan changed; may be empty, and be said later")
            form = PersonForm(Row("Put it in force", "strong"), facts, (note, by), "yes", guard=self.guard)
            form.at = len(form.fields) - 1
        form.asked_for = not self._was_shown
        self.form = form
        self.guard.restart()
        self.mount(form, after=self.sheet)
        form.focus()

    def _drop_form(self) -> None:
        if self.form is not None:
            self.form.remove()
            self.form = None
            self.sheet.focus()

    @on(PersonForm.Page)
    def _page(self, message: PersonForm.Page) -> None:
        message.stop()
        self.sheet.page(message.fraction)

    @on(Form.Left)
    def _left(self, message: Form.Left) -> None:
        message.stop()
        self.go_back()

    @on(Form.Submitted)
    def _said(self, message: Form.Submitted) -> None:
        message.stop()
        why, digest = self.asked
        if why == "trust":
            self.host.spawn(self._trust(digest))
        else:
            request = ConfirmPlan(digest, message.values["by"], message.values["note"])
            self.host.ask(
                request, doing="putting the plan in force", done=lambda _: self._came_in_force(digest)
            )

    def _came_in_force(self, digest: str) -> str:
        """The reply may come before or after the snapshot that says what is different."""
        snapshot = self.host.snapshot
        if snapshot is None or snapshot.plan_digest != digest:
            return "the plan is in force"
        from .host import in_force

        return in_force(snapshot)

    async def _trust(self, digest: str) -> None:
        """Trust what was shown; then the worker looks again, or is started where none runs."""
        host = self.host
        try:
            await host.port.trust(digest)
            if host.link.state is LinkState.GONE:
                host.say("trusted; starting the worker", "dim")
                await host.port.start_worker()
            else:
                await host.port.ask(RecheckPlan())
        except LocustTuiError as error:
            host.say_error(error)
        else:
            self.go_back()
            host.say("trusted: the plan may run", "done")

    def action_recheck(self) -> None:
        self.host.ask(RecheckPlan(), doing="reading the plan again", done="the plan is read again")


def _in_force(view: View, width: int) -> Iterator[SheetLine]:
    if view.problems:
        yield from paragraph(
            f"✗ {plural(len(view.problems), 'error')} in the plan file", width, "bad", indent=""
        )
        yield SheetLine(Row())
        yield from _errors(view.problems, width)
    else:
        yield from paragraph("The plan on disk is in force; nothing waits.", width, indent="")
    if view.snapshot.plan_change:
        yield SheetLine(Row("last change: ", "dim").add(view.snapshot.plan_change))


def _held(held: HeldPlan, view: View, width: int) -> Iterator[SheetLine]:
    why = "first" if held.why == "trust" and not held.compared else held.why
    sign, tone, words = _TITLES.get(why, ("? ", "wait", held.why))
    yield from paragraph(f"{sign}{words} · {since(held.at, view.now)} ago", width, tone, indent="")
    if held.edited_while:
        yield from paragraph(f"It was {held.edited_while}.", width, "you")
    if held.why != "trust" or held.refused:
        yield from paragraph(held.summary, width, "bad" if held.why == "trust" else "text")
    yield SheetLine(Row())
    if held.errors:
        yield from _errors(held.errors, width)
        return
    if held.why != "trust":
        for text in held.lines:
            yield from paragraph(text, width)
        return
    for text in held.lines:
        mark = text[:1]
        indent = "" if mark in _MARKS else "  "
        yield from paragraph(text.strip(), width, _MARKS.get(mark, "text"), indent=indent)


def _errors(errors: Iterable[PlanError], width: int) -> Iterator[SheetLine]:
    """As `locust-tui check` tells them: with the line of the file and a caret, where that fits the width."""
    for error in errors:
        yield from paragraph(str(error), width)
        before = len(error.caret) - len(error.caret.lstrip())
        if error.source and before < width - 4:
            yield SheetLine(Row("    ").add(error.source))
            yield SheetLine(Row(f"    {' ' * before}").add(error.caret[before:], "you"))
        if error.help:
            yield from paragraph(f"help: {error.help}", width, "dim", indent="    ")


def _follows(held: HeldPlan, view: View) -> list[Row]:
    """What happens at once after the word."""
    if held.why == "trust":
        gone = view.link.state is LinkState.GONE
        then = (
            "The worker starts, and what is ready runs."
            if gone
            else "The yes to it is asked for next."
            if _working(held, view)
            else "It comes in force, and what is ready runs."
        )
        return [*_leaves_out(held, view), Row("The plan may run exactly this as you."), Row(then, "you")]
    rows = [Row(f"{agent_words(run)}, goes on until it ends", "you") for run in _working(held, view)]
    if len(rows) > 5:
        rows = [*rows[:5], Row(f"and {plural(len(rows) - 5, 'agent')} more go on until they end", "you")]
    return rows or [Row("No agent is touched.", "dim")]


def _working(held: HeldPlan, view: View) -> list[RunView]:
    """Runs under way of what the newer plan leaves out."""
    return [run for run in view.snapshot.runs if run.ended is None and run.subject in held.removed]


def _leaves_out(held: HeldPlan, view: View) -> list[Row]:
    """That nothing new would run, and that work under way would leave the plan."""
    rows = []
    if held.compared and not any(line.startswith("+") for line in held.lines):
        rows.append(Row("Nothing new would run: it only leaves out what is marked -."))
    working = [run.subject for run in _working(held, view)]
    if working:
        listed = ", ".join(working[:3]) + (f" and {len(working) - 3} more" if len(working) > 3 else "")
        verb = "works" if len(working) == 1 else "work"
        rows.append(Row(f"{listed} still {verb} and would leave the plan.", "you"))
    return rows
