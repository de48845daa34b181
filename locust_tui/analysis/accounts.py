"""Accounts that agents share: which one a run draws on, and whether anything may start on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import AccountView
from locust_tui.domain.states import UNFINISHED, AccountState, RunState
from locust_tui.domain.world import AccountStatus, World

REOPENS_AFTER_S = 2.0
"""So long after the moment that was told, an account counts as open again."""
ITEM = "account:"
"""So begin items of the inbox about an account."""
MENDED, STOP = "mended", "stop"
"""What a person may answer about one that was refused."""
CLOSED_FOR_A_WHILE = frozenset({AccountState.LIMITED, AccountState.OVERLOADED})


def account_of(plan: Plan, agent_type: str) -> str:
    """The account that runs of the agent type draw on: the one it names, else its kind's; empty: none (commands)."""
    kind = plan.agents.get(agent_type)
    if kind is None:
        return ""
    return kind.account or ("" if kind.kind == "shell" else kind.kind)


def account_of_item(item: str) -> str:
    """The account that an item of the inbox is about: "account:NAME", "account:NAME#2"; empty: it is of another kind."""
    name = item.removeprefix(ITEM)
    return "" if name == item else name.rpartition("#")[0] or name


def account_hold(
    plan: Plan, world: World, agent_type: str, now: float, *, critical: Callable[[], bool]
) -> str | None:
    """Why nothing of the agent type may start now, in words; None: something may.

    `critical` tells, where it matters, whether what wants to start has no float.
    """
    name = account_of(plan, agent_type)
    status = world.accounts.get(name) if name else None
    if status is None:
        return None
    if status.state is AccountState.REFUSED:
        return f"account {name} was refused: {status.why}" if status.why else f"account {name} was refused"
    if status.state in CLOSED_FOR_A_WHILE:
        return closed_words(status, now)
    kept = _kept_for_the_critical_path(plan, status, now)
    return None if kept is None or critical() else kept


def held_by_account(plan: Plan, world: World, account: str) -> list[str]:
    """Unfinished workstreams whose agents draw on the account."""
    return [
        w.id
        for w in plan.workstreams.values()
        if w.run is None
        and account_of(plan, w.agent or "") == account
        and world.workstream(w.id).state in UNFINISHED
    ]


def closed_words(status: AccountStatus, now: float) -> str:
    """ "account claude is limited until 14:20 UTC"."""
    until = f" until {moment(status.resets_at, now)}" if status.resets_at is not None else ""
    return f"account {status.id} is {status.state.value}{until}"


def reopens_at(status: AccountStatus) -> float | None:
    """When time alone opens the account again; None: it is open, or a person's to open."""
    if status.state not in CLOSED_FOR_A_WHILE or status.resets_at is None:
        return None
    return status.resets_at + REOPENS_AFTER_S


def reserve_ends_at(plan: Plan, status: AccountStatus, now: float) -> float | None:
    """When the window is over whose rest is kept for the critical path; None: nothing is kept, or nobody knows."""
    return status.resets_at if _kept_for_the_critical_path(plan, status, now) is not None else None


def _kept_for_the_critical_path(plan: Plan, status: AccountStatus, now: float) -> str | None:
    account = plan.accounts.get(status.id)
    used = status.utilization
    if account is None or account.reserve <= 0 or used is None or used <= 100 - account.reserve:
        return None
    if status.resets_at is not None and now >= status.resets_at:
        return None  # what is used belongs to a window that is over
    return f"account {status.id} has used {used:.0f} % of its limit; the rest is kept for the critical path"


def moment(at: float, now: float) -> str:
    """ "14:20 UTC", with its day where that is not within twenty hours."""
    far = at - now > 72_000
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M UTC" if far else "%H:%M UTC")


def account_views(plan: Plan, world: World, now: float) -> tuple[AccountView, ...]:
    """The accounts that were heard of; a limit whose time is over is not told of."""
    parked: dict[str, list[str]] = {}
    for run in world.runs.values():
        if run.state is RunState.LIMITED:
            parked.setdefault(run.account or account_of(plan, run.agent_type), []).append(run.id)
    views = []
    for a in world.accounts.values():
        over = a.state is AccountState.OPEN and a.resets_at is not None and a.resets_at <= now
        views.append(
            AccountView(
                id=a.id,
                state=a.state,
                why=a.why,
                since=a.since,
                window="" if over else a.window,
                utilization=None if over else a.utilization,
                resets_at=None if over else a.resets_at,
                parked=tuple(parked.get(a.id, ())),
            )
        )
    return tuple(views)
