"""Carries out what people ask of gates: measure, decide, sign, waive. A refusal is put on record, too."""

from __future__ import annotations

from typing import Any

from locust_tui.analysis.decision_basis import evidence_digest
from locust_tui.analysis.gates import standings
from locust_tui.analysis.plan_index import PlanIndex
from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import CriterionSigned, Noted
from locust_tui.domain.plan import Gate
from locust_tui.errors import RefusedError
from locust_tui.state.store import Store

from .callers import Caller
from .gatekeeper import decide_gate, find_gate, sign_criterion, waive_criterion
from .measuring import Measurer
from .planning import PlanKeeper
from .told import Told

Asked = r.EvaluateGate | r.DecideGate | r.SignCriterion | r.WaiveCriterion


class GateRequests:
    """See `told.Taker`."""

    def __init__(self, store: Store, keeper: PlanKeeper, measurer: Measurer, clock: Clock) -> None:
        self._store, self._keeper, self._measurer, self._clock = store, keeper, measurer, clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, Asked)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, Asked)
        gate = find_gate(self._keeper.in_force(), request.gate)
        if isinstance(request, r.EvaluateGate):
            await self._measurer.measure_now(self._measurer.of_gate(gate))
            return Told(self._standing(gate))
        if isinstance(request, r.DecideGate):
            await self._measurer.refresh(gate)
        try:
            return self._decided(request, caller)
        except RefusedError as error:
            refusal = Noted("warning", f"refused: {error.message}", gate.id)
            await self._store.append(caller.person(request.by), refusal)
            raise

    def _decided(self, request: r.DecideGate | r.SignCriterion | r.WaiveCriterion, caller: Caller) -> Told:
        plan, world, now = self._keeper.in_force(), self._store.world, self._clock()
        if isinstance(request, r.DecideGate):
            events, data = decide_gate(plan, world, request, caller, now)
            return Told(data, tuple(events))
        if isinstance(request, r.WaiveCriterion):
            return Told({}, tuple(waive_criterion(plan, world, request, caller, now)))
        signing = sign_criterion(plan, world, request, caller, now)
        signed = next(e for e in signing if isinstance(e, CriterionSigned)).signature
        return Told({"criterion": signed.criterion, "role": signed.by.role}, tuple(signing))

    def _standing(self, gate: Gate) -> dict[str, Any]:
        plan, world = self._keeper.in_force(), self._store.world
        found = standings(plan, world, gate, self._clock())
        criteria = [{"id": s.criterion.id, "name": s.criterion.name, "state": s.state.value} for s in found]
        terms = PlanIndex(plan).gate_terms[gate.id]
        return {"criteria": criteria, "evidence_digest": evidence_digest(terms, world.gate(gate.id), found)}
