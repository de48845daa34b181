"""Carries out a decision: its events in one commit, then the starts, stops and measurements they allow."""

from __future__ import annotations

from functools import partial

from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import UNFINISHED, RunState
from locust_tui.errors import LocustTuiError
from locust_tui.execution.shortage import lack_in
from locust_tui.fault import point
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from . import actions as a
from .accounts import opened
from .branches import Branches
from .budgets import needless_questions
from .launching import Launch, base_environment, compose
from .measuring import Measurer
from .outfitting import Outfitter
from .run_ends import stopping_event
from .speaking import is_spoken_to, load
from .supervisor import Supervisor

Planned = tuple[str, str, str, Launch]
"""(workstream or orchestrator, run, agent type, what it executes)"""


class Carrier:
    """Turns actions into events and effects. Whatever cannot be launched becomes a failed run with the reason.

    Where the machine lacks what a launch takes, nothing of the decision is done, and that error is raised.
    """

    def __init__(
        self,
        store: Store,
        folder: StateFolder,
        supervisor: Supervisor,
        measurer: Measurer,
        branches: Branches,
        outfitter: Outfitter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._folder = folder
        self._supervisor = supervisor
        self._measurer = measurer
        self._branches = branches
        self._outfitter = outfitter
        self._clock = clock

    async def carry_out(self, plan: Plan, decision: a.Decision) -> None:
        """Commit what was decided, then do it. Intents are durable before anything starts."""
        bodies: list[e.EventBody] = []
        launches: list[Planned] = []
        for action in decision.actions:
            match action:
                case a.Start():
                    await self._intend(plan, action, bodies, launches)
                case a.Move():
                    bodies.append(self._moved(action, bodies))
                case a.MoveGate():
                    old = self._store.world.gate(action.gate).state
                    bodies.append(e.GateMoved(action.gate, old, action.new, action.reason))
                case a.Lapse():
                    bodies.append(e.ApprovalLapsed(action.gate, action.role, action.person, action.why))
                case a.Review():
                    bodies.append(
                        e.WorkstreamReviewed(action.workstream, action.attempt, action.passed, action.note)
                    )
                case a.Verify():
                    bodies.append(
                        e.DeliverableVerified(
                            action.workstream, action.deliverable, action.verified, action.evidence
                        )
                    )
                case a.OpenAccount():
                    bodies.append(opened(self._store.world, action.account, "its limit has ended"))
                case a.End():
                    bodies.append(e.ProjectEnded(action.summary))
                case a.Stop():
                    bodies.append(stopping_event(self._store.world.runs[action.run], action.why))
                case _:
                    pass
        done = {b.workstream for b in bodies if isinstance(b, e.WorkstreamMoved) and b.new not in UNFINISHED}
        if done and self._store.world.budgets:
            bodies += needless_questions(plan, self._store.world, done)
        if bodies:
            await self._store.append(WORKER, *bodies)
        if launches:
            point("intent.committed")
        for subject, run_id, agent_type, launch in launches:
            self._start(plan, subject, run_id, agent_type, launch)
        for action in decision.actions:
            if isinstance(action, a.Stop):
                self._supervisor.stop(action.run, action.why)
            elif isinstance(action, a.Measure):
                self._measurer.begin(action.keys)
            elif isinstance(action, (a.Collect, a.Merge)):
                self._branches.begin(plan, action)

    def _moved(self, action: a.Move, bodies: list[e.EventBody]) -> e.WorkstreamMoved:
        earlier = [
            b.new for b in bodies if isinstance(b, e.WorkstreamMoved) and b.workstream == action.workstream
        ]
        old = earlier[-1] if earlier else self._store.world.workstream(action.workstream).state
        return e.WorkstreamMoved(action.workstream, old, action.new, action.reason, action.retry_at)

    def _start(self, plan: Plan, subject: str, run_id: str, agent_type: str, launch: Launch) -> None:
        workstream, kind = plan.workstreams.get(subject), plan.agents.get(agent_type)
        apart = workstream is not None and workstream.worktree
        offered = launch.talk is not None and bool(launch.talk.job.tools)
        if apart or offered or (kind is not None and kind.sandbox):
            prepare = partial(self._prepared, plan, subject, run_id, agent_type, launch, apart=apart)
            self._supervisor.start(run_id, launch, prepare)
        else:
            self._supervisor.start(run_id, launch)

    async def _prepared(
        self, plan: Plan, subject: str, run_id: str, agent_type: str, launch: Launch, *, apart: bool
    ) -> Launch:
        """Its tools there, its worktree made, then its fence around it. Raises LocustTuiError."""
        if launch.talk is not None and launch.talk.job.tools:
            await self._outfitter.tools_answer(run_id)
        place = None
        if apart:
            launch = await self._branches.ready(plan, subject, launch, run_id)
            place = await self._branches.place(plan, subject)
        return self._outfitter.fence(plan, run_id, agent_type, launch, place)

    async def _intend(
        self, plan: Plan, action: a.Start, bodies: list[e.EventBody], launches: list[Planned]
    ) -> None:
        run_id = f"{action.subject}.{action.attempt}"
        kind, here = plan.agents.get(action.agent_type), self._folder.plan_path.parent
        try:
            spoken = await is_spoken_to(kind, base_environment(), here)
            if spoken:
                await load(kind)
            place = await self._branches.place(plan, action.subject)
            tools = await self._outfitter.tools(plan, run_id, action.agent_type) if spoken else ()
            launch = compose(
                plan, self._folder, self._store.world,
                action.subject, run_id, action.agent_type, self._clock(), place, tools,
                spoken=spoken,
            )  # fmt: skip
            launch = self._outfitter.outfit(plan, action.subject, run_id, action.agent_type, launch)
        except LocustTuiError as error:
            if lack_in(error) is not None:
                raise
            bodies.append(e.RunCreated(run_id, action.subject, action.attempt, action.agent_type, (), ""))
            bodies.append(e.RunEnded(run_id, RunState.FAILED, reason=error.message))
            return
        bodies.append(
            self._supervisor.intent(run_id, action.subject, action.attempt, action.agent_type, launch)
        )
        launches.append((action.subject, run_id, action.agent_type, launch))
