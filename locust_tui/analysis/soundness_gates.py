"""Gate criteria that can only come true behind the gate, and checks that do what cannot be undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from locust_tui.domain.criterion import Criterion, Probe, ProbeKind
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, GateMode, Plan

from .network import gate_holds_start

_PUBLISHED = re.compile(
    r"\b(?:published|released|deployed|shipped|announced)\b(?:\s+(?:to|on|as|at|in)\b|\s+v?\d|\s*\?|\s*$)|\bv?\d[\w.]* (?:is )?(?:published|released|shipped|live)\b",
    re.IGNORECASE,
)
_REHEARSED = re.compile(
    r"\b(?:staging|test|preview|internal|sandbox|dev|canary|local|qa|pre-?release)\b", re.IGNORECASE
)
"""Where something may be out before anybody decides."""
_REGISTRY = re.compile(
    r"^https?://(?:[\w-]+\.)*(?:crates\.io|pypi\.org|npmjs\.(?:org|com)|rubygems\.org|hub\.docker\.com|packagist\.org|nuget\.org|hex\.pm|maven\.org)/"
    r"|^https?://(?:api\.)?github\.com/(?:repos/)?[^/]+/[^/]+/releases/",
    re.IGNORECASE,
)
_PUBLISHES = re.compile(
    r"\b(?:cargo|npm|pnpm|yarn|poetry|uv|flit|hatch|dart pub|mvn deploy|gem) (?:publish|push)\b|\btwine upload\b|\bdocker push\b|\bgh release create\b"
    r"|\bgit push\b|\bhelm push\b|\bterraform apply\b|\bkubectl apply\b"
)
_TRIED_ONLY = re.compile(r"--dry[-_]run\b|--dry\b|\s-n\b")


class Fault(StrEnum):
    CIRCULAR = "circular"
    ITSELF = "itself"
    PRODUCT = "product"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class FaultyCriterion:
    gate: Gate
    number: int
    """Position among the gate's criteria, from 0."""
    fault: Fault
    what: str = ""
    """The command that cannot be undone; the file that is made behind the gate."""
    work: str = ""
    """Workstream that makes the file."""


def faulty_criteria(plan: Plan) -> Iterator[FaultyCriterion]:
    """At most one fault of each criterion, in plan order.

    A criterion that is looked at after the decision is never circular; one whose check publishes always is wrong.
    """
    makers = _makers(plan)
    for gate in plan.gates.values():
        for number, criterion in enumerate(gate.criteria):
            found = _fault(plan, gate, criterion, makers)
            if found is not None:
                yield FaultyCriterion(gate, number, *found)


def _fault(
    plan: Plan, gate: Gate, criterion: Criterion, makers: dict[str, list[str]]
) -> tuple[Fault, str, str] | None:
    for probe in criterion.probes:
        if command := _publishing(probe):
            return Fault.IRREVERSIBLE, command, ""
    if criterion.after == gate.id:
        return Fault.ITSELF, "", ""
    if criterion.after is not None or gate.mode is GateMode.ADVISORY:
        return None
    if _is_publication(criterion):
        return Fault.CIRCULAR, "", ""
    for probe in criterion.probes:
        for pattern in probe.patterns if probe.kind is ProbeKind.FILES else ():
            works = makers.get(pattern, [])
            if works and all(_behind(plan, gate, work) for work in works):
                return Fault.PRODUCT, pattern, works[0]
    return None


def _publishing(probe: Probe) -> str:
    for command in (probe.command, probe.baseline):
        if command is not None and _PUBLISHES.search(command.text) and not _TRIED_ONLY.search(command.text):
            return command.text
    return ""


def _is_publication(criterion: Criterion) -> bool:
    """Whether it asks for something to be out already: by the registry it calls, or by its own words where no file is meant."""
    if any(p.url is not None and _REGISTRY.search(p.url) for p in criterion.probes):
        return True
    if all(p.kind is ProbeKind.FILES for p in criterion.probes):
        return False
    return _PUBLISHED.search(criterion.name) is not None and not _REHEARSED.search(criterion.name)


def _makers(plan: Plan) -> dict[str, list[str]]:
    """File, as deliverables name it → workstreams that deliver it."""
    found: dict[str, list[str]] = {}
    for w in plan.workstreams.values():
        for deliverable in w.deliverables:
            for probe in deliverable.check.probes if deliverable.check is not None else ():
                for pattern in probe.patterns if probe.kind is ProbeKind.FILES else ():
                    found.setdefault(pattern, []).append(w.id)
    return found


def _behind(plan: Plan, gate: Gate, work: str) -> bool:
    """Whether the workstream cannot start before the gate opens."""
    w = plan.workstreams[work]
    return gate_holds_start(plan, gate, w) or any(n.target == gate.id for n in w.needs)
