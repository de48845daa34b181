"""How a conversation went, now that its process has ended: what the run's end is recorded as."""

from __future__ import annotations

from locust_tui.agents.vocabulary import Trouble
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.execution import runs as x

from ..retry import PARKED
from ..run_ends import Verdict
from .conversation import Conversation
from .next_step import A_PERSONS, FINISH_GRACE_S
from .permits import one_line

_WAITS = A_PERSONS | {Trouble.USAGE_LIMIT}


def verdict_of(
    talk: Conversation, run: RunStatus, end: x.RunEnded, asked: str | None, errors: str
) -> Verdict | None:
    """None: the record of its process alone says how it went: nobody knows its end, a person stopped it, it never began.

    `run`: as the record has it, just before its end.
    """
    if not end.known or asked is not None or end.error:
        return None
    if not talk.adapter.spoke:
        said = errors if errors.strip() else talk.first_line
        return Verdict(False, one_line(talk.adapter.verdict(end.exit_code, end.signal, said)[1]))
    heard = talk.heard
    # a program that was done and did not go by itself was ended by us: that is not its failure
    ours = talk.finished is not None and not talk.failed and end.ended > talk.finished.when + FINISH_GRACE_S
    code, signal = (0, None) if ours else (end.exit_code, end.signal)
    ok, words = talk.adapter.verdict(code, signal, errors)
    turn = heard.turn
    trouble = (turn.trouble if turn is not None else None) or heard.trouble
    if turn is not None and not turn.ok:
        ok, words = False, talk.failed or words or turn.text or "its last turn failed"
    left = talk.finished is not None and not talk.failed and turn is not None and not turn.ok
    if not ok and (trouble in _WAITS or left or (heard.interrupted and not talk.failed)):
        if left and run.state is RunState.WAITING and run.reason:
            return Verdict(False, one_line(f"{PARKED}{run.reason}"))
        about = f"account {run.account}: " if run.account and trouble in _WAITS else ""
        return Verdict(False, one_line(f"{PARKED}{about}{words}"))
    denied = f"{run.denied} permission{'' if run.denied == 1 else 's'} denied" if run.denied else ""
    if ok:
        return Verdict(True, denied)
    return Verdict(False, one_line(words) or "it ended badly")
