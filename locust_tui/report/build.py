"""Building the weekly report from the state at its moment and, where there is one, a week earlier."""

from __future__ import annotations

from ..domain.coordination import EscalationStatus
from ..domain.plan import Plan
from ..domain.snapshot import RiskView, Snapshot
from ..domain.studies.report import ReportGround
from .adjustments import adjustment_lines, agent_requests, grants_of
from .domains import domains
from .figures import age, until
from .resources import resources
from .spending import spending_lines
from .weekly import DecisionLine, RiskLine, StatusReport


def report_of(ground: ReportGround) -> StatusReport:
    """The report of what was gathered for it."""
    return build_report(ground.plan, ground.snapshot, ground.before, week=ground.week, ground=ground)


def build_report(
    plan: Plan, snapshot: Snapshot, before: Snapshot | None, *, week: int, ground: ReportGround | None = None
) -> StatusReport:
    """The report of plan week `week` from the state at its moment and, where there is one, a week earlier.

    Without `ground` it ends with the sections of the template.
    """
    requests, grants = agent_requests(snapshot, before), grants_of(snapshot, before)
    return StatusReport(
        project=plan.project.name,
        short=plan.project.short,
        week=week,
        at=snapshot.at,
        revision=snapshot.revision,
        plan_digest=snapshot.plan_digest,
        phase=_current_phases(snapshot),
        completion=snapshot.progress,
        completion_before=before.progress if before else None,
        verdict=snapshot.verdict,
        reasons=snapshot.reasons,
        domains=domains(plan, snapshot, before, week),
        risks=_risks(snapshot, before),
        decisions=tuple(_decisions(snapshot)),
        resources=(*resources(snapshot), *adjustment_lines(requests, grants, snapshot.at)),
        spending=tuple(spending_lines(snapshot)),
        requests=requests,
        grants=grants,
        escalations=tuple(s for s in snapshot.escalations if s.open),
        ground=ground,
    )


def _current_phases(snapshot: Snapshot) -> str:
    names = {p.id: p.name for p in snapshot.phases}
    parts = []
    for phase in snapshot.current_phases:
        name = names.get(phase, phase)
        parts.append(phase if name == phase else f"{phase} ({name})")
    return ", ".join(parts)


def _risks(snapshot: Snapshot, before: Snapshot | None) -> tuple[RiskLine, ...]:
    """Open risks, highest score first, ties in the plan's order."""
    earlier = {r.id: r for r in before.risks} if before else None
    lines = [
        RiskLine(r.id, r.risk, r.mitigation, r.score, r.level, r.state, _risk_change(r, earlier))
        for r in snapshot.risks
        if r.state != "closed"
    ]
    return tuple(sorted(lines, key=lambda r: -r.score))


def _risk_change(risk: RiskView, earlier: dict[str, RiskView] | None) -> str:
    if earlier is None:
        return ""
    old = earlier.get(risk.id)
    if old is None:
        return "new"
    if old.state != risk.state:
        return f"{risk.state}, was {old.state}"
    return f"{risk.level}, was {old.level}" if old.level != risk.level else ""


_TITLES = {
    "permission": "Permission for {}",
    "question": "Question of {}",
    "request": "Request of {}",
    "account": "Account {}",
    "budget": "Budget of {}",
    "gate": "Gate {}",
    "review": "Review of {}",
    "input": "Question about {}",
    "failed": "Failed work {}",
    "run": "Question of {}",
    "blocked": "Blocked agent of {}",
    "plan": "Changed plan ({})",
    "escalation": "Escalation about {}",
    "stalled": "Silent agent of {}",
}


def _decisions(snapshot: Snapshot) -> list[DecisionLine]:
    names = {f"gate:{g.id}": g.name for g in snapshot.gates}
    escalated = {s.item or f"escalation:{s.id}": s for s in snapshot.escalations if s.open}
    lines = []
    for w in snapshot.waiting:
        kind, _, subject = w.item.partition(":")
        title = _TITLES.get(kind, w.item).format(w.subject or subject)
        name = names.get(w.item, subject)
        title += f" ({name})" if name != subject else ""
        what = w.what.removeprefix(f"{name}: ")
        waited = f"has waited {age(snapshot.at - w.since)}" if w.since is not None else "waits"
        waits = waited if w.wanted == subject else f"{waited} for {w.wanted}"
        status = escalated.get(w.item)
        way = _way(status) if status is not None else ""
        lines.append(DecisionLine(w.item, title, "; ".join(p for p in (what, waits, way) if p)))
    return lines


def _way(status: EscalationStatus) -> str:
    """ "E2, architecture: all of locust-meta (answered), tech-review, by 19 Dec 13:58 UTC"."""
    answered = {reply.party for reply in status.replies}
    parties = []
    for party in status.route:
        known = "answered" if party in answered else "knows of it" if party in status.acknowledged else ""
        parties.append(f"{party} ({known})" if known else party)
    route = f"all of {', '.join(parties)}" if status.mode == "all" else " then ".join(parties)
    due = f", by {until(status.due)} UTC" if status.due is not None else ""
    return f"{status.id}, {status.kind}: {route}{due}"
