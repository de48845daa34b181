"""`answer`: one of the choices of one thing in the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RefusedError, UsageError
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import MEASURE_S, ask
from ..command import Settings, verb
from ..ending import ask_before_ending
from ..escalation_answer import ESCALATION, answer_escalation, matter_of
from ..lookup import find_waiting
from ..output import ascii_only, put
from ..target import Target, find_target, read_state
from ..terminal import asks, can_ask

if TYPE_CHECKING:
    from ...client.requests import Request
    from ...domain.snapshot import Snapshot, WaitingView
    from ...domain.world import World


@verb("answer")
@click.argument("item")
@click.argument("choice")
@click.option("--note", default="", help="Why; kept with the decision.")
@click.option("--by", metavar="NAME", help="Who decides (default: the OS user).")
@click.option(
    "--digest", help="Refuse when the item is no longer the one with this digest (see inbox --json)."
)
@click.option(
    "--yes", is_flag=True, help="Unasked: all of it was looked at elsewhere, and a live agent may end."
)
def command(
    settings: Settings, item: str, choice: str, note: str, by: str | None, digest: str | None, yes: bool
) -> int:
    """Answer ITEM (see inbox) with one of its choices; a question of an agent's also in words of your own.

    Before a permission is given, a terminal shows the whole of it and asks.
    """
    target = find_target(settings)
    refuse_agents(target.folder, "answering the inbox")
    state = read_state(target)
    if choice == "mended" and (account := _shut_account(state.world, item)):
        from ...client.requests import MendAccount

        reply = ask(settings, target, MendAccount(account, by), timeout=MEASURE_S)
        put(safe(f"account {account}: mended, revision {reply.revision}", oneline=True) + "\n")
        return 0
    snapshot = state.snapshot(forecast=False)
    item = matter_of(state.world, snapshot, item, choice)
    if item.startswith(ESCALATION):
        return answer_escalation(settings, target, item, choice, note, by, digest)
    item = _asked_again(snapshot, item)
    if (known := state.world.asks.get(item)) is not None and not known.open:
        gone = f"it needs no answer any more: {known.withdrawn}"
        raise RefusedError(
            f"{item}: "
            + (gone if known.withdrawn else f"answered already: {known.choice or known.note}, by {known.by}"),
            help="locust-tui inbox",
        )
    waiting = find_waiting(snapshot, item)
    if choice not in waiting.choices and not _in_own_words(waiting) and not _is_part(waiting, choice):
        raise UsageError(
            f'"{choice}" is no choice of {waiting.item}',
            help=f"choose one of: {', '.join(waiting.choices)}"
            if waiting.choices
            else "it can only be looked at",
        )
    if waiting.item == "plan:trust":
        return _trust(settings, target)
    if waiting.item == "plan:confirm" and choice == "no":
        put("the plan in force stays; undo the change in the file to end the question\n")
        return 0
    if waiting.kind == "permission" and choice != "deny":
        if not yes and digest is None:
            _shown_before(waiting, snapshot.at)
        digest = digest or waiting.digest
    if waiting.item.partition(":")[0] not in _ASKED and choice == "retry":
        ask_before_ending(snapshot, waiting.subject, yes, f"locust-tui answer {waiting.item} retry --yes")
    request = _request(snapshot, waiting, choice, note, by, digest)
    reply = ask(settings, target, request, timeout=MEASURE_S)
    changed = f" to {told}" if (told := reply.data.get("summary")) else ""
    put(safe(f"{waiting.item}: {choice}{changed}, revision {reply.revision}", oneline=True) + "\n")
    return 0


_ASKED = frozenset({"permission", "question", "request", "account", "budget"})
"""What agents, accounts and budgets ask: their items begin so."""


def _shut_account(world: World, item: str) -> str:
    """The account that the item is about, where nothing starts on it and its question, if it had one, is closed."""
    from ...analysis.accounts import account_of_item
    from ...domain.states import AccountState

    name = account_of_item(item)
    status = world.accounts.get(name) if name else None
    asked = any(account_of_item(ask.item) == name for ask in world.open_asks())
    return name if status is not None and status.state is not AccountState.OPEN and not asked else ""


def _asked_again(snapshot: Snapshot, item: str) -> str:
    """The account's name stands for its question, however often it was asked; else ITEM as it is."""
    from ...analysis.accounts import account_of_item

    if (account := account_of_item(item)) and item == f"account:{account}":
        return next((w.item for w in snapshot.waiting if account_of_item(w.item) == account), item)
    return item


def _in_own_words(waiting: WaitingView) -> bool:
    """Whether the answer may be a text: then it is CHOICE itself, or the note."""
    return waiting.kind == "question" and waiting.item.partition(":")[0] in _ASKED


def _is_part(waiting: WaitingView, choice: str) -> bool:
    """Whether it grants so many of the agents that are asked for."""
    from ...analysis.grants import granted_by

    return waiting.item.startswith("request:") and granted_by(choice, "", 1 << 16) is not None


def _shown_before(waiting: WaitingView, now: float) -> None:
    """A yes is to what was shown: on a terminal everything is shown now, and asked about. RefusedError without a yes."""
    from ...report.inbox_text import beyond_the_list, item_lines

    if can_ask():
        click.echo("\n".join(item_lines(waiting, now, ascii_only=ascii_only())), err=True)
        if not asks("is this to be permitted"):
            raise RefusedError(f"{waiting.item} was not answered")
    elif more := beyond_the_list(waiting):
        raise RefusedError(
            f"{waiting.item} is {more} characters longer than the list of the inbox shows",
            help=f"look at all of it: locust-tui inbox {waiting.item}; then answer with the --digest it names, or with --yes",
        )


def _request(
    snapshot: Snapshot, waiting: WaitingView, choice: str, note: str, by: str | None, digest: str | None
) -> Request:
    from ...client.requests import AnswerAsk, ConfirmPlan, DecideGate, SteerWorkstream, WorkstreamAction
    from ...domain.states import DecisionKind

    kind, _, subject = waiting.item.partition(":")
    if kind in _ASKED:
        return AnswerAsk(waiting.item, choice, note, by, digest)
    if kind == "gate":
        if choice == DecisionKind.CONDITIONAL:
            raise UsageError(
                "a conditional go needs its conditions",
                help=f"locust-tui gate approve {subject} --condition TEXT --owner NAME --due DATE",
            )
        return DecideGate(subject, DecisionKind(choice), note, by, evidence_digest=digest)
    if kind == "plan":
        held = snapshot.held
        if held is None or (digest is not None and digest != held.digest):
            raise RefusedError(
                "the plan on disk is no longer the one that was asked about", help="locust-tui inbox"
            )
        return ConfirmPlan(held.digest, by, note)
    return SteerWorkstream(subject, WorkstreamAction(choice), note, by)


def _trust(settings: Settings, target: Target) -> int:
    from ..trusting import ask_for_trust

    ask_for_trust(settings, target)
    put(f"{target.path} is trusted; its worker applies it\n")
    return 0
