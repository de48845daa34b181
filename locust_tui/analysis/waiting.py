"""Everything that waits for a person: what holds up the critical path first, then the oldest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from locust_tui.domain.snapshot import GateView, WaitingView, WorkstreamView
from locust_tui.domain.states import (
    UNFINISHED,
    AccountState,
    CriterionState,
    GateState,
    RunState,
    WorkstreamState,
)
from locust_tui.domain.world import AskStatus

from .accounts import MENDED, account_of_item, held_by_account
from .budgets import BUDGET, GO_ON, SEEN, scopes_of, scopes_of_run
from .escalation_items import with_escalations
from .run_troubles import trouble
from .situation import Situation

HOLDS_CRITICAL, HOLDS_WORK, TO_BE_SEEN = 0, 1, 2
"""Ranks."""
_BAD = frozenset({CriterionState.FAIL, CriterionState.ERROR})
_PERSON_STATES = frozenset({WorkstreamState.REVIEW, WorkstreamState.NEEDS_INPUT, WorkstreamState.FAILED})
_HELD = {
    "error": ("the plan file has errors; the last good plan stays in force", ()),
    "trust": ("what the plan would run is not trusted yet", ("trust",)),
    "confirm": ("the changed plan waits for a yes", ("yes", "no")),
    "gone": ("the plan file is gone; the last good plan stays in force", ()),
}


def waiting_items(
    look: Situation, workstreams: Sequence[WorkstreamView], gates: Sequence[GateView]
) -> tuple[WaitingView, ...]:
    """Held plan, gates, reviews, what agents ask, failures, blockers, escalations; by rank, then age, what has no date
    last."""
    critical = frozenset([w.id for w in workstreams if w.critical and w.state in UNFINISHED])
    told = frozenset([ask.run for ask in look.world.asks.values() if ask.open]) | _told_with_others(look)
    items = [
        *_held_plan(look),
        *_gates(look, gates, critical),
        *_workstreams(workstreams, told),
        *_blockers(look, workstreams),
        *_asks(look, critical),
        *_refused_accounts(look, critical),
        *_asking_runs(look, critical, told),
        *_stalled_runs(look, critical),
    ]
    items = with_escalations(look, items, lambda subject: _rank(subject in critical))
    return tuple(sorted(items, key=lambda item: (item.rank, item.since is None, item.since or 0.0)))


def _told_with_others(look: Situation) -> frozenset[str]:
    """Runs that wait for what is asked once for all: whether a budget may be overspent, a login to be mended."""
    scopes = {
        ask.item.removeprefix(BUDGET).rsplit(":", 2)[0]
        for ask in look.world.open_asks()
        if ask.item.startswith(BUDGET) and GO_ON in ask.choices
    }
    refused = {a.id for a in look.world.accounts.values() if a.state is AccountState.REFUSED}
    if not (scopes or refused):
        return frozenset()
    return frozenset(
        run.id
        for run in look.live
        if run.account in refused or not scopes.isdisjoint(scopes_of_run(look.plan, run))
    )


def _rank(critical: bool) -> int:
    return HOLDS_CRITICAL if critical else HOLDS_WORK


def _held_plan(look: Situation) -> Iterable[WaitingView]:
    held = look.world.project.held
    if held is None:
        return
    words, choices = _HELD.get(held.why, ("the changed plan is held", ()))
    what = f"{words}: {held.summary}" if held.summary else words
    what += f"; {held.edited_while}" if held.edited_while else ""
    detail = "\n".join(held.lines)
    yield WaitingView(
        f"plan:{held.why}", "request", "operator", what, held.at, None, choices, "plan", detail, held.digest
    )


def _gates(look: Situation, gates: Sequence[GateView], critical: frozenset[str]) -> Iterable[WaitingView]:
    for gate in gates:
        if gate.state is GateState.PENDING:
            what = f"{gate.name}: {gate.passed} of {len(gate.criteria)} criteria passed"
            what += f", {gate.waived} waived" if gate.waived else ""
        elif gate.state is GateState.HOLD:
            what = f"{gate.name}: on hold until it is decided again"
        elif gate.state is GateState.READY and any(c.must and c.state in _BAD for c in gate.criteria):
            failed = [c.name for c in gate.criteria if c.must and c.state in _BAD]
            what = f"{gate.name}: must criteria have not passed: {', '.join(failed)}"
        else:
            continue
        held_up = {*gate.starts, *gate.accepts, *_opened_by(look, gate)}
        yield WaitingView(
            f"gate:{gate.id}",
            "gate",
            _deciders(gate),
            what,
            look.world.gate(gate.id).since,
            choices=gate.choices,
            subject=gate.id,
            digest=gate.evidence_digest,
            rank=_rank(not critical.isdisjoint(held_up)),
        )


def _opened_by(look: Situation, gate: GateView) -> list[str]:
    """Workstreams of the phase behind the gate."""
    return [w.id for w in look.plan.workstreams.values() if gate.opens is not None and w.phase == gate.opens]


def _deciders(gate: GateView) -> str:
    """Roles whose yes is still missing; "operator" where anybody may decide."""
    missing = [role for role in gate.approvers if role not in gate.approved_by]
    signers = [c.waits_for for c in gate.criteria if c.waits_for and c.waits_for != "an approver"]
    return ", ".join(dict.fromkeys((*missing, *signers))) or "operator"


def _workstreams(views: Sequence[WorkstreamView], told: frozenset[str]) -> Iterable[WaitingView]:
    """Reviews, failures, and work that needs input, unless what its run asks says so already (`told`)."""
    for view in views:
        if view.state not in _PERSON_STATES:
            continue
        what = f"{view.name}: {view.why}" if view.why else view.name
        wanted = view.orchestrator or "operator"
        choices: tuple[str, ...]
        if view.state is WorkstreamState.REVIEW and "accept" in view.actions:
            prefix, kind, choices = "review", "review", ("accept", "reject")
            wanted = ", ".join(view.reviewers) or "a reviewer"
        elif view.state is WorkstreamState.NEEDS_INPUT and view.run not in told:
            prefix, kind, choices = "input", "question", ("retry", "cancel")
        elif view.state is WorkstreamState.FAILED:
            prefix, kind, choices = "failed", "escalation", ("retry", "cancel", "defer")
        else:
            continue
        yield WaitingView(
            f"{prefix}:{view.id}", kind, wanted, what, view.since, view.run, choices, view.id,
            rank=_rank(view.critical),
        )  # fmt: skip


def _blockers(look: Situation, views: Sequence[WorkstreamView]) -> Iterable[WaitingView]:
    """What agents say stands in their way, for their orchestrators; where the work itself waits, that says it."""
    for view in views:
        if not view.blocker or view.state in (WorkstreamState.NEEDS_INPUT, WorkstreamState.FAILED):
            continue
        if view.state is WorkstreamState.REVIEW and view.blocker in (view.why or ""):
            continue
        what = f"{view.name}: the agent says it is blocked: {view.blocker}"
        yield WaitingView(
            f"blocked:{view.id}", "escalation", view.orchestrator or "operator", what,
            look.world.workstream(view.id).blocked_since, view.run, (), view.id, rank=_rank(view.critical),
        )  # fmt: skip


def _asks(look: Situation, critical: frozenset[str]) -> Iterable[WaitingView]:
    """What agents, accounts and budgets ask: permissions, questions, requests, escalations."""
    for ask in look.world.open_asks():
        yield WaitingView(
            ask.item, ask.kind, "operator", ask.what, ask.asked, ask.run or None, ask.choices, _subject(ask),
            ask.detail, ask.digest, ask.rule, _rank_of(ask, look, critical),
        )  # fmt: skip


def _subject(ask: AskStatus) -> str:
    """An account's question is about the account, whichever run met it."""
    return account_of_item(ask.item) or ask.subject


def _refused_accounts(look: Situation, critical: frozenset[str]) -> Iterable[WaitingView]:
    """Accounts that nobody is asked about any more, whose agents were stopped, while work still waits for them."""
    asked = {account_of_item(ask.item) for ask in look.world.open_asks()}
    last = {account_of_item(ask.item): ask for ask in look.world.asks.values()}
    for status in look.world.accounts.values():
        if status.state is not AccountState.REFUSED or status.id in asked or status.id not in last:
            continue
        held, ask = held_by_account(look.plan, look.world, status.id), last[status.id]
        if held:
            yield WaitingView(
                ask.item, ask.kind, "operator", ask.what, status.since, ask.run or None, (MENDED,), status.id,
                ask.detail, ask.digest, rank=_rank(not critical.isdisjoint(held)),
            )  # fmt: skip


def _rank_of(ask: AskStatus, look: Situation, critical: frozenset[str]) -> int:
    if ask.choices == (SEEN,):
        return TO_BE_SEEN
    if account := account_of_item(ask.item):
        return _rank(not critical.isdisjoint(held_by_account(look.plan, look.world, account)))
    if ask.item.startswith(BUDGET):
        scope = ask.item.removeprefix(BUDGET).rsplit(":", 2)[0]
        return _rank(any(scope in scopes_of(look.plan, w) for w in critical))
    return _rank(ask.subject in critical)


def _asking_runs(look: Situation, critical: frozenset[str], told: frozenset[str]) -> Iterable[WaitingView]:
    """Runs that wait for a person without having said for what exactly."""
    for run in look.live:
        said = look.world.workstream(run.subject).state is WorkstreamState.NEEDS_INPUT
        if run.state is RunState.WAITING and run.id not in told and not said:
            what = run.reason or "the agent waits for an answer"
            work = look.plan.workstreams.get(run.subject)
            wanted = (work.orchestrator if work is not None else run.subject) or "operator"
            yield WaitingView(
                f"run:{run.id}", "question", wanted, what, run.since, run.id, (), run.subject,
                rank=_rank(run.subject in critical),
            )  # fmt: skip


def _stalled_runs(look: Situation, critical: frozenset[str]) -> Iterable[WaitingView]:
    """Runs that nothing is heard of, or nothing comes of: there is nothing to answer, somebody has to look."""
    for run in look.live:
        if run.state is not RunState.STALLED:
            continue
        work = look.plan.workstreams.get(run.subject)
        wanted = (work.orchestrator if work is not None else None) or "operator"
        detail = f"locust-tui logs {run.id} shows what it wrote; locust-tui kill {run.id} ends it"
        yield WaitingView(
            f"stalled:{run.id}", "escalation", wanted, trouble(run), run.since, run.id, (), run.subject, detail,
            rank=_rank(run.subject in critical),
        )  # fmt: skip
