"""The report's gates: where each stands, its criteria with their evidence, who decided, and what was changed of them."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.snapshot import CriterionView, GateView
from ..domain.states import OPEN_GATE_STATES, GateState
from ..domain.studies.baseline import PlanChange
from ..domain.studies.report import ReportGround
from .figures import until, week
from .gate_words import late_words
from .glyphs import Tone, glyph, tone, word
from .page import Block, Bullets, Cell, Grid, Item, Words, row


def gate_blocks(ground: ReportGround) -> Iterator[Block]:
    forecasts = {g.id: g for g in ground.snapshot.forecast.gates}
    rows = []
    for gate in ground.snapshot.gates:
        ahead = forecasts.get(gate.id) if not _is_open(gate) else None
        expected = f"{week(ahead.p50_week)} to {week(ahead.p85_week)}" if ahead and ahead.p50_week else ""
        look = gate.state.value
        rows.append(
            row(
                gate.name,
                Cell(f"{glyph(look)} {word(look)}", tone(look)),
                _due(gate),
                expected,
                _criteria_words(gate),
                _decision(gate),
            )
        )
    yield Grid(
        "Gates", ("Gate", "State", "Due", "P50 to P85", "Criteria", "Decision"), tuple(rows), heard=True
    )
    told = tuple(_criterion(g, c) for g in ground.snapshot.gates for c in g.criteria if _is_told(g, c))
    if told:
        header = ("Gate", "Criterion", "Result", "Value", "Limit", "Evidence")
        yield Grid("Criteria of the gates and their evidence", header, told)
    changed = tuple(_changed(c) for g in ground.snapshot.gates for c in g.changed)
    if changed:
        yield Words("Changed since the start:")
        yield Bullets(changed)


def _due(gate: GateView) -> str:
    late = late_words(gate)
    return f"week {gate.due_week}" + (f" ({late})" if late else "") if gate.due_week else late


def _is_open(gate: GateView) -> bool:
    return gate.state in OPEN_GATE_STATES


def _criteria_words(gate: GateView) -> str:
    waived = f", {gate.waived} waived" if gate.waived else ""
    return f"{gate.passed} of {len(gate.criteria)}{waived}" if gate.criteria else ""


def _decision(gate: GateView) -> str:
    if gate.decision is None:
        missing = [role for role in gate.approvers if role not in gate.approved_by]
        return f"waits for {', '.join(missing)}" if gate.state is GateState.PENDING and missing else ""
    decision = gate.decision
    note = f": {decision.note}" if decision.note else ""
    return f"{decision.kind.value} by {decision.by.name}, {until(decision.at)}{note}"


def _is_told(gate: GateView, criterion: CriterionView) -> bool:
    return gate.state is not GateState.NOT_DUE or criterion.at is not None or bool(criterion.waiver)


def _criterion(gate: GateView, c: CriterionView) -> tuple[Cell, ...]:
    look = c.state.value
    return row(
        gate.id,
        c.name + ("" if c.must else " (should)"),
        Cell(f"{glyph(look)} {word(look)}", tone(look)),
        c.value_text,
        c.limit_text,
        "; ".join(_evidence(c)),
    )


def _evidence(c: CriterionView) -> Iterator[str]:
    if c.waived_by:
        yield f"waived by {c.waived_by}" + (f": {c.waiver}" if c.waiver else "")
    if c.signed_by:
        yield f"signed by {c.signed_by}"
    elif c.waits_for:
        yield f"waits for {c.waits_for}"
    ended = f"exit {c.exit_code}" if c.exit_code is not None else ""
    if ended and not c.detail.startswith(ended):
        yield ended
    if c.detail:
        yield c.detail[:160]
    if c.commit:
        yield f"commit {c.commit[:8]}"
    if c.at is not None:
        yield until(c.at)


def _changed(c: PlanChange) -> Item:
    """ "gate g1, Unit coverage: limit > 80 % → > 70 %, asks for less, by ana, 04 Dec 15:00: why (r48)"."""
    said = [c.words, "asks for less" if c.eased else "", f"after it {c.found}" if c.found else ""]
    by = f"by {c.by}" if c.by else ""
    when = until(c.at) if c.at is not None else ""
    why = f": {c.why}" if c.why else ""
    seen = f" (r{c.revision})" if c.revision else ""
    words = ", ".join(filter(None, (*said, by, when)))
    return Item("", f"{words}{why}{seen}", tone=Tone.PERSON if c.eased else Tone.PLAIN)
