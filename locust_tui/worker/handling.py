"""Carries out what viewers and agents ask: one rule a request, each answered after its commit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

from locust_tui import __version__
from locust_tui.analysis.criterion_state import standing
from locust_tui.analysis.gates import standings
from locust_tui.client import requests as r
from locust_tui.criteria.inputs import is_stale
from locust_tui.domain.clock import Clock
from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.events import CriteriaStale, CriterionSigned, Noted, WorkstreamReported
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import CriterionState
from locust_tui.errors import LocustTuiError, NotFoundError, RefusedError, did_you_mean
from locust_tui.state.store import Store

from .callers import Caller
from .checks import Check, checks_of
from .gatekeeper import decide_gate, find_gate, sign_criterion, waive_criterion
from .measuring import Measurer
from .planning import PlanKeeper
from .steering import find_workstream, steer
from .supervisor import Supervisor


@dataclass(slots=True)
class Handling:
    """The worker's rooms that a request may need. `wake`: look again at what is to be done."""

    store: Store
    keeper: PlanKeeper
    supervisor: Supervisor
    measurer: Measurer
    clock: Clock
    wake: Callable[[], None]
    keep_alive: Callable[[], None]
    shutdown: Callable[[bool], None]

    async def __call__(self, request: r.Request, caller: Caller) -> dict[str, Any]:
        """The data of the answer. Raises LocustTuiError."""
        data: dict[str, Any] = await self._handle(request, caller)
        self.wake()
        return data

    @property
    def plan(self) -> Plan:
        if self.keeper.plan is None:
            held = self.store.world.project.held
            why = f": {held.summary}" if held else ""
            raise RefusedError(f"no plan is in force yet{why}", help="locust-tui trust PLAN")
        return self.keeper.plan

    @singledispatchmethod
    async def _handle(self, request: Any, caller: Caller) -> dict[str, Any]:
        raise NotImplementedError(type(request).__name__)

    @_handle.register
    async def _(self, request: r.Ping, caller: Caller) -> dict[str, Any]:
        return {"pid": os.getpid(), "version": __version__, "plan": self.store.world.project.plan_path}

    @_handle.register
    async def _(self, request: r.Subscribe, caller: Caller) -> dict[str, Any]:
        return {}

    @_handle.register
    async def _(self, request: r.KeepAlive, caller: Caller) -> dict[str, Any]:
        self.keep_alive()
        return {}

    @_handle.register
    async def _(self, request: r.Shutdown, caller: Caller) -> dict[str, Any]:
        if request.stop_agents:
            await self.supervisor.stop_all()
        self.shutdown(request.stop_agents)
        return {}

    @_handle.register
    async def _(self, request: r.RecheckPlan, caller: Caller) -> dict[str, Any]:
        await self.keeper.recheck()
        return {}

    @_handle.register
    async def _(self, request: r.ConfirmPlan, caller: Caller) -> dict[str, Any]:
        await self.keeper.confirm(request.digest, caller.person(request.by))
        return {}

    @_handle.register
    async def _(self, request: r.SteerWorkstream, caller: Caller) -> dict[str, Any]:
        steered = steer(self.plan, self.store.world, request, caller, self.clock())
        if steered.pause is not None:
            await self.supervisor.pause(steered.pause)
        await self.store.append(caller.person(request.by), *steered.events)
        if steered.resume is not None:
            await self.supervisor.resume(steered.resume)
        if steered.stop is not None:
            self.supervisor.stop(steered.stop.id, steered.why_stop)
        return {"state": self.store.world.workstream(request.workstream).state.value}

    @_handle.register
    async def _(self, request: r.StopRun, caller: Caller) -> dict[str, Any]:
        world = self.store.world
        run = world.runs.get(request.run) or world.latest_run(request.run)
        if run is None:
            known = [*world.runs, *self.plan.workstreams]
            raise NotFoundError(
                f'no run "{request.run}"', help=did_you_mean(request.run, known) or "locust-tui ps"
            )
        if not run.live:
            raise RefusedError(f"{run.id} has ended already ({run.state})")
        self.supervisor.stop(run.id, f"stopped by {caller.name}")
        return {"run": run.id, "pid": run.pid}

    @_handle.register
    async def _(self, request: r.ReportProgress, caller: Caller) -> dict[str, Any]:
        find_workstream(self.plan, request.workstream)
        body = WorkstreamReported(
            request.workstream, request.run, request.progress, request.note, request.blocker, request.next,
            request.deliverable,
        )  # fmt: skip
        await self.store.append(caller.person(), body)
        return {}

    @_handle.register
    async def _(self, request: r.EvaluateGate, caller: Caller) -> dict[str, Any]:
        gate = find_gate(self.plan, request.gate)
        await self.measurer.measure_now(self._checks(gate), self.wake)
        found = standings(self.plan, self.store.world, gate, self.clock())
        return {
            "criteria": [
                {"id": s.criterion.id, "name": s.criterion.name, "state": s.state.value} for s in found
            ]
        }

    @_handle.register
    async def _(self, request: r.DecideGate, caller: Caller) -> dict[str, Any]:
        gate = find_gate(self.plan, request.gate)
        await self._refresh_stale(gate)
        try:
            events, told = decide_gate(self.plan, self.store.world, request, caller, self.clock())
        except RefusedError as error:
            await self._note_refusal(error, caller.person(request.by), gate.id)
            raise
        await self.store.append(caller.person(request.by), *events)
        return told

    @_handle.register
    async def _(self, request: r.SignCriterion, caller: Caller) -> dict[str, Any]:
        events = sign_criterion(self.plan, self.store.world, request, caller, self.clock())
        await self.store.append(caller.person(request.by), *events)
        signed = next(e for e in events if isinstance(e, CriterionSigned))
        return {"criterion": signed.signature.criterion, "role": signed.signature.by.role}

    @_handle.register
    async def _(self, request: r.WaiveCriterion, caller: Caller) -> dict[str, Any]:
        events = waive_criterion(self.plan, self.store.world, request, caller, self.clock())
        await self.store.append(caller.person(request.by), *events)
        return {}

    async def _note_refusal(self, error: LocustTuiError, by: Person, subject: str) -> None:
        await self.store.append(by, Noted("warning", f"refused: {error.message}", subject))

    def _checks(self, gate: Gate) -> list[Check]:
        known = checks_of(self.plan)
        keys = (criterion_key(f"gate:{gate.id}", c.id) for c in gate.criteria)
        return [known[k] for k in keys if known[k].criterion.machine]

    async def _refresh_stale(self, gate: Gate) -> None:
        """Measure again what no longer holds, so that a decision rests on the present inputs."""
        stale = await stale_checks(self._checks(gate), self)
        if stale:
            await self.store.append(
                Person("worker"),
                CriteriaStale(tuple(c.key for c in stale), "its inputs changed before a decision"),
            )
            await self.measurer.measure_now(stale, self.wake)


async def stale_checks(checks: Iterable[Check], rooms: Handling) -> list[Check]:
    """Those of `checks` that were measured, and whose inputs or age no longer agree with the result."""
    found = []
    for check in checks:
        result = rooms.store.world.criteria.get(check.key)
        if result is None or result.state is CriterionState.NOT_RUN:
            continue
        if (
            standing(check.criterion, check.key, rooms.plan, rooms.store.world, rooms.clock()).state
            is CriterionState.STALE
        ):
            found.append(check)
            continue
        if is_stale(result, check.criterion, await rooms.measurer.inputs(check.criterion), rooms.clock()):
            found.append(check)
    return found
