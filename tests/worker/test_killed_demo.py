"""The shipped demo plan, its worker killed again and again: it comes to the same end as if nothing had happened."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from pathlib import Path

import pytest

from locust_tui.domain.events import GateDecided
from locust_tui.domain.states import DecisionKind, GateState, RunState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from project import Project

DEMO = Path(__file__).parents[2] / "demo_plans" / "locust"


def is_over(world: World) -> bool:
    """All that there is to do is done; that nothing moves is also said a moment before a decision is followed."""
    return (
        world.project.ended is not None
        and all(g.state is GateState.GO for g in world.gates.values())
        and all(s.state is WorkstreamState.ACCEPTED for s in world.workstreams.values())
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(int(os.environ.get("KILL_SEEDS", "1"))))
def test_the_demo_plan_comes_to_its_end(project: Project, seed: int) -> None:
    shutil.copytree(
        DEMO, project.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".locust-tui", "__pycache__")
    )
    project.write(re.sub(r"(?m)^  week: 2s", "  week: 1s", project.plan.read_text()))
    chance = random.Random(seed)
    gates = 0
    project.up()
    end = time.monotonic() + 200
    next_kill = time.monotonic() + chance.uniform(0.1, 2.0)
    kills = 0
    while not is_over(world := project.world()):
        assert time.monotonic() < end, (
            project.states(),
            {g.id: g.state for g in world.gates.values()},
            project.log(),
        )
        for gate in world.gates.values():
            if gate.state is GateState.PENDING:
                try:
                    project.decide(gate.id, DecisionKind.GO, by="demo")
                    gates += 1
                except LocustTuiError:
                    pass  # the worker was killed, or the gate is measured again
        if kills < 8 and time.monotonic() > next_kill:
            kills += 1
            project.kill()
            next_kill = time.monotonic() + chance.uniform(0.3, 3.0)
            project.up()
        time.sleep(0.1)
    assert kills >= 5
    project.assert_sound()
    world = project.world()
    assert is_over(world)
    for gate in world.gates.values():
        assert sum(e.gate == gate.id for e in project.events(GateDecided)) == 1
    for run in world.runs.values():
        assert run.state is RunState.EXITED or run.reason == "never started", run
