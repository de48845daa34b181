"""What is otherwise between two moments of one record: states, decisions and who made them, figures, runs, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from locust_tui.domain import events as e
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.moments import Change, Differences, Group, Moment, Sense
from locust_tui.domain.world import World

from .differences_exchange import exchange_changes, waiting_changes
from .differences_figures import figure_changes, kpi_changes
from .differences_runs import run_changes, worker_changes
from .differences_work import criterion_changes, gate_changes, plan_changes, risk_changes, work_changes

KINDS = (
    "worker.started", "worker.stopped", "plan.accepted", "plan.held", "workstream.moved", "run.created",
    "run.ended", "criterion.measured", "criteria.stale", "gate.moved", "gate.approved", "approval.lapsed",
    "gate.decided", "criterion.waived", "answered", "ask.withdrawn", "asked", "risk.moved", "alert.moved",
    "escalation.raised", "escalation.closed", "account.changed", "deliverable.verified", "noted",
)  # fmt: skip
"""Stored names of the events between the two moments that `differences` reads."""
_GROUPS = list(Group)
_SENSES = [Sense.BAD, Sense.YOU, Sense.GOOD, Sense.PLAIN]


class PlanAt(NamedTuple):
    """The plan in force, the world and what a viewer saw of them, at one moment."""

    plan: Plan
    world: World
    snapshot: Snapshot

    @property
    def moment(self) -> Moment:
        return Moment(self.world.revision, self.snapshot.at, self.snapshot.week)


class Trail:
    """The events between two moments, by what they are about."""

    def __init__(self, events: Iterable[e.Event]) -> None:
        self.events: Sequence[e.Event] = tuple(events)
        self._latest = {(type(event.body), e.subject_of(event.body)): event for event in self.events}

    def latest(self, subject: str, *kinds: type[object]) -> e.Event | None:
        """The last event about `subject` of one of these kinds."""
        found = [self._latest[k, subject] for k in kinds if (k, subject) in self._latest]  # type: ignore[index]
        return max(found, key=lambda event: event.revision, default=None)

    def revision(self, subject: str, *kinds: type[object]) -> int | None:
        found = self.latest(subject, *kinds)
        return None if found is None else found.revision


def differences(
    before: PlanAt, after: PlanAt, events: Iterable[e.Event] = (), warnings: tuple[str, ...] = ()
) -> Differences:
    """What is otherwise at `after`, a later moment of the same record.

    `events`: those in between of `KINDS`, oldest first. Without them no change names its revision, and what began and
    ended in between (a worker's death) is not told.
    """
    trail = Trail(events)
    found = [
        *gate_changes(before, after, trail),
        *work_changes(before, after, trail),
        *waiting_changes(before, after, trail),
        *plan_changes(before, after, trail),
        *criterion_changes(before, after, trail),
        *risk_changes(before, after, trail),
        *exchange_changes(before, after, trail),
        *run_changes(before, after, trail),
        *worker_changes(before, trail),
    ]
    told = {(c.group, c.subject) for c in found if c.group in (Group.GATES, Group.FAILURES, Group.WORK)}
    subjects = {subject for _, subject in told}
    kept = [c for c in found if c.group is not Group.WAITING or c.subject not in subjects]
    return Differences(
        before.moment,
        after.moment,
        tuple(sorted(kept, key=_rank)),
        tuple(figure_changes(before.snapshot, after.snapshot)),
        tuple(kpi_changes(before.snapshot, after.snapshot)),
        before.snapshot.verdict.value,
        after.snapshot.verdict.value,
        warnings,
    )


def _rank(change: Change) -> tuple[int, bool, int, int, float, str]:
    return (
        _GROUPS.index(change.group),
        change.group is Group.GATES and not change.before,  # what a gate came to, then how
        _SENSES.index(change.sense),
        change.revision if change.revision is not None else 2**53,
        change.at or 0.0,
        change.subject,
    )
