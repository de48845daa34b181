"""How a conversation stands between its account, its budgets and people: what the record and the next step rest on."""

from __future__ import annotations

from locust_tui.analysis.accounts import CLOSED_FOR_A_WHILE, closed_words, reopens_at
from locust_tui.analysis.budgets import Spending, scopes_of_run, spent_up
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import AccountState
from locust_tui.domain.world import RunStatus, World

from .conversation import Conversation
from .next_step import A_PERSONS, Around, Wait, next_step
from .record import Standing, is_untold, known_asks, open_asks


def around(
    talk: Conversation, account: str, plan: Plan, run: RunStatus, world: World, now: float, turn_ended: float
) -> Around:
    """What stands around it. `turn_ended`: when its last turn was seen to end."""
    status = world.account(account)
    return Around(
        now=now,
        turn_ended=turn_ended,
        account_limited=status.state in CLOSED_FOR_A_WHILE,
        account_open_since=status.since or 0.0,
        account_opens_at=reopens_at(status),
        account_refused=status.state is AccountState.REFUSED,
        resumable=bool(talk.adapter.resumable) and run.subject in plan.workstreams,
        budget_spent=_budget(plan, run, world) is not None,
        budget_is_its_own=bool(world.budgets) and spent_up(plan, world, (f"run:{run.id}",)) is not None,
        asks=bool(open_asks(run, world)) or _untold(talk, run, world),
        texts=bool(talk.outbox),
    )


def standing(
    talk: Conversation, account: str, plan: Plan, run: RunStatus, world: World, surroundings: Around
) -> Standing:
    """How it stands, before it is asked whether it is stalled."""
    heard, status = talk.heard, world.account(account)
    permits = frozenset(world.workstream(run.subject).permits) | frozenset(talk.adapter.job.allow)
    held = limited = ""
    stopped = not heard.turn.ok if heard.turn is not None else heard.interrupted
    failed = heard.turn is not None and not heard.turn.ok
    spending = _budget(plan, run, world)
    if spending is not None and stopped:
        held = spending.words
    elif status.state is AccountState.REFUSED and (failed or heard.trouble in A_PERSONS):
        held = f"account {status.id} was refused: {status.why}"
    elif failed and status.state in CLOSED_FOR_A_WHILE:
        limited = closed_words(status, surroundings.now)
    elif failed:
        step = next_step(run.id, heard, surroundings)
        limited = step.limited if isinstance(step, Wait) else ""
    return Standing(account, permits, held, limited)


def _budget(plan: Plan, run: RunStatus, world: World) -> Spending | None:
    return spent_up(plan, world, scopes_of_run(plan, run)) if world.budgets else None


def _untold(talk: Conversation, run: RunStatus, world: World) -> bool:
    """An answer is given that the agent was not told."""
    wants, gone = talk.heard.wants, talk.heard.taken_back
    return any(
        is_untold(ask)
        or (ask.answered is not None and ask.delivered is None and ref in wants and ref not in gone)
        for ref, ask in known_asks(run, world).items()
    )
