"""What keeps an agent that was asked for from starting: needs, gates, dates, its account, slots, and its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..domain.snapshot import Snapshot
    from .spawn_additions import Subject
    from .target import State


def held(state: State, snapshot: Snapshot, subject: Subject) -> str:
    """What keeps it from starting, in words; empty: nothing but the worker's next look."""
    if subject.what == "workstream":
        return _work_held(state, snapshot, subject.id)
    from ..analysis.slots import no_slot_for, owner_of, taken_slots
    from ..domain.states import UNFINISHED
    from ..worker.caps import take_spare_slot

    plan, world = state.plan, state.world
    boss = plan.meta if subject.what == "meta" else plan.orchestrators[subject.id]
    assert boss is not None
    slots = taken_slots(plan, world.live_runs(), world.grants.values())
    full = no_slot_for(plan, slots, boss.agent or "", owner_of(plan, subject.id))
    if full:
        return full
    if (
        subject.what == "orchestrator"
        and f"{subject.id}.1" not in world.runs
        and not _has_work(state, subject.id)
    ):
        return "it begins with its first workstream that can be worked on"
    bosses = (r for r in world.live_runs() if r.subject not in plan.workstreams)
    lasting = taken_slots(plan, bosses, world.grants.values())
    left = [id for id in plan.workstreams if world.workstream(id).state in UNFINISHED]
    spare = take_spare_slot(plan, slots, lasting, subject.id, boss.agent or "", left)
    return "" if spare else "the last slot is kept for work"


def _has_work(state: State, orchestrator: str) -> bool:
    """Whether work of its first phase is ready or under way."""
    from ..worker.wiring import Wiring

    first = next((c.first for c in Wiring(state.plan).coordinators if c.id == orchestrator), None) or ()
    waiting = ("planned", "blocked")
    return any(state.world.workstream(id).state.value not in waiting for id in first)


def _work_held(state: State, snapshot: Snapshot, id: str) -> str:
    from ..analysis.gates import holds_start
    from ..analysis.holds import start_hold
    from ..analysis.slots import no_slot, taken_slots
    from ..domain.plan import SchedulePolicy

    plan, world, work = state.plan, state.world, state.plan.workstreams[id]
    status, view = world.workstream(id), next(w for w in snapshot.workstreams if w.id == id)
    slots = taken_slots(plan, world.live_runs(), world.grants.values())
    dated = plan.schedule is SchedulePolicy.AS_PLANNED and (view.why or "").startswith("planned for week")
    holds = (
        dated
        or any(not n.met for n in view.needs)
        or holds_start(plan, world, work) is not None
        or (status.retry_at or 0.0) > state.at
        or start_hold(plan, world, work, state.at, critical=lambda: view.critical or not plan.last_week)
        or no_slot(plan, slots, work)
    )
    return view.why or "it is held" if holds else ""


def place_in_queue(state: State, snapshot: Snapshot, subject: Subject) -> str:
    """Its turn among the work that waits for a slot; empty where it does not wait for one."""
    from ..worker.wiring import Wiring

    waiting = [w.id for w in snapshot.workstreams if "no free slot" in (w.why or "")]
    if subject.id not in waiting:
        return ""
    waiting.sort(key=Wiring(state.plan).rank.__getitem__)
    return f"{waiting.index(subject.id) + 1} of {len(waiting)}"
