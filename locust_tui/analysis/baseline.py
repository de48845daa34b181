"""What differs between two plans, field by field; and from the record: what was agreed, who changed what, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from itertools import pairwise

from locust_tui.domain.criterion import Criterion
from locust_tui.domain.events import BaselineSet, Event, PlanAccepted, PlanNoted, ProjectStarted
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.quantity import limit_text
from locust_tui.domain.studies.baseline import AgreedPart, Baseline, BaselineStudy, PlanChange, PlanRevision

from .baseline_fields import field_changes, follow_from_others
from .plan_parts import differing

KINDS = ("project.started", "plan.accepted", "plan.noted", "baseline.set")
"""Stored names of the events that the functions here read."""
PlanOf = Callable[[str], Plan]
"""Digest → the plan, as `ReadOnlyStore.plan_of` has it."""
Known = MutableMapping[int, tuple[PlanChange, ...]]
"""Revision → its changes, as they were worked out before: two plans of the record never change."""


def changes_between(old: Plan, new: Plan) -> tuple[PlanChange, ...]:
    """Every field that differs, in the plan's order of sections; what was worked out of another field is left out.

    The changes have no revision, moment or person: two plans know of none. `recorded_changes` gives those of the record.
    """
    found = [change for pair in differing(old, new) for change in field_changes(pair)]
    following = follow_from_others(found)
    return tuple(change for change in found if change not in following)


def recorded_changes(
    events: Sequence[Event],
    plan_of: PlanOf,
    since: float = float("-inf"),
    until: float = float("inf"),
    known: Known | None = None,
) -> tuple[PlanChange, ...]:
    """Every change of the plan after the moment `since` and up to `until`, oldest first, with who, when and why.

    `events`: those of `KINDS`, from the first one on. A note that was given after `until` is not told.
    """
    seen = [event for event in events if event.at <= until]
    found = revisions(seen, plan_of, known)
    return tuple(change for revision in found if revision.at > since for change in revision.changes)


def baseline_study(
    events: Sequence[Event], plan_of: PlanOf, now: float, known: Known | None = None
) -> BaselineStudy:
    """What was agreed against what is in force at the moment `now`. `events` as those of `recorded_changes`."""
    seen = [event for event in events if event.at <= now]
    agreed, found = baselines(seen), revisions(seen, plan_of, known)
    drift: tuple[PlanChange, ...] = ()
    if not agreed or not found:
        return BaselineStudy(agreed, found, (), now)
    plan = plan_of(agreed[-1].digest)
    if agreed[-1].digest != found[-1].digest:
        whole = changes_between(plan, plan_of(found[-1].digest))
        drift = tuple(_last_touched(change, found) for change in whole)
    return BaselineStudy(agreed, found, drift, now, tuple(agreed_parts(plan)))


def agreed_parts(plan: Plan) -> Iterator[AgreedPart]:
    """Dates and criteria of a plan: its gates, milestones and workstreams."""
    for gate in plan.gates.values():
        criteria = tuple(_judged(c) for c in gate.criteria)
        yield AgreedPart("gates", gate.id, gate.name, str(gate.week or ""), criteria)
    for milestone in plan.milestones:
        yield AgreedPart("milestones", milestone.id, milestone.name, str(milestone.week or ""))
    for work in plan.workstreams.values():
        criteria = tuple(_judged(c) for c in work.accept)
        yield AgreedPart("workstreams", work.id, work.name, str(work.weeks or ""), criteria)


def _judged(criterion: Criterion) -> tuple[str, str]:
    should = "" if criterion.must else "should"
    return criterion.name, " ".join(filter(None, (limit_text(criterion.limit), should)))


def wanted_plans(events: Sequence[Event], known: Known) -> tuple[str, ...]:
    """Digests of the plans that `baseline_study` asks for, each once."""
    accepted = _since_start(events)
    wanted: list[str] = []
    for before, event in pairwise(accepted):
        if event.revision not in known:
            wanted += [_digest(before), _digest(event)]
    agreed = baselines(events)
    if agreed and accepted:
        wanted += [agreed[-1].digest, _digest(accepted[-1])]
    return tuple(dict.fromkeys(wanted))


def baselines(events: Iterable[Event]) -> tuple[Baseline, ...]:
    """What was in force when the project started, and each plan that a person agreed to later, oldest first."""
    found: list[Baseline] = []
    accepted: dict[str, Event] = {}
    latest = ""
    for event in events:
        body = event.body
        if isinstance(body, PlanAccepted):
            accepted[body.digest], latest = event, body.digest
        elif isinstance(body, ProjectStarted) and not found and latest:
            by = body.user or _person(accepted[latest])
            found.append(_baseline(1, accepted[latest], event, by, ""))
        elif isinstance(body, BaselineSet) and body.digest in accepted:
            found.append(_baseline(len(found) + 1, accepted[body.digest], event, event.by.name, body.note))
    return tuple(found)


def _baseline(number: int, plan: Event, event: Event, by: str, note: str) -> Baseline:
    assert isinstance(plan.body, PlanAccepted)
    return Baseline(number, plan.body.digest, event.revision, event.at, by, plan.revision, plan.at, note)


def revisions(
    events: Sequence[Event], plan_of: PlanOf, known: Known | None = None
) -> tuple[PlanRevision, ...]:
    """Every plan that came into force from the project's start on, each with its changes against the one before."""
    notes = {e.body.plan: (e.body.note, e.by.name) for e in events if isinstance(e.body, PlanNoted)}
    known = {} if known is None else known
    return tuple(_revisions(_since_start(events), notes, plan_of, known))


def _since_start(events: Sequence[Event]) -> list[Event]:
    """The plans that came into force; the first one is that which the project started with."""
    started = next((i for i, e in enumerate(events) if isinstance(e.body, ProjectStarted)), len(events))
    before = [e for e in events[:started] if isinstance(e.body, PlanAccepted)]
    return [*before[-1:], *(e for e in events[started:] if isinstance(e.body, PlanAccepted))]


def _revisions(
    accepted: Sequence[Event], notes: dict[int, tuple[str, str]], plan_of: PlanOf, known: Known
) -> Iterator[PlanRevision]:
    plans: tuple[str, Plan] | None = None
    for before, event in zip((None, *accepted), accepted, strict=False):
        body = event.body
        assert isinstance(body, PlanAccepted)
        why, noted_by = notes.get(event.revision, (body.note, event.by.name if body.note else ""))
        changes: tuple[PlanChange, ...] = ()
        if before is not None:
            if event.revision not in known:
                was = _digest(before)
                old = plans[1] if plans and plans[0] == was else plan_of(was)
                plans = (body.digest, plan_of(body.digest))
                known[event.revision] = _with_findings(changes_between(old, plans[1]), body.gates)
            by = _person(event)
            changes = tuple(
                replace(c, revision=event.revision, at=event.at, by=by, why=why, how=body.how)
                for c in known[event.revision]
            )
        yield PlanRevision(
            event.revision, event.at, body.digest, _person(event), body.how, changes, why, noted_by,
            body.saved_by, body.saved_at, body.trusted_by, body.trusted_at, body.summary,
        )  # fmt: skip


def _digest(event: Event) -> str:
    assert isinstance(event.body, PlanAccepted)
    return event.body.digest


def _person(event: Event) -> str:
    """Who acted; where only the worker did, who owns the file that it read."""
    if event.by.name != WORKER.name:
        return event.by.name
    return event.body.saved_by if isinstance(event.body, PlanAccepted) else ""


def _with_findings(changes: tuple[PlanChange, ...], recorded: Sequence[PlanChange]) -> tuple[PlanChange, ...]:
    """With how each criterion stood when it was changed, which only the record of that moment knows."""
    found = {_place(change): change.found for change in recorded if change.found}
    return tuple(replace(c, found=found.get(_place(c), "")) if found else c for c in changes)


def _place(change: PlanChange) -> tuple[str, str, str, str]:
    return change.section, change.subject, change.criterion, change.field


def _last_touched(change: PlanChange, found: Sequence[PlanRevision]) -> PlanChange:
    """The change with the revision that brought its place to what it is now; that of its part where that came anew."""
    whole = (change.section, change.subject, "", "")
    for revision in reversed(found):
        for one in revision.changes:
            if _place(one) in (_place(change), whole):
                told = replace(change, revision=one.revision, at=one.at, by=one.by, why=one.why, how=one.how)
                return replace(told, found=change.found or one.found)
    return change
