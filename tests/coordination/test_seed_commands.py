"""The commands of an orchestration document, typed as they stand there in an empty folder: each does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from locust_tui.domain.plan import Plan
from locust_tui.domain.states import TaskState
from locust_tui.domain.world import World
from project import Project, is_running

DOCUMENT = Path(__file__).with_name("meta-orchestrator-commands.md")


def commands(document: str) -> list[str]:
    """Every command of its bash blocks, in order, for this program."""
    found = []
    for block in re.findall(r"```bash\n(.*?)```", document, re.DOTALL):
        starts = [m.start() for m in re.finditer(r"^npx ", block, re.MULTILINE)]
        ends = [*starts[1:], len(block)]
        found += [block[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    return [c.replace("npx claude-flow@alpha", "locust-tui") for c in found]


COMMANDS = commands(DOCUMENT.read_text())


class Typed(NamedTuple):
    """All of them after the last one: what each said, and what stands in the record."""

    project: Project
    said: list[subprocess.CompletedProcess[str]]
    world: World
    plan: Plan


def in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """The whole document typed in an empty folder, on a machine of its own."""
    home = tmp_path_factory.mktemp("home")
    project = Project(tmp_path_factory.mktemp("locust"))
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith("LOCUST_TUI_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        try:
            said = [in_shell(command, project.path) for command in COMMANDS]
            with project.record() as record:
                plan = record.plan()
                world = record.read_world()
            assert plan is not None, said[0].stderr
            yield Typed(project, said, world, plan[0])
        finally:
            project.end()


def value(t: Typed, key: str) -> Any:
    return json.loads(t.world.memory[key].value)


def project_begun(t: Typed, said: str) -> None:
    assert t.plan.resources.max_agents == 20
    assert is_running(t.project.pid())
    assert str(t.project.folder.root) in said
    assert f"worker {t.project.pid()}" in said
    assert not t.project.plan.exists()


def meta_orchestrator(t: Typed, said: str) -> None:
    meta = t.plan.meta
    assert meta is not None
    assert (meta.id, meta.agent) == ("locust-meta", "orchestrator")
    assert meta.role == "Meta-orchestrator for Locust plugin framework development"
    assert meta.instructions is not None
    assert "Weekly status reports" in meta.instructions
    assert "agents.orchestrator.command" in said
    (agent,) = [a for a in agents(t) if a["name"] == "locust-meta"]
    assert (agent["state"], agent["pid"], agent["run"]) == ("manual", None, None)


def agents(t: Typed) -> list[dict[str, Any]]:
    answer = in_shell("locust-tui status --json", t.project.path)
    found: list[dict[str, Any]] = json.loads(answer.stdout)["agents"]
    return found


def configuration(t: Typed, said: str) -> None:
    assert value(t, "locust/meta/config")["domain_orchestrators"] == 3


def domain(
    name: str, agent: str, phases: tuple[str, ...], weeks: str, first: int, last: int
) -> Callable[[Typed, str], None]:
    def brought_up(t: Typed, said: str) -> None:
        found = t.plan.orchestrators[name]
        ids = tuple(f"WS-{n:02}" for n in range(first, last + 1))
        assert (found.agent, found.phases, str(found.weeks)) == (agent, phases, weeks)
        assert found.workstreams == ids
        assert {t.world.workstream(id).state.value for id in ids} == {"planned"}
        assert any(a["name"] == name and a["state"] == "manual" for a in agents(t))
        done = {task.id for task in t.world.tasks.values() if task.state is TaskState.DONE}
        assert said.removeprefix("task ").partition(" ")[0] in done

    return brought_up


def week_status(t: Typed, said: str) -> None:
    assert len(value(t, "locust/status/week-1")["workstreams"]) == 15


def notice(t: Typed, said: str) -> None:
    (message,) = [m for m in t.world.messages.values() if m.to == "locust-plugin-orchestrator"]
    assert message.text == "Core types API finalized, ready for plugin development"


def request(t: Typed, said: str) -> None:
    (ask,) = t.world.open_asks()
    assert "2 more rust-pro agents" in ask.what
    assert "performance-optimization" in ask.what + ask.detail
    assert ask.item in said
    assert t.world.tasks["request-agents"].state is TaskState.OPEN


def overall(t: Typed, said: str) -> None:
    assert all(
        name in said for name in (*t.plan.orchestrators, *t.plan.workstreams, "locust-meta", "Phase 4")
    )
    assert "— verified" in said


def by_pattern(t: Typed, said: str) -> None:
    assert [line.split()[0] for line in said.splitlines()[1:]] == [f"WS-{n:02}" for n in range(1, 16)]
    assert "0%" not in said


def utilization(t: Typed, said: str) -> None:
    assert "%" not in said


def dependencies(t: Typed, said: str) -> None:
    assert "locust/dependencies/graph" in said
    assert "WS-15" in said
    assert "locust/dependencies/ready" in said


def feature(name: str) -> Callable[[Typed, str], None]:
    def switched(t: Typed, said: str) -> None:
        assert name in t.plan.features
        assert name in said

    return switched


def learning(t: Typed, said: str) -> None:
    feature("learned-estimates")(t, said)
    assert "no neural network" in said


def repository(t: Typed, said: str) -> None:
    p = t.plan.project
    assert (p.repo, p.branch, p.pr_prefix) == ("raibid-labs/locust", "main", "locust-")


def dashboard(t: Typed, said: str) -> None:
    (monitor,) = t.plan.monitors
    assert (monitor.name, monitor.refresh) == ("locust-development", 300.0)
    assert monitor.metrics == ("progress", "quality", "velocity", "blockers")


def phase_gate(t: Typed, said: str) -> None:
    (alert,) = [a for a in t.plan.alerts if a.name == "phase-gate"]
    assert alert.when == "phase_progress < expected_progress - 10"
    assert alert.notify == ("locust-meta",)


EFFECTS: list[Callable[[Typed, str], None]] = [
    project_begun,
    meta_orchestrator,
    configuration,
    domain("locust-core-orchestrator", "rust-pro", ("1",), "1-4", 1, 4),
    domain("locust-plugin-orchestrator", "coder", ("2", "3"), "3-8", 5, 11),
    domain("locust-integration-orchestrator", "docs-architect", ("4",), "7-12", 12, 15),
    week_status,
    notice,
    request,
    overall,
    by_pattern,
    utilization,
    dependencies,
    learning,
    feature("performance-tracking"),
    feature("github-integration"),
    repository,
    dashboard,
    phase_gate,
]


def test_every_command_of_the_document_has_its_check() -> None:
    assert len(COMMANDS) == len(EFFECTS) == 19


def named(command: str) -> str:
    words = command.split()
    return "-".join(words[1:4] if words[1] == "features" else words[1:3])


@pytest.mark.parametrize("number", range(19), ids=[f"{n:02}-{named(c)}" for n, c in enumerate(COMMANDS)])
def test_does_what_it_says(typed: Typed, number: int) -> None:
    answer = typed.said[number]
    assert answer.returncode == 0, answer.stderr
    EFFECTS[number](typed, answer.stdout)


def test_typed_again_it_changes_no_plan(typed: Typed) -> None:
    """Names make commands idempotent: the same orchestrators, workstreams and tasks, and no second of anything."""
    again = [c for c in COMMANDS if " spawn" in c or " orchestrate" in c or "swarm init" in c]
    answers = [in_shell(command, typed.project.path) for command in again]
    assert [a.returncode for a in answers] == [0] * len(again)
    with typed.project.record() as record:
        found = record.plan()
        world = record.read_world()
    assert found is not None
    assert found[0] == typed.plan
    assert set(world.tasks) == set(typed.world.tasks)
    assert len(world.open_asks()) == 1


def test_the_plan_is_at_rest_and_has_not_ended_well(typed: Typed) -> None:
    """Nothing can start, so nothing runs; `run` says what is missing and is not content."""
    answer = in_shell("locust-tui run", typed.project.path)
    assert answer.returncode == 1
    assert "WS-01: no task yet: it is registered, and nothing says yet what to do" in answer.stderr
    status = json.loads(in_shell("locust-tui status --json", typed.project.path).stdout)
    assert status["progress"] is None
    assert status["progress_reason"]
    assert status["verdict"] == "unknown"
    assert {w["verified"] for w in status["workstreams"]} == {None}
