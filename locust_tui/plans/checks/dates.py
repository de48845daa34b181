"""Dates that contradict each other: the calendar, the weeks of workstreams, and what they need."""

from __future__ import annotations

import datetime
import math

from ...domain.plan import Need, NeedKind, Plan, Weeks, Workstream
from ..findings import Findings
from ..tree import Tree
from .places import need_place

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check_dates(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn about weeks that cannot be kept as written."""
    _check_start(plan, findings)
    _check_phases(plan, findings)
    broken = [
        (workstream, need, target)
        for workstream in plan.workstreams.values()
        for need in workstream.needs
        if (target := plan.workstreams.get(need.target)) is not None
        and _too_early(plan, workstream, need, target)
    ]
    if broken:
        from ...analysis.schedule import critical_path

        takes = math.ceil(critical_path(plan, as_planned=True).weeks - 1e-9)
        planned = plan.last_week or 0
        for workstream, need, target in broken:
            _report(plan, workstream, need, target, (takes, planned), tree, findings)


def _check_start(plan: Plan, findings: Findings) -> None:
    if plan.calendar.start_date is None:
        return
    day = datetime.date.fromisoformat(plan.calendar.start_date)
    if day.weekday() != 0:
        monday = day - datetime.timedelta(days=day.weekday())
        message = f"{day} is a {_DAYS[day.weekday()]}; every week of the plan begins on that day"
        findings.warning("start", message, f"the Monday before is {monday}", at=("calendar", "start"))


def _check_phases(plan: Plan, findings: Findings) -> None:
    for id_, workstream in plan.workstreams.items():
        phase = plan.phases.get(workstream.phase or "")
        weeks = phase.weeks if phase else None
        if (
            weeks
            and workstream.weeks
            and not (weeks.first <= workstream.weeks.first and workstream.weeks.last <= weeks.last)
        ):
            message = f"{id_} is planned for weeks {workstream.weeks}, outside its phase {workstream.phase} (weeks {weeks})"
            findings.warning("phase-weeks", message, "move one of them", at=("workstreams", id_, "weeks"))


def _lag(plan: Plan, need: Need, target: Workstream) -> float | None:
    """Weeks from the target's planned start until the need is met; None where it must be finished."""
    from ...analysis.network import overlap_fraction

    fraction = overlap_fraction(plan, need)
    if fraction is None or target.weeks is None:
        return None
    days = len(plan.calendar.workdays) or 5
    return math.ceil(fraction * target.weeks.duration * days - 1e-6) / days


def _too_early(plan: Plan, workstream: Workstream, need: Need, target: Workstream) -> bool:
    if workstream.weeks is None or target.weeks is None:
        return False
    lag = _lag(plan, need, target)
    return workstream.weeks.first < (target.weeks.last + 1 if lag is None else _met_in(target.weeks, lag))


def _met_in(weeks: Weeks, lag: float) -> int:
    """The week in which a need is met that waits for `lag` weeks of work planned for `weeks`."""
    return math.floor(weeks.first + lag + 1e-9)


def _overlap(first: int, target: Workstream) -> str:
    """The need under which work may start in week `first`, as the plan would write it."""
    assert target.weeks is not None
    percent = (first - target.weeks.first) * 100 // target.weeks.duration
    if percent <= 0:
        return f"needs: {{{target.id}: started}} lets it start beside it"
    return f"needs: {{{target.id}: {percent}%}} lets it start {'half-way' if percent == 50 else 'then'}"


def _report(
    plan: Plan,
    workstream: Workstream,
    need: Need,
    target: Workstream,
    span: tuple[int, int],
    tree: Tree,
    findings: Findings,
) -> None:
    assert workstream.weeks is not None
    assert target.weeks is not None
    at, key = need_place(tree, ("workstreams", workstream.id), need)
    takes, planned = span
    longer = f"; as written the plan takes {takes} weeks, not {planned}" if takes > planned else ""
    lag = _lag(plan, need, target)
    if lag is None:
        message = f"{workstream.id} is planned for week {workstream.weeks.first}, but needs {target.id}, planned until week {target.weeks.last}"
        later = target.weeks.last + 1
        help_ = f"{_overlap(workstream.weeks.first, target)} (fast-tracking), or move it to week {later}"
    else:
        what = {NeedKind.PERCENT: need.condition, NeedKind.STARTED: "the start"}.get(
            need.kind, need.condition
        )
        later = _met_in(target.weeks, lag)
        message = f"{workstream.id} is planned for week {workstream.weeks.first}, but needs {what} of {target.id}, expected in week {later}"
        help_ = f"move it to week {later}"
    findings.warning("dates", message + longer, help_, at=at, key=key)
