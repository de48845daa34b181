"""Death at every step that changes the world: the work goes on as if nothing had been, and nothing is done twice."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import killing
import pytest
from sweep import Sweep, assert_done, set_up

import faults
from project import Project
from soundness import assert_at_rest

ELSEWHERE = {
    *("backup.drafted", "backup.named"),
    *("approved.kept", "approved.undoing", "approved.undone", "rewrite.begun", "rewrite.written"),
    *("line.typed", "line.untyped"),
}
"""Points that this scenario does not reach; the tests of the store, of strategies and of requests die there."""


@pytest.fixture
def sweep(project: Project, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    monkeypatch.setenv(faults.VARIABLE, "")
    set_up(project)
    return Sweep(project)


@pytest.fixture(autouse=True)
def ana(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who commits."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = Ana\n email = ana@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_the_scenario_reaches_every_point_there_is(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "points"
    faults.trace_into(monkeypatch, trace)
    sweep.play()
    assert_done(sweep.project)
    assert_at_rest(sweep.project.folder)
    reached = set(trace.read_text().split())
    assert set(faults.POINTS) - ELSEWHERE <= reached, "a point that no test dies at proves nothing"


def test_a_point_that_is_not_reached_here_has_a_test_of_its_own() -> None:
    others = "".join(p.read_text() for p in faults.TESTS.rglob("test_*.py") if p != Path(__file__))
    assert {point for point in ELSEWHERE if f'"{point}"' not in others} == set()


@pytest.mark.fault(
    2, "every process is killed at each of its fault points in turn, in a plan with one of everything"
)
@pytest.mark.parametrize("nth", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in (2, 3, 5, 8))])
@pytest.mark.parametrize("point", [p for p in faults.POINTS if p not in ELSEWHERE])
def test_death_at(
    point: str, nth: int, sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = faults.die_at(monkeypatch, tmp_path, point, nth)
    sweep.play()
    if nth == 1:
        fault.assert_happened()
    assert_at_rest(sweep.project.folder)
    assert_done(sweep.project)


@pytest.mark.fault(
    1, "worker, zygote and supervisors are killed at 20 random instants, from the first step of a start on"
)
@pytest.mark.parametrize(
    "kills", [20, pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_killed_at_random_instants_in_a_world_of_their_own(tmp_path: Path, kills: int) -> None:
    """In a pid namespace: whatever is killed, and however, is nobody else's."""
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "-pf", "--mount-proc", "true"], capture_output=True).returncode
    ):
        pytest.skip("needs a pid namespace of its own: root, or user namespaces")
    seed = os.environ.get(
        "LOCUST_TEST_SEED", "20251" if kills == 20 else str(random.SystemRandom().randrange(10**6))
    )
    command = ["unshare", "-pf", "--mount-proc", "--kill-child", sys.executable, killing.__file__]
    paths = os.pathsep.join(path for path in sys.path if "tests" in path)
    done = subprocess.run(
        [*command, str(tmp_path), seed, str(kills)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
