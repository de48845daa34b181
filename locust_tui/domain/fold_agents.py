"""What agents' conversations, what they ask, their accounts and budgets do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .folding import Touched, fold_body, read_up_to
from .people import Person
from .states import AccountState
from .world import AccountStatus, AskStatus, BudgetStatus, World

ALWAYS = "always"
"""The choice that lets the same pass from then on."""


@fold_body.register
def _(body: e.RunSpoke, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(
        run,
        session=run.session if body.session is None else body.session,
        model=run.model if body.model is None else body.model,
        version=run.version if body.version is None else body.version,
        account=run.account if body.account is None else body.account,
        denied=run.denied if body.denied is None else body.denied,
    )
    return (Touched("runs", run.id), *read_up_to(world, run.id, "log", body.offset))


@fold_body.register
def _(body: e.RunUsed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    parts = [n for n in (body.input_tokens, body.output_tokens, body.cached_tokens) if n is not None]
    world.runs[run.id] = replace(
        run,
        tokens=sum(parts) if parts else run.tokens,
        cost_usd=run.cost_usd if body.cost_usd is None else body.cost_usd,
        context_used=run.context_used if body.context_used is None else body.context_used,
        context_size=run.context_size if body.context_size is None else body.context_size,
    )
    return (Touched("runs", run.id), *read_up_to(world, run.id, "log", body.offset))


@fold_body.register
def _(body: e.RunProduced, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(run, produced_at=at, produced=body.what)
    return (Touched("runs", run.id),)


@fold_body.register
def _(body: e.RunWanted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(run, again=True)
    return (Touched("runs", run.id),)


@fold_body.register
def _(body: e.Asked, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    read = read_up_to(world, body.run, "log", body.offset)
    if body.item in world.asks:
        return read
    world.asks[body.item] = AskStatus(
        item=body.item,
        kind=body.kind,
        subject=body.subject,
        run=body.run,
        what=body.what,
        asked=at,
        detail=body.detail,
        choices=body.choices,
        digest=body.digest,
        ref=body.ref,
        rule=body.rule,
    )
    return (Touched("asks", body.item), *read)


@fold_body.register
def _(body: e.Answered, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    ask = world.asks.get(body.item)
    if ask is None or not ask.open:
        return ()
    world.asks[ask.item] = replace(ask, answered=at, choice=body.choice, note=body.note, by=by.name)
    touched = [Touched("asks", ask.item)]
    if body.choice == ALWAYS and ask.rule:
        status = world.workstream(ask.subject)
        if ask.rule not in status.permits:
            world.workstreams[status.id] = replace(status, permits=(*status.permits, ask.rule))
            touched.append(Touched("workstreams", status.id))
    return tuple(touched)


@fold_body.register
def _(body: e.AnswerDelivered, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    ask = world.asks.get(body.item)
    if ask is None:
        return ()
    world.asks[ask.item] = replace(ask, delivered=at)
    return (Touched("asks", ask.item),)


@fold_body.register
def _(body: e.AskWithdrawn, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    ask = world.asks.get(body.item)
    if ask is None or not ask.open:
        return ()
    world.asks[ask.item] = replace(ask, withdrawn=body.why)
    return (Touched("asks", ask.item),)


@fold_body.register
def _(body: e.AccountChanged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    old = world.account(body.account)
    # how much of the next window is used is not known before somebody says so
    opened = body.state is AccountState.OPEN and old.state is not AccountState.OPEN
    world.accounts[body.account] = AccountStatus(
        id=body.account,
        state=body.state,
        why=body.why,
        since=old.since if old.state is body.state else at,
        run=body.run,
        window=body.window,
        utilization=old.utilization if body.utilization is None and not opened else body.utilization,
        resets_at=body.resets_at,
    )
    return (Touched("accounts", body.account),)


@fold_body.register
def _(body: e.BudgetReached, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    key = f"{body.scope}/{body.measure}"
    world.budgets[key] = BudgetStatus(key, body.points, body.spent, body.limit, at)
    return (Touched("budgets", key),)
