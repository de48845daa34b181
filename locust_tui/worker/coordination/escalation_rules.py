"""What a request about an escalation, or time, comes to: events and the messages that go with them. Pure."""

from __future__ import annotations

from locust_tui.analysis import escalations as rules
from locust_tui.analysis.addresses import OPERATOR, address, known_names, may_command
from locust_tui.analysis.matters import automatic
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.coordination import EscalationReply, EscalationStatus
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from ..callers import Caller
from ..roles import roles_of
from ..told import Told
from .telling import HIGH, NORMAL, in_plan, tell

MOST_TEXT, MOST_OPEN = 16_384, 20
"""Characters of one, and how many an agent's run may have open."""
URGENCIES = ("low", "medium", "normal", "high", "urgent", "critical")
PRESSING = frozenset({"high", "urgent", "critical"})
PASSED_ON = "passed on"


def raise_one(plan: Plan, world: World, request: r.Escalate, caller: Caller) -> Told:
    """A new escalation on its route; the same words about the same thing are the same one while it is open."""
    run = world.runs.get(caller.run)
    what = request.what.strip()
    if not what or len(what) + len(request.detail) > MOST_TEXT:
        raise UsageError(f"an escalation says what is the matter, in 1 to {MOST_TEXT} characters")
    if request.urgency not in URGENCIES:
        raise UsageError(f'no urgency "{request.urgency}"', help=f"one of: {', '.join(URGENCIES)}")
    subject = _subject(plan, world, request.subject, run)
    kinds = rules.known_kinds(plan)
    if request.kind and request.kind not in kinds:
        near = did_you_mean(request.kind, kinds) or f"one of: {', '.join(kinds)}"
        raise NotFoundError(f'no kind of escalation "{request.kind}"', help=near)
    kind = request.kind or rules.classify(plan, subject, f"{what}\n{request.detail}")
    for status in world.escalations.values():
        if status.open and (status.subject, status.what, status.kind) == (subject, what, kind):
            return Told(_data(status))
    if run is not None and sum(s.open and s.run == run.id for s in world.escalations.values()) >= MOST_OPEN:
        raise RefusedError(f"{run.id} has {MOST_OPEN} open escalations", help="wait for answers first")
    event = rules.raised(
        plan, f"E{len(world.escalations) + 1}", kind, subject, what, request.detail,
        run=run.id if run is not None else "", urgency=request.urgency,
    )  # fmt: skip
    return Told(
        {"id": event.id, "kind": kind, "to": list(_asked(event)), "within": event.within, "new": True},
        (event, *announced(plan, world, event)),
    )


def _subject(plan: Plan, world: World, named: str, run: RunStatus | None) -> str:
    if not named:
        return run.subject if run is not None else rules.meta_of(plan)
    found = address(plan, world.runs, named)
    if found in world.runs and found not in plan.workstreams:
        found = world.runs[found].subject
    if found is None or not (in_plan(plan, found) or found == rules.meta_of(plan)):
        near = did_you_mean(named, known_names(plan))
        raise NotFoundError(
            f'no workstream or orchestrator "{named}"',
            help=near or f"workstreams: {', '.join(plan.workstreams)}",
        )
    return found


def _asked(event: e.EscalationRaised) -> tuple[str, ...]:
    return event.route if event.mode == rules.ALL else event.route[:1]


def announced(plan: Plan, world: World, event: e.EscalationRaised) -> list[e.EventBody]:
    """To the parties of its first step."""
    everyone = event.mode == rules.ALL and len(event.route) > 1
    asks = "all of you must answer" if everyone else "it waits for your answer"
    text = f"{event.what}\n{event.detail}".strip() + f"\n\n{asks}: {_how(event.id)}"
    return tell(
        plan, world, event.id, _asked(event), text, sender=event.subject,
        subject=f"{event.kind} escalation {event.id}: {event.what.splitlines()[0][:120]}",
        priority=HIGH if event.urgency in PRESSING else NORMAL,
    )  # fmt: skip


def _how(id: str) -> str:
    return f"locust-tui escalate answer {id} DECISION (escalate ack {id}: you deal with it)"


def by_time(plan: Plan, world: World, now: float) -> tuple[list[e.EventBody], float | None]:
    """(what time and the matters themselves bring about now, when to look again)."""
    events, again_at = automatic(plan, world, now)
    raised = [event for event in events if isinstance(event, e.EscalationRaised)]
    events += [message for event in raised for message in announced(plan, world, event)]
    closing = {event.id for event in events if isinstance(event, e.EscalationClosed)}
    moments = [again_at] if again_at is not None else []
    moments += [now + event.within for event in raised if event.within is not None]
    for status in world.escalations.values():
        if not status.open or status.id in closing:
            continue
        step = rules.stepped(status, now)
        if step is not None:
            events += [step, *_told_again(plan, world, status, step)]
        due = step.due if step is not None else status.due
        if due is not None:
            moments.append(due)
    return events, min(moments, default=None)


def _told_again(
    plan: Plan, world: World, status: EscalationStatus, step: e.EscalationStepped
) -> list[e.EventBody]:
    parties = status.waits_for if status.mode == rules.ALL else status.route[step.step : step.step + 1]
    text = f"{status.what}\n{status.detail}".strip() + f"\n\n{step.why}\n{_how(status.id)}"
    subject = f"{status.kind} escalation {status.id}: {status.what.splitlines()[0][:120]}"
    return tell(plan, world, status.id, parties, text, sender=status.subject, subject=subject, priority=HIGH)


def find_open(world: World, named: str) -> EscalationStatus:
    """By its id, in whatever case, with or without "escalation:". NotFoundError, RefusedError once it is over."""
    id = named.removeprefix("escalation:").upper()
    status = world.escalations.get(named) or world.escalations.get(id)
    if status is None:
        near = did_you_mean(id, world.escalations) or "locust-tui escalate ls"
        raise NotFoundError(f'no escalation "{named}"', help=near)
    if not status.open:
        decided = f": {status.decision}" if status.decision else ""
        raise RefusedError(f"{status.id} is settled already{decided} ({status.closed_why})")
    return status


def acknowledge(
    plan: Plan, world: World, request: r.AcknowledgeEscalation, caller: Caller, now: float
) -> Told:
    """A party deals with it: its time begins anew, once for each."""
    status = find_open(world, request.escalation)
    party = party_of(plan, world, status, request.party, caller, request.by)
    if party in status.acknowledged:
        raise RefusedError(
            f"{party} has acknowledged {status.id} already; its time begins anew only once",
            help=f"locust-tui escalate answer {status.id} DECISION",
        )
    due = rules.due_from(status, now) if party in status.waits_for else status.due
    return Told(
        {**_data(status), "party": party, "due": due}, (e.EscalationAcknowledged(status.id, party, due),)
    )


def answer(plan: Plan, world: World, request: r.AnswerEscalation, caller: Caller, now: float) -> Told:
    """A party's decision; the last one that is missing closes it with the record of what was decided."""
    status = find_open(world, request.escalation)
    if request.digest is not None and request.digest != rules.digest_of(status):
        raise RefusedError(
            f"{status.id} is no longer what was answered", help=f"locust-tui escalate show {status.id}"
        )
    party = party_of(plan, world, status, request.party, caller, request.by)
    if request.pass_on:
        return _passed_on(plan, world, status, party, request, now)
    decision = request.decision.strip()
    if not decision or len(decision) > MOST_TEXT:
        raise UsageError(f"an answer says what is decided, in 1 to {MOST_TEXT} characters")
    by = caller.run if caller.agent else request.by or caller.name
    events: list[e.EventBody] = [
        e.EscalationAnswered(status.id, party, decision, request.note, request.consequences)
    ]
    over = rules.closed(status, EscalationReply(party, by, decision, request.note, now, request.consequences))
    data = {**_data(status), "party": party, "decision": decision, "closed": over is not None}
    if over is None:
        data["to"] = [p for p in status.waits_for if p != party]
        if any(reply.by == by for reply in status.replies):
            data["warning"] = f"{by} has answered for another party too"
        return Told(data, tuple(events))
    run = world.runs.get(status.run)
    about = in_plan(plan, status.subject, run.subject if run is not None else "")
    text = f"{status.what}\n\ndecided by {by} for {party}: {over.decision}"
    text += f"\n{request.note}" if request.note else ""
    told = tell(
        plan, world, status.id, [p for p in about if p != party], text, sender=party,
        subject=f"{status.id} is answered",
    )  # fmt: skip
    return Told(data, (*events, over, *told))


def _passed_on(
    plan: Plan, world: World, status: EscalationStatus, party: str, request: r.AnswerEscalation, now: float
) -> Told:
    if not rules.can_pass_on(status):
        everyone = status.mode == rules.ALL
        why = "everyone on its route has to answer" if everyone else "nobody stands behind it on its route"
        raise RefusedError(f"{status.id} cannot be passed on: {why}")
    note = request.note or request.decision.strip()
    step = e.EscalationStepped(
        status.id, status.step + 1, rules.due_from(status, now), f"passed on by {party}{f': {note}' if note else ''}"
    )  # fmt: skip
    data = {**_data(status), "party": party, "to": [status.route[step.step]], "closed": False}
    passed = e.EscalationAnswered(status.id, party, PASSED_ON, note)
    return Told(data, (passed, step, *_told_again(plan, world, status, step)))


def party_of(
    plan: Plan, world: World, status: EscalationStatus, wanted: str, caller: Caller, by: str | None
) -> str:
    """For whom the caller speaks. An orchestrator's agent speaks for itself about workstreams below it; a person for
    every party whose role that name fills, or that no name was given to. Raises RefusedError, NotFoundError."""
    open_to = rules.may_answer(status)
    if caller.agent:
        return _agents_party(plan, world, status, caller, open_to)
    if wanted:
        found = address(plan, {}, wanted) or wanted
        if found not in open_to:
            raise NotFoundError(
                f"{status.id} does not wait for {wanted}", help=f"it waits for {', '.join(status.waits_for)}"
            )
        open_to = (found,)
    name = by or caller.name
    first = [p for p in (*status.waits_for, *open_to) if p in open_to]
    mine = roles_of(plan, name, first) or tuple(p for p in first if not plan.people.get(p))
    if not mine:
        named = "; ".join(f"{p}: {', '.join(plan.people[p])}" for p in dict.fromkeys(first))
        raise RefusedError(
            f"{name} may not answer {status.id}; the plan names who may: {named}",
            help=f"answer as one of them, where that is you: --by {first[0]}",
        )
    return mine[0]


def _agents_party(
    plan: Plan, world: World, status: EscalationStatus, caller: Caller, open_to: tuple[str, ...]
) -> str:
    run = world.runs.get(caller.run)
    subject = run.subject if run is not None else ""
    below = subject in plan.orchestrators or (subject == rules.meta_of(plan) and subject != OPERATOR)
    if (
        not below
        or status.kind != rules.WORKSTREAM
        or subject not in open_to
        or not may_command(plan, subject, status.subject)
    ):
        raise RefusedError(
            f"{caller.run or 'an agent'} may not answer {status.id}: agents of orchestrators answer workstream "
            "escalations of workstreams below them, nothing else",
        )
    return subject


def _data(status: EscalationStatus) -> dict[str, object]:
    return {"id": status.id, "kind": status.kind, "to": list(status.waits_for), "within": status.within}
