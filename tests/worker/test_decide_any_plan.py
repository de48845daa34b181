"""Whatever the plan, the runs, the checks and the people do: no cap is exceeded, no slot idles, every need holds."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite
from simulated_fleet import ANA, Ending, Fleet, Home, Script, W

from locust_tui.domain import events as e
from locust_tui.domain.criterion import Command, Criterion, Probe, ProbeKind
from locust_tui.domain.plan import (
    AgentType,
    Calendar,
    Deliverable,
    Gate,
    GateMode,
    Meta,
    Milestone,
    Need,
    NeedKind,
    Orchestrator,
    Phase,
    Plan,
    Priority,
    Project,
    Resources,
    SchedulePolicy,
    Weeks,
    Workstream,
)
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, RunState

TRUE = Command(("true",), "true")
PHASES = ("p1", "p2", "p3")
OWNERS = ("core", "edge", None)


def check(id: str, *, must: bool = True, after: str | None = None) -> Criterion:
    return Criterion(id, id, (Probe(ProbeKind.RUN, command=TRUE),), must=must, after=after)


@composite
def needs(draw: DrawFn, earlier: list[str], gates: list[str]) -> tuple[Need, ...]:
    targets = draw(st.lists(st.sampled_from(earlier), max_size=3, unique=True)) if earlier else []
    made = []
    for target in targets:
        kind = draw(st.sampled_from(NeedKind))
        percent = draw(st.sampled_from([30.0, 50.0, 90.0])) if kind is NeedKind.PERCENT else None
        made.append(Need(target, kind, percent, "d1" if kind is NeedKind.DELIVERABLE else None))
    if gates and draw(st.integers(0, 5)) == 0:
        made.append(Need(draw(st.sampled_from(gates))))
    return tuple(made)


@composite
def workstreams(draw: DrawFn, id: str, phase: str | None, earlier: list[str], gates: list[str]) -> Workstream:
    first = draw(st.integers(1, 4))
    dated = draw(st.booleans())
    own = draw(st.booleans())
    deliverables = tuple(
        Deliverable(f"d{i}", f"part {i}", check(f"d{i}") if draw(st.booleans()) else None) for i in (1, 2)
    )
    return Workstream(
        id,
        id,
        phase=phase,
        orchestrator=draw(st.sampled_from(OWNERS)),
        weeks=Weeks(first, first + draw(st.integers(0, 1))) if dated else None,
        priority=draw(st.sampled_from(Priority)),
        agent=None if own else draw(st.sampled_from(["coder", "tester"])),
        run=TRUE if own else None,
        instructions=None if own else "do it",
        deliverables=deliverables if draw(st.booleans()) else (),
        needs=draw(needs(earlier, gates)),
        accept=tuple(check(f"c{i}", must=draw(st.booleans())) for i in range(draw(st.integers(0, 2)))),
        reviewers=("ana",) if draw(st.integers(0, 5)) == 0 else (),
        timeout=draw(st.sampled_from([None, None, 8.0, 60.0])),
        retry=draw(st.integers(0, 7)),
        worktree=draw(st.integers(0, 2)) == 0,
    )


@composite
def plans(draw: DrawFn) -> Plan:
    """Phases in a row, needs only on earlier work, so that there is no circle."""
    gates: dict[str, Gate] = {}
    works: dict[str, Workstream] = {}
    for n, phase in enumerate(PHASES):
        before = list(works)
        for i in range(draw(st.integers(0, 4))):
            id = f"{phase}w{i}"
            works[id] = draw(
                workstreams(id, phase if draw(st.integers(0, 7)) else None, list(works), list(gates))
            )
        if draw(st.booleans()):
            some = draw(st.lists(st.sampled_from(before), max_size=1)) if before else []
            gates[f"g{n}"] = Gate(
                f"g{n}",
                f"g{n}",
                closes=phase if draw(st.integers(0, 4)) else None,
                opens=PHASES[n + 1] if n + 1 < len(PHASES) else None,
                needs=tuple(Need(t) for t in some),
                week=draw(st.sampled_from([None, 1, 2, 3])),
                mode=draw(st.sampled_from(GateMode)),
                criteria=tuple(
                    check(f"k{i}", must=draw(st.booleans()), after="decision" if i == 2 else None)
                    for i in range(draw(st.integers(0, 3)))
                ),
            )
    pools = draw(
        st.sampled_from([{}, {"core": 1, "floating": 1}, {"core": 2, "edge": 1}, {"edge": 1, "floating": 2}])
    )
    orchestrators = {
        o: Orchestrator(o, o, agent="boss", phases=PHASES, instructions=draw(st.sampled_from([None, "lead"])))
        for o in OWNERS
        if o is not None
    }
    return Plan(
        project=Project("any", "any"),
        workstreams=works,
        calendar=Calendar(week_s=20.0),
        schedule=draw(st.sampled_from(SchedulePolicy)),
        agents={
            "coder": AgentType("coder", command=("c",), max=draw(st.sampled_from([None, 1, 2]))),
            "tester": AgentType("tester", command=("t",)),
            "boss": AgentType("boss", command=("b",), max=draw(st.sampled_from([None, 1]))),
        },
        resources=Resources(draw(st.sampled_from([None, 1, 2, 4])), pools=pools),
        meta=Meta(
            "meta",
            "meta",
            agent=draw(st.sampled_from(["boss", "coder"])),
            instructions=draw(st.sampled_from([None, "lead"])),
            invariants=(check("builds"), check("stable", after=next(iter(gates)))) if gates else (),
        ),
        phases={p: Phase(p, p, Weeks(n + 1, n + 2)) for n, p in enumerate(PHASES)},
        orchestrators=orchestrators,
        gates=gates,
        milestones=(Milestone("m", "m", needs=(Need(next(iter(works))),)),) if works else (),
    )


ENDINGS = (
    *(Ending(),) * 12,
    Ending(state=RunState.FAILED, exit_code=3),
    Ending(seconds=0.1, state=RunState.FAILED, exit_code=1),
    Ending(state=RunState.KILLED, exit_code=None, signal=9, reason="ended by signal 9"),
    Ending(state=RunState.KILLED, exit_code=None, signal=15, reason="killed by ana"),
    Ending(state=RunState.LOST, exit_code=None, reason="the machine was restarted"),
    Ending(state=RunState.LOST, exit_code=None, reason="never started", starts=False),
    Ending(state=RunState.UNKNOWN),
    Ending(seconds=900.0),
    Ending(waits=(0.2, 0.8)),
)
RESULTS = (*(CriterionState.PASS,) * 12, CriterionState.FAIL, CriterionState.FAIL, CriterionState.ERROR)


HOMES = (
    *(Home(),) * 8,
    Home(commits=0),
    Home(problem="a file is not committed"),
    Home(conflict=True),
    Home(refused="a person's draft is in the way"),
)


class Chance:
    """What happens, drawn from a seed and the ids, so that the same seed gives the same history."""

    def __init__(self, seed: int, patience: int) -> None:
        self.seed = seed
        self.patience = patience

    def of(self, *parts: object) -> random.Random:
        return random.Random(f"{self.seed}/{parts}")

    def run(self, subject: str, attempt: int) -> Ending:
        chance = self.of("run", subject, attempt)
        how = chance.choice(ENDINGS)
        seconds = how.seconds * chance.choice([0.5, 1.0, 1.5])
        return replace(how, seconds=seconds, claims=((0.3, "d1"), (0.7, "d2")))

    def check(self, key: str, n: int) -> tuple[float, CriterionState]:
        chance = self.of("check", key, n)
        return chance.choice([0.1, 1.0, 5.0]), chance.choice(RESULTS)

    def home(self, subject: str, attempt: int, n: int) -> Home:
        return self.of("home", subject, attempt, n).choice(HOMES)

    def at_rest(self, fleet: Fleet) -> bool:
        """A person does the next thing that can be done, a limited number of times."""
        if self.patience <= 0:
            return False
        self.patience -= 1
        chance = self.of("person", len(fleet.log))
        for gate in fleet.plan.gates:
            if fleet.world.gate(gate).state in (GateState.READY, GateState.PENDING, GateState.HOLD):
                self._decide(fleet, gate, chance)
                return True
        return any(self._steer(fleet, id) for id in fleet.plan.workstreams)

    def _decide(self, fleet: Fleet, gate: str, chance: random.Random) -> None:
        possible = sorted(fleet.possible(gate))
        wanted = (
            DecisionKind.GO
            if DecisionKind.GO in possible and chance.random() < 0.7
            else chance.choice(possible)
        )
        back = [w.id for w in fleet.plan.workstreams.values() if w.phase == fleet.plan.gates[gate].closes]
        fleet.decide_gate(gate, wanted, tuple(back[:1]) if wanted is DecisionKind.RECYCLE else ())

    @staticmethod
    def _steer(fleet: Fleet, id: str) -> bool:
        status, run = fleet.world.workstream(id), fleet.world.latest_run(id)
        state = status.state
        if state in (W.FAILED, W.NEEDS_INPUT):
            fleet.move(id, W.REWORK)
        elif state is W.PAUSED:
            fleet.move(id, W.RUNNING if run and run.live else W.REWORK if run else W.PLANNED)
        elif (
            state is W.REVIEW
            and fleet.plan.workstreams[id].reviewers
            and status.passed_attempt != status.attempt
        ):
            fleet.record(e.WorkstreamReviewed(id, status.attempt, True), ANA)
        else:
            return Chance._see_to_it(fleet, id)
        return True

    @staticmethod
    def _see_to_it(fleet: Fleet, id: str) -> bool:
        """A person's yes, before which it is looked at again, to work that cannot come home by itself."""
        status = fleet.world.workstream(id)
        nothing = not status.commits and status.passed_attempt != status.attempt
        if status.state is not W.REVIEW or not status.worktree or not (status.hindrance or nothing):
            return False
        fleet.record(e.WorkCollected(id, status.attempt, "head", status.commits, 1))
        fleet.record(e.WorkstreamReviewed(id, status.attempt, True), ANA)
        return True

    def disturbances(self, plan: Plan, count: int) -> tuple[tuple[float, object], ...]:
        chance = self.of("disturb")
        ids = sorted(plan.workstreams)
        return (
            tuple(
                (chance.uniform(0, 90), self._disturbance(chance.choice(ids), chance.random()))
                for _ in range(count)
            )
            if ids
            else ()
        )

    @staticmethod
    def _disturbance(id: str, die: float):
        def act(fleet: Fleet) -> None:
            state, run = fleet.state(id), fleet.world.latest_run(id)
            if die < 0.2 and state in (W.PLANNED, W.BLOCKED, W.READY, W.RUNNING, W.NEEDS_INPUT, W.REWORK):
                fleet.move(id, W.PAUSED)
            elif die < 0.4 and state not in (W.ACCEPTED, W.CANCELLED, W.DEFERRED):
                fleet.move(id, W.CANCELLED if die < 0.3 else W.DEFERRED)
            elif die < 0.6 and state is W.ACCEPTED:
                fleet.move(id, W.REWORK, "reopened")
            elif die < 0.7 and state in (W.CANCELLED, W.DEFERRED):
                fleet.move(id, W.PLANNED, "reopened")
            elif die < 0.8 and state in (W.PLANNED, W.BLOCKED):
                fleet.move(id, W.READY, "start asked", forced=True)
            elif die < 0.9 and run is not None and run.live and run.id not in fleet.stopping:
                fleet.stop(run.id, "killed by ana")
            else:
                keys = tuple(k for k, r in fleet.world.criteria.items() if r.state is CriterionState.PASS)[:3]
                if keys:
                    fleet.record(e.CriteriaStale(keys, "inputs changed"))

        return act


def fleet_of(plan: Plan, seed: int, *, compare: bool) -> Fleet:
    chance = Chance(seed, patience=12)
    script = Script(chance.run, chance.check, chance.home, chance.at_rest, chance.disturbances(plan, 4))  # type: ignore[arg-type]
    return Fleet(plan, script, compare=compare)


LONG = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@LONG
@given(plans(), st.integers(0, 2**32))
def test_any_plan_keeps_every_promise_to_its_end(plan: Plan, seed: int) -> None:
    fleet = fleet_of(plan, seed, compare=True)
    end = fleet.run()
    fleet.check_ends()
    assert end.ok is (
        all(fleet.state(id) in (W.ACCEPTED, W.DEFERRED) for id in plan.workstreams)
        and all(fleet.world.gate(g).state in (GateState.GO, GateState.CONDITIONAL) for g in plan.gates)
    )
    assert end.ok is (not end.lines)


@settings(LONG, max_examples=40)
@given(plans(), st.integers(0, 2**32))
def test_the_same_happenings_give_the_same_log(plan: Plan, seed: int) -> None:
    first, second = (fleet_of(plan, seed, compare=False) for _ in range(2))
    first.run()
    second.run()
    assert first.log == second.log


def _grants(plan: Plan, seed: int) -> tuple[tuple[float, object], ...]:
    """Slots granted and taken back at any moment, for an orchestrator, an agent type or both."""
    chance = random.Random(f"{seed}/grants")

    def granted(n: int, count: int, owner: str, kind: str):
        return lambda fleet: fleet.record(e.QuotaGranted(owner, count, f"r{n}", None, kind))

    def ended(n: int):
        return lambda fleet: fleet.record(e.GrantEnded(f"r{n}", "released by ana"))

    made: list[tuple[float, object]] = []
    for n in range(chance.randint(1, 5)):
        begins = chance.uniform(0, 40)
        owner, kind = chance.choice([("core", ""), ("edge", ""), ("", "coder"), ("core", "coder")])
        made.append((begins, granted(n, chance.randint(1, 4), owner, kind)))
        if chance.random() < 0.7:
            made.append((begins + chance.uniform(0, 40), ended(n)))
    return tuple(made)


@settings(LONG, max_examples=60)
@given(plans(), st.integers(0, 2**32))
def test_whatever_is_granted_and_taken_back_no_cap_is_exceeded_and_nothing_is_killed(
    plan: Plan, seed: int
) -> None:
    chance = Chance(seed, patience=6)
    script = Script(chance.run, chance.check, chance.home, chance.at_rest, _grants(plan, seed))  # type: ignore[arg-type]
    fleet = Fleet(plan, script, compare=True)
    fleet.run()
    fleet.check_ends()
    assert not any("released" in why for why in fleet.stopping.values())
