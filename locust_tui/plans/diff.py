"""What changed between two plans, and what follows from it: new starts, stale gates, changes that need a yes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ..analysis.plan_parts import differing
from ..domain.plan import Gate, NeedKind, Plan, Workstream
from ..domain.studies.baseline import ONE_OF
from .surface import executable_surface


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the plan that differs. `fields` are the names of what changed in it, as the domain has them."""

    section: str
    """`workstreams`, `gates`, `agents`, `calendar` …"""
    id: str
    kind: ChangeKind
    fields: tuple[str, ...] = ()

    @property
    def cosmetic(self) -> bool:
        """Only words for people changed: nothing starts, stops or is judged differently."""
        return self.kind is ChangeKind.CHANGED and set(self.fields) <= _COSMETIC

    @property
    def affects_starts(self) -> bool:
        """Something may start earlier, later or not at all."""
        if self.kind is not ChangeKind.CHANGED:
            return self.section in _STARTING
        return bool(set(self.fields) & _STARTING.get(self.section, frozenset()))

    @property
    def words(self) -> str:
        """For people: "gate ship: approvers", "workstream a removed", "project: name"."""
        subject = " ".join(filter(None, (ONE_OF.get(self.section, self.section), self.id)))
        if self.fields:
            return f"{subject}: {' and '.join(self.fields)}"
        return f"{subject} {self.kind}"

    def __str__(self) -> str:
        what = f": {', '.join(self.fields)}" if self.fields else ""
        return (
            f"{self.section} {self.id} {self.kind}{what}" if self.id else f"{self.section} {self.kind}{what}"
        )


_COSMETIC = frozenset(
    {
        "name",
        "short",
        "notes",
        "focus",
        "role",
        "description",
        "mitigation",
        "risk",
        "free",
        "skills",
        "target",
        "alias",
    }
)
_STARTING: dict[str, frozenset[str]] = {
    "workstreams": frozenset({"needs", "phase", "weeks", "agent", "run", "instructions", "priority"}),
    "gates": frozenset({"needs", "closes", "opens", "mode", "week"}),
    "phases": frozenset({"weeks"}),
    "agents": frozenset({"max", "command", "kind"}),
    "resources": frozenset({"max_agents", "pools"}),
    "milestones": frozenset({"needs"}),
    "plan": frozenset({"schedule"}),
    "calendar": frozenset({"start", "start_date", "week_s"}),
}
_IDENTITY = frozenset({"run", "instructions", "agent", "deliverables", "accept", "env", "cwd", "phase"})
_DECIDED = frozenset({"criteria", "closes", "opens", "approvers", "min_approvals", "needs"})
NAMED = 3
"""In one line so many changes of a sort are named, the rest are counted."""


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """Everything that differs between `old` and `new`, in the plan's order of sections."""

    old: Plan
    new: Plan
    changes: tuple[Change, ...]
    executable_changed: bool
    """Something other than before would be run or called: it needs trust anew."""

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def cosmetic(self) -> bool:
        """Nothing but words for people changed."""
        return all(change.cosmetic for change in self.changes)

    def of(self, section: str, kind: ChangeKind | None = None) -> tuple[Change, ...]:
        """The changes of one section, of one kind if given."""
        return tuple(c for c in self.changes if c.section == section and kind in (None, c.kind))

    @property
    def stale_gates(self) -> tuple[str, ...]:
        """Gates that stay, but whose criteria are not those that were measured."""
        return tuple(c.id for c in self.of("gates", ChangeKind.CHANGED) if "criteria" in c.fields)

    def starts(
        self,
        in_progress: Collection[str] = (),
        accepted: Collection[str] = (),
        approved: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Workstreams that may start under the new plan and could not under the old one.

        `approved` are the gates that are open. Needs for a part of a workstream count only once it is
        accepted: how far it is stands in the world, not in the plan.
        """
        before = set(_startable(self.old, in_progress, accepted, approved))
        return tuple(
            id_ for id_ in _startable(self.new, in_progress, accepted, approved) if id_ not in before
        )

    def needs_confirmation(
        self,
        in_progress: Collection[str] = (),
        accepted: Collection[str] = (),
        approved: Collection[str] = (),
    ) -> tuple[Change, ...]:
        """Changes that take away, or turn into something else, what is running, done or approved; and that take a gate away."""
        touched = {*in_progress, *accepted}
        return tuple(c for c in self.changes if _confirm(c, self, touched, set(approved)))

    def summary(
        self,
        in_progress: Collection[str] = (),
        accepted: Collection[str] = (),
        approved: Collection[str] = (),
        *,
        allowed: bool = False,
    ) -> str:
        """One line: "d starts, 1 needs your yes (workstream b removed), gate g1 stale, gate ship: approvers".

        `allowed`: the yes was given; what it was for is told like every other change.
        """
        starting = self.starts(in_progress, accepted, approved)
        asking = self.needs_confirmation(in_progress, accepted, approved)
        parts = []
        if starting:
            who = str(len(starting)) if len(starting) > NAMED else ", ".join(starting)
            parts.append(f"{who} start{'s' if len(starting) == 1 else ''}")
        if asking:
            named = ", ".join(_named(asking))
            count = f"{len(asking)} need{'s' if len(asking) == 1 else ''} your yes"
            parts.append(named if allowed else f"{count} ({named})")
        if stale := self.stale_gates:
            parts.append(f"gate{'s' if len(stale) > 1 else ''} {', '.join(stale)} stale")
        if self.executable_changed:
            parts.append("commands changed")
        parts += _named(self._others(starting, asking))
        return ", ".join(parts) or "no changes"

    def _others(self, starting: Collection[str], asking: Collection[Change]) -> list[Change]:
        """What is told neither as a start nor as what wants a yes nor as a gate that is stale."""
        rest = []
        for change in self.changes:
            if change in asking or (change.section == "workstreams" and change.id in starting):
                continue
            left = tuple(f for f in change.fields if (change.section, f) != ("gates", "criteria"))
            if left or not change.fields:
                rest.append(replace(change, fields=left))
        return rest


def diff_plans(old: Plan, new: Plan) -> PlanDiff:
    """Compare two plans part by part, by id."""
    changes = list(_changes(old, new))
    executable = bool(changes) and set(executable_surface(old)) != set(executable_surface(new))
    return PlanDiff(old, new, tuple(changes), executable)


def _changes(old: Plan, new: Plan) -> Iterator[Change]:
    for section, id_, before, after in differing(old, new):
        if section == "plan":
            yield Change("plan", "", ChangeKind.CHANGED, (id_,))
        elif before is None or after is None:
            yield Change(section, id_, ChangeKind.ADDED if before is None else ChangeKind.REMOVED)
        else:
            yield Change(section, id_, ChangeKind.CHANGED, _fields(before, after))


def _fields(old: Any, new: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(new) if getattr(old, f.name) != getattr(new, f.name))


def _named(changes: Sequence[Change]) -> list[str]:
    """Each by its name while there are few; "2 more changes" for those after them."""
    words = [change.words for change in changes[:NAMED]]
    more = len(changes) - NAMED
    return [*words, f"{more} more change{'s' if more > 1 else ''}"] if more > 0 else words


def _confirm(change: Change, diff: PlanDiff, touched: set[str], approved: set[str]) -> bool:
    removed = change.kind is ChangeKind.REMOVED
    if change.section == "workstreams" and change.id in touched:
        return removed or bool(set(change.fields) & _IDENTITY)
    if change.section == "gates":  # without it, what it held back would start with nobody's word
        return removed or (change.id in approved and bool(set(change.fields) & _DECIDED))
    if change.section == "phases" and removed:
        members = {w.id for w in diff.old.workstreams.values() if w.phase == change.id}
        gates = {g.id for g in diff.old.gates_closing(change.id)}
        return bool(members & touched or gates & approved)
    if change.section in ("orchestrators", "agents") and removed:
        users = {w.id for w in diff.old.workstreams.values() if change.id in (w.orchestrator, w.agent)}
        return bool(users & touched)
    return False


def _startable(
    plan: Plan, in_progress: Collection[str], accepted: Collection[str], approved: Collection[str]
) -> Iterator[str]:
    from ..analysis.network import gate_holds_start
    from ..analysis.startable import startable_kind

    begun = {*in_progress, *accepted}
    reached = {*accepted, *approved}
    for milestone in plan.milestones:
        if milestone.needs and all(need.target in reached for need in milestone.needs):
            reached.add(milestone.id)
    shut: dict[str, list[Gate]] = {}
    for gate in plan.gates.values():
        if gate.opens is not None and gate.id not in approved:
            shut.setdefault(gate.opens, []).append(gate)
    for id_, workstream in plan.workstreams.items():
        if id_ in begun or not startable_kind(plan, workstream) or not _needs_met(workstream, reached, begun):
            continue
        if not any(gate_holds_start(plan, gate, workstream) for gate in shut.get(workstream.phase or "", ())):
            yield id_


def _needs_met(workstream: Workstream, reached: Collection[str], begun: Collection[str]) -> bool:
    return all(
        need.target in (begun if need.kind is NeedKind.STARTED else reached) for need in workstream.needs
    )
