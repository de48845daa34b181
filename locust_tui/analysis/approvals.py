"""Which approvals of a gate still count: each is a yes to the criteria as they were written and measured then."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from locust_tui.domain.criterion import Criterion, Probe
from locust_tui.domain.people import Approval, Judged
from locust_tui.domain.quantity import limit_text
from locust_tui.domain.states import OPEN_GATE_STATES
from locust_tui.domain.world import GateStatus

from .criterion_state import CriterionStanding


class Lapsed(NamedTuple):
    approval: Approval
    why: str


def judged(found: Sequence[CriterionStanding]) -> tuple[Judged, ...]:
    """What a yes that is given now is given to."""
    return tuple(
        Judged(
            s.criterion.id,
            s.criterion.name,
            limit_text(s.criterion.limit),
            definition(s.criterion),
            _measured_on(s),
        )
        for s in found
    )


def counting(status: GateStatus, found: Sequence[CriterionStanding]) -> tuple[Approval, ...]:
    """The approvals that count, in the order in which they were given."""
    gone = {lapse.approval.role for lapse in lapsed(status, found)}
    return tuple(a for a in status.approvals if a.role not in gone)


def lapsed(status: GateStatus, found: Sequence[CriterionStanding]) -> tuple[Lapsed, ...]:
    """The approvals of a shut gate that count no more, with why; an open gate keeps those that opened it."""
    if status.state in OPEN_GATE_STATES or not status.approvals:
        return ()
    now = judged(found)
    whys = ((a, difference(a.judged, now)) for a in status.approvals if a.judged is not None)
    return tuple(Lapsed(a, why) for a, why in whys if why)


def difference(then: Sequence[Judged], now: Sequence[Judged]) -> str:
    """What of the criteria differs, in words; empty where nothing does. Unknown inputs differ from none."""
    before, after = {j.criterion: j for j in then}, {j.criterion: j for j in now}
    parts = [f"{j.name} is no criterion any more" for id, j in before.items() if id not in after]
    parts += [f"{j.name} is a new criterion" for id, j in after.items() if id not in before]
    for id, j in after.items():
        if id in before and (words := _changed(before[id], j)):
            parts.append(words)
    return "; ".join(parts)


def _changed(then: Judged, now: Judged) -> str:
    if then.limit != now.limit:
        return f"{now.name}: limit {then.limit or 'none'} -> {now.limit or 'none'}"
    if then.definition != now.definition:
        return f"{now.name} is measured in another way"
    if then.inputs and now.inputs and then.inputs != now.inputs:
        return f"{now.name} was measured again, on other inputs"
    return ""


def criterion_change(old: Criterion | None, new: Criterion) -> str:
    """What the plan changed of a criterion, in words: "its limit changed in the plan: >= 80 % -> >= 70 %"."""
    if old is None or limit_text(old.limit) == limit_text(new.limit):
        return "its criterion changed in the plan"
    before, after = limit_text(old.limit) or "none", limit_text(new.limit) or "none"
    return f"its limit changed in the plan: {before} -> {after}"


def definition(c: Criterion) -> str:
    """Digest of all that the plan says of a criterion."""
    parts = [
        str(c.must),
        c.after or "",
        limit_text(c.limit),
        *c.inputs,
        *(w for p in c.probes for w in _probe(p)),
    ]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _probe(probe: Probe) -> tuple[str, ...]:
    commands = (c.text if c is not None else "" for c in (probe.command, probe.baseline))
    return (
        probe.kind.value, *commands, *probe.patterns, probe.url or "", probe.at or "", probe.by or "", probe.text,
    )  # fmt: skip


def _measured_on(standing: CriterionStanding) -> str:
    """The commit without regard to files that checks leave behind; outside git the content that was looked at."""
    evidence = standing.result.evidence if standing.result is not None else None
    if evidence is None or not standing.criterion.machine:
        return ""
    if evidence.commit:
        return evidence.commit.removesuffix("+dirty")
    return (evidence.input_digest or "").partition(" ")[2]
