"""Since when each need of the plan has been met, as the log tells it."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.events import DeliverableVerified, Event, RunCreated, WorkstreamMoved
from locust_tui.domain.plan import Need, Plan
from locust_tui.domain.world import WorkstreamStatus, World

from .needs import need_state


class NeedMoments:
    """Of needs of workstreams; `events` are the log's moves, verifications and begun runs, oldest first."""

    def __init__(self, plan: Plan, world: World, events: Iterable[Event]) -> None:
        self._plan, self._world = plan, world
        self._since: dict[Need, float] = {}
        self._revisions: dict[Need, list[int]] = {}
        needs: dict[str, list[Need]] = {}
        for w in plan.workstreams.values():
            for need in w.needs:
                if need not in needs.setdefault(need.target, []):
                    needs[need.target].append(need)
        past = World()
        for event in events:
            changed = _changed(past, event)
            for need in needs.get(changed or "", ()):
                self._look(need, event, met=need_state(need, plan, past).met)

    def _look(self, need: Need, event: Event, *, met: bool) -> None:
        if met is (need in self._since):
            return
        self._revisions.setdefault(need, []).append(event.revision)
        if met:
            self._since[need] = event.at
        else:
            del self._since[need]

    def met(self, need: Need) -> bool:
        """Now."""
        return need_state(need, self._plan, self._world).met

    def since(self, need: Need) -> float | None:
        """None while it is not met; where the log does not say, when what it needs was accepted or moved last."""
        if not self.met(need):
            return None
        if (known := self._since.get(need)) is not None:
            return known
        status = self._world.workstream(need.target)
        return status.accepted_at or status.since

    def revisions(self, needs: Iterable[Need]) -> list[int]:
        """Events that met or unmet one of them."""
        return [r for need in needs for r in self._revisions.get(need, ())]


def _changed(world: World, event: Event) -> str | None:
    """Bring what needs look at up to date; the workstream that changed."""
    body = event.body
    match body:
        case WorkstreamMoved():
            old = world.workstream(body.workstream)
            new = WorkstreamStatus(old.id, body.new, first_started=old.first_started, verified=old.verified)
        case RunCreated():
            old = world.workstream(body.subject)
            new = WorkstreamStatus(old.id, old.state, first_started=event.at, verified=old.verified)
        case DeliverableVerified():
            old = world.workstream(body.workstream)
            rest = tuple(d for d in old.verified if d != body.deliverable)
            verified = (*rest, body.deliverable) if body.verified else rest
            new = WorkstreamStatus(old.id, old.state, first_started=old.first_started, verified=verified)
        case _:
            return None
    world.workstreams[new.id] = new
    return new.id
