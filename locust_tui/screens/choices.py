"""What may be decided about a gate, why not where it may not, and the fields each decision asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locust_tui.client.requests import DecideGate, Request, SignCriterion, WaiveCriterion
from locust_tui.domain.people import Condition
from locust_tui.domain.snapshot import GateView
from locust_tui.domain.states import CriterionState, DecisionKind
from locust_tui.widgets.form import Field
from locust_tui.widgets.words import plural

_UNMET = frozenset({CriterionState.FAIL, CriterionState.ERROR, CriterionState.STALE, CriterionState.NOT_RUN})


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    label: str
    effect: str
    refused: str = ""
    """Why it cannot be chosen now; "" when it can."""


def choices(gate: GateView) -> Sequence[Choice]:
    """In the order they stand on the screen. Words are ours alone: no name from the plan, nothing an agent wrote."""
    unmet = sum(1 for c in gate.criteria if c.must and c.state in _UNMET)
    waiting = sum(1 for c in gate.criteria if c.state is CriterionState.WAITING)
    starts = plural(len(gate.starts), "workstream") + (" starts" if len(gate.starts) == 1 else " start")
    why_go = f"{unmet} must {'criterion has' if unmet == 1 else 'criteria have'} not passed" if unmet else ""
    if gate.waits_on and not why_go:
        why_go = f"{plural(len(gate.waits_on), 'input')} not accepted yet"
    made = [
        ("go", "Go", f"opens the gate; {starts}", why_go or "not possible in this state"),
        (
            "conditional",
            "Conditional",
            "opens it under a condition that has an owner and a date",
            "not possible in this state",
        ),
        ("hold", "Hold", "keeps it shut until it is decided again", "not possible in this state"),
        ("recycle", "Recycle", "sends workstreams back to rework", "not possible in this state"),
        ("kill", "Kill", "cancels every later phase", "not possible in this state"),
    ]
    rows = [Choice(i, label, effect, "" if i in gate.choices else why) for i, label, effect, why in made]
    rows.append(
        Choice(
            "sign",
            "Sign …",
            "answers a criterion that waits for a person",
            "" if waiting else "no criterion waits for a person",
        )
    )
    rows.append(
        Choice(
            "waive",
            "Waive …",
            "sets a criterion aside, marked for ever",
            "" if unmet else "every criterion of a machine has passed",
        )
    )
    return rows


def fields(gate: GateView, choice: str, name: str) -> list[Field]:
    by = Field("by", "as", "your name, as it is recorded", name, required=True)
    note = Field("note", "note", "why; it stands in the record", required=choice not in ("go", "sign"))
    if choice == "conditional":
        return [
            Field("condition", "condition", "what has to come true", required=True),
            Field("owner", "owner", "who sees to it", required=True),
            Field("due", "due", "a date, or a week of the plan", required=True),
            Field("note", "note", "why; it stands in the record"),
            by,
        ]
    if choice == "recycle":
        return [
            Field(
                "workstreams", "workstreams", "ids with blanks between; empty: the owners of failed criteria"
            ),
            note,
            by,
        ]
    if choice == "sign":
        waiting = [c.key for c in gate.criteria if c.state is CriterionState.WAITING]
        return [
            Field("criterion", "criterion", "which one", waiting[0] if waiting else "", required=True),
            note,
            by,
        ]
    if choice == "waive":
        unmet = [c.key for c in gate.criteria if c.state in _UNMET]
        return [
            Field("criterion", "criterion", "which one", unmet[0] if unmet else "", required=True),
            note,
            Field("until", "until", "a date; empty: for good"),
            by,
        ]
    return [note, by]


def request(gate: str, digest: str, choice: str, values: dict[str, str]) -> Request:
    """What is asked of the worker, bound to the evidence the person saw."""
    note, by = values.get("note", ""), values["by"]
    if choice == "sign":
        return SignCriterion(gate, values["criterion"], by, note)
    if choice == "waive":
        return WaiveCriterion(gate, values["criterion"], note, by, values.get("until") or None)
    conditions: tuple[Condition, ...] = ()
    if choice == "conditional":
        conditions = (Condition(values["condition"], values["owner"], values["due"]),)
    workstreams = tuple(values.get("workstreams", "").replace(",", " ").split())
    return DecideGate(gate, DecisionKind(choice), note, by, conditions, workstreams, digest)
