"""Dates that contradict each other: the calendar, the weeks of workstreams, what they need, and the gates between them."""

from __future__ import annotations

import datetime
import math

from ...analysis.soundness import early_phases, stated_path, unripe_gates
from ...domain.plan import GateMode, Need, NeedKind, Plan, Weeks, Workstream
from ..findings import Findings
from ..tree import Tree
from .places import name_place, need_place

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHOWN = 12
"""Workstreams of a path that are named."""
_FEW = 4
"""Of so many workstreams everybody sees the path."""


def check_dates(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn about weeks that cannot be kept as written; the plan must have no errors."""
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
    _check_window(plan, findings)
    _check_gates(plan, findings)
    _check_path(plan, tree, findings)


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
            findings.warning(
                "phase-weeks",
                message,
                "move one of them",
                at=("workstreams", id_, "weeks"),
                whole="{n} workstreams are planned outside the weeks of their phase",
            )


def _check_window(plan: Plan, findings: Findings) -> None:
    window, last = plan.project.window, plan.last_week
    if window is not None and last is not None and last > window[1]:
        findings.warning(
            "window",
            f"the plan's own dates end in week {last}, its window in week {window[1]:g}",
            f"end by week {window[1]:g}, or window: {window[0]:g}-{last}",
            at=("project", "window"),
        )


def _check_gates(plan: Plan, findings: Findings) -> None:
    for gate, work in unripe_gates(plan):
        assert work.weeks is not None
        findings.warning(
            "gate-before-work",
            f"gate {gate.id} is due at the end of week {gate.week}, but {work.id} before it is planned until week {work.weeks.last}",
            f"week: {work.weeks.last}, or end {work.id} earlier",
            at=("gates", gate.id, "week"),
            whole="{n} gates are due before the work that they judge is planned to end",
        )
    for early in early_phases(plan):
        gate = early.gate
        message = f"phase {early.phase} begins in week {early.first}, but gate {gate.id} that opens it is due at the end of week {gate.week}"
        if gate.mode is GateMode.HARD:
            who = f"{', '.join(early.waits[:5])}{' …' if len(early.waits) > 5 else ''}" or "its work"
            findings.warning(
                "gate-before-phase",
                f"{message}: {who} cannot start as planned",
                "mode: overlap lets it start and accepts none of it before Go; or begin the phase later",
                at=("gates", gate.id, "week"),
                whole="{n} phases begin before the gate that opens them is due, and hard gates hold their starts",
            )
        else:
            findings.note(
                "gate-before-phase",
                f"{message}; until Go none of it is accepted",
                f"mode: hard makes it wait; weeks from {(gate.week or 0) + 1} begin it behind the gate",
                at=("gates", gate.id, "week"),
                whole="{n} phases begin before the gate that opens them is due: their work may start, and none of it is accepted before Go",
                part=f"phase {early.phase} begins in week {early.first}, gate {gate.id} is due at the end of week {gate.week}",
            )


def _check_path(plan: Plan, tree: Tree, findings: Findings) -> None:
    """The stated critical path beside the computed one; without a stated one, what it is."""
    if plan.project.critical_path:
        wrong = stated_path(plan)
        if wrong is not None:
            reasons = [f"{id_} has {_count(slack)} of float" for id_, slack in wrong.slack]
            reasons += [
                f"{', '.join(wrong.missing)} {'is' if len(wrong.missing) == 1 else 'are'} left out"
            ] * bool(wrong.missing)
            where = ("project", "critical_path")
            findings.warning(
                "critical-path",
                f"the critical path is given as {_path(plan.project.critical_path)}; by the needs it is {_path(wrong.schedule.path)}: {'; '.join(reasons)}",
                f"critical_path: [{', '.join(wrong.schedule.path)}]",
                at=name_place(tree, where, wrong.slack[0][0]) if wrong.slack else where,
            )
        return
    works = plan.workstreams.values()
    if len(plan.workstreams) > _FEW and any(w.needs for w in works) and any(w.weeks for w in works):
        from ...analysis.schedule import critical_path

        found = critical_path(plan)
        findings.note(
            "critical-path",
            f"the critical path is {_path(found.path)}: {_count(found.weeks)}",
            "locust-tui critical-path shows everyone's float",
            at=("workstreams",),
            key=True,
        )


def _path(ids: tuple[str, ...]) -> str:
    if len(ids) <= _SHOWN:
        return " → ".join(ids)
    return " → ".join((*ids[:3], "…", ids[-1])) + f" ({len(ids)} workstreams)"


def _count(weeks: float) -> str:
    return f"{weeks:.4g} week{'' if f'{weeks:.4g}' == '1' else 's'}"


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
    as_written = f"as written the plan takes {takes} weeks, not {planned}" if takes > planned else ""
    lag, first = _lag(plan, need, target), workstream.weeks.first
    if lag is None:
        message = f"{workstream.id} is planned for week {first}, but needs {target.id}, planned until week {target.weeks.last}"
        part = f"{workstream.id} starts in week {first}, {target.id} ends in week {target.weeks.last}"
        later = target.weeks.last + 1
        help_ = f"{_overlap(first, target)} (fast-tracking), or move it to week {later}"
    else:
        what = {NeedKind.PERCENT: need.condition, NeedKind.STARTED: "the start"}.get(
            need.kind, need.condition
        )
        later = _met_in(target.weeks, lag)
        message = f"{workstream.id} is planned for week {first}, but needs {what} of {target.id}, expected in week {later}"
        part = f"{workstream.id} starts in week {first}, {what} of {target.id} is expected in week {later}"
        help_ = f"move it to week {later}"
    whole = "{n} needs start before what they wait for is planned to be there"
    findings.warning(
        "dates-vs-needs",
        f"{message}; {as_written}" if as_written else message,
        help_,
        at=at,
        key=key,
        whole=f"{as_written}: {whole}" if as_written else whole,
        part=part,
    )
