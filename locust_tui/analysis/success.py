"""The scoreboard of success: each end condition, met or not, by what was measured or by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from locust_tui.domain.coordination import SuccessStatus
from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.events import CriterionMeasured, Event, SuccessRecorded
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, SuccessCheck
from locust_tui.domain.quantity import format_value, limit_text
from locust_tui.domain.states import CriterionState
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.studies.success import (
    FactReading,
    Met,
    Scoreboard,
    SuccessLine,
    WatchLine,
    WatchState,
)
from locust_tui.domain.world import World

from .after_release import OWNER as AFTER_RELEASE
from .after_release import Watch, is_due_text, release, watches
from .criterion_state import expired, standing
from .due import due_day
from .expression import compile_expression
from .facts import latest_fact
from .kpi_figures import KPI_KINDS, behind
from .operations import ExpressionError
from .quantities import KNOWN_QUANTITIES, Quantities, known_names

SUCCESS_KINDS = (*KPI_KINDS, "success.recorded")
"""Stored names of the events that the scoreboard rests on: `store.events(kinds=SUCCESS_KINDS)`."""
OWNER = "success"
"""Owner of its criteria's keys."""
_TOLD = {
    CriterionState.PASS: Met.MET,
    CriterionState.WAIVED: Met.MET,
    CriterionState.FAIL: Met.NOT_MET,
    CriterionState.STALE: Met.NOT_MET,
}


def scoreboard(plan: Plan, world: World, now: float, events: Iterable[Event] = ()) -> Scoreboard:
    """Success checks and what is looked at after the release, in plan order.

    A fact that is stale meets nothing; one that nobody ever measured leaves it open. `events`: of SUCCESS_KINDS.
    """
    events = list(events)
    names = known_names(plan)
    quantities = Quantities(plan, world, now)
    lines = tuple(_line(check, OWNER, names, quantities, events) for check in plan.success)
    released = release(plan, world)
    looks = tuple(_watch(w, names, quantities, events) for w in watches(plan, world))
    return Scoreboard(now, lines, released.at, released.words, looks)


def _line(
    check: SuccessCheck, owner: str, names: Sequence[str], q: Quantities, events: Sequence[Event]
) -> SuccessLine:
    said = q.world.successes.get(check.name)
    if check.check is not None:
        return _computed(check, check.check, names, q, events)
    criterion = check.criterion
    if criterion is None or (criterion.manual and not criterion.machine):
        return _asked(check, said, events)
    found = _measured(check, criterion, owner, q, events)
    if not criterion.manual or found.met is not Met.MET:
        return found
    by_person = _asked(check, said, events)
    return by_person if by_person.met is not Met.MET else found


def _computed(
    check: SuccessCheck, text: str, names: Sequence[str], q: Quantities, events: Sequence[Event]
) -> SuccessLine:
    try:
        expression = compile_expression(text, names)
    except ExpressionError as error:
        return SuccessLine(check.name, text, Met.UNKNOWN, error.message)
    readings = tuple(_reading(name, q) for name in sorted(expression.names, key=text.index))
    holds = expression.holds(q)
    stale = [r for r in readings if r.stale]
    unknown = [r for r in readings if r.value is None and not r.stale]
    rests = behind(q.plan, expression.names, events)
    if holds is not None:
        met, reason = (Met.MET if holds else Met.NOT_MET), ", ".join(_words(r) for r in readings)
    elif stale:
        met, reason = Met.NOT_MET, "; ".join(f"{r.name} {r.reason}" for r in stale)
    else:
        met, reason = (
            Met.UNKNOWN,
            "; ".join(f"{r.name} {r.reason}" for r in unknown) or "it cannot be computed",
        )
    return SuccessLine(check.name, text, met, reason, readings, rests=rests)


def _reading(name: str, q: Quantities) -> FactReading:
    value = q[name]
    if name in KNOWN_QUANTITIES:
        return FactReading(name, value, reason="" if value is not None else "is not known yet")
    found = latest_fact(q.plan, q.world, name, q.now)
    if found is None:
        return FactReading(name, None, reason="was never measured")
    key, criterion, _ = found
    result = q.world.criteria[key]
    at = result.evidence.at if result.evidence is not None else None
    unit = (criterion.limit.unit if criterion.limit is not None else None) or result.unit or ""
    if value is not None:
        return FactReading(name, value, unit, at, criterion.max_age)
    if expired(criterion, result, q.now):
        why = "is stale: it was measured too long ago"
    elif result.state is CriterionState.STALE:
        why = "is stale: what it was measured on has changed since"
    else:
        detail = result.evidence.detail if result.evidence is not None else ""
        return FactReading(
            name,
            None,
            unit,
            at,
            criterion.max_age,
            reason=f"could not be measured{f': {detail}' if detail else ''}",
        )
    return FactReading(name, None, unit, at, criterion.max_age, stale=True, reason=why)


def _words(reading: FactReading) -> str:
    """ "coverage 91.4 %", "published yes"."""
    value = reading.value
    if isinstance(value, bool):
        return f"{reading.name} {'yes' if value else 'no'}"
    if isinstance(value, (int, float)):
        shown = format_value(float(value), reading.unit or None, None)
        return f"{reading.name} {shown}"
    return f"{reading.name} {'unknown' if value is None else value}"


def _asked(check: SuccessCheck, said: SuccessStatus | None, events: Sequence[Event]) -> SuccessLine:
    """A person's word is all there is."""
    probes = check.criterion.manual if check.criterion is not None else ()
    question = next((p.text for p in probes if p.text), check.name)
    if said is None:
        return SuccessLine(check.name, question, Met.UNKNOWN, "nobody has said yet", asks=True)
    reason = f"{said.by} said so{f': {said.value}' if said.value else ''}"
    met = Met.MET if said.met else Met.NOT_MET
    return SuccessLine(
        check.name,
        question,
        met,
        reason,
        by=said.by,
        at=said.at,
        note=said.note,
        rests=_word_of(check, events),
    )


def _word_of(check: SuccessCheck, events: Sequence[Event]) -> Rests:
    return rests_on(
        e.revision for e in events if isinstance(e.body, SuccessRecorded) and e.body.check == check.name
    )


def _measured(
    check: SuccessCheck, criterion: Criterion, owner: str, q: Quantities, events: Sequence[Event]
) -> SuccessLine:
    key = criterion_key(owner, criterion.id)
    found = standing(criterion, key, q.plan, q.world, q.now)
    state, result = found.state, found.result
    if state is CriterionState.WAITING:
        state = CriterionState.PASS
    what = next((p.command.text for p in criterion.machine if p.command is not None), "") or criterion.name
    evidence = result.evidence if result is not None else None
    rests = rests_on(
        e.revision for e in events if isinstance(e.body, CriterionMeasured) and e.body.result.key == key
    )
    if result is None or evidence is None:
        return SuccessLine(check.name, what, Met.UNKNOWN, "it was never measured", rests=rests)
    value = "" if result.value is None else format_value(result.value, result.unit, criterion.limit)
    limit = limit_text(criterion.limit)
    words = {
        CriterionState.STALE: "its measurement is stale",
        CriterionState.ERROR: f"it could not be measured{f': {evidence.detail}' if evidence.detail else ''}",
    }.get(
        state,
        " ".join(
            filter(None, (value or evidence.detail or result.text or state.value, limit and f"({limit})"))
        ),
    )
    return SuccessLine(
        check.name, what, _TOLD.get(state, Met.UNKNOWN), words, by=WORKER.name, at=evidence.at, rests=rests
    )


def _watch(watch: Watch, names: Sequence[str], q: Quantities, events: Sequence[Event]) -> WatchLine:
    check = watch.check
    if watch.said is not None or not watch.by_machine:
        found = _asked(check, watch.said, events)
    else:
        found = _line(check, AFTER_RELEASE, names, q, events)
    state, reason, met = _standing(watch, q, found)
    line = WatchLine(check.name, check.due or "each release", watch.due_at, state, found.check, met, reason)
    if state is not WatchState.RECORDED:
        return line
    value = watch.said.value if watch.said is not None else found.reason
    return replace(line, value=value, by=found.by, at=found.at, note=found.note, rests=found.rests)


def _standing(watch: Watch, q: Quantities, found: SuccessLine) -> tuple[WatchState, str, Met]:
    text = watch.check.due or ""
    due = watch.due_at
    computed = watch.check.check is not None and watch.said is None
    anew = {
        fact.fact for fact in q.plan.facts
    }  # others were measured for their gate or workstream, and stand
    fresh = due is not None and all(f.at is None or f.at >= due for f in found.facts if f.name in anew)
    if watch.due_at is None:
        if text and not is_due_text(text):
            return WatchState.NOT_RELEASED, f'"{text}" is no due date that is understood', Met.UNKNOWN
        return WatchState.NOT_RELEASED, "its time counts from the release", Met.UNKNOWN
    day = due_day(text, watch.due_at)
    if watch.done or (computed and watch.due_at <= q.now and fresh and found.met is not Met.UNKNOWN):
        return WatchState.RECORDED, found.reason, found.met
    if watch.due_at > q.now:
        return WatchState.AHEAD, f"due on {day}", Met.UNKNOWN
    waits = "it is to be measured" if watch.by_machine else "somebody has to look and say"
    return WatchState.DUE, f"due since {day}: {found.reason if computed and fresh else waits}", Met.UNKNOWN
