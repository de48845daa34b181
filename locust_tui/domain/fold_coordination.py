"""What additions, tasks, escalations, risks, alerts, hooks and scheduled reports do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .coordination import (
    Addition,
    AlertStatus,
    EscalationReply,
    EscalationStatus,
    HookStatus,
    ReportStatus,
    RiskStatus,
    SuccessStatus,
    TaskStatus,
)
from .folding import Touched, fold_body
from .people import Person
from .states import AlertState
from .world import World


@fold_body.register
def _(body: e.AdditionMade, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.additions[body.path] = Addition(body.path, body.value, at, by.name)
    return (Touched("additions", body.path),)


@fold_body.register
def _(body: e.AdditionRemoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if body.path not in world.additions:
        return ()
    world.additions[body.path] = Addition(body.path, "", at, by.name)
    return (Touched("additions", body.path),)


@fold_body.register
def _(body: e.TaskCreated, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if body.id in world.tasks:
        return ()
    world.tasks[body.id] = TaskStatus(
        body.id, body.title, body.assignee, at, by.name, body.priority, body.description,
        body.source, body.agent_type, since=at, due=body.due,
    )  # fmt: skip
    return (Touched("tasks", body.id),)


@fold_body.register
def _(body: e.TaskMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    task = world.tasks.get(body.id)
    if task is None:
        return ()
    world.tasks[body.id] = replace(task, state=body.state, since=at, note=body.note)
    return (Touched("tasks", body.id),)


@fold_body.register
def _(body: e.EscalationRaised, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if body.id in world.escalations:
        return ()
    world.escalations[body.id] = EscalationStatus(
        body.id, body.kind, body.subject, body.what, at, by.name, body.detail, body.run, body.route,
        body.mode, body.within, body.urgency, body.item, stepped=at,
        due=at + body.within if body.within is not None else None,
    )  # fmt: skip
    return (Touched("escalations", body.id),)


@fold_body.register
def _(body: e.EscalationStepped, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    return _escalation(world, body.id, step=body.step, stepped=at, due=body.due)


@fold_body.register
def _(body: e.EscalationAcknowledged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.escalations.get(body.id)
    if status is None or body.party in status.acknowledged:
        return ()
    return _escalation(world, body.id, acknowledged=(*status.acknowledged, body.party), due=body.due)


@fold_body.register
def _(body: e.EscalationAnswered, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.escalations.get(body.id)
    if status is None:
        return ()
    reply = EscalationReply(body.party, by.name, body.decision, body.note, at, body.consequences)
    return _escalation(world, body.id, replies=(*status.replies, reply))


@fold_body.register
def _(body: e.EscalationClosed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    return _escalation(
        world, body.id, closed=at, closed_why=body.why, due=None, decision=body.decision,
        context=body.context, consequences=body.consequences,
    )  # fmt: skip


def _escalation(world: World, id: str, **changed: object) -> tuple[Touched, ...]:
    """An escalation that is over changes no more."""
    status = world.escalations.get(id)
    if status is None or not status.open:
        return ()
    world.escalations[id] = replace(status, **changed)  # type: ignore[arg-type]
    return (Touched("escalations", id),)


@fold_body.register
def _(body: e.GrantEnded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    grant = world.grants.get(body.item)
    if grant is None or grant.ended:
        return ()
    world.grants[body.item] = replace(grant, ended=body.why)
    return (Touched("grants", body.item),)


@fold_body.register
def _(body: e.RiskMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.risks[body.risk] = RiskStatus(body.risk, body.state, at, body.why, by.name)
    return (Touched("risks", body.risk),)


@fold_body.register
def _(body: e.AlertMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    key = f"{body.alert}/{body.scope}"
    earlier = world.alerts.get(key)
    fired = (earlier.fired if earlier else 0) + (body.state is AlertState.FIRING)
    world.alerts[key] = AlertStatus(
        key, body.alert, body.scope, body.state, at, body.values, body.why, fired, by.name
    )
    return (Touched("alerts", key),)


@fold_body.register
def _(body: e.HookArmed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    hook = world.hooks.get(body.hook) or HookStatus(body.hook)
    world.hooks[body.hook] = replace(hook, when=body.when, since=at, seen=max(hook.seen, body.seen), last="")
    return (Touched("hooks", body.hook),)


@fold_body.register
def _(body: e.HookBegan, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    hook = world.hooks.get(body.hook) or HookStatus(body.hook)
    world.hooks[body.hook] = replace(hook, begun=body.trigger, seen=max(hook.seen, body.seen))
    return (Touched("hooks", body.hook),)


@fold_body.register
def _(body: e.HookRan, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    hook = world.hooks.get(body.hook) or HookStatus(body.hook)
    world.hooks[body.hook] = replace(
        hook, runs=hook.runs + 1, failures=hook.failures + (not body.ok), last_at=at,
        last=body.trigger if _by_itself(body.trigger) else hook.last,
        last_ok=body.ok, said=body.said, seen=max(hook.seen, body.seen), begun="",
    )  # fmt: skip
    return (Touched("hooks", body.hook),)


def _by_itself(trigger: str) -> bool:
    """Whether the clock or an event set the hook off, and not somebody who asked for it."""
    return trigger.startswith("#") or (len(trigger) == 20 and trigger.endswith("Z"))


@fold_body.register
def _(body: e.HookMissed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    hook = world.hooks.get(body.hook) or HookStatus(body.hook)
    world.hooks[body.hook] = replace(hook, missed=hook.missed + body.count, last=body.last, said=body.why)
    return (Touched("hooks", body.hook),)


@fold_body.register
def _(body: e.ReportWritten, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.reports[body.report] = ReportStatus(body.report, body.week, body.path, body.due, at)
    return (Touched("reports", body.report),)


@fold_body.register
def _(body: e.SuccessRecorded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.successes[body.check] = SuccessStatus(body.check, body.met, at, by.name, body.value, body.note)
    return (Touched("successes", body.check),)
