"""A plan with the changes of a strategy made in it, as if its file said them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from locust_tui.domain.plan import Crew, Need, NeedKind, Plan, Workstream
from locust_tui.domain.studies.strategies import (
    CapRaised,
    Change,
    CrewSet,
    CriterionSetAside,
    Deferred,
    Edit,
    NeedLoosened,
    NeedMoved,
    PlanEdit,
)
from locust_tui.errors import RefusedError


def edited(plan: Plan, edits: Iterable[Edit]) -> Plan:
    """`plan` after `edits`; criteria that are set aside change the record, not the plan."""
    for edit in edits:
        if isinstance(edit, CapRaised):
            plan = _with_cap(plan, edit)
        elif not isinstance(edit, CriterionSetAside):
            changed = _workstream(plan.workstreams[edit.workstream], edit)
            plan = replace(plan, workstreams={**plan.workstreams, changed.id: changed})
    return plan


def _workstream(w: Workstream, edit: NeedLoosened | NeedMoved | CrewSet | Deferred) -> Workstream:
    match edit:
        case CrewSet():
            return replace(w, crew=Crew(edit.agents, edit.gain))
        case Deferred():
            return replace(w, defer=edit.to)
        case NeedLoosened():
            needs = [loosened(n, edit.condition) if n.target == edit.target else n for n in w.needs]
            return replace(w, needs=tuple(needs))
        case NeedMoved():
            return replace(w, needs=tuple(_moved(w.needs, edit)))


def taken_back(plan: Plan, edits: Sequence[PlanEdit]) -> Plan:
    """`plan` without `edits`, the last one first. RefusedError where it no longer says what one of them made of it."""
    for edit in reversed(edits):
        if edited(plan, [edit]) != plan:
            raise RefusedError(f"{_change(edit).subject} says something else by now; nothing was written")
        if isinstance(edit, CapRaised):
            plan = _with_cap(plan, replace(edit, after=edit.before))
            continue
        w = plan.workstreams[edit.workstream]
        match edit:
            case CrewSet():
                w = replace(w, crew=None)
            case Deferred():
                w = replace(w, defer="")
            case NeedLoosened():
                w = _workstream(w, replace(edit, condition=edit.before))
            case _:
                raise RefusedError(f"{_change(edit).words} has no opposite")
        plan = replace(plan, workstreams={**plan.workstreams, w.id: w})
    return plan


def loosened(need: Need, condition: str) -> Need:
    """`condition`: "50%", "started" or "done"."""
    if condition == "done":
        return replace(need, kind=NeedKind.DONE, percent=None)
    if condition == "started":
        return replace(need, kind=NeedKind.STARTED, percent=None)
    return replace(need, kind=NeedKind.PERCENT, percent=float(condition.removesuffix("%")))


def _moved(needs: tuple[Need, ...], edit: NeedMoved) -> list[Need]:
    """What it needs instead stands behind what it needs already."""
    kept = [n for n in needs if n.target != edit.target]
    return [*kept, *edit.instead]


def _with_cap(plan: Plan, edit: CapRaised) -> Plan:
    if edit.place[0] == "agents":
        agent = replace(plan.agents[edit.place[1]], max=edit.after)
        return replace(plan, agents={**plan.agents, agent.name: agent})
    if edit.place == ("resources", "max_agents"):
        return replace(plan, resources=replace(plan.resources, max_agents=edit.after))
    pools = {**plan.resources.pools, edit.place[-1]: edit.after}
    return replace(plan, resources=replace(plan.resources, pools=pools))


def changes_of(edits: Iterable[Edit]) -> tuple[Change, ...]:
    """The changes in words, in the order they are made."""
    return tuple(map(_change, edits))


def _change(edit: Edit) -> Change:
    match edit:
        case NeedLoosened():
            return Change(f"workstream {edit.workstream}", f"need {edit.target}", edit.before, edit.condition)
        case NeedMoved():
            instead = ", ".join(f"{n.target} {n.condition}" for n in edit.instead) or "nothing"
            return Change(f"workstream {edit.workstream}", "needs", edit.target, instead)
        case CrewSet():
            return Change(f"workstream {edit.workstream}", "agents", "1", f"{edit.agents} (× {edit.gain:g})")
        case Deferred():
            return Change(f"workstream {edit.workstream}", "scope", "in", f"deferred to {edit.to}")
        case CapRaised():
            return Change(" ".join(edit.place[:-1]), edit.place[-1], str(edit.before), str(edit.after))
        case CriterionSetAside():
            return Change(
                f"workstream {edit.workstream}",
                f'should criterion "{edit.name}"',
                "measured",
                f"waived; {edit.owner} owes it, due {edit.due}",
            )
