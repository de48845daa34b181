"""kill -9 of the worker at any instant: nothing is started twice, nothing is lost, every end is the true one."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from faults import die_at
from locust_tui.domain.events import ProjectEnded, RunEnded, WorkstreamReported
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import World
from project import Project, is_running, until
from waiting_fleet import take_away

AGENT = """#!/bin/sh
# agent NAME LINES PAUSE CODES: one line of CODES per attempt says how it ends
echo "$LOCUST_TUI_RUN" >> "$FLEET/started"
n=1
while [ $n -le "$2" ]; do
  echo "$LOCUST_TUI_RUN line $n"
  [ $n -eq 2 ] && echo "::locust progress=50::half of $1"
  sleep "$3"
  n=$((n + 1))
done
echo "$LOCUST_TUI_RUN" >> "$FLEET/finished"
attempt=${LOCUST_TUI_RUN##*.}
exit $(echo "$4" | cut -d, -f$attempt)
"""

PLAN = """
project: Fleet
resources: {max_agents: 4, defaults: {retry: 1}}
workstreams:
  a: {run: [./agent, a, "5", "0.02", "0"], env: {FLEET: .}}
  b: {run: [./agent, b, "8", "0.03", "3,0"], env: {FLEET: .}, retry: 2}
  c: {run: [./agent, c, "4", "0.02", "0"], needs: a, env: {FLEET: .}}
  d: {run: [./agent, d, "6", "0.02", "0"], needs: [a, b], env: {FLEET: .}, accept: [{name: said, run: test -s started}]}
  e: {run: [./agent, e, "3", "0.01", "0"], needs: [c, d], env: {FLEET: .}}
  f: {run: [./agent, f, "30", "0.02", "0"], env: {FLEET: .}}
"""
LINES = {"a": 5, "b": 8, "c": 4, "d": 6, "e": 3, "f": 30}
NEEDS = {"c": "a", "d": "ab", "e": "cd"}


def fleet(project: Project) -> None:
    project.script("agent", AGENT)
    project.write(PLAN)


def lines_of(path: Path) -> Counter[str]:
    return Counter(path.read_text().split())


def assert_true(project: Project, world: World) -> None:
    """Everything that must hold at the end, from the record, the run folders and what the agents themselves wrote."""
    project.assert_sound()
    assert {s.id: s.state for s in world.workstreams.values()} == dict.fromkeys(
        LINES, WorkstreamState.ACCEPTED
    )
    started, finished = lines_of(project.path / "started"), lines_of(project.path / "finished")
    assert started.keys() <= world.runs.keys()
    assert set(started.values()) == {1}
    assert started == finished
    for run in world.runs.values():
        name = run.subject
        if run.state is RunState.LOST:
            assert run.reason == "never started"
            assert run.id not in started
            continue
        assert run.exit_code == (3 if run.id == "b.1" else 0), run
        said = project.output(run.id).decode().splitlines()
        assert [s for s in said if not s.startswith("::")] == [
            f"{run.id} line {n}" for n in range(1, LINES[name] + 1)
        ]
    for name, needs in NEEDS.items():
        begun = min(r.created for r in world.runs.values() if r.subject == name)
        for need in needs:
            accepted = world.workstream(need).accepted_at
            assert accepted is not None
            assert accepted <= begun
    reported = Counter(e.run for e in project.events(WorkstreamReported))
    assert reported == Counter(started)


@pytest.mark.fault(1, "the worker is killed seven times, each at a random instant, while agents run")
@pytest.mark.parametrize("seed", range(int(os.environ.get("KILL_SEEDS", "3"))))
def test_killed_at_random_instants(project: Project, seed: int) -> None:
    fleet(project)
    chance = random.Random(seed)
    for _ in range(7):
        project.up()
        time.sleep(chance.uniform(0.0, 0.5))
        project.kill()
    project.up()
    assert_true(project, project.ends(60))


@pytest.mark.parametrize(
    "point",
    [
        "shim.born",
        "shim.locked",
        "shim.asked",
        "agent.born",
        "agent.identified",
        "agent.answered",
        "shim.forked",
    ],
)
def test_shims_and_agents_killed_at_their_weakest_moments(
    project: Project, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = die_at(monkeypatch, project.path, point, 2)
    project.write(
        "project: Faults\nresources: {defaults: {retry: 2}}\nworkstreams:\n"
        + "".join(f"  w{n}: {{run: 'echo $LOCUST_TUI_RUN >> started'}}\n" for n in range(4))
    )
    project.up()
    world = project.ends(60)
    fault.assert_happened()
    project.assert_sound()
    assert set(project.states().values()) == {"accepted"}
    assert set(lines_of(project.path / "started").values()) == {1}
    for run in world.runs.values():
        assert run.state in (RunState.EXITED, RunState.KILLED, RunState.LOST)


def test_a_run_that_ended_while_no_worker_lived_is_recorded_once_with_its_code(project: Project) -> None:
    project.write(
        "project: P\nworkstreams:\n  a: {run: 'until [ -e go ]; do sleep 0.05; done; echo last; exit 7'}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs and w.runs["a.1"].pid)
    project.kill()
    (project.path / "go").touch()
    until((project.folder.runs / "a.1" / "exit.json").exists, what="its end")
    project.up()
    world = project.ends()
    assert [(e.run, e.exit_code, e.state) for e in project.events(RunEnded)] == [("a.1", 7, RunState.FAILED)]
    assert world.workstream("a").state is WorkstreamState.FAILED
    assert project.output("a.1") == b"last\n"
    assert len(project.events(ProjectEnded)) == 1


def test_a_wish_to_stop_survives_the_worker(project: Project) -> None:
    """The worker dies between the commit of a stop and the death of the run: the next one carries the stop out."""
    from locust_tui.client.requests import StopRun

    project.write(
        "project: P\nworkstreams:\n  a: {run: 'trap \"\" TERM; touch deaf; while :; do sleep 0.1; done', retry: 3}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs and w.runs["a.1"].pid)
    until((project.path / "deaf").exists, what="an agent that is deaf to TERM")
    project.ask(StopRun("a"))
    project.kill()
    assert project.world().runs["a.1"].live
    project.up()
    world = project.reaches(lambda w: not w.runs["a.1"].live)
    assert world.runs["a.1"].state is RunState.KILLED
    assert world.runs["a.1"].reason.startswith("stopped by ")
    assert project.reaches(lambda w: w.workstream("a").state == "paused")


def test_paused_work_stays_paused_for_the_next_worker(project: Project) -> None:
    from locust_tui.client.requests import WorkstreamAction
    from project import state_letter

    project.write(
        "project: P\nworkstreams:\n  a: {run: exec sleep 60, timeout: 8s}\n"
        "  other: {run: 'until [ -e go ]; do sleep 0.05; done; sleep 8.2'}\n"
    )
    project.up()
    pid = project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid).runs["a.1"].pid
    assert pid is not None
    project.steer("a", WorkstreamAction.PAUSE)
    until(lambda: state_letter(pid) == "T", what="a pause")
    project.kill()
    os.kill(pid, 18)
    project.up()
    until(lambda: state_letter(pid) == "T", what="the same pause")
    (project.path / "go").touch()
    world = project.reaches(lambda w: w.workstream("other").state == "accepted")
    assert world.workstream("a").state == "paused"
    project.steer("a", WorkstreamAction.RESUME)
    until(lambda: state_letter(pid) != "T", what="an end of the pause")
    assert project.world().runs["a.1"].state is RunState.RUNNING
    world = project.reaches(lambda w: not w.runs["a.1"].live)
    assert world.runs["a.1"].reason == "timed out after 8s"


def test_a_run_whose_folder_was_taken_away_is_not_started_beside_its_agent(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: 'echo on >> started; exec sleep 1000', retry: 3}\n")
    project.up()
    pid = project.reaches(lambda w: w.runs and w.runs["a.1"].pid).runs["a.1"].pid
    assert pid is not None
    until((project.path / "started").exists, what="a word of the agent")
    project.kill()
    take_away(project.folder.runs / "a.1")
    project.up()
    world = project.reaches(lambda w: w.runs["a.1"].state is RunState.UNKNOWN)
    assert f"pid {pid} may still be its agent" in world.runs["a.1"].reason
    assert set(world.runs) == {"a.1"}
    project.kill()
    os.kill(pid, 9)
    until(lambda: not is_running(pid), what="the agent's end")
    project.up()
    world = project.reaches(lambda w: "a.2" in w.runs)
    assert (world.runs["a.1"].state, world.runs["a.1"].exit_code) == (RunState.LOST, None)
    assert "its agent is gone" in world.runs["a.1"].reason
    assert lines_of(project.path / "started")["on"] in (1, 2)
