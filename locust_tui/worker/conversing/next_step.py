"""What to do next with one conversation: a pure rule over what was heard, what the record says, and the time."""

from __future__ import annotations

import zlib

from locust_tui.agents.vocabulary import Trouble
from locust_tui.domain.dataclass import dataclass

from .heard import Heard

GO_ON = "Please continue with your task where you left off."
AGAIN_FIRST_S = 10.0
AGAIN_LONGEST_S = 300.0
AGAIN_AT_MOST = 6
STAGGER_S = 5.0
"""Runs that wait for the same moment go on over so many seconds."""

FINISH_GRACE_S = 10.0
"""After the end of its input a program has so long to end by itself."""

LEAVES_AFTER_S = 60.0
WORTH_LEAVING_S = 300.0
"""A run whose account stays shut for longer than five minutes more gives its process, and so its slot, up after one;
so does one whose budget is spent."""

BY_ITSELF = frozenset({Trouble.OVERLOADED, Trouble.RATE_LIMIT, Trouble.NETWORK, Trouble.SERVER})
"""What passes: the same session is asked to go on."""
A_PERSONS = frozenset({Trouble.AUTH, Trouble.BILLING})
"""What only a person can mend."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the conversation now."""

    now: float
    turn_ended: float
    """When its last turn was seen to end."""
    account_limited: bool = False
    account_open_since: float = 0.0
    """When its account was opened last."""
    account_opens_at: float | None = None
    """When a limited account is expected to be open again."""
    account_refused: bool = False
    resumable: bool = False
    """Another process can go on with its session."""
    budget_spent: bool = False
    budget_is_its_own: bool = False
    """Its own budget is spent: another attempt would have one that is not."""
    asks: bool = False
    """Something of it waits for a person's answer, or for being told one."""
    texts: bool = False
    """Texts to it are not delivered yet."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """Ask the same session to go on."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """End the turn under way; the conversation stays."""

    why: str


@dataclass(frozen=True, slots=True)
class Finish:
    """End the conversation. `why`: why the attempt has failed; empty: its work is done."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the process, not the work: its session goes on in another once its account is open, its budget raised."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing now. `limited`: the reason where it waits for time, `until` which moment."""

    limited: str = ""
    until: float | None = None


Step = GoOn | Interrupt | Finish | Leave | Wait
NOTHING = Wait()


def next_step(run: str, heard: Heard, around: Around) -> Step:
    """Look at `run`, which lives, is not paused and not being stopped. Its turn going well is its end."""
    if heard.turn is None:
        return _under_way(heard, around)
    if not heard.idle and heard.turn.ok:
        return NOTHING  # something runs in the background
    if around.asks or around.texts:
        return NOTHING
    if heard.turn.ok:
        return Finish()
    if around.budget_spent:
        return NOTHING if around.budget_is_its_own else _while_shut(heard, around)
    if around.account_refused:
        return _while_shut(heard, around)
    return _after_trouble(run, heard, around)


def _under_way(heard: Heard, around: Around) -> Step:
    if heard.activity is None or heard.interrupted:
        return NOTHING
    if around.budget_spent:
        return Interrupt("the budget is spent")
    if around.account_refused and heard.trouble in A_PERSONS:
        return Interrupt("its login or payment was refused")
    return NOTHING


def _after_trouble(run: str, heard: Heard, around: Around) -> Step:
    turn = heard.turn
    assert turn is not None
    trouble = turn.trouble or heard.trouble
    if heard.interrupted or trouble in A_PERSONS:
        return GoOn()  # what stood in its way is gone
    if trouble is Trouble.USAGE_LIMIT:
        if around.account_limited:
            return _while_shut(heard, around)
        return NOTHING if around.now < around.account_open_since + stagger(run) else GoOn()
    if trouble in BY_ITSELF:
        if heard.retries >= AGAIN_AT_MOST:
            return Finish(f"{trouble.value}: {AGAIN_AT_MOST} times asked to go on, in vain: {turn.text}")
        at = around.turn_ended + again_after(heard.retries)
        return Wait(f"{trouble.value}: asked to go on soon", at) if around.now < at else GoOn()
    said = turn.text or "its turn failed"
    return Finish(f"{trouble.value}: {said}" if trouble is not None else said)


def _while_shut(heard: Heard, around: Around) -> Step:
    """Its account is shut, for a while or until a person mended it; or a budget is spent until a person raises it."""
    opens = None if around.budget_spent else around.account_opens_at
    if not (around.resumable and heard.idle) or (opens is not None and opens - around.now < WORTH_LEAVING_S):
        return NOTHING
    return NOTHING if around.now < around.turn_ended + LEAVES_AFTER_S else Leave()


def again_after(tries: int) -> float:
    """Seconds before the text number `tries` + 1 that asks to go on: 10 s doubling to 5 min."""
    return min(AGAIN_LONGEST_S, AGAIN_FIRST_S * 2.0 ** min(tries, 20))


def stagger(run: str) -> float:
    """Seconds, from the run's id, so that those that wait for one moment do not come back together."""
    return zlib.crc32(run.encode()) % 1000 / 1000 * STAGGER_S
