"""What is looked at after the release: what counts as the release, and when each look is due."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from locust_tui.domain.coordination import SuccessStatus
from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.plan import Calendar, Gate, Plan, SuccessCheck
from locust_tui.domain.states import OPEN_GATE_STATES, CriterionState, DecisionKind
from locust_tui.domain.world import World

from .due import due_moment, is_due_date
from .verdict import is_complete

OWNER = "after_release"
"""Owner of its criteria's keys."""
_NAME = re.compile(r"[^\W\d]\w*")
_RELEASE = re.compile(r"(?:at |on |with |after )?(?:each |every |the |any )?release", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:in |after |within )?(an?|one|\d+(?:\.\d+)?)\s*(s|sec|second|min|minute|h|hour|d|day|w|wk|week|month|quarter|y|year)s?",
    re.IGNORECASE,
)
_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
}
_MONTHS = {"month": 1, "quarter": 3, "y": 12, "year": 12}
_OPENS = frozenset({DecisionKind.GO, DecisionKind.CONDITIONAL})
_SAID = frozenset({CriterionState.PASS, CriterionState.FAIL, CriterionState.ERROR})


class Release(NamedTuple):
    at: float | None
    words: str
    """What counts as the release; what is missing for it where `at` is None."""


def release(plan: Plan, world: World) -> Release:
    """The moment at which the plan's last gate opened; without gates, at which the last of its work was accepted.

    The last gate is the one of the latest week, of several the last in the plan. A gate that was shut again
    releases nothing; one that a conditional Go opened has released, whatever follows.
    """
    gate = last_gate(plan)
    if gate is not None:
        status = world.gate(gate.id)
        name = gate.id if gate.name == gate.id else f"{gate.id} {gate.name}"
        if status.state not in OPEN_GATE_STATES:
            return Release(None, f"not released: gate {name} is not open")
        opened = status.since
        for decision in reversed(status.decisions):
            if decision.kind not in _OPENS:
                break
            opened = decision.at
        return Release(opened, f"gate {name} opened")
    if not is_complete(plan, world):
        return Release(None, "not released: the plan has no gate, and its work is not finished")
    ends = [s.accepted_at for s in world.workstreams.values() if s.accepted_at is not None]
    return Release(max(ends, default=None), "the last of the work was accepted")


def last_gate(plan: Plan) -> Gate | None:
    numbered = list(enumerate(plan.gates.values()))
    return max(numbered, key=lambda pair: (pair[1].week or 0, pair[0]))[1] if numbered else None


def is_due_text(text: str) -> bool:
    """Whether `due` is understood: "each release", "3 months", "2 weeks", a date."""
    text = text.strip()
    return bool(_RELEASE.fullmatch(text) or _SPAN.fullmatch(text)) or is_due_date(text)


def due_at(text: str | None, released: float | None, plan: Plan, world: World) -> float | None:
    """When to look. Without a text, and for "each release", at the release; months are the calendar's, weeks the plan's.

    None: not yet known, or not understood.
    """
    text = (text or "release").strip()
    if _RELEASE.fullmatch(text):
        return released
    span = _SPAN.fullmatch(text)
    if span is None:
        return due_moment(text, plan, world)
    return None if released is None else _later(plan.calendar, released, span.group(1), span.group(2).lower())


def _later(calendar: Calendar, begin: float, number: str, unit: str) -> float:
    count = 1.0 if number.lower() in ("a", "an", "one") else float(number)
    if unit in _MONTHS:
        return _months_later(begin, round(count * _MONTHS[unit]))
    return begin + count * _SECONDS.get(unit, calendar.week_s)


def _months_later(begin: float, months: int) -> float:
    """The same day of the month; of a shorter month, its last."""
    moment = datetime.fromtimestamp(begin, UTC)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day).timestamp()


class Watch(NamedTuple):
    """One of the plan's looks after the release."""

    check: SuccessCheck
    due_at: float | None
    said: SuccessStatus | None = None
    """A person's word since this release."""
    measured: bool = False
    """Its criterion was measured since it was due."""

    @property
    def done(self) -> bool:
        return self.said is not None or self.measured

    @property
    def key(self) -> str:
        """Of its criterion's result; empty where it has none."""
        return criterion_key(OWNER, self.check.criterion.id) if self.check.criterion is not None else ""

    @property
    def by_machine(self) -> bool:
        """A command or a file answers it; or an expression over what is measured anyway."""
        criterion = self.check.criterion
        return self.check.check is not None or (
            criterion is not None and bool(criterion.machine) and not criterion.manual
        )


def watches(plan: Plan, world: World) -> Iterator[Watch]:
    """In plan order. What is due "each release" is due again at the next one."""
    released = release(plan, world).at
    for check in plan.after_release:
        due = due_at(check.due, released, plan, world)
        said = world.successes.get(check.name)
        fresh = said if said is not None and released is not None and said.at >= released else None
        yield Watch(check, due, fresh, due is not None and _is_measured(check, due, world))


def _is_measured(check: SuccessCheck, due: float, world: World) -> bool:
    if check.criterion is None or check.criterion.manual:
        return False
    result = world.criteria.get(criterion_key(OWNER, check.criterion.id))
    evidence = result.evidence if result is not None and result.state in _SAID else None
    return evidence is not None and evidence.at >= due


def waits_for_person(plan: Plan, world: World, now: float) -> list[Watch]:
    """Due, not recorded, and nothing but a person's word answers it."""
    return [
        w
        for w in watches(plan, world)
        if w.due_at is not None and w.due_at <= now and not (w.done or w.by_machine)
    ]


def to_measure(plan: Plan, world: World, now: float) -> tuple[list[str], float | None]:
    """(keys that are due to be measured, the next moment at which one comes to be)."""
    keys: list[str] = []
    ahead: list[float] = []
    for watch in watches(plan, world):
        if watch.due_at is None or watch.done or not (wanted := _keys(plan, watch)):
            continue
        if watch.due_at > now:
            ahead.append(watch.due_at)
        else:
            keys += [k for k in wanted if k not in keys and _measured_at(world, k) < watch.due_at]
    return keys, min(ahead, default=None)


def _keys(plan: Plan, watch: Watch) -> list[str]:
    """What a machine has to measure for it: its criterion, or the plan's own facts that its expression names."""
    if watch.check.check is not None:
        names = set(_NAME.findall(watch.check.check))
        return [criterion_key("fact", fact.id) for fact in plan.facts if fact.fact in names]
    criterion = watch.check.criterion
    return [watch.key] if criterion is not None and criterion.machine else []


def _measured_at(world: World, key: str) -> float:
    result = world.criteria.get(key)
    return result.evidence.at if result is not None and result.evidence is not None else float("-inf")
