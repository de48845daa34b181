"""Truth of needs, what gates hold, how their criteria stand, and which decisions are possible."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from seed_plan import START, need, run, seed_plan

from locust_tui.analysis.criterion_state import standing
from locust_tui.analysis.decision_basis import evidence_digest
from locust_tui.analysis.gates import (
    choices,
    evaluated_state,
    held_acceptances,
    held_starts,
    holds_acceptance,
    holds_start,
    standings,
    starts_when_open,
    waits_on,
)
from locust_tui.analysis.needs import dead_needs, need_state, unaccepted_needs, verified_percent
from locust_tui.analysis.phases import phase_state
from locust_tui.analysis.plan_index import PlanIndex
from locust_tui.domain.criterion import Criterion, CriterionResult, Evidence, Probe, ProbeKind
from locust_tui.domain.people import Decision, Person, Signature, Waiver
from locust_tui.domain.plan import Gate, GateMode, Milestone, Plan
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, PhaseState, WorkstreamState
from locust_tui.domain.world import GateStatus, WorkstreamStatus, World

S, C, G = WorkstreamState, CriterionState, GateState
ANA = Person("ana", "tech-review")


def world_of(**statuses: WorkstreamStatus) -> World:
    return World(workstreams={s.id: s for s in statuses.values()})


def accepted(*works: str) -> World:
    return World(workstreams={w: WorkstreamStatus(w, S.ACCEPTED, accepted_at=START) for w in works})


def measured(world: World, gate: str, **states: CriterionState) -> World:
    for criterion, state in states.items():
        key = f"gate:{gate}/{criterion.replace('_', '-')}"
        world.criteria[key] = CriterionResult(key, state, evidence=Evidence(START, input_digest="i1"))
    return world


@pytest.mark.parametrize(
    ("verified", "state", "points"),
    [(0, S.RUNNING, 0), (2, S.RUNNING, 40), (5, S.REVIEW, 90), (0, S.ACCEPTED, 100), (5, S.CANCELLED, 90)],
)
def test_verified_percent(verified: int, state: WorkstreamState, points: float) -> None:
    w = seed_plan().workstreams["WS-01"]
    done = (*(d.id for d in w.deliverables[:verified]), "not-in-the-plan")
    assert verified_percent(w, WorkstreamStatus("WS-01", state, verified=done)) == points


def test_work_without_deliverables_is_0_or_100() -> None:
    w = replace(seed_plan().workstreams["WS-01"], deliverables=())
    assert verified_percent(w, WorkstreamStatus("WS-01", S.REVIEW, verified=("d1",))) == 0
    assert verified_percent(w, WorkstreamStatus("WS-01", S.ACCEPTED)) == 100


PLANNED = WorkstreamStatus("WS-01")
BEGUN = WorkstreamStatus("WS-01", S.RUNNING, first_started=START, attempt=1)
HALF = replace(BEGUN, verified=("d1", "d2", "d3"))
FAILED = replace(HALF, state=S.FAILED)
DONE = replace(BEGUN, state=S.ACCEPTED, accepted_at=START)
GONE = replace(HALF, state=S.CANCELLED)


@pytest.mark.parametrize(
    ("condition", "met_by"),
    [
        ("done", {"done"}),
        ("50%", {"half", "failed", "done"}),
        ("61%", {"done"}),
        ("started", {"begun", "half", "failed", "done"}),
        ("d3", {"half", "failed", "done"}),
        ("d4", {"done"}),
    ],
)
def test_truth_table_of_needs(condition: str, met_by: set[str]) -> None:
    states = {"planned": PLANNED, "begun": BEGUN, "half": HALF, "failed": FAILED, "done": DONE, "gone": GONE}
    plan = seed_plan()
    truth = {
        name for name, s in states.items() if need_state(need("WS-01", condition), plan, world_of(a=s)).met
    }
    assert truth == met_by


@pytest.mark.parametrize(
    ("condition", "status", "why", "short"),
    [
        ("done", BEGUN, "WS-01 is running", "WS-01"),
        ("done", FAILED, "WS-01 is failed", "WS-01 (failed)"),
        ("61%", HALF, "WS-01 is 60 % verified, 61 % needed", "WS-01 (60 % of 61 %)"),
        ("started", PLANNED, "WS-01 has not started", "WS-01 to start"),
        ("d4", HALF, "d4 of WS-01 is not verified", "d4 of WS-01"),
        ("started", GONE, "WS-01 was cancelled", "WS-01 (cancelled)"),
    ],
)
def test_words_of_unmet_needs(condition: str, status: WorkstreamStatus, why: str, short: str) -> None:
    found = need_state(need("WS-01", condition), seed_plan(), world_of(a=status))
    assert (found.met, found.why, found.short) == (False, why, short)


def test_needs_of_gates_milestones_and_strangers() -> None:
    plan = seed_plan()
    world = accepted("WS-01")
    assert need_state(need("foundation"), plan, world).met
    assert not need_state(need("examples"), plan, world).met
    assert need_state(need("g1"), plan, world) == (False, "gate g1 is shut", "")
    world.gates["g1"] = GateStatus("g1", G.CONDITIONAL)
    assert need_state(need("g1"), plan, world).met
    assert need_state(need("nobody"), plan, world).why == "nobody is not in the plan"


def test_an_overlap_lets_work_start_but_never_finish() -> None:
    plan, world = seed_plan(), world_of(a=HALF)
    ws02 = plan.workstreams["WS-02"]
    assert need_state(ws02.needs[0], plan, world).met
    assert unaccepted_needs(ws02, plan, world) == ("WS-01",)
    assert unaccepted_needs(ws02, plan, world_of(a=DONE)) == ()


def test_a_need_on_failed_or_cancelled_work_is_dead() -> None:
    plan = seed_plan()
    assert dead_needs(plan.workstreams["WS-05"], plan, world_of(a=FAILED)) == ("WS-01",)
    assert dead_needs(plan.workstreams["WS-02"], plan, world_of(a=FAILED)) == ()  # its half is verified
    assert dead_needs(plan.workstreams["WS-02"], plan, world_of(a=GONE)) == ("WS-01",)


def test_what_the_gates_of_the_seed_hold() -> None:
    plan = seed_plan()
    held = {g.id: (held_starts(plan, g), held_acceptances(plan, g)) for g in plan.gates.values()}
    assert held == {
        "g1": ((), ("WS-05", "WS-06")),
        "g2": (("WS-10", "WS-11"), ("WS-07", "WS-08", "WS-09")),
        "g3": (("WS-14", "WS-15"), ("WS-12", "WS-13")),
        "g4": ((), ()),
    }


def with_gate(plan: Plan, gate: str, **changes: object) -> Plan:
    return replace(plan, gates={**plan.gates, gate: replace(plan.gates[gate], **changes)})


@pytest.mark.parametrize(
    ("mode", "state", "forced", "starts", "accepts"),
    [
        (GateMode.HARD, G.PENDING, False, {}, {}),
        (GateMode.HARD, G.PENDING, True, {}, {}),
        (GateMode.OVERLAP, G.PENDING, False, {"WS-12", "WS-13"}, {}),
        (GateMode.OVERLAP, G.PENDING, True, {"WS-12", "WS-13", "WS-14", "WS-15"}, {}),
        (GateMode.OVERLAP, G.HOLD, False, {"WS-12", "WS-13"}, {}),
        (GateMode.OVERLAP, G.KILLED, True, {}, {}),
        (GateMode.ADVISORY, G.HOLD, False, {"WS-12", "WS-13", "WS-14", "WS-15"}, "all"),
        (GateMode.HARD, G.CONDITIONAL, False, {"WS-12", "WS-13", "WS-14", "WS-15"}, "all"),
        (GateMode.OVERLAP, G.GO, False, {"WS-12", "WS-13", "WS-14", "WS-15"}, "all"),
    ],
)
def test_what_a_gate_bars_by_mode_and_state(
    mode: GateMode, state: GateState, forced: bool, starts: set[str], accepts: set[str] | str
) -> None:
    plan = with_gate(seed_plan(), "g3", mode=mode)
    phase4 = [w for w in plan.workstreams.values() if w.phase == "4"]
    world = World(gates={"g3": GateStatus("g3", state)})
    world.workstreams = {w.id: WorkstreamStatus(w.id, S.READY, forced=forced) for w in phase4}
    assert {w.id for w in phase4 if holds_start(plan, world, w) is None} == set(starts)
    free = {w.id for w in phase4 if holds_acceptance(plan, world, w) is None}
    assert free == ({w.id for w in phase4} if accepts == "all" else set())


def test_overlap_without_weeks_falls_back_to_the_phase_and_then_bars_like_hard() -> None:
    plan = seed_plan()
    ws14 = replace(plan.workstreams["WS-14"], weeks=None)
    assert holds_start(plan, World(), ws14) is None  # its phase begins in week 7
    bare = replace(plan, phases={**plan.phases, "4": replace(plan.phases["4"], weeks=None)})
    assert holds_start(bare, World(), ws14) is not None
    assert holds_start(with_gate(plan, "g3", week=None), World(), plan.workstreams["WS-12"]) is not None


def test_a_gate_that_only_has_needs_holds_what_names_it() -> None:
    plan = seed_plan()
    ship = Gate("ship", "Ship", needs=(need("WS-15"),))
    ws14 = replace(plan.workstreams["WS-14"], needs=(need("ship"),))
    plan = replace(plan, gates={**plan.gates, "ship": ship}, workstreams={**plan.workstreams, "WS-14": ws14})
    assert held_starts(plan, ship) == ("WS-14",)
    assert waits_on(plan, World(), ship) == ("WS-15",)
    assert holds_start(plan, World(gates={"g3": GateStatus("g3", G.GO)}), ws14) is None


def test_inputs_of_a_gate_leave_out_what_left_the_scope() -> None:
    plan = seed_plan()
    world = accepted("WS-07", "WS-08")
    world.workstreams["WS-09"] = WorkstreamStatus("WS-09", S.DEFERRED)
    assert waits_on(plan, world, plan.gates["g3"]) == ("WS-10", "WS-11")
    world.workstreams["WS-10"] = WorkstreamStatus("WS-10", S.CANCELLED)
    world.workstreams["WS-11"] = WorkstreamStatus("WS-11", S.ACCEPTED)
    assert waits_on(plan, world, plan.gates["g3"]) == ()


def test_what_starts_when_a_gate_opens() -> None:
    plan = seed_plan()
    world = accepted("WS-01", "WS-05")
    assert starts_when_open(plan, world, plan.gates["g2"]) == ()
    world.workstreams["WS-09"] = WorkstreamStatus(
        "WS-09", S.RUNNING, verified=("d1", "d2"), first_started=START
    )
    assert starts_when_open(plan, world, plan.gates["g2"]) == ("WS-10", "WS-11")
    assert starts_when_open(plan, world, plan.gates["g3"]) == ("WS-15",)
    world.gates["g2"] = GateStatus("g2", G.GO)
    assert starts_when_open(plan, world, plan.gates["g2"]) == ()


def both(name: str, by: str | None = None) -> Criterion:
    return replace(run(name), probes=(*run(name).probes, Probe(ProbeKind.MANUAL, by=by)))


@pytest.mark.parametrize(
    ("result", "signed", "expected"),
    [
        (None, False, C.NOT_RUN),
        (C.FAIL, True, C.FAIL),
        (C.ERROR, True, C.ERROR),
        (C.PASS, False, C.WAITING),
        (C.WAITING, False, C.WAITING),
        (C.STALE, True, C.STALE),
        (C.PASS, True, C.PASS),
    ],
)
def test_machine_and_person_must_both_say_yes(
    result: CriterionState | None, signed: bool, expected: CriterionState
) -> None:
    world = World()
    if result is not None:
        world.criteria["k"] = CriterionResult("k", result)
    status = GateStatus("g", signatures=(Signature("both", ANA, START),) if signed else ())
    assert standing(both("both"), "k", seed_plan(), world, START, status).state is expected


def test_a_named_signer_is_waited_for_by_name() -> None:
    world = World(criteria={"k": CriterionResult("k", C.PASS)})
    status = GateStatus("g", signatures=(Signature("both", ANA, START),))
    found = standing(both("both", "stakeholders"), "k", seed_plan(), world, START, status)
    assert (found.state, found.waits_for) == (C.WAITING, "stakeholders")
    assert standing(both("both", "tech-review"), "k", seed_plan(), world, START, status).state is C.PASS


def test_a_result_past_its_age_is_stale() -> None:
    criterion = replace(run("c"), max_age=60.0)
    world = World(criteria={"k": CriterionResult("k", C.PASS, evidence=Evidence(START))})
    assert standing(criterion, "k", seed_plan(), world, START + 59, None).state is C.PASS
    assert standing(criterion, "k", seed_plan(), world, START + 61, None).state is C.STALE


def test_a_waiver_counts_until_its_date_and_is_never_a_pass() -> None:
    plan = seed_plan()
    world = World(criteria={"k": CriterionResult("k", C.FAIL)})
    status = GateStatus("g", waivers=(Waiver("c", ANA, START, "known", "2025-11-20"),))
    found = standing(run("c"), "k", plan, world, START, status)
    assert (found.state, found.passed) == (C.WAIVED, True)
    after = START + 4 * 86_400
    assert standing(run("c"), "k", plan, world, after, status).state is C.FAIL


def test_an_agents_opinion_never_counts() -> None:
    opinion = Criterion("o", "o", (Probe(ProbeKind.AGENT, text="is it good?"),))
    world = World(criteria={"k": CriterionResult("k", C.FAIL)})
    assert not standing(opinion, "k", seed_plan(), world, START).counts


ALL_PASS = {"omnibar": C.PASS, "overlay_render": C.PASS, "api_stability": C.PASS}


@pytest.mark.parametrize(
    ("change", "state", "possible"),
    [
        ({}, G.PENDING, {"go", "conditional", "hold", "recycle", "kill"}),
        ({"overlay_render": C.FAIL}, G.READY, {"hold", "recycle", "kill"}),
        ({"overlay_render": C.ERROR}, G.READY, {"hold", "recycle", "kill"}),
        ({"overlay_render": C.STALE}, G.READY, {"conditional", "hold", "recycle", "kill"}),
        ({}, G.HOLD, {"go", "conditional", "hold", "recycle", "kill"}),
        ({}, G.GO, {"hold", "recycle", "kill"}),
        ({}, G.KILLED, {"hold", "kill"}),
        ({}, G.NOT_DUE, {"hold", "kill"}),
    ],
)
def test_possible_decisions(change: dict[str, CriterionState], state: GateState, possible: set[str]) -> None:
    plan = seed_plan()
    world = measured(World(gates={"g2": GateStatus("g2", state)}), "g2", **(ALL_PASS | change))
    found = choices(plan.gates["g2"], world, standings(plan, world, plan.gates["g2"], START))
    assert {c.kind.value for c in found if c.possible} == possible
    assert all(bool(c.why_not) is not c.possible for c in found)


def test_go_is_refused_with_the_name_of_the_criterion() -> None:
    plan = seed_plan()
    world = measured(
        World(gates={"g2": GateStatus("g2", G.PENDING)}), "g2", **(ALL_PASS | {"overlay_render": C.FAIL})
    )
    found = choices(plan.gates["g2"], world, standings(plan, world, plan.gates["g2"], START))
    go = next(c for c in found if c.kind is DecisionKind.GO)
    assert go.why_not == "must criterion failed: Overlay render"


@pytest.mark.parametrize("state", [G.READY, G.NOT_DUE])
def test_a_gate_that_is_not_met_names_what_failed(state: GateState) -> None:
    plan = seed_plan()
    world = measured(
        World(gates={"g2": GateStatus("g2", state)}), "g2", **(ALL_PASS | {"overlay_render": C.FAIL})
    )
    found = choices(plan.gates["g2"], world, standings(plan, world, plan.gates["g2"], START))
    go = next(c for c in found if c.kind is DecisionKind.GO)
    assert go.why_not == "must criterion failed: Overlay render"


@pytest.mark.parametrize("overlay", [C.PASS, C.STALE])
def test_an_open_gate_says_since_when_and_by_whom(overlay: CriterionState) -> None:
    plan = seed_plan()
    decision = Decision(DecisionKind.GO, ANA, START)
    world = World(gates={"g2": GateStatus("g2", G.GO, decisions=(decision,))})
    measured(world, "g2", **(ALL_PASS | {"overlay_render": overlay}))
    found = choices(plan.gates["g2"], world, standings(plan, world, plan.gates["g2"], START))
    go = next(c for c in found if c.kind is DecisionKind.GO)
    assert re.fullmatch(r"it is already open since \d{4}-\d\d-\d\dT[\d:]+Z: ana decided go", go.why_not)


def test_the_state_of_an_undecided_gate() -> None:
    plan = seed_plan()
    gate = plan.gates["g2"]
    world = measured(World(), "g2", **ALL_PASS)
    found = standings(plan, world, gate, START)
    assert evaluated_state(found, ("WS-05",)) is G.NOT_DUE
    assert evaluated_state(found, ()) is G.PENDING  # a signature is missing, which is a person
    assert evaluated_state(standings(plan, World(), gate, START), ()) is G.READY


def test_should_criteria_and_those_after_the_decision_hold_nothing() -> None:
    plan = seed_plan()
    g3, g4 = plan.gates["g3"], plan.gates["g4"]
    world = measured(measured(World(), "g3", overlay=C.PASS, style=C.FAIL), "g4", examples=C.PASS)
    assert evaluated_state(standings(plan, world, g3, START), ()) is G.PENDING
    assert evaluated_state(standings(plan, world, g4, START), ()) is G.PENDING


def test_the_digest_binds_a_decision_to_the_evidence_shown() -> None:
    plan = seed_plan()
    gate = plan.gates["g1"]

    def digest(plan: Plan, world: World) -> str:
        terms = PlanIndex(plan).gate_terms["g1"]
        return evidence_digest(terms, world.gate("g1"), standings(plan, world, plan.gates["g1"], START))

    world = measured(World(), "g1", core_types=C.PASS, hints=C.PASS)
    before = digest(plan, world)
    key = "gate:g1/hints"
    again = Evidence(START + 99, input_digest="i1")
    world.criteria[key] = CriterionResult(key, C.PASS, evidence=again)
    assert digest(plan, world) == before  # measured again on the same input, with the same outcome
    world.criteria[key] = CriterionResult(key, C.PASS, evidence=replace(again, input_digest="i2"))
    assert digest(plan, world) != before
    world.criteria[key] = CriterionResult(key, C.FAIL, evidence=again)
    assert digest(plan, world) != before
    eased = replace(gate, criteria=(gate.criteria[0], replace(gate.criteria[1], must=False)))
    assert digest(replace(plan, gates={**plan.gates, "g1": eased}), world) != digest(plan, world)


PHASE1 = ("WS-01", "WS-02", "WS-03", "WS-04")


@pytest.mark.parametrize(
    ("done", "begun", "gate", "state"),
    [
        (0, 0, G.NOT_DUE, PhaseState.NOT_STARTED),
        (0, 1, G.NOT_DUE, PhaseState.ACTIVE),
        (3, 1, G.NOT_DUE, PhaseState.ACTIVE),
        (4, 0, G.NOT_DUE, PhaseState.READY_FOR_GATE),
        (4, 0, G.READY, PhaseState.READY_FOR_GATE),
        (4, 0, G.PENDING, PhaseState.GATE_PENDING),
        (4, 0, G.GO, PhaseState.PASSED),
        (4, 0, G.CONDITIONAL, PhaseState.CONDITIONAL),
        (4, 0, G.HOLD, PhaseState.HELD),
        (3, 0, G.RECYCLED, PhaseState.RECYCLED),
        (3, 0, G.KILLED, PhaseState.KILLED),
    ],
)
def test_states_of_a_phase(done: int, begun: int, gate: GateState, state: PhaseState) -> None:
    plan = seed_plan()
    world = accepted(*PHASE1[:done])
    for w in PHASE1[done : done + begun]:
        world.workstreams[w] = WorkstreamStatus(w, S.RUNNING, first_started=START)
    world.gates["g1"] = GateStatus("g1", gate)
    assert phase_state(plan, world, plan.phases["1"]) is state


def test_a_phase_that_no_gate_closes_is_done_with_its_work() -> None:
    plan = replace(seed_plan(), gates={}, milestones=(Milestone("m", "m"),))
    world = accepted(*PHASE1)
    assert phase_state(plan, world, plan.phases["1"]) is PhaseState.DONE
