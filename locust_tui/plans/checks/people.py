"""Gates that somebody must be able to pass, and messages that must reach somebody."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.addresses import address, known_names
from ...analysis.soundness_words import differ_in_number
from ...domain.plan import Gate, Plan
from ...errors import did_you_mean, nearest
from ..findings import Findings
from ..tree import Tree, Where
from .criteria import criteria_of
from .places import item_place, name_place


def check_people(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Approvers with an address, enough of them, and recipients that exist."""
    known = _addresses(plan)
    for id_, gate in plan.gates.items():
        where: Where = ("gates", id_, "approvers")
        _check_enough(gate, findings)
        _check_due(gate, findings)
        for name in gate.approvers:
            if plan.notify and name not in known:
                message = f'gate {id_} has approver "{name}", who has no address in notify'
                _complain("approver", message, name, plan, known, name_place(tree, where, name), findings)
    if plan.notify:
        _check_recipients(plan, known, tree, findings)
    _check_channels(plan, tree, findings)
    _check_aliases(plan, findings)
    _check_near(plan, known, tree, findings)


_ALIKE = 0.8
"""As like as this, of 1, one name is probably meant to be the other."""


def _check_near(plan: Plan, known: set[str], tree: Tree, findings: Findings) -> None:
    """Reviewers and signers may be anybody; who is almost called like somebody of the plan is probably that one."""
    everybody = known | {name for gate in plan.gates.values() for name in gate.approvers}
    for what, name, where in _answering(plan, tree):
        near = nearest(name, everybody - {name}, n=1, cutoff=_ALIKE)
        if name not in everybody and near and not differ_in_number(name, near[0]):
            findings.warning(
                "near-name",
                f'{what} "{name}", who is nobody else in the plan',
                f"did you mean {near[0]}?",
                at=where,
            )


def _answering(plan: Plan, tree: Tree) -> Iterator[tuple[str, str, Where]]:
    """(what asks for somebody, whom, where the name stands)."""
    for w in plan.workstreams.values():
        for name in w.reviewers:
            at = name_place(tree, ("workstreams", w.id, "reviewers"), name)
            yield f"workstream {w.id} is reviewed by", name, at
    for where, what, criterion in criteria_of(plan):
        for probe in criterion.manual:
            if probe.by:
                yield f'criterion "{criterion.name}" {what} is signed by', probe.by, (*where, "manual", "by")


def _check_channels(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Who belongs to a channel must be somebody: what is sent to nobody ends as a dead letter."""
    known = known_names(plan)
    for channel, members in plan.channels.items():
        for name in members:
            if address(plan, {}, name) is None:
                findings.warning(
                    "channel",
                    f'channel {channel} names "{name}", and nobody is called so',
                    did_you_mean(name, known) or f"people: {{{name}: [{name}]}} makes it known",
                    at=name_place(tree, ("channels", channel), name),
                )


def _check_aliases(plan: Plan, findings: Findings) -> None:
    """An alias must lead to somebody: what is sent to it would be kept and reach nobody."""
    ids = {*plan.workstreams, *plan.orchestrators, *plan.people, *plan.notify}
    ids |= {plan.meta.id} if plan.meta is not None else set()
    for alias, target in plan.aliases.items():
        if target not in ids:
            findings.warning(
                "alias",
                f'alias {alias} leads to "{target}", and nothing in the plan is called so',
                did_you_mean(target, ids) or f"{alias}: ID of a workstream or an orchestrator",
                at=("aliases", alias),
            )


def _check_enough(gate: Gate, findings: Findings) -> None:
    roles = len(set(gate.approvers))
    if roles >= gate.min_approvals or (not roles and gate.min_approvals <= 1):
        return
    people = f"{roles} approver{'' if roles == 1 else 's'}" if roles else "no approvers"
    findings.warning(
        "approvers",
        f"min_approvals {gate.min_approvals} but {people}",
        f"min_approvals: {max(1, roles)}, or name more approvers",
        at=("gates", gate.id, "min_approvals"),
    )


def _check_due(gate: Gate, findings: Findings) -> None:
    """A gate that rests on nothing is pending from the start. While the file has errors, a part may only be left out."""
    if gate.needs or gate.criteria or gate.closes is not None or findings.failed:
        return
    findings.warning(
        "empty-gate",
        f"gate {gate.id} needs nothing and measures nothing: it only waits for a person, from the start",
        "say what it closes or needs, and its criteria: [{run: make test}]",
        at=("gates", gate.id),
        key=True,
    )


def _addresses(plan: Plan) -> set[str]:
    known = {*plan.notify, *plan.people, *plan.orchestrators, "orchestrator"}
    known |= {name for names in plan.people.values() for name in names}
    known |= {o.alias for o in plan.orchestrators.values() if o.alias}
    if plan.meta is not None:
        known |= {plan.meta.id, "meta"}
    return known - {"default"}


def _complain(
    code: str, message: str, name: str, plan: Plan, known: set[str], at: Where, findings: Findings
) -> None:
    """An error, or a warning where `default` takes what is addressed to nobody."""
    near = did_you_mean(name, sorted(known))
    if "default" not in plan.notify:
        findings.error(code, message, near or f"notify: {{{name}: [inbox]}}", at=at)
    elif near:
        findings.warning(code, message, near, at=at)


def _recipients(plan: Plan, tree: Tree) -> Iterator[tuple[str, tuple[str, ...], Where]]:
    """(what sends a message and how, to whom, where these names stand)."""
    for number, route in enumerate(plan.escalation):
        yield f"escalation {route.kind} goes to", route.to, ("escalation", number, "to")
    for alert in plan.alerts:
        where = item_place(tree, "alerts", alert.name, "name")
        yield f"alert {alert.name} notifies", alert.notify, (*where, "notify")
    for report in plan.reports:
        where = item_place(tree, "reports", report.name, "name")
        yield f"report {report.name} goes to", report.to, (*where, "to")


def _check_recipients(plan: Plan, known: set[str], tree: Tree, findings: Findings) -> None:
    for sends, names, where in _recipients(plan, tree):
        for name in names:
            if name not in known:
                message = f'{sends} "{name}", who has no address in notify'
                _complain("recipient", message, name, plan, known, name_place(tree, where, name), findings)
