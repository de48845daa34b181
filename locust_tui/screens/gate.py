"""Deciding a gate: its evidence, then a choice, then a note and the gate's id typed by hand."""

from __future__ import annotations

import os
from collections.abc import Iterable

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from locust_tui.client.requests import EvaluateGate
from locust_tui.domain.decision_basis import Part, changed
from locust_tui.domain.snapshot import GateView, Snapshot
from locust_tui.widgets.cards import named
from locust_tui.widgets.form import Form, Guard
from locust_tui.widgets.line import Line
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.view import View
from locust_tui.widgets.words import GATE

from .base import EVERYWHERE, CockpitScreen
from .choices import Choice, choices
from .facts import evidence, gate_facts
from .gate_forms import consequences, fields, request
from .person import terminal_name, user_name
from .person_form import WAIT, PersonForm


class GateScreen(CockpitScreen):
    """Keys count only half a second after the screen, or what it shows, has changed; the mouse decides nothing.

    The decision carries the digest of the gate as it was on the screen, what the plan says of it included; when that changes, what was being
    decided starts again.
    """

    in_past = True

    about = (
        "The evidence of a gate and the decisions that are possible. Choose one with up and down, take it with enter, "
        "fill in the form; the gate's id, typed by hand, decides. e shows how each value came about, with its log."
    )
    DEFAULT_CSS = """
    GateScreen #evidence { height: 1fr; }
    GateScreen #decision { height: auto; }
    GateScreen #options { height: 9; }
    """

    def __init__(self, gate: str) -> None:
        super().__init__(id="gate-screen")
        self.gate_id = gate
        self.guard = Guard()
        self.evidence = Sheet(id="evidence")
        self.options = Sheet(id="options")
        self.changed = Line(id="changed")
        self.form: PersonForm | None = None
        self.choice: Choice | None = None
        self.digest = ""
        self.in_full = False
        """Every line about the evidence instead of one or two for each criterion."""
        self._seen: GateView | None = None

    def body(self) -> Iterable[Widget]:
        yield self.evidence
        yield self.changed
        yield Vertical(self.options, id="decision")

    def ready(self) -> None:
        super().ready()
        self.changed.display = False
        self.guard.restart()
        self.options.focus()

    def present(self, view: View) -> None:
        gate = view.gates.get(self.gate_id)
        if gate is None:
            self.evidence.put(
                Row(self.gate_id),
                (),
                empty=(Row("The plan has this gate no more."), Row("esc goes back.", "dim")),
            )
            return
        if self._seen is not None and gate.evidence_digest != self.digest:
            self._changed_meanwhile(gate)
        self._seen, self.digest = gate, gate.evidence_digest
        look = GATE[gate.state]
        title = (
            Row(f"Gate {gate.id}", "strong")
            .add(f" · {gate.name} · " if named(gate.id, gate.name) else " · ")
            .add(f"{look.glyph} {look.word}", look.tone)
        )
        title.add(f" · {gate.passed} of {len(gate.criteria)}")
        title.add(
            f" · due week {gate.due_week}" if gate.due_week is not None else "",
            "alarm" if gate.overdue else "dim",
        )
        width = self.size.width - 6
        lines = gate_facts(gate, view, width) if self.in_full else evidence(gate, view, width, self._room())
        self.evidence.put(title, lines)
        self._show_options(gate)
        self._show_consequences(view)
        self.show_footer()

    def _room(self) -> int:
        """Lines for the evidence beside the choices."""
        taken = 3 + (self.form.styles.height.value if self.form and self.form.styles.height else 9)
        return int(self.size.height - taken - self.banner.display - self.changed.display)

    def _show_consequences(self, view: View) -> None:
        if self.form is not None and self.choice is not None and self._seen is not None:
            name, criterion = self.form.value("by") or user_name(), self.form.value("criterion")
            self.form.tell(consequences(self._seen, self.choice.id, view, name, criterion))

    def _show_options(self, gate: GateView) -> None:
        lines = []
        for choice in choices(gate):
            row = Row().column(choice.label, 14, "dim" if choice.refused else "strong")
            row.add(choice.refused or choice.effect, "dim" if choice.refused else "text")
            lines.append(SheetLine(row, choice.id))
        self.options.put(Row("Decide", "strong"), lines)

    def _changed_meanwhile(self, gate: GateView) -> None:
        what, made = "the evidence has changed", changed(self.digest, gate.evidence_digest)
        if Part.DECISIONS in made and (last := gate.decision) is not None:
            if last.by.pid == os.getpid():
                return
            what = f"{last.by.name} has decided {last.kind.value}"
        elif Part.TERMS in made:
            what = "the plan has changed this gate"
        self.guard.restart()
        self.changed.display = True
        self.changed.put(Row(f" ⚠ {what}: look again before you decide", "you"))
        if self.form is not None:
            self.form.unsay(f"{what}: type it again")

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        if self.form is not None:
            return (
                ("enter", "next field", True),
                ("shift+tab", "field before", True),
                ("esc", "other choice", True),
            )
        return (
            ("↑↓", "choose", True),
            ("enter", "take it", True),
            ("e", "less" if self.in_full else "details", True),
            ("c", "check now", True),
            ("!", "inbox", True),
            ("?", "help", True),
            ("ctrl+d", "scroll", True),
            ("esc", "back", True),
        )

    def on_key(self, event: events.Key) -> None:
        """All keys of the choice; the form, once open, has its own."""
        event.stop()
        event.prevent_default()
        if self.form is not None:
            return
        if event.key in ("escape", "q"):
            self.go_back()
        elif event.key in EVERYWHERE:
            self.action_everywhere(EVERYWHERE[event.key])
        elif self.guard.closed_to(event):
            self.host.say(WAIT, "dim")
        else:
            self._choose(event)

    def _choose(self, event: events.Key) -> None:
        moves = {"down": 1, "j": 1, "up": -1, "k": -1}
        pages = {"ctrl+d": 0.5, "pagedown": 0.5, "ctrl+u": -0.5, "pageup": -0.5}
        if event.key in moves:
            self.options.move(moves[event.key])
        elif event.key in pages:
            self.evidence.page(pages[event.key])
        elif event.key in ("enter", "c") and self.host.refuses():
            return
        elif event.key == "enter":
            self._take()
        elif event.key == "c":
            self.host.ask(EvaluateGate(self.gate_id), doing="measuring", done="measured")
        elif event.key == "e":
            self.in_full = not self.in_full
            self._present_now()

    def _take(self) -> None:
        gate = self._seen
        if gate is None:
            return
        choice = next((c for c in choices(gate) if c.id == self.options.chosen), None)
        if choice is None or choice.refused:
            self.host.say(f"{choice.label}: {choice.refused}" if choice else "choose with ↑ and ↓", "you")
            return
        self.choice = choice
        title = Row(f"{choice.word} · {gate.id}", "strong")
        title.add(f" · recorded with uid {os.getuid()} on {terminal_name()}", "dim")
        asked = fields(gate, choice.id, self._snapshot, user_name(), self._criterion)
        self.form = PersonForm(title, (), asked, gate.id, guard=self.guard)
        if self.host.view is not None:
            self._show_consequences(self.host.view)
        self.hush()
        self.guard.restart()
        self.options.display = False
        self.query_one("#decision").mount(self.form)
        self.form.focus()
        self._present_now()

    def _snapshot(self) -> Snapshot | None:
        return self.host.snapshot

    def _criterion(self) -> str:
        return self.form.value("criterion") if self.form is not None else ""

    @on(PersonForm.Page)
    def _page(self, message: PersonForm.Page) -> None:
        message.stop()
        self.evidence.page(message.fraction)

    @on(PersonForm.Changed)
    def _form_changed(self, message: PersonForm.Changed) -> None:
        message.stop()
        if self.host.view is not None:
            self._show_consequences(self.host.view)

    @on(Form.Left)
    def _form_left(self, message: Form.Left) -> None:
        message.stop()
        self._close_form()

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.remove()
        self.form = self.choice = None
        self.options.display = True
        self.hush()
        self.guard.restart()
        self.options.focus()
        self._present_now()

    @on(Form.Submitted)
    def _decided(self, message: Form.Submitted) -> None:
        message.stop()
        if self.choice is None:
            return
        made = request(self.gate_id, self.digest, self.choice.id, message.values)
        word = self.choice.word
        self.host.ask(
            made,
            doing=f"{self.gate_id}: {word}",
            done=f"{self.gate_id}: {word}, recorded as {message.values['by']}",
            then=self._after,
        )

    def _after(self) -> None:
        """Back to where it was opened from, once the worker has recorded it."""
        words = self.answer.words
        if self.go_back():
            self.host.say(words.removeprefix("✓ "), "done")
