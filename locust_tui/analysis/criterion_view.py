"""A criterion as viewers see it."""

from __future__ import annotations

from locust_tui.domain.criterion import Criterion, Limit
from locust_tui.domain.people import Waiver
from locust_tui.domain.quantity import format_value, limit_text
from locust_tui.domain.snapshot import CriterionView

from .criterion_state import CriterionStanding


def criterion_view(found: CriterionStanding) -> CriterionView:
    """Definition, effective state and evidence of one criterion."""
    c, result = found.criterion, found.result
    evidence = result.evidence if result is not None else None
    value = result.value if result is not None else None
    unit = (result.unit if result is not None else None) or (c.limit.unit if c.limit else None)
    if value is not None:
        shown = format_value(value, unit, c.limit)
    else:
        shown = (result.text or "") if result is not None else ""
    return CriterionView(
        key=found.key,
        id=c.id,
        name=c.name,
        kind=criterion_kind(c),
        state=found.state,
        must=c.must,
        value=value,
        unit=unit,
        limit=_bound(c.limit),
        value_text=shown,
        limit_text=limit_text(c.limit),
        command=(evidence.command if evidence else None) or _command(c),
        exit_code=evidence.exit_code if evidence else None,
        commit=evidence.commit if evidence else None,
        at=evidence.at if evidence else None,
        duration_s=evidence.duration_s if evidence else None,
        log=evidence.log if evidence else None,
        detail=evidence.detail if evidence else "",
        waits_for=found.waits_for,
        waived_by=found.waiver.by.name if found.waiver else "",
        waiver=_waiver(found.waiver) if found.waiver else "",
        signed_by=", ".join(found.signers),
        after=c.after or "",
    )


def _waiver(waiver: Waiver) -> str:
    return waiver.note + (f", until {waiver.until}" if waiver.until else ", for good")


def criterion_kind(criterion: Criterion) -> str:
    """Kinds of its probes, each once: "run+manual"."""
    return "+".join(dict.fromkeys(p.kind.value for p in criterion.probes))


def _command(criterion: Criterion) -> str | None:
    return next((p.command.text for p in criterion.probes if p.command is not None), None)


def _bound(limit: Limit | None) -> float | None:
    if limit is None:
        return None
    bounds = (limit.above, limit.minimum, limit.below, limit.maximum)
    return next((b for b in bounds if b is not None), None)
