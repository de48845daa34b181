"""What runs learn of their accounts, as events: limits reached and near, refused logins, and what opens them again."""

from __future__ import annotations

from dataclasses import dataclass, field

from locust_tui.agents.limit_words import reset_moment
from locust_tui.agents.vocabulary import LimitHeard, Trouble
from locust_tui.analysis.accounts import ITEM, MENDED, STOP
from locust_tui.domain.events import AccountChanged, Asked, EventBody
from locust_tui.domain.states import AccountState
from locust_tui.domain.world import AccountStatus, RunStatus, World

from .conversing.permits import digest, one_line

FIRST_BACK_OFF_S = 300.0
LONGEST_BACK_OFF_S = 3600.0
JUST_OVER_S, SOON_S, STALE_S = 5.0, 10.0, 60.0
"""A limit that ends within 10 s, or did so in the last minute, was told of a moment too late: first 5 s are waited."""
_SAME_MOMENT_S = 1.5
_NEWS_POINTS = 1.0
_SAID = {Trouble.AUTH: "its login was refused", Trouble.BILLING: "its payment was refused"}


@dataclass(slots=True)
class BackOffs:
    """How often in a row an account's limit was reached without a useful word of its end; not kept over a restart."""

    _tries: dict[str, int] = field(default_factory=dict)
    _again: dict[str, int] = field(default_factory=dict)

    def next(self, account: str) -> float:
        """Seconds: 5, 10, 20, 40 minutes, then an hour."""
        tries = self._tries.get(account, 0)
        self._tries[account] = tries + 1
        return min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** min(tries, 10))

    def soon(self, account: str) -> float:
        """Seconds, of a limit that is just over: 5, 10, 20, ... up to 5 minutes."""
        tries = self._again.get(account, 0)
        self._again[account] = tries + 1
        return min(FIRST_BACK_OFF_S, JUST_OVER_S * 2.0 ** min(tries, 10))

    def went_well(self, account: str) -> None:
        self._tries.pop(account, None)
        self._again.pop(account, None)


def limit_reached(
    world: World,
    account: str,
    heard: LimitHeard,
    run: RunStatus,
    now: float,
    back_offs: BackOffs,
    said_at: float | None = None,
) -> AccountChanged | None:
    """The account's limit is reached; None where the record says so already.

    `said_at`: when the agent said so, default now; a time of day in its words is counted from there.
    """
    old = world.account(account)
    if old.state is AccountState.REFUSED:
        return None
    told = heard.resets_at
    known = old.resets_at if old.state is AccountState.LIMITED else None
    if known is not None and known > now and (told is None or told <= known + _SAME_MOMENT_S):
        return None
    if told is None:
        told = reset_moment(heard.message, now if said_at is None else said_at)
    if told is not None and told <= now - STALE_S:
        told = None  # long over, or the clocks differ: wait as for none told
    if told is None:
        resets_at = now + back_offs.next(account)
    elif told <= now + SOON_S:
        resets_at = max(told, now + back_offs.soon(account))
    else:
        resets_at = told
    why = one_line(heard.message) or "its usage limit is reached"
    used = 100.0 if heard.utilization is None else heard.utilization
    return AccountChanged(account, AccountState.LIMITED, why, run.id, heard.window, used, resets_at)


def limit_near(world: World, account: str, heard: LimitHeard, run: RunStatus) -> AccountChanged | None:
    """News of how much of an open account's limit is used; None where there is none worth a line."""
    old = world.account(account)
    if heard.utilization is None or old.state is not AccountState.OPEN:
        return None
    same_window = (old.window, old.resets_at) == (heard.window, heard.resets_at)
    if same_window and abs(heard.utilization - (old.utilization or 0.0)) < _NEWS_POINTS:
        return None
    if not same_window and _less_used_and_longer(heard, old):
        return None
    why = one_line(heard.message)
    return AccountChanged(
        account, AccountState.OPEN, why, run.id, heard.window, heard.utilization, heard.resets_at
    )


def _less_used_and_longer(heard: LimitHeard, old: AccountStatus) -> bool:
    """Of an account's several limits the fullest counts, as long as it lasts."""
    if heard.utilization is None or old.utilization is None or heard.utilization >= old.utilization:
        return False
    return heard.resets_at is not None and old.resets_at is not None and heard.resets_at >= old.resets_at


def refused(world: World, account: str, trouble: Trouble, words: str, run: RunStatus) -> list[EventBody]:
    """Login or payment failed: nothing starts before a person mended it, who is asked once."""
    if world.account(account).state is AccountState.REFUSED:
        return []
    said = one_line(words)
    why = f"{_SAID.get(trouble, trouble.value)}: {said}" if said else _SAID.get(trouble, trouble.value)
    what = f"account {account}: {why}"
    choices = (MENDED, STOP)
    item = _free(world, f"{ITEM}{account}")
    shown = digest((item, what, words, choices))
    return [
        AccountChanged(account, AccountState.REFUSED, why, run.id),
        Asked(item, "escalation", run.subject, run.id, what, words, choices, shown),
    ]


def overloaded(world: World, account: str, words: str, run: RunStatus, until: float) -> AccountChanged | None:
    """The service asks for patience: nothing new starts on the account until then."""
    old = world.account(account)
    if old.state not in (AccountState.OPEN, AccountState.OVERLOADED) or (old.resets_at or 0.0) >= until:
        return None
    return AccountChanged(account, AccountState.OVERLOADED, one_line(words), run.id, "", None, until)


def opened(world: World, account: str, why: str) -> AccountChanged:
    return AccountChanged(account, AccountState.OPEN, why, world.account(account).run)


def _free(world: World, item: str) -> str:
    number = sum(a.item == item or a.item.startswith(f"{item}#") for a in world.asks.values())
    return f"{item}#{number + 1}" if number else item
