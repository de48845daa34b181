"""What keeps the next phase shut: one gate's criteria with their evidence, and who has to sign."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import CriterionView, GateView
from locust_tui.domain.states import OPEN_GATE_STATES, GateState
from locust_tui.report.baseline_text import in_short

from .pane import Pane
from .row import Row, crop, shown
from .tones import Tone
from .view import View
from .words import CRITERION, GATE, measured, plural, since


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion of the checklist, or a line of words below them."""

    key: str
    criterion: CriterionView | None
    text: str = ""
    age: str = ""


def criterion_row(criterion: CriterionView, age: str, width: int) -> Row:
    """Glyph, name, value against limit, age and commit on one line."""
    look = CRITERION[criterion.state]
    row = Row(f"{look.glyph} ", look.tone)
    commit = (criterion.commit or "")[:7]
    tail = 4 + (8 if width >= 58 else 0)
    wide = max(12, min(18, width // 3), min(30, width // 4))
    value = measured(criterion, number=wide // 2 - 1)
    name = criterion.name if criterion.must else f"{criterion.name} (should)"
    row.column(name, max(8, width - 2 - tail - wide - 1)).add(" ")
    row.column(value, wide, look.tone if look.tone in ("bad", "you") else "text")
    row.column(age if criterion.at is not None else "", 4, "dim", align_right=True)
    if width >= 58:
        row.column(commit, 8, "dim", align_right=True)
    return row


def people(gate: GateView) -> str:
    """Who signed and who is missing, in words."""
    if gate.state in OPEN_GATE_STATES and gate.decision is not None:
        return f"{GATE[gate.state].word} by {gate.decision.by.name}"
    wanted = [a for a in gate.approvers if a not in gate.approved_by]
    got = f"signed: {', '.join(gate.approved_by)} · " if gate.approved_by else ""
    if len(gate.approved_by) >= gate.min_approvals and gate.approved_by:
        return got.removesuffix(" · ")
    missing = gate.min_approvals - len(gate.approved_by)
    if not wanted:
        return f"{got}wants {plural(missing, 'signature')}, from anyone"
    return f"{got}wants {missing} of: {', '.join(wanted)}"


class GateChecklist(Pane[Line]):
    about = (
        "What keeps the next phase shut: every criterion with its value, its limit, its age and the commit it was "
        "measured on. ←→ choose the gate, c checks it now, a opens its evidence to decide it, enter shows a criterion."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: View | None = None
        self._chosen = ""
        self._by_hand = False

    @property
    def gate(self) -> GateView | None:
        return self._view.gates.get(self._chosen) if self._view else None

    def show(self, view: View) -> None:
        self._view = view
        if not self._by_hand or self._chosen not in view.gates:
            self._chosen = self._most_urgent(view)
        self._fill()

    def choose(self, gate: str) -> None:
        if self._view is not None and gate in self._view.gates:
            self._chosen, self._by_hand = gate, True
            self.cursor = self.top = 0
            self._fill()

    def turn(self, step: int) -> bool:
        """Show the next gate in this direction; False when there is none."""
        ids = list(self._view.gates) if self._view else []
        if self._chosen not in ids:
            return False
        index = ids.index(self._chosen) + step
        if not 0 <= index < len(ids):
            return False
        self.choose(ids[index])
        return True

    def key(self, item: Line) -> str:
        return item.key

    def selectable(self, item: Line) -> bool:
        return item.criterion is not None

    def title(self) -> Row:
        gate = self.gate
        tone: Tone = "strong" if self.has_focus else "text"
        if gate is None or self._view is None:
            return Row("Gates", tone)
        look = GATE[gate.state]
        row = Row(f"Gate {gate.id}", tone)
        if gate.name and gate.name != gate.id:
            row.add(f" · {crop(shown(gate.name), 28)}")
        row.add(" · ").add(f"{look.glyph} {look.word}", look.tone)
        row.add(f" · {gate.passed} of {len(gate.criteria)}")
        if gate.due_week is not None:
            row.add(f" · due week {gate.due_week}", "alarm" if gate.overdue else "dim")
        return row

    def empty(self) -> Sequence[Row]:
        if self.gate is not None:
            return (Row("This gate has no criteria."), Row("a decides it.", "dim"))
        return (
            Row("The plan has no gates."),
            Row("A gate keeps a phase shut till it is decided; ? tells more.", "dim"),
        )

    def facts(self, item: Line) -> object:
        return item

    def rows(self, item: Line, width: int) -> Sequence[Row]:
        if item.criterion is None:
            return (Row(item.text, "dim"),)
        return (criterion_row(item.criterion, item.age, width),)

    @staticmethod
    def _most_urgent(view: View) -> str:
        gates = view.snapshot.gates
        for gate in gates:
            if gate.id in view.waiting_gates:
                return gate.id
        shut = [g for g in gates if g.state not in OPEN_GATE_STATES and g.state is not GateState.KILLED]
        return shut[0].id if shut else (gates[-1].id if gates else "")

    def grow_older(self, view: View) -> None:
        """Show the same snapshot as before at a later moment."""
        self._view = view
        self._fill(growing_older=True)

    def _fill(self, *, growing_older: bool = False) -> None:
        gate, view = self.gate, self._view
        if gate is None or view is None:
            self.show_items(())
            return
        lines = [Line(f"{gate.id}/{c.key}", c, age=since(c.at, view.now)) for c in gate.criteria]
        lines += [
            Line(f"{gate.id}/{i}", None, text) for i, text in enumerate(self._words(gate, view)) if text
        ]
        if lines != self.items or not growing_older:
            self.show_items(lines)

    @staticmethod
    def _words(gate: GateView, view: View) -> list[str]:
        words = [people(gate)]
        eased = [change for change in gate.changed if change.eased]
        if eased:
            more = f" and {len(eased) - 1} more" if len(eased) > 1 else ""
            words.append(f"⚠ asks for less than agreed: {in_short(eased[-1])}{more}")
        if gate.waits_on:
            words.append(f"first: {', '.join(gate.waits_on)}")
        if gate.state not in OPEN_GATE_STATES and gate.starts:
            words.append(f"opens: {', '.join(gate.starts)}")
        if len(view.gates) > 1:
            words.append("gates: " + "  ".join(f"{GATE[g.state].glyph} {g.id}" for g in view.snapshot.gates))
        return words
