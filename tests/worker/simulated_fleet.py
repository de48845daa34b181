"""A fleet without processes: carries out what `decide` asks for on a clock of its own, and watches every promise.

Time jumps from one happening to the next. Runs, checks and people do what the given `Script` says.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from locust_tui.analysis.coming_home import git_key
from locust_tui.analysis.gates import choices, holds_acceptance, holds_start, standings
from locust_tui.analysis.needs import unaccepted_needs, unmet_needs
from locust_tui.domain import events as e
from locust_tui.domain.clock import project_start, week_end
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.plan import Plan, SchedulePolicy
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    CriterionState,
    DecisionKind,
    GateState,
    RunState,
    WorkstreamState,
)
from locust_tui.domain.world import World
from locust_tui.worker import actions as a
from locust_tui.worker.decide import Outlook, decide, outcome
from locust_tui.worker.wiring import Wiring

ANA = Person("ana", role="reviewer", uid=1000)
W = WorkstreamState
START = 1_700_000_000.0
SAME_MOMENT_S = 1e-3
_UNDECIDED = {GateState.NOT_DUE, GateState.READY, GateState.PENDING}


@dataclass(frozen=True)
class Ending:
    """How a run goes: it lasts `seconds`, claims its deliverables on the way, then ends like this."""

    seconds: float = 10.0
    state: RunState = RunState.EXITED
    exit_code: int | None = 0
    signal: int | None = None
    reason: str = ""
    starts: bool = True
    claims: tuple[tuple[float, str], ...] = ()
    """(share of the time, deliverable)."""
    verified: tuple[tuple[float, str], ...] = ()
    """(share of the time, deliverable) that a person verifies then."""
    waits: tuple[float, float] | None = None
    """Shares of the time between which it waits for an answer."""


@dataclass(frozen=True)
class Home:
    """What an attempt left in its worktree, and what a merge of it comes to."""

    commits: int = 1
    problem: str = ""
    """Found when it is collected."""
    conflict: bool = False
    refused: str = ""
    """Why the merge is not made now."""


@dataclass
class Script:
    run: Callable[[str, int], Ending] = lambda subject, attempt: Ending()
    check: Callable[[str, int], tuple[float, CriterionState]] = lambda key, n: (1.0, CriterionState.PASS)
    """(seconds, result) of the nth measurement of a key."""
    home: Callable[[str, int, int], Home] = lambda subject, attempt, n: Home()
    """How an attempt's work in a worktree comes home at the nth try."""
    at_rest: Callable[[Fleet], bool] = lambda fleet: False
    """People act when nothing moves; False when nobody does anything more."""
    disturb: tuple[tuple[float, Callable[[Fleet], None]], ...] = ()
    """(seconds after the start, what happens then)."""


@dataclass
class Fleet:
    plan: Plan
    script: Script = field(default_factory=Script)
    compare: bool = False
    """Check every answer against one that nothing was remembered for."""
    now: float = START
    world: World = field(default_factory=World)
    log: list[e.Event] = field(default_factory=list)
    measuring: set[str] = field(default_factory=set)
    stopping: dict[str, str] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)
    """Largest number of live runs seen, by cap."""
    decided: int = 0
    cpu: float = 0.0

    def __post_init__(self) -> None:
        self.wiring = Wiring(self.plan)
        self.outlook = Outlook(self.plan)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._tie = itertools.count()
        self._measured: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._live: frozenset[str] = frozenset()
        self.record(e.ProjectStarted())
        for after, act in self.script.disturb:
            self.later(after, lambda act=act: act(self))

    def record(self, body: e.EventBody, by: Person = WORKER) -> None:
        event = e.Event(self.world.revision + 1, self.now, by, body)
        apply(self.world, event)
        self.log.append(event)

    def later(self, seconds: float, happening: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now + seconds, next(self._tie), happening))

    def state(self, id: str) -> WorkstreamState:
        return self.world.workstream(id).state

    def move(self, id: str, new: WorkstreamState, reason: str = "asked", *, forced: bool = False) -> None:
        self.record(e.WorkstreamMoved(id, self.state(id), new, reason, forced=forced), ANA)

    # the course of time

    def run(self, most_steps: int = 5000) -> a.Outcome:
        """To the end: nothing moves, and nobody does anything more."""
        for _ in range(most_steps):
            self.settle()
            wake = self.look().wake_at
            if self._agenda and (wake is None or self._agenda[0][0] <= wake):
                self.happen()
                continue
            end = outcome(self.plan, self.world, self.now, outlook=self.outlook)
            if end.ended and not self._agenda:
                if not self.script.at_rest(self):
                    return end
                continue
            assert wake is not None, f"nothing will ever happen, and it is not the end: {end.lines}"
            assert wake > self.now, "a wake-up in the past would turn round and round"
            self.now = wake
        raise AssertionError(
            f"no end after {most_steps} happenings; at rest: {end.lines if 'end' in dir() else ''}"
        )

    def happen(self) -> None:
        """Go to the next moment at which something happens, and let all of it happen."""
        self.now = max(self.now, self._agenda[0][0])
        while self._agenda and self._agenda[0][0] <= self.now + SAME_MOMENT_S:
            heapq.heappop(self._agenda)[2]()

    def run_until(self, reached: Callable[[Fleet], bool]) -> None:
        self.settle()
        while not reached(self):
            self.happen()
            self.settle()

    def look(self) -> a.Decision:
        self.outlook.measuring = frozenset(self.measuring)
        self.outlook.stopping = frozenset(self.stopping)
        decision = decide(self.plan, self.world, self.now, outlook=self.outlook)
        self.decided += 1
        if self.compare:
            fresh = Outlook(self.plan)
            fresh.measuring, fresh.stopping = self.outlook.measuring, self.outlook.stopping
            fresh.stale = self.outlook.stale
            again = decide(self.plan, self.world, self.now, outlook=fresh)
            assert decision == again, "what is remembered changed the answer"
        return decision

    def settle(self) -> None:
        """Carry out what is asked for until nothing is, as the worker does within one turn."""
        for _ in range(200):
            decision = self.look()
            if not decision.actions:
                self.check_promises()
                return
            for action in decision.actions:
                self.carry_out(action)
                self.check_caps()
        raise AssertionError(f"it never comes to rest: {decision.actions}")

    def carry_out(self, action: a.Action) -> None:
        match action:
            case a.Move(id, new, reason, retry_at):
                if new is W.ACCEPTED:
                    self.check_acceptance(id)
                self.record(e.WorkstreamMoved(id, self.state(id), new, reason, retry_at))
            case a.Start():
                self.start(action)
            case a.Stop(run, why):
                self.stop(run, why)
            case a.Measure(keys):
                for key in keys:
                    self.measure(key)
            case a.MoveGate(gate, new, reason):
                assert new in _UNDECIDED, "only people decide gates"
                self.record(e.GateMoved(gate, self.world.gate(gate).state, new, reason))
            case a.Review(id, attempt, passed, note):
                assert self.state(id) is W.REVIEW
                assert attempt == self.world.workstream(id).attempt
                self.record(e.WorkstreamReviewed(id, attempt, passed, note))
            case a.Verify(id, deliverable, verified, evidence):
                assert verified is not (deliverable in self.world.workstream(id).verified)
                self.record(e.DeliverableVerified(id, deliverable, verified, evidence))
            case a.Collect(id, attempt):
                self.collect(id, attempt)
            case a.Merge(id, attempt):
                self.merge(id, attempt)
            case a.End(summary, _):
                assert self.world.project.ended is None
                self.record(e.ProjectEnded(summary))

    # runs and checks

    def start(self, action: a.Start) -> None:
        id, run_id = action.subject, f"{action.subject}.{action.attempt}"
        assert run_id not in self.world.runs, "a run is started once"
        workstream = self.plan.workstreams.get(id)
        if workstream is not None:
            status = self.world.workstream(id)
            assert not any(r.subject == id and r.live for r in self.world.runs.values())
            assert not unmet_needs(workstream, self.plan, self.world)
            assert holds_start(self.plan, self.world, workstream) is None
            assert self.state(id) is W.RUNNING
            self.check_not_too_early(id, forced=status.forced)
        self.record(e.RunCreated(run_id, id, action.attempt, action.agent_type, ("agent",), ""))
        how = self.script.run(id, action.attempt)
        if how.starts and workstream is not None and workstream.worktree:
            self.record(e.WorktreeMade(id, f"/worktrees/{id}", f"locust/{id}", "base", "main"))
        if how.starts:
            self.later(0.01, lambda: self._happens(run_id, e.RunStarted(run_id, 4711)))
        for share, deliverable in how.claims:
            said = e.WorkstreamReported(id, run_id, progress=100 * share, deliverable=deliverable)
            self.later(share * how.seconds, lambda said=said: self._happens(run_id, said))
        for share, deliverable in how.verified:
            said_yes = e.DeliverableVerified(id, deliverable)
            self.later(share * how.seconds, lambda said_yes=said_yes: self._happens(run_id, said_yes))
        if how.waits:
            asks = e.RunChanged(run_id, RunState.WAITING, "protocol", "may I?")
            goes_on = e.RunChanged(run_id, RunState.RUNNING, "protocol")
            self.later(how.waits[0] * how.seconds, lambda: self._happens(run_id, asks))
            self.later(how.waits[1] * how.seconds, lambda: self._happens(run_id, goes_on))
        if how.state is RunState.UNKNOWN:
            change = e.RunChanged(run_id, RunState.UNKNOWN, "worker", "its host is not this one")
            self.later(how.seconds, lambda: self._happens(run_id, change))
        else:
            self.later(how.seconds, lambda: self.end(run_id, how))

    def collect(self, id: str, attempt: int) -> None:
        assert self.state(id) is W.REVIEW
        home = self._git(id)
        found = e.WorkCollected(id, attempt, "head", home.commits, 1, problem=home.problem)
        self.later(0.2, lambda: self._git_done(id, found))

    def merge(self, id: str, attempt: int) -> None:
        workstream, status = self.plan.workstreams[id], self.world.workstream(id)
        assert self.state(id) is W.REVIEW
        assert not status.hindrance
        assert not status.merged, "merged once"
        assert holds_acceptance(self.plan, self.world, workstream) is None
        assert not unaccepted_needs(workstream, self.plan, self.world)
        home = self._git(id)
        body: e.EventBody = e.WorkMerged(id, "merge", "main")
        if home.conflict:
            body = e.MergeConflicted(id, ("shared.txt",), ("other",))
        elif home.refused:
            body = e.WorkCollected(id, attempt, "head", home.commits, 1, problem=home.refused)
        self.later(0.2, lambda: self._git_done(id, body))

    def _git(self, id: str) -> Home:
        key = git_key(id)
        assert key not in self.measuring, "one thing at a time"
        self.measuring.add(key)
        self._measured[key] += 1
        return self.script.home(id, self.world.workstream(id).attempt, self._measured[key])

    def _git_done(self, id: str, body: e.EventBody) -> None:
        self.measuring.discard(git_key(id))
        self.record(body)

    def _happens(self, run_id: str, body: e.EventBody) -> None:
        if self.world.runs[run_id].live:
            self.record(body)

    def end(self, run_id: str, how: Ending) -> None:
        if not self.world.runs[run_id].live:
            return
        self.stopping.pop(run_id, None)
        self._ended[run_id] += 1
        self.record(e.RunEnded(run_id, how.state, how.exit_code, how.signal, how.reason, ended=self.now))

    def stop(self, run_id: str, why: str) -> None:
        assert self.world.runs[run_id].live
        assert run_id not in self.stopping, "asked to stop once"
        self.stopping[run_id] = why
        self.later(
            0.5,
            lambda: self.end(run_id, Ending(state=RunState.KILLED, exit_code=None, signal=15, reason=why)),
        )

    def measure(self, key: str) -> None:
        assert key not in self.measuring, "measured once at a time"
        self.measuring.add(key)
        self._measured[key] += 1
        seconds, state = self.script.check(key, self._measured[key])
        self.later(seconds, lambda: self._result(key, seconds, state))

    def _result(self, key: str, seconds: float, state: CriterionState) -> None:
        self.measuring.discard(key)
        evidence = Evidence(self.now, seconds, detail=f"measurement {self._measured[key]}")
        self.record(e.CriterionMeasured(CriterionResult(key, state, evidence=evidence)))

    # people

    def decide_gate(self, gate: str, kind: DecisionKind, back: tuple[str, ...] = ()) -> None:
        self.record(e.GateDecided(gate, Decision(kind, ANA, self.now, recycled=back)), ANA)
        for id in back:
            if self.state(id) in (W.ACCEPTED, W.REVIEW, W.NEEDS_INPUT, W.FAILED):
                self.move(id, W.REWORK, "recycled")

    def possible(self, gate: str) -> set[DecisionKind]:
        g = self.plan.gates[gate]
        found = standings(self.plan, self.world, g, self.now)
        return {c.kind for c in choices(g, self.world, found) if c.possible}

    def approve_what_passes(self) -> bool:
        """Go for every pending gate; whether there was one."""
        pending = [g for g in self.plan.gates if self.world.gate(g).state is GateState.PENDING]
        for gate in pending:
            self.decide_gate(gate, DecisionKind.GO)
        return bool(pending)

    # promises

    def check_caps(self) -> None:
        """No cap is ever exceeded by a start, counted here from scratch. What runs when one is lowered goes on."""
        live = {r.id: r for r in self.world.runs.values() if r.live}
        begun = [r for id, r in live.items() if id not in self._live]
        self._live = frozenset(live)
        caps, (pools, types) = self.plan.resources, self._granted_caps()
        self.most["all"] = max(self.most["all"], len(live))
        assert caps.max_agents is None or len(live) <= caps.max_agents
        for name in {r.agent_type for r in begun} & types.keys():
            assert sum(r.agent_type == name for r in live.values()) <= types[name]
        owners = Counter(self._owner(r.subject) for r in live.values())
        borrowed = sum(max(0, owners[o] - n) for o, n in pools.items())
        for owner in {self._owner(r.subject) for r in begun} & pools.keys():
            assert owners[owner] <= pools[owner] or borrowed <= caps.pools.get("floating", 0)

    def _granted_caps(self) -> tuple[dict[str | None, int], dict[str, int]]:
        """Quotas and caps of agent types with what is granted beyond them now."""
        pools: dict[str | None, int] = {o: n for o, n in self.plan.resources.pools.items() if o != "floating"}
        types = {name: kind.max for name, kind in self.plan.agents.items() if kind.max is not None}
        for grant in self.world.grants.values():
            if not grant.ended and grant.orchestrator in pools:
                pools[grant.orchestrator] += grant.count
            if not grant.ended and grant.agent_type in types:
                types[grant.agent_type] += grant.count
        return pools, types

    def _owner(self, subject: str) -> str | None:
        workstream = self.plan.workstreams.get(subject)
        return subject if workstream is None else workstream.orchestrator

    def _fits(self, id: str) -> bool:
        workstream = self.plan.workstreams[id]
        live = [r for r in self.world.runs.values() if r.live]
        caps = self.plan.resources
        if caps.max_agents is not None and len(live) >= caps.max_agents:
            return False
        pools, types = self._granted_caps()
        kind = workstream.agent if workstream.run is None else None
        if kind in types and sum(r.agent_type == kind for r in live) >= types[kind]:
            return False
        if workstream.orchestrator not in pools:
            return True
        owners = Counter(self._owner(r.subject) for r in live)
        owners[workstream.orchestrator] += 1
        borrowed = sum(max(0, owners[o] - n) for o, n in pools.items())
        before = borrowed - (owners[workstream.orchestrator] > pools[workstream.orchestrator])
        return borrowed == before or borrowed <= caps.pools.get("floating", 0)

    def check_promises(self) -> None:
        """Nothing that may start waits while a slot is free for it, and states tell what is so."""
        self.check_caps()
        for id, workstream in self.plan.workstreams.items():
            status = self.world.workstream(id)
            if status.state not in (W.PLANNED, W.BLOCKED, W.READY, W.REWORK):
                continue
            if unmet_needs(workstream, self.plan, self.world) or holds_start(
                self.plan, self.world, workstream
            ):
                assert status.state is not W.READY
                continue
            if self._too_early(id, forced=status.forced):
                assert status.state in (W.PLANNED, W.REWORK)
                continue
            assert status.state in (W.READY, W.REWORK)
            if status.retry_at is not None and self.now < status.retry_at:
                continue
            if any(r.subject == id and r.live for r in self.world.runs.values()):
                continue
            assert not self._fits(id), f"{id} waits although a slot is free"

    def _too_early(self, id: str, *, forced: bool) -> bool:
        if self.plan.schedule is not SchedulePolicy.AS_PLANNED or forced:
            return False
        week = self.wiring.planned_week[id]
        start = project_start(self.plan.calendar, self.world.project.started)
        return (
            week is not None
            and start is not None
            and self.now < week_end(self.plan.calendar, start, week - 1)
        )

    def check_not_too_early(self, id: str, *, forced: bool) -> None:
        assert not self._too_early(id, forced=forced)
        status = self.world.workstream(id)
        assert status.retry_at is None or self.now >= status.retry_at

    def check_acceptance(self, id: str) -> None:
        """Accepted only with every need accepted, no gate in the way, and each check passed on this attempt's work."""
        workstream, status = self.plan.workstreams[id], self.world.workstream(id)
        assert not unaccepted_needs(workstream, self.plan, self.world)
        assert holds_acceptance(self.plan, self.world, workstream) is None
        run = self.world.runs[f"{id}.{status.attempt}"]
        assert run.state is RunState.EXITED
        assert run.exit_code == 0
        assert run.ended is not None
        for check in self.wiring.checks[id]:
            after = check.criterion.after
            if not check.criterion.must or (after and self.world.gate(after).state not in OPEN_GATE_STATES):
                continue
            result = self.world.criteria[check.key]
            assert result.state is CriterionState.PASS
            assert result.evidence is not None
            assert result.evidence.at - result.evidence.duration_s >= run.ended - 2 * SAME_MOMENT_S, (
                check.key,
                result,
                run,
                status,
            )
            if check.deliverable:
                assert check.deliverable in status.verified
        if workstream.reviewers:
            assert status.passed_attempt == status.attempt
        if workstream.worktree:
            assert status.merged, "what is accepted has come home"
            assert not status.conflict

    def check_ends(self) -> None:
        """Every run that began has one end on record, no more; a review gives one verdict, unless people add theirs."""
        ends = Counter(event.body.run for event in self.log if isinstance(event.body, e.RunEnded))
        for run in self.world.runs.values():
            assert ends[run.id] == (0 if run.live or run.state is RunState.UNKNOWN else 1)
        reviews = Counter(ev.body.workstream for ev in self.log if isinstance(ev.body, e.WorkstreamReviewed))
        entered = Counter(
            ev.body.workstream
            for ev in self.log
            if isinstance(ev.body, e.WorkstreamMoved) and ev.body.new is W.REVIEW
        )
        assert all(
            reviews[w.id] <= entered[w.id]
            for w in self.plan.workstreams.values()
            if not (w.reviewers or w.worktree)
        )


def without_gates(plan: Plan) -> Plan:
    return replace(plan, gates={})
