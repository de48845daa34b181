"""Why a changed plan is held back: which of its changes want a person's yes, and how that is said."""

from __future__ import annotations

import math
import os
from pathlib import Path

from locust_tui.domain.held_plan import PlanError
from locust_tui.domain.states import OPEN_GATE_STATES, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.plans.diff import ChangeKind, PlanDiff
from locust_tui.plans.trust import TrustState

_UNTOUCHED = (WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY)


def standing(world: World) -> tuple[set[str], set[str], set[str]]:
    """What has begun, what is accepted, and which gates are open."""
    begun = {s.id for s in world.workstreams.values() if s.state not in _UNTOUCHED or s.attempt}
    accepted = {s.id for s in world.workstreams.values() if s.state is WorkstreamState.ACCEPTED}
    approved = {g.id for g in world.gates.values() if g.state in OPEN_GATE_STATES}
    return begun - accepted, accepted, approved


def needs_yes(diff: PlanDiff, world: World) -> tuple[str, ...]:
    """The changes that wait for a yes, each followed by what becomes of the agent that it takes the ground from;
    after them every other change, for the yes is to all of them. Empty where none wants a yes."""
    lines: list[str] = []
    asking = diff.needs_confirmation(*standing(world))
    for change in asking:
        lines.append(change.words)
        run = world.latest_run(change.id) if change.section == "workstreams" else None
        if run is not None and run.live:
            pid = f" (pid {run.pid})" if run.pid is not None else ""
            lines.append(f"agent of {run.id}{pid} goes on until it ends")
    others = [change.words for change in diff.changes if change not in asking] if asking else []
    return (*lines, *(f"also: {words}" for words in others))


def revoked(trust: TrustState) -> bool:
    """Nobody trusts any version of the plan: then not even the last good one may start anything."""
    return not trust.trusted and not trust.refused and trust.diff_to_last_trusted is None


def removed(diff: PlanDiff) -> tuple[str, ...]:
    """Ids of what may have had agents and is in the plan no more."""
    gone = (diff.of(section, ChangeKind.REMOVED) for section in ("workstreams", "orchestrators"))
    return tuple(change.id for changes in gone for change in changes)


def at_work(world: World, path: Path) -> tuple[str, ...]:
    """Runs that were live when the file was changed last, as far as its own facts tell."""
    try:
        changed = os.stat(path).st_ctime
    except OSError:
        changed = math.inf
    return tuple(r.id for r in world.runs.values() if r.live or (r.ended is not None and r.ended >= changed))


def headline(errors: tuple[PlanError, ...]) -> str:
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    return f"{count}; the last good plan stays in force"
