"""What may be decided about a gate, and why not where it may not."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import CriterionView, GateView
from locust_tui.domain.states import CriterionState, GateState
from locust_tui.widgets.words import GATE, plural

UNMET = frozenset({CriterionState.FAIL, CriterionState.ERROR, CriterionState.STALE, CriterionState.NOT_RUN})


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    label: str
    effect: str
    refused: str = ""
    """Why it cannot be chosen now; "" when it can."""

    @property
    def word(self) -> str:
        """The label without the mark of a question to come."""
        return self.label.removesuffix(" …")


def choices(gate: GateView) -> Sequence[Choice]:
    """In the order they stand on the screen. Words are ours alone: no name from the plan, nothing an agent wrote."""
    made = [
        ("go", "Go", f"opens the gate; {_opening(gate)}"),
        ("conditional", "Conditional", "opens it as Go does, under a condition with owner and date"),
        ("hold", "Hold", "keeps it shut until it is decided again"),
        ("recycle", "Recycle", "sends workstreams back to rework"),
        ("kill", "Kill", _killing(gate)),
    ]
    rows = [
        Choice(id, label, effect, "" if id in gate.choices else _why_not(gate, id))
        for id, label, effect in made
    ]
    to_sign, to_waive = waiting(gate), unmet(gate)
    sign = "answers a criterion that waits for a person"
    waive = "sets a criterion aside, marked for ever"
    rows.append(Choice("sign", "Sign …", sign, "" if to_sign else "no criterion waits for a person"))
    rows.append(
        Choice("waive", "Waive …", waive, "" if to_waive else "every criterion of a machine has passed")
    )
    return rows


def waiting(gate: GateView) -> list[CriterionView]:
    """Criteria that wait for a person's answer."""
    return [c for c in gate.criteria if c.state is CriterionState.WAITING]


def unmet(gate: GateView) -> list[CriterionView]:
    """Criteria that no machine has passed."""
    return [c for c in gate.criteria if c.state in UNMET]


def _opening(gate: GateView) -> str:
    starts, accepts = len(gate.starts), len(gate.accepts)
    words = []
    if starts:
        words.append(f"{plural(starts, 'workstream')} {'starts' if starts == 1 else 'start'}")
    if accepts:
        words.append(f"{plural(accepts, 'review')} {'is' if accepts == 1 else 'are'} accepted")
    return " and ".join(words) or "nothing starts at once"


def _killing(gate: GateView) -> str:
    if not gate.cancels:
        return "shuts it; no later phase has work to cancel"
    return f"cancels {plural(len(gate.cancels), 'workstream')} of the later phases"


def _why_not(gate: GateView, choice: str) -> str:
    opens = choice in ("go", "conditional")
    if opens and gate.waits_on:
        first = ", ".join(gate.waits_on[:3]) + (" …" if len(gate.waits_on) > 3 else "")
        return f"{plural(len(gate.waits_on), 'input')} not accepted yet: {first}"
    failing = sum(1 for c in unmet(gate) if c.must)
    if choice == "go" and failing:
        return f"{failing} must {'criterion has' if failing == 1 else 'criteria have'} not passed"
    why = dict(gate.why_not).get(choice, "")
    if why and not why.startswith("a gate that is"):
        return why
    if gate.state is GateState.NOT_DUE and opens:
        return "it is not due: not measured yet"
    return f"the gate is {GATE[gate.state].word}"
