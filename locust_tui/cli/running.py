"""Running a plan to its end without a screen: one call per event, gates signed only where their criteria passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..errors import LocustTuiError, NotFoundError, OutputError, UnreachableError
from .asking import MEASURE_S, start_worker
from .output import narrate
from .target import Target, worker_pid
from .watching import wakeups

if TYPE_CHECKING:
    from ..domain.events import Event
    from ..domain.plan import Plan
    from ..domain.world import World
    from ..state.reader import ReadOnlyStore
    from ..worker.actions import Outcome
    from .command import Settings


@dataclass(frozen=True, slots=True)
class Approval:
    """Who says yes to gates of which every criterion has passed; what asks for a person's eyes is left to one."""

    by: str
    note: str = "every criterion passed"


class Ending(NamedTuple):
    """How a run of the plan came to rest: the outcome, and the commands with which a person goes on."""

    outcome: Outcome
    commands: tuple[tuple[str, ...], ...]


@contextmanager
def own_worker(settings: Settings, target: Target) -> Iterator[bool]:
    """A worker for the time of the block. Where none ran (True), it and its agents are stopped at the end.

    That nobody reads any more what is told, a reader gone or a connection cut, is no word to stop them: they go on.
    """
    started = worker_pid(target.folder) is None
    try:
        if started:
            start_worker(settings, target)
        yield started
    except (BrokenPipeError, OutputError):
        started = False
        narrate("nobody reads this any more; the worker and its agents go on: locust-tui down --stop-agents")
        raise
    finally:
        if started:
            _stop(target)


def _stop(target: Target) -> None:
    from .verbs.down import shut_down

    try:
        shut_down(target, stop_agents=True)
    except LocustTuiError as error:
        narrate(f"the worker could not be stopped: {error.message}")


def run_to_end(
    target: Target, approval: Approval | None, tell: Callable[[Event], None], *, after: int
) -> Ending:
    """Follow the plan until nothing can move without a person; events beyond revision `after` go to `tell`.

    Raises UnreachableError when the worker ends under way.
    """
    from ..state.reader import ReadOnlyStore

    run = _Run(target, approval, tell, after)
    with ReadOnlyStore(target.folder.store) as store:
        gone = False
        for worked_on in wakeups(target):
            found = run.look(store)
            if found is not None:
                return found
            if worked_on or worker_pid(target.folder) is not None:
                gone = False
                continue
            if gone:
                raise UnreachableError(
                    "the worker ended before the plan did; its agents go on",
                    help=f"look at {target.folder.worker_log}",
                )
            gone = True
    raise AssertionError


class _Run:
    """What one `run` has seen and done so far."""

    def __init__(
        self, target: Target, approval: Approval | None, tell: Callable[[Event], None], after: int
    ) -> None:
        from ..domain.world import World

        self._target = target
        self._approval = approval
        self._tell = tell
        self._seen = after
        self._world = World()
        self._plan: tuple[str, Plan] | None = None
        self._asked: set[tuple[str, str]] = set()
        self._measured: set[str] = set()

    def look(self, store: ReadOnlyStore) -> Ending | None:
        """Tell what is new, sign what may be signed; how it ended once the plan is at rest.

        The world is read before the events: whatever it knows has then been told when the end is seen.
        """
        store.refresh(self._world)
        for event in store.events(self._seen):
            self._seen = event.revision
            self._tell(event)
        plan = self._plan_in_force(store)
        if plan is None or self._world.project.started is None:
            return None
        if self._approval is not None and self._sign(plan, self._approval):
            return None
        if self._world.project.ended is None:
            return None  # the worker says so first; asking ourselves at each of its commits costs more than it does
        from ..state.record_now import record_now
        from ..worker.decide import Outlook, outcome

        found = outcome(plan, self._world, record_now(self._world), outlook=Outlook(plan))
        if not found.ended or self._measure(plan):
            return None
        return Ending(found, tuple(ways_on(plan, self._world)))

    def _measure(self, plan: Plan) -> bool:
        """Measure each gate that is not met once more before it is given up; True when one was."""
        from ..client.connection import Connection
        from ..client.requests import EvaluateGate
        from ..domain.states import GateState

        gates = [g for g in plan.gates if self._world.gate(g).state is GateState.READY]
        asked = False
        for gate in gates:
            if gate in self._measured:
                continue
            self._measured.add(gate)
            with (
                suppress(UnreachableError),
                Connection(self._target.folder.socket, timeout=MEASURE_S) as connection,
            ):
                connection.ask(EvaluateGate(gate))
                asked = True
        return asked

    def _plan_in_force(self, store: ReadOnlyStore) -> Plan | None:
        digest = self._world.project.plan_digest
        if digest is None:
            return None
        if self._plan is None or self._plan[0] != digest:
            try:
                self._plan = digest, store.plan_of(digest)[0]
            except NotFoundError:
                return None
        return self._plan[1]

    def _sign(self, plan: Plan, approval: Approval) -> bool:
        """Say yes to every gate that waits for nothing but a yes; True when one was given."""
        given = False
        for gate, digest in pending_gates(plan, self._world):
            if (gate, digest) in self._asked:
                continue
            self._asked.add((gate, digest))
            given = self._approve(gate, approval) or given
        return given

    def _approve(self, gate: str, approval: Approval) -> bool:
        from ..client.connection import Connection
        from ..client.requests import DecideGate
        from ..domain.states import DecisionKind

        with (
            suppress(UnreachableError),
            Connection(self._target.folder.socket, timeout=MEASURE_S) as connection,
        ):
            try:
                connection.ask(DecideGate(gate, DecisionKind.GO, approval.note, approval.by))
            except UnreachableError:
                raise
            except LocustTuiError as error:
                narrate(f"gate {gate} stays shut: {error.message}")
                return False
            return True
        return False


def pending_gates(plan: Plan, world: World) -> list[tuple[str, str]]:
    """Gates that wait for a yes and nothing else, no signature either, with the digest of their evidence."""
    from ..analysis.decision_basis import evidence_digest
    from ..analysis.gates import standings
    from ..analysis.plan_index import PlanIndex
    from ..domain.states import CriterionState, GateState
    from ..state.record_now import record_now

    now, index = record_now(world), PlanIndex(plan)
    pending = []
    for gate in plan.gates.values():
        status = world.gate(gate.id)
        if status.state is not GateState.PENDING:
            continue
        found = standings(plan, world, gate, now)
        if not any(s.state is CriterionState.WAITING for s in found):
            pending.append((gate.id, evidence_digest(index.gate_terms[gate.id], status, found)))
    return pending


def ways_on(plan: Plan, world: World) -> Iterator[tuple[str, ...]]:
    """What a person may type about each gate that is shut and due, as words after the program's name."""
    from ..analysis.gate_steps import gate_steps
    from ..analysis.gates import standings
    from ..domain.states import GateState
    from ..state.record_now import record_now

    now = record_now(world)
    for gate in plan.gates.values():
        state = world.gate(gate.id).state
        if state is GateState.PENDING:
            yield from gate_steps(gate, world, standings(plan, world, gate, now))
        elif state is GateState.READY:
            yield "gate", "show", gate.id
