"""In words: what agents say, use and ask, the answers, accounts, budgets, shared memory and messages."""

from __future__ import annotations

from ..domain import events as e
from ..domain.states import AccountState
from .figures import amount, dollars, percent, until
from .saying import Said, joined, say


@say.register
def _(body: e.RunSpoke) -> Said:
    parts = [
        f"model {body.model}" if body.model else "",
        f"version {body.version}" if body.version else "",
        f"session {body.session}" if body.session else "",
        f"account {body.account}" if body.account else "",
        f"{body.denied} denied" if body.denied else "",
    ]
    return Said("info", ", ".join(part for part in parts if part) or "its protocol speaks")


@say.register
def _(body: e.RunUsed) -> Said:
    counted = [n for n in (body.input_tokens, body.output_tokens, body.cached_tokens) if n is not None]
    parts = [
        f"{amount(sum(counted))} tokens" if counted else "",
        dollars(body.cost_usd) if body.cost_usd is not None else "",
        f"context {amount(body.context_used)} of {amount(body.context_size)}"
        if body.context_used is not None and body.context_size
        else "",
    ]
    return Said("info", "has used " + (", ".join(part for part in parts if part) or "nothing it tells of"))


@say.register
def _(body: e.RunProduced) -> Said:
    return Said("info", f"left {body.what}")


@say.register
def _(body: e.Asked) -> Said:
    return Said("asks", joined(f"{body.item}, for {body.subject}" if body.subject else body.item, body.what))


@say.register
def _(body: e.Answered) -> Said:
    said = body.choice or "in words"
    by_rule = f" by the rule {body.rule}" if body.rule else ""
    return Said("answered", joined(f"{said}{by_rule}", body.note))


@say.register
def _(body: e.AnswerDelivered) -> Said:
    return Said("answered", "the agent has the answer")


@say.register
def _(body: e.AskWithdrawn) -> Said:
    return Said("withdrawn", joined("needs no answer any more", body.why))


@say.register
def _(body: e.AccountChanged) -> Said:
    parts = [body.window.replace("_", " ")] if body.window else []
    if body.utilization is not None and body.state is AccountState.OPEN:
        parts.append(f"{percent(body.utilization)} used")
    if body.resets_at is not None:
        parts.append(f"resets {until(body.resets_at)} UTC")
    return Said(
        body.state.value,
        joined(
            f"account {body.account} is {body.state.value}",
            ", ".join([*parts, body.why] if body.why else parts),
        ),
    )


@say.register
def _(body: e.BudgetReached) -> Said:
    figures = (
        f"{dollars(body.spent)} of {dollars(body.limit)}"
        if body.measure == "cost"
        else f"{amount(body.spent)} of {amount(body.limit)} tokens"
    )
    return Said("warning", f"{percent(body.points)} of the budget is spent: {figures}")


@say.register
def _(body: e.MemoryStored) -> Said:
    return Said("info", f"stored, version {body.version}" + (f", by {body.run}" if body.run else ""))


@say.register
def _(body: e.MemoryRemoved) -> Said:
    return Said("info", "removed from memory" + (f" by {body.run}" if body.run else ""))


@say.register
def _(body: e.MessageSent) -> Said:
    to = f"{body.to} (nobody is that: kept as a dead letter)" if body.dead else body.to
    return Said("info", joined(f"message {body.id} from {body.sender} to {to}", body.subject or body.text))


@say.register
def _(body: e.MessageDelivered) -> Said:
    if body.begun:
        return Said("info", f"message {body.id} is being sent by {body.way}, attempt {body.attempt}")
    if body.error:
        return Said("warning", joined(f"message {body.id} was not taken by {body.way}", body.error))
    return Said("info", f"message {body.id} delivered by {body.way}")


@say.register
def _(body: e.MessageAcknowledged) -> Said:
    return Said("info", f"message {body.id} was acknowledged by {body.reader}")


@say.register
def _(body: e.MessageRead) -> Said:
    return Said("info", f"message {body.id} was read by {body.reader}")


@say.register
def _(body: e.QuotaGranted) -> Said:
    end = f" until {until(body.until)} UTC" if body.until is not None else ""
    whose = " and ".join(filter(None, (body.orchestrator, body.agent_type)))
    return Said("answered", f"{body.count} slots more for {whose}{end}")
