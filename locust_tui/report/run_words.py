"""A run's state in words: what it rests on and how old that is, when a limit resets, what it used."""

from __future__ import annotations

from ..domain.snapshot import AccountView, BudgetView, RunView, Snapshot, SpendView
from ..domain.states import AccountState, RunState
from .figures import age, amount, count, dollars, percent, until

TELLING = frozenset({RunState.WAITING, RunState.STALLED, RunState.LIMITED, RunState.LOST, RunState.UNKNOWN})
"""States of a run that say more of its workstream than "running"."""


def grounds(run: RunView, now: float) -> str:
    """What its state rests on, with the age of that: "protocol 3s", "silence 12m", "process"."""
    heard = run.last_seen if run.last_seen is not None else run.since
    if run.ended is None and run.source in ("protocol", "silence") and heard is not None:
        return f"{run.source} {age(now - heard)}"
    return run.source


def resets(at: float | None, now: float) -> str:
    """ "resets 14:20 UTC, in 12m"; "" where nobody knows; "resets now" when the moment has come."""
    if at is None:
        return ""
    return f"resets {until(at, now)} UTC, in {age(at - now)}" if at > now else "resets now"


def account_of(run: RunView, snapshot: Snapshot) -> AccountView | None:
    """The account it draws on, where that was heard of."""
    return next((a for a in snapshot.accounts if a.id == run.account), None) if run.account else None


def limit_words(run: RunView, snapshot: Snapshot, now: float) -> str:
    """When a limited run goes on: "resets 14:20 UTC, in 12m"; "" for every other."""
    if run.state is not RunState.LIMITED:
        return ""
    account = account_of(run, snapshot)
    return resets(account.resets_at, now) if account is not None else ""


def limited_until(run: RunView, snapshot: Snapshot, now: float) -> str:
    """ "limited until 14:20 UTC (claude)"; without the moment where nobody knows it; "" for a run that is not limited."""
    if run.state is not RunState.LIMITED:
        return ""
    account = account_of(run, snapshot)
    if account is None or account.state in (AccountState.OPEN, AccountState.REFUSED):
        return run.reason or RunState.LIMITED.value
    return f"{shut_words(account, now)} ({account.id})"


def shut_words(account: AccountView, now: float) -> str:
    """ "limited until 14:20 UTC"."""
    known = account.resets_at is not None and account.resets_at > now
    return account.state.value + (f" until {until(account.resets_at or now, now)} UTC" if known else "")


def standing_words(run: RunView, snapshot: Snapshot, now: float) -> str:
    """Why a live run does not move, in words, where its state says more than "running"; else ""."""
    if run.ended is not None or run.state not in TELLING:
        return ""
    return limited_until(run, snapshot, now) or run.reason or grounds(run, now)


def account_words(account: AccountView, now: float) -> str:
    """ "account claude is limited, resets 14:20 UTC, in 12m; 3 runs parked"."""
    words = f"account {account.id} is {account.state.value}"
    if account.state is AccountState.OPEN:
        window = f" of its {account.window.replace('_', ' ')} limit" if account.window else " of its limit"
        return f"{words}, {percent(account.utilization)}{window} used" if account.utilization else words
    if account.state is AccountState.REFUSED:
        return f"account {account.id}: {account.why}" if account.why else words
    when = resets(account.resets_at, now)
    words += f", {when}" if when else ""
    return f"{words}; {count(len(account.parked), 'run')} parked" if account.parked else words


def used_words(run: RunView) -> str:
    """ "412k tokens, $3.40"; "" where its agent does not say."""
    return _used(run.tokens, run.cost_usd)


def spend_words(spend: SpendView) -> str:
    """ "412k tokens, $12.40 of $20.00"."""
    limits = {budget.measure: budget for budget in spend.budgets}
    cost, tokens = limits.get("cost"), limits.get("tokens")
    parts = []
    if spend.tokens is not None or tokens is not None:
        of = f" of {amount(tokens.limit)}" if tokens is not None else ""
        parts.append(f"{amount(spend.tokens or 0)}{of} tokens")
    if spend.cost_usd is not None or cost is not None:
        parts.append(
            dollars(spend.cost_usd or 0.0) + (f" of {dollars(cost.limit)}" if cost is not None else "")
        )
    return ", ".join(parts)


def spend_short(spend: SpendView) -> str:
    """ "$12.40 of 20", "$3.40", "412k tok": the dollars where somebody tells them."""
    cost = next((b for b in spend.budgets if b.measure == "cost"), None)
    if cost is not None:
        return f"{dollars(cost.spent)} of {cost.limit:,.2f}".removesuffix(".00")
    if spend.cost_usd is not None:
        return dollars(spend.cost_usd)
    tokens = next((b for b in spend.budgets if b.measure == "tokens"), None)
    if tokens is not None:
        return f"{amount(tokens.spent)} of {amount(tokens.limit)} tok"
    return f"{amount(spend.tokens)} tok" if spend.tokens is not None else ""


def worst_budget(spend: SpendView) -> BudgetView | None:
    """The one of which most is spent."""
    return max(spend.budgets, key=lambda budget: budget.points, default=None)


def _used(tokens: int | None, cost_usd: float | None) -> str:
    parts = [
        f"{amount(tokens)} tokens" if tokens is not None else "",
        dollars(cost_usd) if cost_usd is not None else "",
    ]
    return ", ".join(part for part in parts if part)
