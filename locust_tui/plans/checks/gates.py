"""Gate criteria that can only come true behind the gate, and checks that would publish."""

from __future__ import annotations

from ...analysis.soundness_gates import Fault, FaultyCriterion, faulty_criteria
from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree, Where


def check_gates(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn of criteria that are circular, and of commands that cannot be undone."""
    for found in faulty_criteria(plan):
        where: Where = ("gates", found.gate.id, "criteria", found.number)
        message, help_ = _words(found)
        code = "irreversible" if found.fault is Fault.IRREVERSIBLE else "circular"
        key = "after" if found.fault is Fault.ITSELF else "run" if code == "irreversible" else "name"
        at = (*where, key) if tree.events((*where, key)) is not None else where
        findings.warning(code, message, help_, at=at)


def _words(found: FaultyCriterion) -> tuple[str, str]:
    gate, name = found.gate.id, f'"{found.gate.criteria[found.number].name}"'
    later = "after: decision looks at it once the gate is decided"
    if found.fault is Fault.IRREVERSIBLE:
        message = f"criterion {name} of gate {gate} runs {found.what}: a check is run many times, and that cannot be undone"
        return message, "look at the outcome instead, after: decision, or add --dry-run"
    if found.fault is Fault.ITSELF:
        return f"criterion {name} of gate {gate} waits for that gate to open first", "after: decision"
    if found.fault is Fault.PRODUCT:
        message = f"criterion {name} of gate {gate} looks at {found.what}, which {found.work} makes, and {found.work} waits for gate {gate}"
        return message, f"{later}; or let {found.work} start before it"
    message = f"criterion {name} of gate {gate} is what that gate should allow: it can only come true after the decision"
    return message, later
