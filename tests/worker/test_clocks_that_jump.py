"""A clock that somebody sets, and a machine that sleeps, under a real worker: nothing ends, nothing is made up for twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from speaking import speaking

from clocks import Clocks
from locust_tui.analysis.sampling import monitor_series
from locust_tui.domain.events import HookMissed, HookRan, MachineSlept, Noted, RunChanged, RunEnded
from locust_tui.domain.states import RunState
from locust_tui.domain.world import World
from locust_tui.state.samples import SampleReader
from project import Project, until

HOUR, YEAR = 3_600.0, 365 * 86_400.0
PRELOADED = "a library answers in place of the machine's clocks"

PLAN = """\
project: P
agents: {c: {command: sh quiet, stall: 30m}}
workstreams:
  quiet: {agent: c, instructions: x, timeout: 1h}
  busy: {run: 'n=1; while :; do until [ -e go$n ]; do [ -e stop ] && exit; sleep 0.05; done; echo "::locust progress=$n::"; n=$((n + 1)); done', timeout: 1h}
hooks: {h: {cron: "*/30 * * * *", do: memory store ran --value 1}}
monitors: {m: {refresh: 1s, metrics: [agents]}}
"""


@pytest.fixture
def clocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(tmp_path, monkeypatch)


def running(project: Project) -> World:
    (project.path / "quiet").write_text("exec sleep 300\n")
    project.write(PLAN)
    project.up()
    world = project.reaches(lambda w: len(w.runs) == 2 and all(r.pid for r in w.runs.values()))
    until(lambda: samples(project), what="the first sample")
    return world


def looked_at(project: Project, *steps: int) -> None:
    """The worker has looked at its agents since: it put down what one of them says now."""
    for step in steps:
        (project.path / f"go{step}").touch()
        project.reaches(lambda w, step=step: w.workstream("busy").reported == step)  # type: ignore[misc]


def samples(project: Project) -> int:
    with SampleReader(project.folder.samples) as found:
        return len(found.history(monitor_series("m", "agents")))


def notes(project: Project) -> list[str]:
    return [n.text for n in project.events(Noted) if "clock was set" in n.text]


def assert_untouched(project: Project, before: World) -> None:
    world = project.world()
    assert {r.id: (r.pid, r.state) for r in world.runs.values()} == {
        r.id: (r.pid, RunState.RUNNING) for r in before.runs.values()
    }
    assert project.events(RunEnded) == []
    assert not any(s.retry_at for s in world.workstreams.values())


def command(project: Project, *words: str) -> Any:
    found = subprocess.run(
        [sys.executable, "-m", "locust_tui", *words, "--json"],
        cwd=project.path, capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.fault(
    43,
    "the wall clock of worker, agents and verbs is set by a second, ten years on, and twenty back",
    modelled=PRELOADED,
)
def test_a_wall_clock_that_is_set_ends_nothing_for_the_next_worker_either(
    project: Project, clocks: Clocks
) -> None:
    before = running(project)
    clocks.set_wall(-1.0)  # as a leap second does
    looked_at(project, 1)
    assert notes(project) == []
    for step, by in ((2, 10 * YEAR), (5, -20 * YEAR)):
        told = len(notes(project))
        clocks.set_wall(by)
        until(lambda told=told: len(notes(project)) == told + 1, what="the note of the jump")  # type: ignore[misc]
        looked_at(project, step, step + 1)
        assert_untouched(project, before)
        project.kill()
        project.up()
        looked_at(project, step + 2)
        assert_untouched(project, before)
        assert len(notes(project)) == told + 2, "the next worker says once that the record has its own time"
    ages = [agent["age_s"] for agent in command(project, "status")["agents"]]
    assert len(ages) == 2
    assert all(0 < age < 120 for age in ages), ages
    assert len(project.events(HookRan)) <= 2
    assert project.events(HookMissed) == []
    (project.path / "stop").touch()
    world = project.reaches(lambda w: not w.runs["busy.1"].live)
    run = world.runs["busy.1"]
    assert run.started is not None
    assert run.ended is not None
    assert 1 < run.ended - run.started < 120
    moments = [e.at for e in project.all_events()]
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] < 120


@pytest.mark.fault(
    44,
    "every clock but the monotonic one goes on by eight hours, as it does when a machine wakes up",
    modelled=PRELOADED,
)
def test_a_machine_that_slept_for_a_night_looks_once_and_ends_nothing(
    project: Project, clocks: Clocks
) -> None:
    before = running(project)
    taken, told = samples(project), len(project.all_events())
    clocks.sleep(8 * HOUR)
    until(lambda: project.events(HookMissed), what="the hook that was missed")
    until(lambda: project.world().hooks["h"].runs, what="the one run that makes up for it")
    looked_at(project, 1, 2)
    assert_untouched(project, before)
    (slept,) = project.events(MachineSlept)
    assert 8 * HOUR - 1 < slept.seconds < 8 * HOUR + 30
    (missed,) = project.events(HookMissed)
    assert 15 <= missed.count <= 17
    assert 1 <= len(project.events(HookRan)) <= 2, "one for all; half an hour may have begun meanwhile"
    assert samples(project) < taken + 60, "one sample for 28 800 that nobody was there for"
    assert len(project.all_events()) < told + 40
    assert notes(project) == []


@pytest.mark.fault(
    44,
    "every clock but the monotonic one goes on by eight hours, as it does when a machine wakes up",
    modelled=PRELOADED,
)
def test_a_sleep_that_no_worker_saw_is_known_to_the_next(project: Project, clocks: Clocks) -> None:
    before = running(project)
    project.kill()
    clocks.sleep(8 * HOUR)
    project.up()
    until(lambda: project.events(MachineSlept), what="the note of the sleep")
    looked_at(project, 1, 2)
    assert_untouched(project, before)
    assert len(project.events(MachineSlept)) == 1
    world = project.world()
    assert all(8 * HOUR - 1 < run.stood_still < 9 * HOUR for run in world.runs.values())


@pytest.mark.fault(
    44,
    "every clock but the monotonic one goes on by eight hours, as it does when a machine wakes up",
    modelled=PRELOADED,
)
@pytest.mark.fault(43, "the wall clock is set by ten years while an agent says nothing", modelled=PRELOADED)
def test_an_agent_in_conversation_is_not_called_silent_for_it(project: Project, clocks: Clocks) -> None:
    speaking(project, {"a": "@wait go"}, agent=", stall: 10m, fruitless: 20m")
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.source == "protocol")
    clocks.sleep(8 * HOUR)
    project.reaches(lambda w: w.runs["a.1"].stood_still > HOUR)  # a row that changed is looked at
    clocks.set_wall(10 * YEAR)
    until(lambda: notes(project), what="the note of the jump")
    time.sleep(0.5)
    assert not [e for e in project.events(RunChanged) if e.state is RunState.STALLED]
    (project.path / "go").touch()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
