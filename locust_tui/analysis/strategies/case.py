"""What a strategy starts from: the plan, what has happened so far, and which of its work can still be changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Need, Plan, Strategy, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE, UNFINISHED, WorkstreamState
from locust_tui.domain.studies.strategies import Edit, Refusal
from locust_tui.domain.world import World
from locust_tui.errors import UsageError
from locust_tui.signs import stands

from ..actuals import Actuals, actuals, deferred
from ..schedule import Schedule, critical_path
from .edits import edited

_UNTOUCHED = (WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a strategy would change, and what it would not, each with the reason."""

    edits: tuple[Edit, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    """Why there are no edits."""


@dataclass(frozen=True, slots=True)
class Case:
    """Plan, record and moment (seconds since the epoch)."""

    plan: Plan
    world: World
    now: float

    @classmethod
    def of(cls, plan: Plan, world: World, now: float, *, strict: bool = False) -> Case:
        """`strict`: every need counts as done, as in a plan that overlaps nothing."""
        return cls(as_if_done(plan) if strict else plan, world, now)

    def after(self, edits: tuple[Edit, ...]) -> Case:
        return replace(self, plan=edited(self.plan, edits))

    @property
    def past(self) -> Actuals:
        """What was done, while anything is left to do; else nothing, and the plan counts as it was made."""
        left = any(self.world.workstream(id).state in UNFINISHED for id in self.plan.workstreams)
        under_way = left and self.world.project.started is not None
        if under_way:
            return actuals(self.plan, self.world, self.now)
        return Actuals(removed=deferred(self.plan, self.world))

    def schedule(self) -> Schedule:
        """The critical path with as many agents as it takes; gates hold nothing in it."""
        return critical_path(self.plan, actual=self.past)

    def in_scope(self, id: str) -> bool:
        return not self.plan.workstreams[id].defer and self.world.workstream(id).state not in OUT_OF_SCOPE

    def unfinished(self, id: str) -> bool:
        return self.in_scope(id) and self.world.workstream(id).state is not WorkstreamState.ACCEPTED

    def begun(self, id: str) -> str:
        """Why a workstream can be changed no more, in words; empty while it is untouched."""
        status = self.world.workstream(id)
        if not self.in_scope(id):
            return "out of scope already"
        if status.state in _UNTOUCHED and not status.attempt:
            return ""
        if status.state is WorkstreamState.ACCEPTED:
            return "accepted already"
        return f"begun already: {stands(status.state)}, attempt {status.attempt}"


def as_if_done(plan: Plan) -> Plan:
    """The plan with every need of a workstream read as done."""

    def strictly(w: Workstream) -> Workstream:
        return replace(w, needs=tuple(Need(n.target, hard=n.hard) for n in w.needs))

    return replace(plan, workstreams={id: strictly(w) for id, w in plan.workstreams.items()})


def option(strategy: Strategy, name: str, otherwise: Any) -> Any:
    """A key of the strategy's own as the plan file has it. UsageError where it is no such thing as `otherwise`."""
    if name not in strategy.options:
        return otherwise
    value = json.loads(strategy.options[name])
    if isinstance(otherwise, tuple):
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    if isinstance(otherwise, str):
        return str(value)
    right = (int, float) if isinstance(otherwise, float) else type(otherwise)
    if not isinstance(value, right) or (isinstance(value, bool) and not isinstance(otherwise, bool)):
        kind = {bool: "true or false", int: "a whole number", float: "a number", dict: "a block"}
        raise UsageError(
            f"strategy {strategy.id}: {name} is {kind[type(otherwise)]}", help="mend it in the plan file"
        )
    return value
