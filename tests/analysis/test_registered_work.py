"""Work that a command only registered: no figure of it means anything, and nothing of it starts."""

from __future__ import annotations

import json

from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.progress import progress
from locust_tui.analysis.startable import NOTHING_TO_DO, manual_agents, startable_kind
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import Verdict, WorkstreamState
from locust_tui.domain.world import ProjectStatus, WorkstreamStatus, World
from locust_tui.plans.reading import read_data

REGISTERED = {
    "project/name": "Port",
    "agents/coder": {},
    "agents/runner/command": ["sleep", "1"],
    "orchestrators/plugin/phases": ["2", "3"],
    "orchestrators/plugin/agent": "coder",
    "orchestrators/plugin/instructions": "Coordinate",
    "orchestrators/core/phases": ["1"],
    "orchestrators/core/weeks": "1-4",
    "phases/1/weeks": "1-4",
    "phases/2/name": "Two",
    "phases/3/name": "Three",
    "workstreams/WS-01/orchestrator": "core",
    "workstreams/WS-01/phase": "1",
    "workstreams/WS-02/orchestrator": "core",
    "workstreams/WS-02/phase": "1",
}


def plan_with(more: dict[str, object] | None = None) -> Plan:
    values = {place: json.dumps(value) for place, value in {**REGISTERED, **(more or {})}.items()}
    reading = read_data(b"", "/nowhere/locust-plan.yaml", cached=False, additions=values)
    assert reading.plan is not None, reading.problems
    return reading.plan


def begun() -> World:
    return World(project=ProjectStatus(started=0.0))


def test_what_is_only_registered_has_no_progress_and_no_verdict() -> None:
    plan = plan_with()
    found = progress(plan, begun(), 2.0)
    assert found.value is None
    assert "nothing says yet what to do" in found.reason
    assert found.expected == 50.0
    snapshot = build_snapshot(plan, "d", "p", begun(), 1.0, worker_pid=1)
    assert (snapshot.progress, snapshot.verdict) == (None, Verdict.UNKNOWN)
    assert [w.unknown for w in snapshot.workstreams] == [True, True]
    assert [w.why for w in snapshot.workstreams] == [NOTHING_TO_DO, NOTHING_TO_DO]
    assert not any("start" in w.actions for w in snapshot.workstreams)
    assert [o.id for o in snapshot.orchestrators] == ["core", "plugin"]
    assert snapshot.orchestrators[0].weeks == "1-4"


def test_one_that_has_something_to_do_makes_the_whole_known() -> None:
    plan = plan_with({"workstreams/WS-01/agent": "runner", "workstreams/WS-01/instructions": "Work"})
    world = begun()
    assert progress(plan, world, 2.0).value == 0.0
    world.workstreams["WS-01"] = WorkstreamStatus("WS-01", WorkstreamState.ACCEPTED, accepted_at=1.0)
    assert progress(plan, world, 2.0).value == 50.0
    snapshot = build_snapshot(plan, "d", "p", world, 1.0, worker_pid=1)
    assert snapshot.progress == 50.0
    assert [w.unknown for w in snapshot.workstreams] == [False, True]


def test_only_agents_with_something_to_do_and_no_command_are_manual() -> None:
    plan = plan_with({"workstreams/free/agent": "coder", "workstreams/free/instructions": ""})
    assert [(m.subject, m.agent_type) for m in manual_agents(plan, begun())] == [
        ("plugin", "coder"),
        ("free", "coder"),
    ]
    runner = plan_with({"workstreams/free/agent": "runner", "workstreams/free/instructions": ""})
    assert startable_kind(runner, runner.workstreams["free"])
    assert not startable_kind(runner, runner.workstreams["WS-01"])
