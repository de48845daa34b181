"""Why a gate is in its state: what it waits for, how its criteria stand, who decided or must, how late it is, what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..domain.snapshot import CriterionView, GateView, Snapshot
from ..domain.states import OPEN_GATE_STATES, OUT_OF_SCOPE, GateState
from ..signs import CRITERION, GATE
from .figures import count, iso
from .gate_words import late_words
from .why import Why


def why_gate(g: GateView, ways: tuple[str, ...], gone: Mapping[str, str] | None = None) -> Why:
    """`ways`: the commands that bring it on, and the other decisions that are possible now. `gone`: the state of what is
    out of scope, by its workstream: a need of it is never met by itself."""
    gone = gone or {}
    ways = (*(f"locust-tui ws reopen {n}" for n in g.waits_on if n in gone), *ways)
    because = (*_when(g), *_inputs(g, gone), *_yeses(g), *_holds(g))
    return Why(g.id, g.state.value, g.reason or None, because, ways, word=GATE[g.state].word)


def _when(g: GateView) -> Iterator[str]:
    if g.due_week is not None:
        late = late_words(g)
        yield f"due at the end of week {g.due_week}" + (f": {late} (working days)" if late else "")
    d = g.decision
    if d is not None:
        role = f" as {d.by.role}" if d.by.role and d.by.role != d.by.name else ""
        yield f"decided: {d.kind.value} by {d.by.name}{role} at {iso(d.at)}" + (
            f": {d.note}" if d.note else ""
        )


def _inputs(g: GateView, gone: Mapping[str, str]) -> Iterator[str]:
    for wanted in g.waits_on:
        yield never_met(wanted, gone[wanted]) if wanted in gone else f"waits for {wanted}"
    if g.criteria:
        waived = f", {g.waived} waived" if g.waived else ""
        yield f"{g.passed} of {count(len(g.criteria), 'criterion', 'criteria')} pass{waived}"
    for c in g.criteria:
        if c.state.value != "pass":
            yield _criterion(c)
    for condition in g.open_conditions:
        past = " (overdue)" if condition.overdue else ""
        yield f"condition: {condition.text}, {condition.owner}, due {condition.due}{past}"


def out_of_scope(snapshot: Snapshot) -> dict[str, str]:
    """Cancelled and deferred workstreams, each with its state."""
    return {w.id: w.state.value for w in snapshot.workstreams if w.state in OUT_OF_SCOPE}


def never_met(work: str, state: str) -> str:
    return f"needs {work}, which was {state}: reopen it, or take it out of the gate's needs"


def _criterion(c: CriterionView) -> str:
    parts = (
        f"{'must' if c.must else 'should'} {c.name}: {CRITERION[c.state].word}",
        f", {c.value_text}" if c.value_text else "",
        f" (limit {c.limit_text})" if c.limit_text else "",
        f", waits for {c.waits_for}" if c.waits_for else "",
        f", by {c.waived_by}: {c.waiver}" if c.waived_by else "",
        f", {c.detail}" if c.detail else "",
    )
    return "".join(parts)


def _yeses(g: GateView) -> Iterator[str]:
    if g.signs and "go" in g.choices:
        yield f"a go also answers: {', '.join(g.signs)}"
    if g.state is GateState.PENDING:
        missing = [a for a in g.approvers if a not in g.approved_by]
        who = f"; may approve: {', '.join(missing)}" if missing else ""
        yield f"{len(g.approved_by)} of {g.min_approvals} approvals{who}"
    yield from g.lapsed


def _holds(g: GateView) -> Iterator[str]:
    if g.state in OPEN_GATE_STATES:
        return
    if g.starts:
        yield f"a go starts: {', '.join(g.starts)}"
    if g.accepts:
        yield f"a go accepts: {', '.join(g.accepts)}"
