"""`doctor` says of each agent type whether its program is there, what it is, and whether it may work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from locust_tui.cli.agent_examination import examine_agents, examine_known
from locust_tui.cli.examination import Finding
from locust_tui.cli.target import Target
from locust_tui.domain.plan import AgentType, Plan, Project
from locust_tui.state.folder import StateFolder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def findings(tmp_path: Path, *agents: AgentType) -> dict[str, Finding]:
    plan = Plan(Project("P", "P"), {}, agents={a.name: a for a in agents})
    path = tmp_path / "locust-plan.yaml"
    return {f.subject: f for f in examine_agents(plan, Target(path, StateFolder(path)))}


def claude(logged_in: bool) -> str:
    status = json.dumps({"loggedIn": logged_in, "authMethod": "api_key"})
    return f"if [ \"$1\" = --version ]; then echo '2.1.330 (Claude Code)'; else echo '{status}'; fi"


def test_a_program_that_is_logged_in_is_usable(tmp_path: Path, programs: Path) -> None:
    program(programs, "claude", claude(True))
    found = findings(tmp_path, AgentType("coder", "claude", ("claude",)))["agent coder"]
    assert found.state == "ok"
    assert "2.1.330 (Claude Code); logged in by api key" in found.detail


def test_one_that_is_not_logged_in_is_told_how(tmp_path: Path, programs: Path) -> None:
    program(programs, "claude", claude(False))
    found = findings(tmp_path, AgentType("coder", "claude"))["agent coder"]
    assert (found.state, found.help) == ("warn", "claude auth login")


def test_codex_is_asked_its_own_way(tmp_path: Path, programs: Path) -> None:
    program(
        programs, "codex", 'if [ "$1" = login ]; then echo "Not logged in" >&2; exit 1; fi; echo codex-cli 9'
    )
    found = findings(tmp_path, AgentType("c", "codex"))["agent c"]
    assert (found.state, found.help) == ("warn", "codex login")
    assert "codex-cli 9" in found.detail


def test_a_missing_program_fails(tmp_path: Path, programs: Path) -> None:
    found = findings(tmp_path, AgentType("coder", "acp", ("opencode", "acp")))["agent coder"]
    assert found.state == "fail"
    assert "opencode is not on PATH" in found.detail


def test_a_secret_that_cannot_be_fetched_fails_by_name(tmp_path: Path, programs: Path) -> None:
    agent = AgentType("sh", command=("/bin/sh",), secrets={"TOKEN": "env:NOT_SET_ANYWHERE"})
    assert findings(tmp_path, agent)["secret TOKEN"].state == "fail"


def test_a_sandbox_without_bubblewrap_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    agent = AgentType("sh", command=("/bin/sh",), sandbox="bwrap")
    assert findings(tmp_path, agent)["sandbox of sh"].help == "apt install bubblewrap"


def test_without_a_plan_the_known_programs_are_named(programs: Path) -> None:
    program(programs, "claude", claude(True))
    found = {f.subject: f for f in examine_known()}
    assert "logged in" in found["agent claude"].detail
    assert "not installed" in found["agent codex"].detail


def test_a_program_beside_the_plan_is_found_wherever_doctor_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "own", "true")
    monkeypatch.chdir(tmp_path)
    plan = Plan(Project("P", "P"), {}, agents={"a": AgentType("a", "shell", ("./own",))})
    (found,) = examine_agents(
        plan, Target(Path("locust-plan.yaml"), StateFolder(tmp_path / "locust-plan.yaml"))
    )
    assert (found.state, found.detail) == ("ok", f"shell: {tmp_path}/own")


def test_a_program_that_the_fence_hides_is_no_good(tmp_path: Path, programs: Path) -> None:
    if shutil.which("bwrap") is None or not str(tmp_path).startswith("/tmp/"):
        pytest.skip("needs bubblewrap, and a folder in /tmp")
    program(programs, "tool", "true")
    plan = tmp_path / "elsewhere"
    plan.mkdir()
    found = findings(plan, AgentType("a", "shell", ("tool",), sandbox="bwrap"))["sandbox of a"]
    assert found.state == "fail"
    assert f"{programs}/tool cannot be run inside: of /tmp" in found.detail
