"""`doctor` says of each agent type whether its program is there, what it is, and whether it may work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from git_project import run_git
from locust_tui.cli.agent_examination import examine_agents, examine_known
from locust_tui.cli.examination import Finding
from locust_tui.cli.plan_examination import examine_plan
from locust_tui.cli.target import Target
from locust_tui.domain.plan import AgentType, Plan
from locust_tui.domain.plan import Project as About
from locust_tui.state.folder import StateFolder
from project import Project


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
    plan = Plan(About("P", "P"), {}, agents={a.name: a for a in agents})
    path = tmp_path / "locust-plan.yaml"
    return {f.subject: f for f in examine_agents(plan, Target(path, StateFolder(path)))}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "plan")


def doctor(project: Project, plan: str) -> dict[str, Finding]:
    """All that it says of a plan."""
    project.write(f"project: P\n{plan}\n", trust=False)
    return {f.subject: f for f in examine_plan(Target(project.plan, project.folder))}


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


def test_a_missing_program_fails(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs))
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


def test_without_a_plan_the_known_programs_are_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs))
    program(programs, "claude", claude(True))
    found = {f.subject: f for f in examine_known()}
    assert "logged in" in found["agent claude"].detail
    assert "not installed" in found["agent codex"].detail


def test_a_program_beside_the_plan_is_found_wherever_doctor_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "own", "true")
    monkeypatch.chdir(tmp_path)
    plan = Plan(About("P", "P"), {}, agents={"a": AgentType("a", "shell", ("./own",))})
    (found,) = examine_agents(
        plan, Target(Path("locust-plan.yaml"), StateFolder(tmp_path / "locust-plan.yaml"))
    )
    assert (found.state, found.detail) == ("ok", f"shell: {tmp_path}/own")


def test_a_program_is_looked_for_from_the_folder_of_its_runs(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "sub").mkdir()
    program(tmp_path, "own", "true")
    agents = AgentType("a", "shell", ("../own",), cwd="sub"), AgentType("b", "shell", ("./own",), cwd="sub")
    found = findings(tmp_path, *agents)
    assert found["agent a"].state == "ok"
    assert found["agent b"].detail == "./own cannot be executed"


def test_the_program_of_a_workstream_is_looked_for_as_its_run_does(project: Project) -> None:
    (project.path / "sub").mkdir()
    project.script("own", "#!/bin/sh\n")
    found = doctor(project, "workstreams: {a: {run: [../own], cwd: sub}, b: {run: [./own], cwd: sub}}")
    assert found["program of b"].detail == "./own cannot be executed"
    assert "program of a" not in found


def test_an_agent_that_cannot_start_is_told_once(project: Project, programs: Path) -> None:
    plan = "agents: {a: {command: nowhere-to-be-found}}\nworkstreams: {a: {agent: a, instructions: x}}"
    assert [f.subject for f in doctor(project, plan).values() if "nowhere-to-be-found" in f.detail] == [
        "agent a"
    ]


def test_pull_requests_need_gh_a_remote_and_a_login(project: Project, programs: Path) -> None:
    plan = "git: {pr: true}\nworkstreams: {a: {run: [git, status], worktree: true}}"
    programs.joinpath("git").symlink_to(shutil.which("git") or "git")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(programs))
        assert doctor(project, plan)["pull requests"].detail == "gh is not on PATH"
    program(programs, "gh", 'echo "not logged into any hosts" >&2; exit 1')
    run_git(project.path, "init", "-q")
    assert doctor(project, plan)["pull requests"].help == "git remote add origin URL"
    run_git(project.path, "remote", "add", "origin", "../elsewhere")
    told = doctor(project, plan)["pull requests"]
    assert (told.state, told.help) == ("warn", "gh auth login")
    assert "not logged into any hosts" in told.detail
    program(programs, "gh", '[ "$1 $2" = "auth status" ]')
    assert doctor(project, plan)["pull requests"].state == "ok"


def test_worktrees_need_a_repository_with_a_commit_and_the_base(project: Project) -> None:
    plan = "workstreams: {a: {run: [git, status], worktree: true}}"
    assert "is not in a git repository" in doctor(project, plan)["worktrees"].detail
    run_git(project.path, "init", "-q", "-b", "main")
    assert "has no commit yet" in doctor(project, plan)["worktrees"].detail
    run_git(
        project.path, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"
    )
    assert doctor(project, plan)["worktrees"].detail.startswith("start on main of ")
    told = doctor(project, f"git: {{base: nowhere}}\n{plan}")["worktrees"]
    assert (told.state, 'no branch "nowhere"' in told.detail) == ("fail", True)
    assert "worktrees" not in doctor(project, "workstreams: {a: {run: [git, status]}}")


def test_a_program_that_the_fence_hides_is_no_good(tmp_path: Path, programs: Path) -> None:
    if shutil.which("bwrap") is None or not str(tmp_path).startswith("/tmp/"):
        pytest.skip("needs bubblewrap, and a folder in /tmp")
    program(programs, "tool", "true")
    plan = tmp_path / "elsewhere"
    plan.mkdir()
    found = findings(plan, AgentType("a", "shell", ("tool",), sandbox="bwrap"))["sandbox of a"]
    assert found.state == "fail"
    assert f"{programs}/tool cannot be run inside: of /tmp" in found.detail
