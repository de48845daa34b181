"""Descoping: work is left for a later release. No compression in PMBOK's sense, which keeps the scope: a scope change."""

from __future__ import annotations

from locust_tui.domain.plan import Need, Plan, Strategy
from locust_tui.domain.studies.strategies import Deferred, Edit, NeedMoved, Refusal

from .case import Case, Proposal, option

LATER = "later"


def descope(case: Case, strategy: Strategy) -> Proposal:
    """Keys of the strategy: candidates (ids), to ("later"), relink (true: who needs deferred work needs what that
    needed instead; false: it is blocked, and said)."""
    candidates = option(strategy, "candidates", ())
    to, relink = option(strategy, "to", LATER), option(strategy, "relink", True)
    if not candidates:
        return Proposal(reason="it names no candidates: candidates: [ID, …]")
    refused: list[Refusal] = []
    gone: list[str] = []
    for id in dict.fromkeys(candidates):
        why = _why_not(case, id)
        if why:
            refused.append(Refusal(id, why))
        else:
            gone.append(id)
    edits: list[Edit] = [Deferred(id, to) for id in gone]
    notes: list[str] = []
    for id in case.plan.workstreams:
        if id in gone or not case.unfinished(id):
            continue
        held = [n.target for n in case.plan.workstreams[id].needs if n.target in gone]
        if held and case.begun(id):
            notes.append(f"{id} needs {', '.join(held)} and has begun: its acceptance will wait for a person")
        elif held and not relink:
            notes.append(f"{id} is blocked: it needs {', '.join(held)}")
        elif held:
            edits += _relinked(case.plan, id, held, gone)
    if not gone:
        return Proposal((), tuple(refused), reason="none of its candidates can be deferred")
    return Proposal(tuple(edits), tuple(refused), tuple(notes))


def _why_not(case: Case, id: str) -> str:
    if id not in case.plan.workstreams:
        return "no workstream of this plan"
    if begun := case.begun(id):
        return begun
    for gate in case.plan.gates.values():
        if any(n.target == id for n in gate.needs):
            return f"gate {gate.id} needs it: take it out there first"
    for milestone in case.plan.milestones:
        if any(n.target == id for n in milestone.needs):
            return f"milestone {milestone.name} is reached by it: take it out there first"
    return ""


def _relinked(plan: Plan, id: str, held: list[str], gone: list[str]) -> list[Edit]:
    """For each need of `id` that is deferred: what that one needs, as far as `id` does not need it already."""
    known = {n.target for n in plan.workstreams[id].needs} | {id}
    edits: list[Edit] = []
    for target in held:
        instead = [n for n in _needs_behind(plan, target, gone) if n.target not in known]
        known |= {n.target for n in instead}
        edits.append(NeedMoved(id, target, tuple(instead)))
    return edits


def _needs_behind(plan: Plan, deferred: str, gone: list[str]) -> list[Need]:
    """What deferred work needs, through other deferred work, too; each target once."""
    found: dict[str, Need] = {}
    waiting, seen = [deferred], {deferred}
    while waiting:
        for need in plan.workstreams[waiting.pop(0)].needs:
            if need.target not in gone:
                found.setdefault(need.target, need)
            elif need.target not in seen:
                seen.add(need.target)
                waiting.append(need.target)
    return list(found.values())
