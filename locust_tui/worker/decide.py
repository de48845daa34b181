"""The pure heart: from plan, world and time to what the worker does next. No I/O, no clock, no decision of a person's.

Every rule looks at one workstream, gate or orchestrator and says what it asks for. One call answers for one world:
carry the actions out, apply their events, and call again until it asks for nothing. Slots are given out last, by
turn, once no state changes any more at this moment: a slot freed by work whose acceptance makes more urgent work
ready goes to that.
"""

from __future__ import annotations

from functools import partial

from locust_tui.analysis.accounts import account_of, reopens_at, reserve_ends_at
from locust_tui.analysis.holds import start_hold, start_hold_of
from locust_tui.analysis.restored import is_news
from locust_tui.analysis.slots import Slots, taken_slots
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import UNFINISHED, WorkstreamState
from locust_tui.domain.world import World

from .acceptance import review
from .actions import Action, Decision, End, Move, MoveGate, OpenAccount, Outcome, Start, Verify
from .caps import agent_type_of, full, take_slot, take_spare_slot
from .gate_life import gate_life
from .outcome import at_rest, open_points
from .outlook import Outlook
from .running import needs_input, running
from .sight import NOTHING, Proposal, Sight, earliest
from .starting import again, over, stray_run, unstarted
from .wiring import Coordinator

__all__ = ["Outlook", "decide", "outcome"]

_W = WorkstreamState
BY_PLAN = "the plan defers it"
"""Begins the reason of what a plan, and no person, deferred."""
SHORT_LOOK_S = 5.0
_UNTOUCHED = frozenset({_W.PLANNED, _W.BLOCKED})


def decide(plan: Plan, world: World, now: float, *, outlook: Outlook) -> Decision:
    """What to do now. Nothing before the project has been started, and for workstreams that left the plan.

    The answer depends on the arguments and the outlook's facts alone. `now` is seconds since the epoch and must
    not run back between calls on one log, nor be behind the times of its events. Raises ValueError for an outlook
    of another plan.
    """
    if outlook.plan is not plan:
        raise ValueError("the outlook belongs to another plan")
    if world.project.started is None:
        outlook.forget()
        return Decision()
    changed = outlook.changed(world, now)
    sight = outlook.sight(world, now)
    for subject in changed:
        outlook.keep(subject, propose(sight, subject))
    asked, order = outlook.answers.actions, outlook.wiring.order
    actions = [action for subject in sorted(asked, key=order.__getitem__) for action in asked[subject]]
    due, opens_at = _accounts(outlook, world, now)
    actions += [OpenAccount(account) for account in due]
    if not any(isinstance(action, (Move, MoveGate, Verify, OpenAccount)) for action in actions):
        actions += _starts(outlook, world, now)
    held = _held(outlook)
    over = (
        opens_at is None
        and not (held or is_news(world))
        and world.project.ended is None
        and bool(plan.workstreams)
    )
    if not actions and over and at_rest(sight, outlook.answers):
        points, ok = open_points(sight, outlook.answers)
        actions.append(End("; ".join(points) or _all_done(plan), ok))
    return Decision(tuple(actions), earliest(outlook.wake_at, opens_at, now + SHORT_LOOK_S if held else None))


def _held(outlook: Outlook) -> bool:
    """Something would start, if the machine had what that takes."""
    return bool(outlook.short and (outlook.answers.startable or outlook.answers.spare))


def _accounts(outlook: Outlook, world: World, now: float) -> tuple[list[str], float | None]:
    """(accounts that time has opened again, when it next lets go on what waits for one)."""
    if not world.accounts:
        return [], None
    plan, answers = outlook.plan, outlook.answers
    types = {world.runs[run].agent_type for run in answers.live}
    startable = {agent_type_of(plan.workstreams[outlook.wiring.by_rank[rank]]) for rank in answers.startable}
    types |= {one.agent_type for one in outlook.wiring.coordinators if one.subject in answers.spare}
    starting = {account_of(plan, agent_type) for agent_type in startable}
    wanted = starting | {account_of(plan, agent_type) for agent_type in types}
    due, ahead = [], []
    for status in world.accounts.values():
        at = reopens_at(status)
        if at is not None and at <= now:
            due.append(status.id)
        elif at is not None and status.id in wanted:
            ahead.append(at)
        elif status.id in starting and (over := reserve_ends_at(plan, status, now)) is not None:
            ahead.append(over)
    return due, min(ahead, default=None)


def outcome(plan: Plan, world: World, now: float, *, outlook: Outlook) -> Outcome:
    """Whether the plan has come to an end, and, as long as it has not or has not gone well, each open point."""
    if world.project.started is None:
        return Outcome(False, False, ("not started",))
    decision = decide(plan, world, now, outlook=outlook)
    sight = outlook.sight(world, now)
    idle = all(isinstance(a, End) for a in decision.actions) and _accounts(outlook, world, now)[1] is None
    ended = idle and not (_held(outlook) or is_news(world)) and at_rest(sight, outlook.answers)
    points, ok = open_points(sight, outlook.answers)
    return Outcome(ended, ok, points)


def _all_done(plan: Plan) -> str:
    count = len(plan.workstreams)
    gates = ", and every gate is open" if plan.gates else ""
    return f"{'the one workstream is' if count == 1 else f'all {count} workstreams are'} accepted or deferred{gates}"


def propose(sight: Sight, subject: str) -> Proposal:
    """What one workstream, gate or orchestrator asks for, looked at alone."""
    workstream = sight.plan.workstreams.get(subject)
    if workstream is None:
        gate = sight.plan.gates.get(subject)
        return gate_life(sight, gate) if gate is not None else _coordinator(sight, subject)
    status = sight.world.workstream(subject)
    if subject in sight.killed and status.state in UNFINISHED:
        reason = f"gate {sight.killed[subject]} was killed"
        return Proposal((Move(subject, _W.CANCELLED, reason), *stray_run(sight, status)))
    match status.state:
        case _W.PLANNED | _W.BLOCKED | _W.READY if workstream.defer:
            reason = f"{BY_PLAN} to {workstream.defer}"
            return Proposal((Move(subject, _W.DEFERRED, reason), *stray_run(sight, status)))
        case _W.DEFERRED if not workstream.defer and status.reason.startswith(BY_PLAN):
            return Proposal((Move(subject, _W.PLANNED, "the plan defers it no more"),))
        case _W.PLANNED | _W.BLOCKED | _W.READY:
            return unstarted(sight, workstream, status)
        case _W.RUNNING:
            return running(sight, workstream, status)
        case _W.NEEDS_INPUT:
            return needs_input(sight, workstream, status)
        case _W.REVIEW:
            return review(sight, workstream, status)
        case _W.REWORK:
            return again(sight, workstream, status)
        case _W.PAUSED:
            return NOTHING
        case _:
            return over(sight, status)


def _coordinator(sight: Sight, subject: str) -> Proposal:
    """An orchestrator's own agent begins once, with its first work (the meta's with the plan), and again only when a
    person asks for it."""
    one: Coordinator = next(c for c in sight.wiring.coordinators if c.subject == subject)
    world = sight.world
    if f"{one.id}.1" in world.runs:
        last = world.latest_run(one.id)
        return Proposal(startable=True) if last is not None and last.again and not last.live else NOTHING
    if one.first is None and not one.members:
        return Proposal(startable=True)
    if all(world.workstream(id).state not in UNFINISHED for id in one.members):
        return NOTHING
    if one.first is None or any(world.workstream(id).state not in _UNTOUCHED for id in one.first):
        return Proposal(startable=True)
    return NOTHING


def _starts(outlook: Outlook, world: World, now: float) -> list[Action]:
    """Give the free slots out: to work by turn, then to orchestrators' agents where work leaves one to spare.

    What its account or a budget holds takes none; a machine that lacks something gives none.
    """
    answers, wiring, plan = outlook.answers, outlook.wiring, outlook.plan
    if outlook.short or not (answers.startable or answers.spare) or full(plan, len(answers.live)):
        return []
    slots = taken_slots(plan, (world.runs[run] for run in answers.live), world.grants.values())
    actions: list[Action] = []
    for rank in answers.startable:
        if full(plan, slots.total):
            break
        workstream = plan.workstreams[wiring.by_rank[rank]]
        if (
            start_hold(plan, world, workstream, now, critical=partial(wiring.critical, workstream.id))
            is not None
        ):
            continue
        if take_slot(plan, slots, workstream):
            attempt = world.workstream(workstream.id).attempt + 1
            actions.append(Move(workstream.id, _W.RUNNING, f"attempt {attempt}"))
            actions.append(Start(workstream.id, attempt, agent_type_of(workstream)))
    if answers.spare:
        actions += _spare_starts(outlook, world, slots, now)
    return actions


def _spare_starts(outlook: Outlook, world: World, slots: Slots, now: float) -> list[Action]:
    plan = outlook.plan
    live = (world.runs[run] for run in outlook.answers.live)
    others = (run for run in live if run.subject not in plan.workstreams)
    lasting = taken_slots(plan, others, world.grants.values())
    left = [id for id in plan.workstreams if world.workstream(id).state in UNFINISHED]
    return [
        Start(one.id, last.attempt + 1 if (last := world.latest_run(one.id)) else 1, one.agent_type)
        for one in outlook.wiring.coordinators
        if one.subject in outlook.answers.spare
        and start_hold_of(plan, world, one.id, one.agent_type, now, critical=lambda: True) is None
        and take_spare_slot(plan, slots, lasting, one.id, one.agent_type, left)
    ]
