"""Random plans, and worlds in any state whatever, for properties that must hold of all of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite
from seed_plan import START, WEEK, need

from locust_tui.domain.criterion import CriterionResult, Evidence, criterion_key
from locust_tui.domain.people import Approval, Condition, Decision, Person, Signature, Waiver
from locust_tui.domain.plan import Calendar, Deliverable, Plan, Project, Weeks, Workstream
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, RunState, WorkstreamState
from locust_tui.domain.world import GateStatus, HeldPlan, RunStatus, WorkstreamStatus, World

CONDITIONS = st.sampled_from(["done", "started", "25%", "33%", "50%", "100%", "d1", "d2"])
MOMENTS = st.floats(START, START + 14 * WEEK)
_ANA = Person("ana", "tech-review")


@composite
def random_dags(draw: DrawFn, most: int = 9) -> Plan:
    """Plans without gates whose needs go back to earlier workstreams only, so that there is no cycle."""
    works: dict[str, Workstream] = {}
    for i in range(draw(st.integers(1, most))):
        first = draw(st.integers(1, 4))
        targets = draw(st.lists(st.sampled_from(sorted(works)), unique=True, max_size=3)) if works else []
        works[f"w{i}"] = Workstream(
            f"w{i}",
            f"work {i}",
            weeks=Weeks(first, first + draw(st.integers(0, 4))),
            deliverables=(Deliverable("d1", "one"), Deliverable("d2", "two")),
            needs=tuple(need(t, draw(CONDITIONS)) for t in targets),
            agent="coder",
        )
    return Plan(Project("random", "random", window=(1, 9)), works, calendar=Calendar(start=START))


@composite
def status_of(draw: DrawFn, work: str) -> WorkstreamStatus:
    state = draw(st.sampled_from(WorkstreamState))
    return WorkstreamStatus(
        work,
        state=state,
        reason=draw(st.sampled_from(["", "exit code 1"])),
        since=draw(st.none() | MOMENTS),
        attempt=draw(st.integers(0, 3)),
        first_started=draw(st.none() | MOMENTS),
        accepted_at=draw(MOMENTS) if state is WorkstreamState.ACCEPTED else None,
        retry_at=draw(st.none() | MOMENTS),
        forced=draw(st.booleans()),
        reported=draw(st.none() | st.floats(0, 100)),
        blocker=draw(st.sampled_from(["", "no key"])),
        verified=tuple(draw(st.lists(st.sampled_from(["d1", "d2", "d3", "gone"]), unique=True, max_size=4))),
        claimed=tuple(draw(st.lists(st.sampled_from(["d1", "d5"]), unique=True))),
        reviews=draw(st.integers(0, 3)),
        first_review_passed=draw(st.none() | st.booleans()),
    )


@composite
def gate_status(draw: DrawFn, gate: str, criteria: tuple[str, ...]) -> GateStatus:
    which = st.sampled_from(criteria)
    conditions = (
        Condition("write it down", "ana", draw(st.sampled_from(["week 5", "2025-12-24", "soon", None]))),
    )
    decision = Decision(draw(st.sampled_from(DecisionKind)), _ANA, START, conditions=conditions)
    return GateStatus(
        gate,
        state=draw(st.sampled_from(GateState)),
        since=draw(st.none() | MOMENTS),
        decisions=(decision,) if draw(st.booleans()) else (),
        approvals=(Approval("tech-review", _ANA, START),) if draw(st.booleans()) else (),
        signatures=(Signature(draw(which), _ANA, START),) if draw(st.booleans()) else (),
        waivers=(Waiver(draw(which), _ANA, START, "known", draw(st.sampled_from([None, "5"]))),)
        if draw(st.booleans())
        else (),
    )


def result_keys(plan: Plan) -> list[str]:
    keys = [criterion_key(f"gate:{g.id}", c.id) for g in plan.gates.values() for c in g.criteria]
    keys += [criterion_key(f"accept:{w.id}", c.id) for w in plan.workstreams.values() for c in w.accept]
    keys += [criterion_key("risk", r.id) for r in plan.risks]
    return [*keys, criterion_key("fact", "unheard-of")]


@composite
def change(draw: DrawFn, plan: Plan, world: World) -> None:
    """Change one thing in `world`, legally or not."""
    which = draw(
        st.sampled_from(["work", "work", "work", "report", "gate", "result", "run", "project", "result gone"])
    )
    work = draw(st.sampled_from(sorted(plan.workstreams)))
    if which == "work":
        world.workstreams[work] = draw(status_of(work))
    elif which == "report":
        world.workstreams[work] = replace(
            world.workstream(work), reported=draw(st.floats(0, 100)), note="going on"
        )
    elif which == "gate" and plan.gates:
        gate = plan.gates[draw(st.sampled_from(sorted(plan.gates)))]
        world.gates[gate.id] = draw(gate_status(gate.id, tuple(c.id for c in gate.criteria)))
    elif which == "result":
        key = draw(st.sampled_from(result_keys(plan)))
        evidence = Evidence(at=draw(MOMENTS), detail="as measured") if draw(st.booleans()) else None
        value = draw(st.none() | st.floats(-1e9, 1e9))
        world.criteria[key] = CriterionResult(
            key, draw(st.sampled_from(CriterionState)), value, "ns", evidence=evidence
        )
    elif which == "result gone" and world.criteria:
        world.criteria.pop(draw(st.sampled_from(sorted(world.criteria))))
    elif which == "run":
        run = f"{work}.{draw(st.integers(1, 3))}"
        begun = draw(st.none() | MOMENTS)
        ended = None if begun is None or draw(st.booleans()) else begun + draw(st.floats(-5, 1e6))
        world.runs[run] = RunStatus(
            run,
            work,
            int(run[-1]),
            "coder",
            draw(st.sampled_from(RunState)),
            created=START,
            started=begun,
            ended=ended,
        )
    elif which == "project":
        held = HeldPlan(
            "d", draw(st.sampled_from(["error", "trust", "confirm", "gone"])), "2 errors", at=START
        )
        world.project = replace(
            world.project,
            started=draw(st.none() | st.just(START) | MOMENTS),
            held=draw(st.none() | st.just(held)),
        )
    world.revision += 1
