"""Spending and accounts as they are shown."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import AccountState


@dataclass(frozen=True, slots=True)
class BudgetView:
    """One measure of a budget."""

    measure: str
    """cost (US dollars) or tokens"""
    spent: float
    limit: float
    """With all that a person has allowed on top."""
    points: float
    warn: float
    """Points at which a person is told."""


@dataclass(frozen=True, slots=True)
class SpendView:
    """What agents said they used, all attempts together; None: none of them says it."""

    tokens: int | None = None
    cost_usd: float | None = None
    budgets: tuple[BudgetView, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """A login that agents share, as its agents last heard of it."""

    id: str
    state: AccountState
    why: str
    since: float | None
    window: str
    """Which of its limits: five_hour, weekly."""
    utilization: float | None
    """Points of that limit."""
    resets_at: float | None
    parked: tuple[str, ...]
    """Live runs that wait for it."""
