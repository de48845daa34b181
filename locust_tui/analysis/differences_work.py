"""What is otherwise of gates, workstreams, criteria, risks and the plan itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locust_tui.domain import events as e
from locust_tui.domain.coordination import AlertStatus
from locust_tui.domain.snapshot import CriterionView, Snapshot, WorkstreamView
from locust_tui.domain.states import (
    ATTEMPTED_STATES,
    OPEN_GATE_STATES,
    CriterionState,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.studies.moments import Change, Group, Sense

if TYPE_CHECKING:
    from .differences import PlanAt, Trail

_GATE_SENSE = {
    GateState.GO: Sense.GOOD,
    GateState.CONDITIONAL: Sense.GOOD,
    GateState.PENDING: Sense.YOU,
    GateState.HOLD: Sense.BAD,
    GateState.RECYCLED: Sense.BAD,
    GateState.KILLED: Sense.BAD,
}
_WORK_SENSE = {
    WorkstreamState.FAILED: Sense.BAD,
    WorkstreamState.NEEDS_INPUT: Sense.YOU,
    WorkstreamState.REWORK: Sense.BAD,
    WorkstreamState.REVIEW: Sense.YOU,
    WorkstreamState.ACCEPTED: Sense.GOOD,
}
_STOPPED = frozenset({WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})
_CRITERION_SENSE = {
    CriterionState.PASS: Sense.GOOD,
    CriterionState.FAIL: Sense.BAD,
    CriterionState.ERROR: Sense.BAD,
    CriterionState.WAITING: Sense.YOU,
}


def gate_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Gates that were decided, stand otherwise, or had a yes or a waiver more."""
    for gate in after.plan.gates.values():
        old, new = before.world.gate(gate.id), after.world.gate(gate.id)
        decided = new.decisions[len(old.decisions) :]
        if decided:
            last = decided[-1]
            yield Change(
                Group.GATES, gate.id, gate.name, old.state.value, new.state.value,
                _GATE_SENSE.get(new.state, Sense.PLAIN), last.by.name, last.at,
                trail.revision(gate.id, e.GateDecided), last.note,
            )  # fmt: skip
        elif old.state is not new.state:
            yield Change(
                Group.GATES, gate.id, gate.name, old.state.value, new.state.value,
                _GATE_SENSE.get(new.state, Sense.PLAIN), "", new.since,
                trail.revision(gate.id, e.GateMoved), new.reason,
            )  # fmt: skip
        if new.state not in OPEN_GATE_STATES:
            had = {(a.role, a.at) for a in old.approvals}
            for yes in new.approvals:
                if (yes.role, yes.at) not in had:
                    yield Change(
                        Group.GATES, gate.id, gate.name, "", f"yes of {yes.role}", Sense.GOOD, yes.by.name,
                        yes.at, trail.revision(gate.id, e.GateApproved), yes.note,
                    )  # fmt: skip
        for lapsed in new.lapsed:
            if lapsed not in old.lapsed:
                words = f"the yes of {lapsed.role} counts no more"
                revision = trail.revision(gate.id, e.ApprovalLapsed)
                yield Change(
                    Group.GATES, gate.id, gate.name, "", words, Sense.YOU, lapsed.person, None, revision,
                    lapsed.why,
                )  # fmt: skip
        for waiver in new.waivers[len(old.waivers) :]:
            yield Change(
                Group.GATES, gate.id, gate.name, "", f"{waiver.criterion} waived", Sense.PLAIN, waiver.by.name,
                waiver.at, trail.revision(gate.id, e.CriterionWaived), waiver.note,
            )  # fmt: skip


def work_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Workstreams in another state, tried again, or with other verified deliverables; accounts and alerts that stop work."""
    views = {w.id: w for w in before.snapshot.workstreams}
    for view in after.snapshot.workstreams:
        was = views.get(view.id)
        if was is None:
            continue
        status = after.world.workstream(view.id)
        revision = trail.revision(view.id, e.WorkstreamMoved)
        again = view.state in ATTEMPTED_STATES and view.attempt != was.attempt and was.state is view.state
        if was.state is not view.state or again:
            old, new = was.state.value, view.state.value
            if again:
                old, new = f"{old}, attempt {was.attempt}", f"{new}, attempt {view.attempt}"
            group = Group.FAILURES if view.state in _STOPPED else Group.WORK
            yield Change(
                group, view.id, view.name, old, new, _WORK_SENSE.get(view.state, Sense.PLAIN), status.by,
                status.since, revision, status.reason,
            )  # fmt: skip
        elif (verified := _verified(was, view)) is not None:
            yield Change(
                Group.WORK, view.id, view.name, *verified, Sense.GOOD, "", None,
                trail.revision(view.id, e.DeliverableVerified),
            )  # fmt: skip
    yield from _milestones(before, after)
    yield from _hindrances(before, after, trail)


def _verified(was: WorkstreamView, view: WorkstreamView) -> tuple[str, str] | None:
    old, new = (sum(d.verified for d in w.deliverables) for w in (was, view))
    if old == new or not view.deliverables:
        return None
    count = len(view.deliverables)
    return f"{old} of {count} verified", f"{new} of {count} verified"


def _milestones(before: PlanAt, after: PlanAt) -> Iterator[Change]:
    had = {m.id for m in before.snapshot.milestones if m.reached is not None}
    for one in after.snapshot.milestones:
        if one.reached is not None and one.id not in had:
            late = one.on_time is False
            yield Change(
                Group.WORK, one.id, one.name, "", "milestone reached" + (" late" if late else ""),
                Sense.BAD if late else Sense.GOOD, "", one.reached,
            )  # fmt: skip


def _hindrances(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Accounts on which agents cannot work, and alerts."""
    for account in after.world.accounts.values():
        old = before.world.account(account.id)
        if old.state is not account.state:
            sense = Sense.GOOD if account.state.value == "open" else Sense.BAD
            yield Change(
                Group.FAILURES, f"account:{account.id}", f"account {account.id or 'default'}", old.state.value,
                account.state.value, sense, "", account.since, trail.revision(account.id, e.AccountChanged),
                account.why,
            )  # fmt: skip
    for alert in after.world.alerts.values():
        was = before.world.alerts.get(alert.key)
        if alert.state.value in ("firing", "acknowledged") and (was is None or was.state is not alert.state):
            words = f"alert {alert.alert}" + (f" in {alert.scope}" if alert.scope else "")
            yield Change(
                Group.FAILURES, f"alert:{alert.key}", words, was.state.value if was else "",
                alert.state.value, Sense.BAD, alert.by, alert.since, _moved(alert, trail), alert.why,
            )  # fmt: skip


def _moved(alert: AlertStatus, trail: Trail) -> int | None:
    """Revision of the event that brought an alert where it stands."""
    found = [
        ev.revision
        for ev in trail.events
        if isinstance(ev.body, e.AlertMoved) and (ev.body.alert, ev.body.scope) == (alert.alert, alert.scope)
    ]
    return found[-1] if found else None


def plan_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Plans that came in force, work that came and left with them, and a newer plan that is held."""
    accepted = [ev for ev in trail.events if isinstance(ev.body, e.PlanAccepted)]
    old, new = before.world.project, after.world.project
    if old.plan_digest != new.plan_digest and new.plan_digest is not None:
        last = accepted[-1] if accepted else None
        more = f" and {len(accepted) - 1} before it" if len(accepted) > 1 else ""
        yield Change(
            Group.PLAN, "", "the plan", (old.plan_digest or "")[:12], new.plan_digest[:12] + more, Sense.PLAIN,
            last.by.name if last else "", new.plan_since, last.revision if last else None, new.last_change,
        )  # fmt: skip
        for id, work in after.plan.workstreams.items():
            if id not in before.plan.workstreams:
                yield Change(Group.PLAN, id, work.name, "", "in the plan", at=new.plan_since)
        for id, work in before.plan.workstreams.items():
            if id not in after.plan.workstreams:
                yield Change(Group.PLAN, id, work.name, "in the plan", "", at=new.plan_since)
    if new.held is not None and new.held != old.held:
        held = trail.latest("", e.PlanHeld)
        yield Change(
            Group.PLAN, "", "a newer plan", "", f"not in force ({new.held.why})", Sense.YOU,
            held.by.name if held else "", new.held.at, held.revision if held else None, new.held.summary,
        )  # fmt: skip


def criterion_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Criteria of gates, and checks of workstreams, in another state."""
    was = dict(_criteria(before.snapshot))
    for key, (subject, view) in _criteria(after.snapshot):
        old = was[key][1].state if key in was else CriterionState.NOT_RUN
        if old is not view.state:
            revision = trail.revision(key, e.CriterionMeasured)
            yield Change(
                Group.CRITERIA, subject, view.name, old.value, view.state.value,
                _CRITERION_SENSE.get(view.state, Sense.PLAIN), view.signed_by or view.waived_by, view.at, revision,
                " ".join(filter(None, (view.value_text, view.limit_text))),
            )  # fmt: skip


def _criteria(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, CriterionView]]]:
    for gate in snapshot.gates:
        for one in gate.criteria:
            yield one.key, (gate.id, one)
    for work in snapshot.workstreams:
        for one in work.checks:
            yield one.key, (work.id, one)


def risk_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Risks that are new, moved, or weigh otherwise."""
    was = {r.id: r for r in before.snapshot.risks}
    for risk in after.snapshot.risks:
        old = was.get(risk.id)
        stood = f"{old.level}, {old.state}" if old is not None else ""
        stands = f"{risk.level}, {risk.state}"
        if stood != stands:
            sense = {"triggered": Sense.BAD, "closed": Sense.GOOD}.get(risk.state, Sense.PLAIN)
            yield Change(
                Group.RISKS, risk.id, risk.risk, stood, stands, sense, risk.by, risk.since,
                trail.revision(risk.id, e.RiskMoved), risk.why,
            )  # fmt: skip
