"""The views of all workstreams, of which only those are built again that rest on something that changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import attrgetter

from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.plan import SchedulePolicy
from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import GateStatus, WorkstreamStatus

from .budgets import GO_ON
from .situation import Situation
from .slots import Slots
from .snapshot_cache import Built, Parts, Seen
from .why import hold_words
from .workstream_view import build_workstream, with_report

_own = attrgetter(
    "state",
    "verified",
    "reason",
    "since",
    "attempt",
    "claimed",
    "blocker",
    "retry_at",
    "forced",
    "first_started",
)
"""What the whole view of a workstream rests on; the rest of its status is only repeated."""
_needed = attrgetter("state", "verified", "first_started")
"""What the needs of others look at."""
_S = WorkstreamState
_MAY_START = frozenset({_S.PLANNED, _S.BLOCKED, _S.READY, _S.REWORK})


def workstream_views(look: Situation, slots: Slots, parts: Parts) -> tuple[WorkstreamView, ...]:
    """All views in plan order; what did not change is the very object of the time before."""
    index, world = parts.index, look.world
    statuses = [world.workstreams.get(work) for work in index.ids]
    gates = [world.gates.get(g) for g in look.plan.gates]
    results = list(world.criteria.values())
    flags = (look.worker_pid is None, world.project.started is None, math.floor(max(-1.0, look.at)))
    seen = parts.seen
    works = look.plan.workstreams
    built = parts.built
    if seen is None or look.now < seen.now:
        for work in index.ids:
            built[work] = build_workstream(works[work], index.checks[work], look, slots)
        touched: Iterable[str] = index.ids
    else:
        changes = _Changes(look, slots, parts, seen)
        changes.statuses(statuses)
        changes.gates(gates)
        changes.results(results)
        changes.situation(flags)
        for work in changes.report - changes.whole - changes.checks:
            built[work] = with_report(works[work], built[work], look)
        for work in changes.whole - changes.checks:
            built[work] = build_workstream(works[work], index.checks[work], look, slots, built[work])
        for work in changes.checks:
            built[work] = build_workstream(works[work], index.checks[work], look, slots)
        touched = changes.whole | changes.checks
    _note_back_off(touched, look, parts)
    parts.seen = Seen(
        look.now, flags, statuses, gates, results, look.floats, slots, holds_of(look), look.troubles
    )
    return tuple([built[work].view for work in index.ids])


def _note_back_off(touched: Iterable[str], look: Situation, parts: Parts) -> None:
    works = look.world.workstreams
    for work in touched:
        status = works.get(work)
        if status is not None and status.retry_at is not None and status.retry_at > look.now:
            parts.backing_off[work] = status.retry_at
        else:
            parts.backing_off.pop(work, None)


class _Changes:
    """Workstreams to look at again since the last views: for what the agent said, wholly, or with their checks."""

    def __init__(self, look: Situation, slots: Slots, parts: Parts, seen: Seen) -> None:
        self.look, self.slots, self.parts, self.seen = look, slots, parts, seen
        self.report: set[str] = set()
        self.whole: set[str] = set()
        self.checks: set[str] = set(parts.index.unsteady)

    def statuses(self, now: list[WorkstreamStatus | None]) -> None:
        before = self.seen.statuses
        if before == now:
            return
        dependents = self.parts.index.dependents
        for work, old, new in zip(self.parts.index.ids, before, now, strict=True):
            if old is new:
                continue
            if old is None or new is None or _own(old) != _own(new):
                self.whole.add(work)
                if old is None or new is None or _needed(old) != _needed(new):
                    self.whole.update(dependents[work])
            else:
                self.report.add(work)

    def gates(self, now: list[GateStatus | None]) -> None:
        for gate, old, new in zip(self.look.plan.gates, self.seen.gates, now, strict=True):
            if old is not new:
                self.checks.update(self.parts.index.gate_affects[gate])

    def results(self, now: list[CriterionResult]) -> None:
        before = self.seen.results
        if before == now:
            return
        known = {r.key: r for r in before}
        owner = self.parts.index.check_owner
        for result in self.look.world.criteria.values():
            if known.pop(result.key, None) is not result and result.key in owner:
                self.checks.add(owner[result.key])
        self.checks.update(owner[key] for key in known if key in owner)

    def situation(self, flags: tuple[bool, bool, int]) -> None:
        """Floats, slots, back-offs, troubles of runs, the worker and the week."""
        look, parts, seen = self.look, self.parts, self.seen
        if look.floats is not seen.floats:
            floats = seen.floats
            self.report.update([w for w in parts.index.ids if look.floats.get(w) != floats.get(w)])
        if look.troubles != seen.troubles:
            old, new = seen.troubles, look.troubles
            self.whole.update([w for w in {*old, *new} if old.get(w) != new.get(w) and w in parts.built])
        self.whole.update([w for w, until in parts.backing_off.items() if until <= look.now])
        week_counts = look.plan.schedule is SchedulePolicy.AS_PLANNED
        if flags[:2] != seen.flags[:2] or (week_counts and flags != seen.flags):
            self.whole.update([w for w, b in parts.built.items() if b.view.state in _MAY_START])
        elif self.slots != seen.slots or holds_of(look) != seen.holds:
            self.whole.update([w for w, b in parts.built.items() if self._slot_changed(w, b)])

    def _slot_changed(self, work: str, built: Built) -> bool:
        if built.slot_words is None:
            return False
        return hold_words(self.look.plan.workstreams[work], self.look, self.slots) != built.slot_words


def holds_of(look: Situation) -> tuple[object, ...]:
    """What holds starts besides needs, gates and slots: accounts, budgets, and what a person let go on."""
    world = look.world
    grants = sum(a.choice == GO_ON for a in world.asks.values()) if world.budgets else 0
    return (tuple(world.accounts.values()), tuple(world.budgets.values()), grants)
