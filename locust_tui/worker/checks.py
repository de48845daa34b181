"""Which check stands behind a criterion's key: the plan's criterion and the folder it is measured in."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.after_release import OWNER as AFTER_RELEASE
from locust_tui.analysis.success import OWNER as SUCCESS
from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion to measure: `workstream` is the one it judges, where there is one."""

    key: str
    criterion: Criterion
    workstream: str | None = None
    gate: str | None = None


def checks_of(plan: Plan) -> dict[str, Check]:
    """Every check of the plan by its key, in plan order."""
    found: dict[str, Check] = {}

    def add(owner: str, criterion: Criterion, workstream: str | None = None, gate: str | None = None) -> None:
        key = criterion_key(owner, criterion.id)
        found[key] = Check(key, criterion, workstream, gate)

    invariants = plan.meta.invariants if plan.meta else ()
    for workstream in plan.workstreams.values():
        for deliverable in workstream.deliverables:
            if deliverable.check is not None:
                add(
                    f"deliverable:{workstream.id}",
                    replace(deliverable.check, id=deliverable.id),
                    workstream.id,
                )
        for criterion in workstream.accept:
            add(f"accept:{workstream.id}", criterion, workstream.id)
        for criterion in invariants:
            add(f"invariant:{workstream.id}", criterion, workstream.id)
    for gate in plan.gates.values():
        for criterion in gate.criteria:
            add(f"gate:{gate.id}", criterion, None, gate.id)
    for criterion in plan.facts:
        add("fact", criterion)
    for risk in plan.risks:
        if risk.watch is not None:
            add("risk", replace(risk.watch, id=risk.id))
    for owner, checks in ((SUCCESS, plan.success), (AFTER_RELEASE, plan.after_release)):
        for check in checks:
            if check.criterion is not None:
                add(owner, check.criterion)
    return found
