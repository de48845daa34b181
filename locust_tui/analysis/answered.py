"""What people answered and decided: the inbox's history."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from locust_tui.domain.fold_agents import ALWAYS
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import AnsweredView
from locust_tui.domain.world import AskStatus, World

from .grants import AGENTS

RULE = "the plan's rule"
KEPT = 200
"""Answers at hand; the event log has all."""


def answered_items(plan: Plan, world: World) -> tuple[AnsweredView, ...]:
    """Answers to what was asked and escalated, decisions about gates, work that people accepted; the latest first, at
    most `KEPT`."""
    found = sorted(
        (*_answers(world), *_decisions(plan, world), *_reviews(plan, world), *_escalations(world)),
        key=lambda a: a.at,
        reverse=True,
    )
    return tuple(found[:KEPT])


def _answers(world: World) -> Iterator[AnsweredView]:
    """The asks are kept in the order in which they came. What a rule let pass was nobody's answer; requests for agents
    that the plan's rule decided are told of, for they move slots."""
    over = (a for a in reversed(world.asks.values()) if not a.open and (a.by != WORKER.name or _by_rule(a)))
    for ask in islice(over, KEPT):
        yield AnsweredView(
            item=ask.item,
            kind=ask.kind,
            subject=ask.subject,
            what=ask.what,
            at=ask.answered if ask.answered is not None else ask.asked,
            choice=ask.choice,
            note=ask.note,
            by=RULE if _by_rule(ask) else ask.by,
            rule=ask.rule if ask.choice == ALWAYS else "",
            asked=ask.asked,
            delivered=ask.delivered is not None or not ask.ref,
            withdrawn=ask.withdrawn,
            run=ask.run or None,
            detail=ask.detail,
        )


def _by_rule(ask: AskStatus) -> bool:
    return ask.by == WORKER.name and ask.ref.startswith(AGENTS)


def _decisions(plan: Plan, world: World) -> Iterator[AnsweredView]:
    for gate in plan.gates.values():
        for decision in world.gate(gate.id).decisions:
            role = f" ({decision.by.role})" if decision.by.role else ""
            yield AnsweredView(
                item=f"gate:{gate.id}",
                kind="gate",
                subject=gate.id,
                what=gate.name,
                at=decision.at,
                choice=decision.kind.value,
                note=decision.note,
                by=f"{decision.by.name}{role}",
            )


def _escalations(world: World) -> Iterator[AnsweredView]:
    """Each party's answer; what came down by itself was nobody's."""
    answered = (status for status in reversed(world.escalations.values()) if status.replies)
    for status in islice(answered, KEPT):
        for reply in status.replies:
            yield AnsweredView(
                item=f"escalation:{status.id}",
                kind="escalation",
                subject=status.subject,
                what=status.what,
                at=reply.at,
                choice="",
                note=f"{reply.decision}{f' ({reply.note})' if reply.note else ''}",
                by=reply.by if reply.by == reply.party else f"{reply.by} ({reply.party})",
                asked=status.raised,
                run=status.run or None,
                detail=status.detail,
            )


def _reviews(plan: Plan, world: World) -> Iterator[AnsweredView]:
    """Accepted work that a person let through; what checks alone let through was nobody's answer."""
    for status in world.workstreams.values():
        work = plan.workstreams.get(status.id)
        if work is None or status.accepted_at is None or status.passed_by in ("", WORKER.name):
            continue
        yield AnsweredView(
            item=f"review:{status.id}",
            kind="review",
            subject=status.id,
            what=work.name,
            at=status.accepted_at,
            choice="accept",
            by=status.passed_by,
        )
