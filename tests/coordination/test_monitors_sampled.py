"""Monitors and the load of runs with a real worker: sampled at their intervals, over restarts, into a file that holds no state."""

from __future__ import annotations

import json
from itertools import pairwise

from locust_tui.analysis.sampling import monitor_series, run_series
from locust_tui.client.requests import AddToPlan
from locust_tui.state.samples import Point, SampleReader
from project import Project, until

PLAN = """\
project: P
workstreams:
  a: {run: "until [ -e go ]; do sleep 0.05; done"}
"""


def added(**places: object) -> AddToPlan:
    return AddToPlan(tuple((place.replace("__", "/"), json.dumps(value)) for place, value in places.items()))


def points(project: Project, name: str) -> list[Point]:
    with SampleReader(project.folder.samples) as samples:
        return samples.history(name)


def running(project: Project, text: str = PLAN) -> None:
    project.write(text)
    project.up()
    project.reaches(lambda w: any(r.pid for r in w.live_runs()))


def test_a_monitor_is_sampled_elapsed_over_refresh_times(project: Project) -> None:
    running(project)
    project.ask(added(monitors__m={"refresh": "1s", "metrics": ["agents", "progress"]}))
    series = monitor_series("m", "agents")
    until(lambda: len(points(project, series)) >= 4, what="four samples")
    found = points(project, series)
    elapsed = found[-1].at - found[0].at
    assert len(found) - 1 <= elapsed + 1
    assert elapsed < 20  # what a busy machine leaves out is not filled in
    assert {p.value for p in found} == {1.0}
    gaps = [b.at - a.at for a, b in pairwise(found)]
    assert sum(gaps) / len(gaps) > 0.6


def test_a_restart_goes_on_where_it_was_and_fills_nothing_in(project: Project) -> None:
    running(project)
    project.ask(added(monitors__m={"refresh": "1s", "metrics": ["agents"]}))
    series = monitor_series("m", "agents")
    until(lambda: len(points(project, series)) >= 2, what="two samples")
    project.kill()
    before = points(project, series)
    project.up()
    until(lambda: len(points(project, series)) > len(before), what="a sample after the restart")
    after = points(project, series)
    assert after[: len(before)] == before
    assert len(after) <= after[-1].at - before[0].at + 2


def test_a_lost_file_loses_no_state(project: Project) -> None:
    running(project)
    project.ask(added(monitors__m={"refresh": "1s", "metrics": ["agents"]}))
    until(lambda: points(project, monitor_series("m", "agents")), what="a sample")
    project.kill()
    world = project.world()
    project.folder.samples.unlink()
    project.up()
    until(lambda: points(project, monitor_series("m", "agents")), what="a sample after the loss")
    assert set(project.world().runs) == set(world.runs)
    project.assert_sound()


def test_the_load_of_runs_is_sampled_while_it_is_switched_on(project: Project) -> None:
    busy = "project: P\nworkstreams: {a: {run: 'while [ ! -e go ]; do :; done'}}\n"
    running(project, busy)
    project.ask(added(features={"performance-tracking": True}))
    memory = run_series("a.1", "rss_kib")
    until(lambda: points(project, memory), what="a sample of the run")
    assert (points(project, memory)[0].value or 0) > 100
    cpu = run_series("a.1", "cpu_s")
    until(lambda: any(point.value for point in points(project, cpu)), what="time of a processor")
    assert points(project, run_series("a.1", "written_bytes"))[0].value is not None
    assert project.folder.samples.stat().st_mode & 0o077 == 0


def test_nothing_is_sampled_unasked(project: Project) -> None:
    running(project)
    (project.path / "go").touch()
    project.ends()
    assert not project.folder.samples.exists()


def test_a_metric_that_nobody_knows_is_refused_with_near_names(project: Project) -> None:
    running(project)
    error = project.refused(added(monitors__m={"refresh": "1s", "metrics": ["velocty"]}))
    assert error.exit_code == 2
    assert "velocity" in (error.help or "")
    assert project.refused(added(monitors__m={"refresh": "0s", "metrics": ["velocity"]})).exit_code == 2
