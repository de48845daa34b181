"""A person's answers to what agents, accounts and budgets ask, as events: bound to what was seen, and given once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from locust_tui.analysis.accounts import MENDED, STOP, account_of, account_of_item
from locust_tui.analysis.budgets import GO_ON, scopes_of, scopes_of_run
from locust_tui.analysis.budgets import STOP as SPEND_NO_MORE
from locust_tui.analysis.grants import granted_by, wanted
from locust_tui.client.requests import AnswerAsk, MendAccount
from locust_tui.domain.events import Answered, EventBody, WorkstreamMoved
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import AccountState, WorkstreamState, is_parked
from locust_tui.domain.world import AskStatus, RunStatus, WorkstreamStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from .accounts import opened
from .budgets import still_over
from .coordination.grant_rules import by_hand, denied
from .run_ends import stopping_event

_BUDGET = "budget:"


@dataclass(slots=True)
class Told:
    """Events to commit, and the runs to stop afterwards, each with why."""

    events: list[EventBody]
    stop: list[tuple[str, str]] = field(default_factory=list)


def answer_ask(plan: Plan, world: World, request: AnswerAsk, by: str, now: float) -> Told:
    """What the answer does. Raises NotFoundError, UsageError, and RefusedError with who was quicker or what changed."""
    ask = world.asks.get(request.item)
    if ask is None:
        known = [a.item for a in world.open_asks()]
        raise NotFoundError(
            f'nothing called "{request.item}" waits',
            help=did_you_mean(request.item, known) or "locust-tui inbox",
        )
    _still_open(ask)
    if request.digest is not None and request.digest != ask.digest:
        raise RefusedError(
            f"{ask.item} is no longer what was answered: seen {request.digest[:12]}, it stands at {ask.digest[:12]}",
            help="look at it again: locust-tui inbox",
        )
    choice, note = _choice(ask, request)
    told = Told([Answered(ask.item, choice, note, ask.digest)])
    if account := account_of_item(ask.item):
        _about_account(plan, world, account, choice, by, told)
    elif ask.item.startswith(_BUDGET) and choice == GO_ON:
        told.events += still_over(plan, world, ask.item, ask.run)
    elif ask.item.startswith(_BUDGET) and choice == SPEND_NO_MORE:
        scope = ask.item.removeprefix(_BUDGET).rsplit(":", 2)[0]
        _stop(world, [r for r in world.live_runs() if scope in scopes_of_run(plan, r)], by, told)
        told.events += [_paused(w, by) for w in _parked(plan, world) if scope in scopes_of(plan, w.id)]
    elif (asked_for := wanted(ask)) is not None:
        count = granted_by(choice, note, asked_for.count)
        if count is None:
            told.events += denied(plan, world, ask, asked_for, now)
        else:
            told.events += by_hand(plan, world, ask, asked_for, count, now)
    return told


def mend_account(world: World, request: MendAccount, by: str) -> list[EventBody]:
    """The account is open again. Raises NotFoundError, RefusedError."""
    status = world.accounts.get(request.account)
    if status is None:
        near = did_you_mean(request.account, world.accounts)
        raise NotFoundError(
            f'nothing is known of an account "{request.account}"', help=near or "locust-tui inbox"
        )
    if status.state is AccountState.OPEN:
        raise RefusedError(f"account {status.id} is open already")
    asked = (a for a in world.open_asks() if account_of_item(a.item) == status.id)
    mine = [Answered(a.item, MENDED, "", a.digest) for a in asked]
    return [*mine, opened(world, status.id, f"mended, says {by}")]


def _still_open(ask: AskStatus) -> None:
    if ask.answered is not None:
        raise RefusedError(f"{ask.item} was answered already: {ask.choice or ask.note}, by {ask.by}")
    if ask.withdrawn:
        raise RefusedError(f"{ask.item} needs no answer any more: {ask.withdrawn}")


def _choice(ask: AskStatus, request: AnswerAsk) -> tuple[str, str]:
    """(choice, note); a question may be answered in one's own words, which are then its note."""
    if request.choice in ask.choices:
        return request.choice, request.note
    request_for = wanted(ask)
    if request_for is not None and granted_by(request.choice, request.note, request_for.count):
        return request.choice, request.note
    if ask.kind == "question":
        words = request.note or request.choice
        if words.strip():
            return "", words
        raise UsageError(f"{ask.item} wants an answer", help="one of its choices, or words of your own")
    raise UsageError(
        f'"{request.choice}" is no choice of {ask.item}', help=f"choose one of: {', '.join(ask.choices)}"
    )


def _about_account(plan: Plan, world: World, account: str, choice: str, by: str, told: Told) -> None:
    if choice == MENDED and world.account(account).state is not AccountState.OPEN:
        told.events.append(opened(world, account, f"mended, says {by}"))
    elif choice == STOP:
        runs = [r for r in world.live_runs() if account_of(plan, r.agent_type) == account]
        _stop(world, runs, by, told)
        parked = [
            w for w in _parked(plan, world) if account_of(plan, plan.workstreams[w.id].agent or "") == account
        ]
        told.events += [_paused(w, by) for w in parked]


def _parked(plan: Plan, world: World) -> Iterator[WorkstreamStatus]:
    """Work whose latest attempt's process was ended for its account or budget, and that would go on by itself."""
    for id in plan.workstreams:
        status, run = world.workstream(id), world.latest_run(id)
        goes_on = status.state in (
            WorkstreamState.READY,
            WorkstreamState.RUNNING,
            WorkstreamState.NEEDS_INPUT,
        )
        if goes_on and run is not None and is_parked(run.state, run.reason):
            yield status


def _paused(status: WorkstreamStatus, by: str) -> WorkstreamMoved:
    return WorkstreamMoved(status.id, status.state, WorkstreamState.PAUSED, f"stopped by {by}")


def _stop(world: World, runs: list[RunStatus], by: str, told: Told) -> None:
    why = f"stopped by {by}"
    for run in runs:
        told.events.append(stopping_event(run, why))
        told.stop.append((run.id, why))
