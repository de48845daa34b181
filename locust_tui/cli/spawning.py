"""Bringing an agent up: its place in the plan, its start, and what became of that."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ..domain.states import RunState
from ..errors import LocustTuiError, RefusedError
from .draft import Draft
from .spawn_additions import Subject, Wanted, add_agent, subject_of
from .spawn_holds import held, place_in_queue
from .target import State, Target, read_state

if TYPE_CHECKING:
    from ..client.connection import Connection
    from ..domain.snapshot import RunView, Snapshot

STARTS_S = 20.0
"""How long a start is waited for before it is said what holds it."""
_NOT_USABLE = (126, 127)
"""Exit codes of a program, or its folder, that cannot be used."""


class Outcome(NamedTuple):
    """What became of it. `state`: running, ended, queued, manual; `why` in words."""

    subject: Subject
    state: str
    why: str
    revision: int
    run: RunView | None = None
    place: str = ""
    """In the queue: "2 of 3"."""
    again: bool = False
    """It ran already: nothing was started."""
    changed: bool = False
    """The plan says something else of it now than before."""

    @property
    def exit_code(self) -> int:
        """1 where nothing could be started; how an agent that did start has ended is its own answer."""
        return 1 if self.state == "ended" and self.run is not None and _never_began(self.run) else 0

    def line(self) -> str:
        """One line for people."""
        alias = f" (as {self.subject.alias})" if self.subject.alias else ""
        what = ", the meta-orchestrator," if self.subject.what == "meta" else ""
        head = f"{self.subject.id}{alias}{what}"
        run = self.run
        if self.state == "running" and run is not None:
            word = "runs already" if self.again else "runs"
            later = "; what changed holds from its next attempt on" if self.again and self.changed else ""
            pid = "no pid" if run.pid is None else f"pid {run.pid}"
            return f"{head} {word}: run {run.id}, {pid}, revision {self.revision}{later}"
        if self.state == "ended" and run is not None:
            what = "could not be started" if _never_began(run) else "has ended"
            return f"{head} {what}: run {run.id}, {_end(run)}, revision {self.revision}"
        if self.state == "manual":
            return f"{head} is registered, state manual, no pid: {self.why}; revision {self.revision}"
        place = f", place {self.place}" if self.place else ""
        return f"{head} is queued{place}: {self.why}; revision {self.revision}"

    def document(self) -> dict[str, Any]:
        run = self.run
        return {
            "subject": self.subject.id,
            "kind": self.subject.what,
            "alias": self.subject.alias or None,
            "state": self.state,
            "run": run.id if run is not None else None,
            "pid": run.pid if run is not None and run.ended is None else None,
            "exit_code": run.exit_code if run is not None else None,
            "why": self.why or None,
            "place": self.place or None,
            "revision": self.revision,
        }


def spawn(connection: Connection, target: Target, wanted: Wanted) -> Outcome:
    """Put the agent into the plan, ask for its start, and wait a moment for what becomes of it."""
    state = read_state(target)
    subject = subject_of(state.plan, state.world, wanted)
    draft = Draft(state.world)
    add_agent(draft, state.plan, wanted, subject)
    revision = draft.send(connection)
    return bring_up(connection, target, subject, force=wanted.force, revision=revision)


def bring_up(
    connection: Connection, target: Target, subject: Subject, *, force: bool, revision: int | None
) -> Outcome:
    """Start what stands in the plan, where it has not been started: never a second agent of one piece of work."""
    state = read_state(target)
    now = revision if revision is not None else state.world.revision
    live = state.world.latest_run(subject.id)
    if live is not None and live.live:
        snapshot = state.snapshot(forecast=False)
        run = _run(snapshot, subject.id)
        if run is not None and run.state is RunState.STARTING:
            return _settled(target, subject, "", now)
        return Outcome(subject, "running", "", now, run, again=True, changed=revision is not None)
    missing = _missing(state, subject)
    if missing:
        return Outcome(subject, "manual", missing, now)
    asked = _ask(connection, state, subject, force=force)
    if isinstance(asked, str):
        return Outcome(subject, "queued", asked, now)
    before = live.id if live is not None else ""
    return _settled(target, subject, before, asked or now)


def _missing(state: State, subject: Subject) -> str:
    from ..analysis.startable import can_start

    plan = state.plan
    boss = plan.meta if subject.what == "meta" else plan.orchestrators.get(subject.id)
    work = plan.workstreams.get(subject.id)
    if work is not None and work.run is not None:
        return ""
    agent = work.agent if work is not None else boss.agent if boss is not None else None
    if agent is None:
        return "it names no agent type: locust-tui agent spawn --type TYPE --name " + subject.id
    if can_start(plan, agent):
        return ""
    return f"no command: write agents.{agent}.command in the plan, or spawn with --command"


def _ask(connection: Connection, state: State, subject: Subject, *, force: bool) -> int | str | None:
    """Ask for another attempt, or for a start, where it would not come by itself. A text: why it stays where it is."""
    from ..client.requests import SteerWorkstream
    from ..client.requests import WorkstreamAction as A
    from ..domain.states import WorkstreamState as S

    if subject.what != "workstream":
        if state.world.latest_run(subject.id) is None:
            return None
        return connection.ask(SteerWorkstream(subject.id, A.RETRY)).revision
    status, work = state.world.workstream(subject.id), state.plan.workstreams[subject.id]
    if status.state in (S.ACCEPTED, S.CANCELLED, S.DEFERRED) and work.weight and not force:
        raise RefusedError(
            f"{work.id} is {status.state.value}",
            help=f"--force begins it again; so does: locust-tui ws reopen {work.id}",
        )
    actions = {
        S.FAILED: A.RETRY,
        S.NEEDS_INPUT: A.RETRY,
        S.PAUSED: A.RESUME,
        S.ACCEPTED: A.REOPEN,
        S.CANCELLED: A.REOPEN,
        S.DEFERRED: A.REOPEN,
    }
    action = actions.get(status.state)
    if action is None and force and status.state in (S.PLANNED, S.BLOCKED, S.READY):
        action = A.START
    if status.state is S.REVIEW:
        return "its work is in review"
    if action is None:
        return None
    try:
        return connection.ask(SteerWorkstream(work.id, action)).revision
    except LocustTuiError as error:
        if action is not A.START or error.exit_code != RefusedError.exit_code:
            raise
        return error.message


def _settled(target: Target, subject: Subject, before: str, revision: int) -> Outcome:
    """Once it runs or has ended, or what holds it is known."""
    from ..client.connection import Connection
    from ..client.requests import Subscribe

    end = time.monotonic() + STARTS_S
    with Connection(target.folder.socket, timeout=STARTS_S) as connection:
        connection.ask(Subscribe(viewer=False))
        while True:
            state = read_state(target)
            snapshot = state.snapshot(forecast=False)
            run = _run(snapshot, subject.id)
            if run is not None and run.id != before and (run.pid is not None or run.ended is not None):
                told = max(revision, snapshot.revision)
                return Outcome(
                    subject, "ended" if run.ended is not None else "running", run.reason, told, run
                )
            starting = run is not None and run.id != before
            why = "" if starting else held(state, snapshot, subject)
            if why or time.monotonic() > end:
                place = place_in_queue(state, snapshot, subject)
                return Outcome(
                    subject, "queued", why or "the worker has not started it yet", revision, place=place
                )
            try:
                connection.receive()
            except (TimeoutError, LocustTuiError):
                end = 0.0


def _run(snapshot: Snapshot, subject: str) -> RunView | None:
    mine = [r for r in snapshot.runs if r.subject == subject]
    return max(mine, key=lambda r: r.attempt, default=None)


def _never_began(run: RunView) -> bool:
    """Whether nothing of it was ever executed."""
    if run.exit_code is None:
        return run.signal is None
    return run.exit_code in _NOT_USABLE and bool(run.reason) and run.started is None


def _end(run: RunView) -> str:
    said = run.state.value
    if run.exit_code is not None:
        said = f"exit {run.exit_code}"
    elif run.signal is not None:
        said = f"signal {run.signal}"
    return f"{said}: {run.reason}" if run.reason else said
