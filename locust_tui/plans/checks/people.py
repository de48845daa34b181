"""Gates that somebody must be able to pass, and messages that must reach somebody."""

from __future__ import annotations

from ...domain.plan import Plan
from ...errors import did_you_mean
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place, name_place


def check_people(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Approvers with an address, enough of them, and recipients that exist."""
    known = _addresses(plan)
    for id_, gate in plan.gates.items():
        where: Where = ("gates", id_, "approvers")
        if len(set(gate.approvers)) < gate.min_approvals and (gate.approvers or gate.min_approvals > 1):
            people = (
                f"{len(set(gate.approvers))} approver{'' if len(set(gate.approvers)) == 1 else 's'}"
                if gate.approvers
                else "no approvers"
            )
            findings.warning(
                "approvers",
                f"min_approvals {gate.min_approvals} but {people}",
                f"min_approvals: {max(1, len(set(gate.approvers)))}, or name more approvers",
                at=("gates", id_, "min_approvals"),
            )
        for name in gate.approvers:
            if plan.notify and name not in known:
                message = f'gate {id_} has approver "{name}", who has no address in notify'
                _complain(message, name, known, plan, name_place(tree, where, name), findings)
    if plan.notify:
        _check_recipients(plan, known, tree, findings)


def _addresses(plan: Plan) -> set[str]:
    known = {*plan.notify, *plan.people, *plan.orchestrators, "orchestrator"}
    known |= {name for names in plan.people.values() for name in names}
    known |= {o.alias for o in plan.orchestrators.values() if o.alias}
    if plan.meta is not None:
        known |= {plan.meta.id, "meta"}
    return known - {"default"}


def _complain(message: str, name: str, known: set[str], plan: Plan, at: Where, findings: Findings) -> None:
    """An error, or a warning where `default` takes what is addressed to nobody."""
    help_ = did_you_mean(name, sorted(known)) or f"notify: {{{name}: [inbox]}}"
    if "default" not in plan.notify:
        findings.error("approver" if "approver" in message else "recipient", message, help_, at=at)
    elif help_.startswith("did you"):
        findings.warning("approver" if "approver" in message else "recipient", message, help_, at=at)


def _check_recipients(plan: Plan, known: set[str], tree: Tree, findings: Findings) -> None:
    for number, route in enumerate(plan.escalation):
        for name in route.to:
            if name not in known:
                at = name_place(tree, ("escalation", number, "to"), name)
                _complain(
                    f'escalation {route.kind} goes to "{name}", who has no address in notify',
                    name,
                    known,
                    plan,
                    at,
                    findings,
                )
    for alert in plan.alerts:
        for name in alert.notify:
            if name not in known:
                at = name_place(tree, (*item_place(tree, "alerts", alert.name, "name"), "notify"), name)
                _complain(
                    f'alert {alert.name} notifies "{name}", who has no address in notify',
                    name,
                    known,
                    plan,
                    at,
                    findings,
                )
    for report in plan.reports:
        for name in report.to:
            if name not in known:
                at = name_place(tree, (*item_place(tree, "reports", report.name, "name"), "to"), name)
                _complain(
                    f'report {report.name} goes to "{name}", who has no address in notify',
                    name,
                    known,
                    plan,
                    at,
                    findings,
                )
