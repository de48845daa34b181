"""How well agents are used, needs between orchestrators are met, and gates pass: shares of what there was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from locust_tui.domain.events import (
    CriterionMeasured,
    Event,
    GateDecided,
    RunChanged,
    RunEnded,
    RunStarted,
    WorkstreamMoved,
)
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import OUT_OF_SCOPE, DecisionKind
from locust_tui.domain.studies.figures import Figure, Share
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .agent_metrics import utilisation
from .need_moments import NeedMoments
from .needs_news import edges, planned_end
from .run_spans import trace

_OPENS = frozenset({DecisionKind.GO, DecisionKind.CONDITIONAL})


def use_of_agents(plan: Plan, world: World, now: float, events: Sequence[Event]) -> tuple[Share, Share]:
    """(capacity utilisation, dispatch efficiency), in agent hours.

    Capacity: busy / (cap · elapsed). Dispatch: busy / ∫ min(cap, live + ready) dt: a plan that offers little to do
    uses little of its cap, however well it is dispatched.
    """
    spans = trace(events, now)
    used = utilisation(plan, spans, world.project.started, now)
    cap, busy = plan.resources.max_agents, spans.busy_s / 3600.0
    on_runs = rests_on(e.revision for e in events if isinstance(e.body, RunStarted | RunChanged | RunEnded))
    on_all = rests_on(
        e.revision for e in events if isinstance(e.body, RunStarted | RunChanged | RunEnded | WorkstreamMoved)
    )
    return (
        Share(busy, (cap or 0) * used.elapsed_h, Figure(used.capacity, used.capacity_reason, on_runs)),
        Share(busy, spans.demand(cap) / 3600.0, Figure(used.dispatch, used.dispatch_reason, on_all)),
    )


def cross_domain(
    plan: Plan, world: World, now: float, moments: NeedMoments
) -> tuple[Share, Share, tuple[str, ...]]:
    """(needs between orchestrators that are met of all, met in time of those due, "WS-05 > WS-09" of each overdue).

    A need is due at its predecessor's planned end. Work that is out of scope needs nothing and is not waited for.
    """
    found = [
        e
        for e in edges(plan)
        if not OUT_OF_SCOPE & {world.workstream(e.successor).state, world.workstream(e.target).state}
    ]
    met = [e for e in found if moments.met(e.need)]
    ends = {e.target: planned_end(plan, world, plan.workstreams[e.target]) for e in found}
    due = [e for e in found if (end := ends[e.target]) is not None and end <= now]
    on_time = [e for e in due if e in met and (moments.since(e.need) or 0.0) <= (ends[e.target] or 0.0)]
    overdue = tuple(f"{e.target} > {e.successor}" for e in due if e not in met)
    rests = rests_on(moments.revisions(e.need for e in found), "needs of the plan in force")
    none = "no need crosses from one orchestrator to another"
    return (
        _share(len(met), len(found), none, rests),
        _share(len(on_time), len(due), none if not found else "no such need is due yet", rests),
        overdue,
    )


def _share(part: float, whole: float, reason: str, rests: Rests) -> Share:
    return Share(part, whole, Figure(100.0 * part / whole if whole else None, "" if whole else reason, rests))


def gate_pass(plan: Plan, world: World, events: Iterable[Event]) -> Share:
    """Gates whose first decision let them through, of those decided: one that was recycled first never passed at first."""
    decided = [g.decisions[0].kind for id in plan.gates if (g := world.gate(id)).decisions]
    passed = sum(kind in _OPENS for kind in decided)
    rests = rests_on(
        e.revision for e in events if isinstance(e.body, GateDecided) and e.body.gate in plan.gates
    )
    return _share(passed, len(decided), "no gate has been decided yet", rests)


def criteria_pass(plan: Plan, world: World, events: Iterable[Event]) -> Share:
    """Criteria of gates that passed when they were first measured, of those measured."""
    found = [
        result
        for key, result in world.criteria.items()
        if key.startswith("gate:")
        and result.evaluations
        and key.removeprefix("gate:").split("/")[0] in plan.gates
    ]
    passed = sum(r.first_passed is True for r in found)
    rests = rests_on(
        e.revision
        for e in events
        if isinstance(e.body, CriterionMeasured) and e.body.result.key.startswith("gate:")
    )
    return _share(passed, len(found), "no criterion of a gate has been measured yet", rests)
