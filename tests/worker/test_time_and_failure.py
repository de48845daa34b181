"""Limits, retries and clocks: failures back off and end, and a wall clock that is set moves nothing."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest

from locust_tui.cli.plan_examination import examine_clock
from locust_tui.domain.events import Noted, RunEnded, WorkstreamMoved
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import ProjectStatus, RunStatus, World
from locust_tui.machine import boot_id, since_boot
from locust_tui.state.folder import StateFolder
from locust_tui.state.record_now import record_now
from locust_tui.worker.runtime import Runtime
from locust_tui.worker.steady_clock import SteadyClock
from project import Project, eventually, is_running, state_letter, until


def test_a_run_past_its_limit_is_ended_with_all_it_started(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'setsid sleep 60 & sleep 60', timeout: 1s}\n")
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state == "failed")
    run = world.runs["a.1"]
    assert (run.state, run.reason) == (RunState.KILLED, "timed out after 1s")
    assert run.ended is not None
    assert run.started is not None
    assert 0.9 <= run.ended - run.started < 30
    until(lambda: not project.agents(), what="the end of all that it started")


def test_a_limit_counts_on_while_no_worker_lives(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: exec sleep 60, timeout: 8s}\n")
    project.up()
    run = project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid).runs["a.1"]
    project.kill()
    until(lambda: time.time() > (run.started or 0.0) + 8.2)
    assert is_running(run.pid or 0)
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state == "failed")
    assert world.runs["a.1"].reason == "timed out after 8s"


def test_a_failed_attempt_comes_again_after_its_delay_and_the_last_one_counts(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'exit 7', retry: 1}\n  b: {run: 'true', needs: a}\n")
    project.up()
    world = project.ends()
    assert world.workstream("a").state is WorkstreamState.FAILED
    first, second = world.runs["a.1"], world.runs["a.2"]
    assert first.ended is not None
    assert second.created - first.ended >= 0.95
    assert [(e.run, e.exit_code) for e in project.events(RunEnded)] == [("a.1", 7), ("a.2", 7)]
    assert "b.1" not in world.runs


def test_a_delay_goes_on_where_it_was_after_a_restart(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'exit 7', retry: 2}\n")
    project.up()
    project.reaches(lambda w: "a.2" in w.runs and not w.runs["a.2"].live)
    project.kill()
    project.up()
    world = project.ends()
    second, third = world.runs["a.2"], world.runs["a.3"]
    assert second.ended is not None
    assert third.created - second.ended >= 1.9
    assert set(world.runs) == {"a.1", "a.2", "a.3"}


@pytest.mark.fault(8, "programs that are missing, folders, not executable, or without their interpreter")
@pytest.mark.parametrize(
    ("run", "code", "word"),
    [
        ("[./nothing-here]", 127, "nothing-here"),
        ("[./folder]", 126, "folder"),
        ("[./plain]", 126, "plain"),
        ("[./broken]", 127, "interpreter"),
    ],
)
def test_what_cannot_be_executed_fails_with_a_reason(
    project: Project, run: str, code: int, word: str
) -> None:
    (project.path / "folder").mkdir()
    (project.path / "plain").write_text("text")
    project.script("broken", "#!/no/such/interpreter\n")
    project.write(f"project: T\nworkstreams:\n  a: {{run: {run}}}\n")
    project.up()
    world = project.ends()
    assert world.runs["a.1"].exit_code == code
    assert word in world.workstream("a").reason
    assert set(world.runs) == {"a.1"}


@pytest.mark.fault(8, "three kinds of programs that cannot be executed, with attempts left")
def test_what_cannot_be_executed_is_not_tried_in_a_tight_loop(project: Project) -> None:
    (project.path / "folder").mkdir()
    (project.path / "plain").write_text("text")
    kinds = {"gone": "./nothing-here", "folder": "./folder", "plain": "./plain"}
    lines = "".join(f"  {name}: {{run: [{program}], retry: 2}}\n" for name, program in kinds.items())
    project.write(f"project: T\nworkstreams:\n{lines}")
    project.up()
    world = project.ends()
    assert len(world.runs) == 9
    for name in kinds:
        first, second, third = (world.runs[f"{name}.{attempt}"] for attempt in (1, 2, 3))
        assert second.created - (first.ended or 0) >= 0.95
        assert third.created - (second.ended or 0) >= 1.95
        assert world.workstream(name).state is WorkstreamState.FAILED


@pytest.mark.fault(8, "a working folder that is not there")
def test_a_missing_working_folder_fails_with_a_reason(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'true', cwd: nowhere}\n")
    project.up()
    assert "nowhere" in project.ends().workstream("a").reason


@pytest.mark.fault(19, "an agent that exits with 1 at once; the worker is killed between its attempts")
def test_a_crash_loop_ends(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'exit 1', retry: 50}\n")
    project.up()
    project.reaches(lambda w: "a.3" in w.runs and not w.runs["a.3"].live)
    project.kill()
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state == "failed", 60)
    assert world.workstream("a").reason.startswith("crash-looping: 5 attempts")
    assert len(world.runs) == 5
    runs = [world.runs[f"a.{n}"] for n in range(1, 6)]
    for wait, before, after in zip((1, 2, 4, 8), runs, runs[1:], strict=False):
        assert before.ended is not None
        assert after.created - before.ended >= 0.95 * wait, "back-off began anew"


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.fault(20, "an agent that lives for two seconds and fails, again and again")
def test_a_crash_loop_of_agents_that_live_for_a_while_ends_too(project: Project) -> None:
    project.write("project: T\nworkstreams:\n  a: {run: 'sleep 2; exit 1', retry: 50}\n")
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state == "failed", 120)
    assert world.workstream("a").reason.startswith("crash-looping: 5 attempts")
    runs = [world.runs[f"a.{n}"] for n in range(1, 6)]
    assert len(world.runs) == 5
    for wait, before, after in zip((1, 2, 4, 8), runs, runs[1:], strict=False):
        assert before.ended is not None
        assert before.started is not None
        assert before.ended - before.started >= 1.9
        assert after.created - before.ended >= 0.95 * wait, "its two seconds forgot the failures before"


@pytest.mark.fault(7, "two hundred runs of true, all at once")
def test_two_hundred_short_runs_have_two_hundred_ends(project: Project) -> None:
    lines = "".join(f"  w{n}: {{run: [/bin/true]}}\n" for n in range(200))
    project.write(f"project: T\nresources: {{max_agents: 200}}\nworkstreams:\n{lines}")
    worker = project.up()
    world = project.ends(60)
    assert {s.state for s in world.workstreams.values()} == {WorkstreamState.ACCEPTED}
    assert len(project.events(RunEnded)) == 200
    (zygote,) = until(
        lambda: found if len(found := _children(worker)) == 1 else None, what="the worker's one child"
    )
    assert state_letter(zygote) not in "ZX"
    until(lambda: _children(zygote) == [], what="the end of every supervisor")
    project.assert_sound()


def _children(pid: int) -> list[int]:
    """Those that wait to be reaped among them."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread may end meanwhile
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


class TestSteadyClock:
    def test_it_follows_no_jump_of_the_wall(self) -> None:
        wall, steady = [1000.0], [0.0]
        clock = SteadyClock(lambda: wall[0], lambda: steady[0])
        wall[0], steady[0] = 5000.0, 1.0
        assert clock() == 1001.0
        assert clock.jump() == 3999.0
        assert clock.jump() is None
        wall[0] = -5000.0
        assert clock() == 1001.0
        assert clock.jump() == -10000.0

    def test_it_never_goes_behind_the_record(self) -> None:
        clock = SteadyClock(lambda: 1000.0, lambda: 0.0)
        clock.take_up(World(project=ProjectStatus(started=2000.0)), "this boot")
        assert clock() == 2000.0
        clock.take_up(World(project=ProjectStatus(started=1500.0)), "this boot")
        assert clock() == 1500.0

    @pytest.mark.parametrize(
        ("boot", "live", "now"),
        [
            ("this boot", True, 1010.0),  # a limit is being counted: ten seconds are ten seconds
            ("this boot", False, 9000.0),
            ("another", True, 9000.0),
        ],
    )
    def test_it_goes_on_in_the_record_s_time_as_long_as_the_machine_is_up(
        self, boot: str, live: bool, now: float
    ) -> None:
        world = World(project=ProjectStatus(boot_id="this boot", booted=900.0))
        if live:
            world.runs["a.1"] = RunStatus("a.1", "a", 1, "run", RunState.RUNNING, created=1000.0)
        clock = SteadyClock(lambda: 9000.0, lambda: 110.0)
        words = clock.take_up(world, boot)
        assert clock() == now
        assert bool(words) == (now != 9000.0)


@pytest.mark.parametrize(
    ("apart", "words"), [(90_000.0, "1d ahead of"), (-90_000.0, "1d behind"), (1.0, None)]
)
def test_doctor_says_how_far_record_and_clock_are_apart(apart: float, words: str | None) -> None:
    booted = time.time() - since_boot() + apart
    world = World(project=ProjectStatus(worker_pid=1, boot_id=boot_id(), booted=booted))
    assert record_now(world) == pytest.approx(time.time() + apart, abs=1.0)
    found = list(examine_clock(world))
    assert [f.subject for f in found] == (["clock"] if words else [])
    assert not words or words in found[0].detail


@pytest.mark.fault(43, "the wall clock is set by ten years", modelled="only the worker's own clock is moved")
@pytest.mark.parametrize("jump", [-10 * 365 * 86_400.0, 10 * 365 * 86_400.0])
async def test_a_wall_clock_that_is_set_is_noted_once_and_fires_nothing(
    project: Project, jump: float
) -> None:
    project.write(
        "project: T\nworkstreams:\n  a: {run: exec sleep 60, timeout: 1h}\n"
        "  b: {run: 'sleep 1.5', accept: [{name: c, run: 'true'}]}\n"
    )
    project.folder.prepare()
    offset = [0.0]
    runtime, ready = (
        Runtime(StateFolder(Path(project.plan)), wall=lambda: time.time() + offset[0]),
        asyncio.Event(),
    )
    running = asyncio.create_task(runtime.run(ready.set))
    await ready.wait()
    offset[0] = jump
    await eventually(lambda: project.world().workstream("b").state == "accepted")
    await eventually(lambda: project.events(Noted))
    await asyncio.sleep(1.2)
    notes = project.events(Noted)
    assert len(notes) == 1
    assert "clock was set" in notes[0].text
    world = project.world()
    assert world.runs["a.1"].live
    run = world.runs["b.1"]
    assert run.ended is not None
    assert run.started is not None
    assert 1.0 < run.ended - run.started < 60
    assert len(project.events(WorkstreamMoved)) < 12
    await runtime._shut_down(stop_agents=True)
    assert await running == 0
