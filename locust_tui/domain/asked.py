"""What people are asked, and the limits that it is mostly about: accounts and budgets, as the log says last."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .states import AccountState


@dataclass(frozen=True, slots=True)
class AskStatus:
    """One thing that a person is, or was, asked."""

    item: str
    kind: str
    subject: str
    run: str
    what: str
    asked: float
    detail: str = ""
    choices: tuple[str, ...] = ()
    digest: str = ""
    ref: str = ""
    rule: str = ""
    answered: float | None = None
    choice: str = ""
    note: str = ""
    by: str = ""
    delivered: float | None = None
    withdrawn: str = ""
    """Why nobody needs the answer any more."""

    @property
    def open(self) -> bool:
        return self.answered is None and not self.withdrawn


@dataclass(frozen=True, slots=True)
class AccountStatus:
    id: str
    state: AccountState = AccountState.OPEN
    why: str = ""
    since: float | None = None
    run: str = ""
    window: str = ""
    utilization: float | None = None
    """Points of its limit that are used, as last heard."""
    resets_at: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """The last word on one budget's one measure."""

    key: str
    """SCOPE/MEASURE"""
    points: float
    spent: float
    limit: float
    at: float
