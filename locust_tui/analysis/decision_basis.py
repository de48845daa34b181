"""The digests of what a person sees of a gate before deciding it: evidence, what the plan says of it, earlier decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from locust_tui.domain.decision_basis import joined
from locust_tui.domain.people import Decision
from locust_tui.domain.plan import Gate
from locust_tui.domain.world import GateStatus

from .approvals import definition
from .criterion_state import CriterionStanding


def evidence_digest(terms: str, status: GateStatus, found: Sequence[CriterionStanding]) -> str:
    """What a decision is bound to: another digest by now means that the person did not see what stands now.

    `terms` are the gate's `terms`. The moment and the exact value of a measurement are left out, so that measuring
    the same input again with the same outcome turns nobody away; so is what the plan says of other gates and work.
    """
    return joined(_evidence(found), terms, _decided(status.decisions))


def terms(gate: Gate, starts: Sequence[str], ends: Sequence[str]) -> str:
    """What the plan says of the gate: its name, criteria and signers, what it waits for, what work its opening
    lets start (`starts`) and its kill ends (`ends`). Its due week decides nothing and is left out."""
    needs = (f"{n.target} {n.kind.value} {n.percent} {n.deliverable}" for n in gate.needs)
    criteria = (f"{c.id} {c.name} {definition(c)}" for c in gate.criteria)
    head = (gate.id, gate.name, gate.closes or "", gate.opens or "", gate.mode.value, str(gate.min_approvals))
    return _digest(map("\x1e".join, (head, needs, gate.approvers, criteria, starts, ends)))


def _evidence(found: Sequence[CriterionStanding]) -> str:
    parts = []
    for s in found:
        evidence = s.result.evidence if s.result else None
        parts += [s.criterion.id, s.state.value]
        parts.append((evidence.input_digest or evidence.commit or "") if evidence else "")
    return _digest(parts)


def _decided(decisions: Sequence[Decision]) -> str:
    return _digest(f"{d.kind.value} {d.by.name} {d.at!r}" for d in decisions)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
