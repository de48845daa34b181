"""One of everything that a project does, played by somebody who asks again where a process died."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import faults
from git_project import commit, run_git, write
from locust_tui.client.requests import (
    DecideGate,
    RemoveWorktree,
    Request,
    SendMessage,
    Shutdown,
    SteerWorkstream,
    StopRun,
    StoreMemory,
    WorkstreamAction,
)
from locust_tui.client.wire import Reply
from locust_tui.domain.events import HookRan, ReportWritten
from locust_tui.domain.states import DecisionKind, WorkstreamState
from locust_tui.domain.world import WorkstreamStatus, World
from locust_tui.errors import LocustTuiError
from project import Project, is_running, until

PATIENCE_S, UNREACHABLE = 40.0, 5
KILLED = ("ended by signal 9", "SIGKILL", "its shim died at the start")
"""What is said of work whose program, check or git was killed before it could answer."""
AGENT = """\
#!/bin/sh
echo "$LOCUST_TUI_RUN" >>"$MARKS/started"
echo "$LOCUST_TUI_RUN says one"
[ -n "$LOCUST_TUI_WORKTREE" ] && echo done >"$1.txt"
echo "::locust progress=50::half of $1"
echo "$LOCUST_TUI_RUN says two"
echo "$LOCUST_TUI_RUN" >>"$MARKS/finished"
exit "${2:-0}"
"""
NOTE = """\
#!/bin/sh
cat >>"$(dirname "$0")/sent"
"""
PLAN = """\
project: {name: Sweep, short: Sweep}
calendar: {week: 1h}
people: {lead: [ana]}
git: {commit: auto}
resources: {max_agents: 3, defaults: {retry: 3}}
workstreams:
  first: {run: [./agent, first], env: {MARKS: HERE}, accept: [{name: it ran, run: test -s started}]}
  tree: {run: [./agent, tree], env: {MARKS: HERE}, worktree: true}
  endless: {run: sleep 1000, retry: 0}
  last: {run: [./agent, last], env: {MARKS: HERE}, needs: go}
gates:
  go: {needs: [first, tree], approvers: [lead]}
hooks: {note: {event: "key-changed:asked", do: "memory store answered"}}
notify: {ana: [{command: [./note]}]}
reports: [{name: weekly, every: 1s, out: "out/week-{week}.md"}]
"""
KILL_MENDED = {
    WorkstreamState.FAILED: WorkstreamAction.RETRY,
    WorkstreamState.NEEDS_INPUT: WorkstreamAction.RETRY,
    WorkstreamState.REVIEW: WorkstreamAction.ACCEPT,
}


class Sweep:
    """A person at the keyboard of a project whose processes die: asks again, with the same key, until it is answered."""

    def __init__(self, project: Project, patience_s: float = PATIENCE_S) -> None:
        self.project, self.patience_s = project, patience_s
        self._asked = count(1)

    def up(self) -> None:
        """However often it dies as it starts."""

        def is_up() -> bool:
            try:
                self.project.up()
            except LocustTuiError:
                self.nothing_dies_any_more()
                return False
            return True

        until(is_up, self.patience_s, "a worker")

    def nothing_dies_any_more(self) -> None:
        """Of what is started from now on."""
        os.environ.pop(faults.VARIABLE, None)

    def look_after_the_worker(self) -> None:
        """Start it again where it died, as whoever wants something of it would."""
        try:
            alive = is_running(self.project.pid())
        except (OSError, ValueError):
            alive = False
        if not alive:
            self.nothing_dies_any_more()
            self.up()

    def ask(self, request: Request, key: str) -> Reply:
        def answered() -> Reply | None:
            try:
                return self.project.ask(request, key=key)
            except (LocustTuiError, OSError) as error:
                if isinstance(error, LocustTuiError) and error.exit_code != UNREACHABLE:
                    if any(words in error.message for words in KILLED):
                        return None  # its git was killed
                    raise
                self.look_after_the_worker()
                return None

        return until(answered, self.patience_s, f"an answer to {request}")

    def reaches(self, what: Callable[[World], object]) -> World:
        def reached() -> World | None:
            self.look_after_the_worker()
            world = self.project.world()
            if what(world):
                return world
            for status in world.workstreams.values():
                self.mend(status)
            return None

        try:
            return until(reached, self.patience_s)
        except AssertionError:
            return self.project.reaches(what, 0.1)  # its words say how far it came

    def mend(self, status: WorkstreamStatus) -> None:
        """Do what a person is asked for where the program itself, a check or git was killed; nothing for any other end."""
        action = KILL_MENDED.get(status.state)
        said = status.hindrance if action is WorkstreamAction.ACCEPT else status.reason
        if action is not None and status.retry_at is None and any(words in said for words in KILLED):
            key = f"{action} {status.id} {status.attempt} {next(self._asked)}"
            with suppress(LocustTuiError):  # it was killed again, or has moved on
                self.ask(SteerWorkstream(status.id, action, by="ana"), key)

    def play(self) -> None:
        """From the first start to the end of the worker, with one of everything in between."""
        action = WorkstreamAction
        self.up()
        self.ask(StoreMemory("asked", '"yes"'), "memory")
        self.ask(SendMessage("ana", "hello ana"), "message")
        self.reaches(lambda w: any(run.subject == "endless" and run.pid for run in w.live_runs()))
        self.ask(StopRun("endless"), "stop")
        self.reaches(lambda w: w.gate("go").state in ("pending", "go"))
        self.ask(DecideGate("go", DecisionKind.GO, by="ana"), "decide")
        self.reaches(lambda w: w.workstream("last").state == "accepted")
        self.ask(SteerWorkstream("endless", action.CANCEL, by="ana"), "cancel")
        self.reaches(lambda w: w.project.ended is not None)
        self.ask(RemoveWorktree("tree"), "remove")
        self.reaches(lambda w: "weekly" in w.reports and "answered" in w.memory)
        self.reaches(lambda w: w.messages["m1"].delivered or w.messages["m1"].failed)
        self.finish()

    def finish(self) -> None:
        """The worker's end, whatever state it is in."""
        self.look_after_the_worker()
        with suppress(LocustTuiError, OSError):
            self.project.ask(Shutdown(), key="end")
        until(lambda: not is_running(self.project.pid()), what="the worker's end")


def set_up(project: Project) -> None:
    """The scenario's plan in a repository with a first commit."""
    project.script("agent", AGENT)
    project.script("note", NOTE)
    run_git(project.path, "init", "-q", "-b", "main")
    write(
        project.path, ".gitignore", "locust-plan.yaml\nnew-plan\nstarted\nfinished\nsent\nout\n.locust-tui\n"
    )
    commit(project.path, "shared.txt", "old\n", "first")
    project.write(PLAN.replace("HERE", str(project.path)))


def assert_done(project: Project) -> None:
    """What one of everything has to have left, once each."""
    started = Counter((project.path / "started").read_text().split())
    finished = Counter((project.path / "finished").read_text().split())
    assert set(started.values()) == {1}, started
    assert set(finished.values()) == {1}, finished
    world = project.world()
    assert {s.id: s.state.value for s in world.workstreams.values()} == {
        "first": "accepted", "tree": "accepted", "endless": "cancelled", "last": "accepted",
    }  # fmt: skip
    for run in world.runs.values():
        if run.id in started and run.subject != "endless" and run.exit_code == 0:
            said = [s for s in project.output(run.id).decode().splitlines() if "::" not in s]
            assert said == [f"{run.id} says one", f"{run.id} says two"]
    assert run_git(project.path, "show", "main:tree.txt") == "done"
    assert run_git(project.path, "log", "--format=%s", "main").count("Merge") <= 1
    assert not (project.folder.root / "worktrees" / "tree").exists()
    assert [e.ok for e in project.events(HookRan)] == [True]
    written = project.events(ReportWritten)
    assert len({e.due for e in written}) == len(written)
    sent = (project.path / "sent").read_text().count("hello ana") if (project.path / "sent").exists() else 0
    assert sent == 1 or world.messages["m1"].failed or sent == 2
