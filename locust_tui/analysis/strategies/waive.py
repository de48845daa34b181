"""Quality trade-offs: should criteria of work that is not critical are set aside, each as a debt with an owner and a date."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import Plan, Strategy, Workstream
from locust_tui.domain.states import CriterionState
from locust_tui.domain.studies.strategies import CriterionSetAside, Edit, Refusal

from .case import Case, Proposal, option


def waive(case: Case, strategy: Strategy) -> Proposal:
    """Keys of the strategy: criteria ("WS-07/NAME" or NAME; default: every should criterion), except (priorities or
    ids), owner (default: its orchestrator), due (default: the last planned week)."""
    wanted = option(strategy, "criteria", ())
    spared = option(strategy, "except", ())
    critical = set(case.schedule().critical)
    edits: list[Edit] = []
    refused: list[Refusal] = []
    named: set[str] = set()
    for w in case.plan.workstreams.values():
        for key, criterion in _criteria(w):
            names = {criterion.name, criterion.id, f"{w.id}/{criterion.name}", f"{w.id}/{criterion.id}"}
            named |= names
            if (wanted and not names & set(wanted)) or not case.unfinished(w.id):
                continue
            why = _why_not(case, w, criterion, key, critical, spared)
            if why:
                refused.append(Refusal(f"{w.id} {criterion.name}", why))
            else:
                owner = option(strategy, "owner", w.orchestrator or _meta(case.plan) or w.id)
                edits.append(CriterionSetAside(w.id, key, criterion.name, owner, _due(case.plan, strategy)))
    refused += [Refusal(name, "no criterion of a workstream") for name in wanted if name not in named]
    if not edits:
        why = (
            "none of the criteria it names can be waived"
            if wanted
            else "no should criterion of other than critical work is left"
        )
        return Proposal((), tuple(refused), reason=why)
    notes = ("a waiver and its debt stay on record; taking the strategy back does not take them back",)
    return Proposal(tuple(edits), tuple(refused), notes)


def _criteria(w: Workstream) -> Iterator[tuple[str, Criterion]]:
    for d in w.deliverables:
        if d.check is not None:
            yield criterion_key(f"deliverable:{w.id}", d.id), d.check
    for c in w.accept:
        yield criterion_key(f"accept:{w.id}", c.id), c


def _why_not(
    case: Case, w: Workstream, criterion: Criterion, key: str, critical: set[str], spared: tuple[str, ...]
) -> str:
    if criterion.must:
        return "a must criterion"
    if w.id in critical:
        return f"{w.id} is critical"
    if w.priority.value in spared or w.id in spared:
        return f"the strategy leaves out what is {w.priority.value if w.priority.value in spared else w.id}"
    result = case.world.criteria.get(key)
    if result is not None and result.state in (CriterionState.PASS, CriterionState.WAIVED):
        return "passed already" if result.state is CriterionState.PASS else "waived already"
    return ""


def _meta(plan: Plan) -> str:
    return plan.meta.id if plan.meta is not None else ""


def _due(plan: Plan, strategy: Strategy) -> str:
    last = plan.last_week
    return str(option(strategy, "due", f"week {last}" if last is not None else "the end of the plan"))
