"""Agents in their fence, with a real worker: they do their work, commit and report, and reach nothing that runs outside."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from test_sandbox import needs_bwrap

from git_project import run_git
from locust_tui.domain.world import World
from project import Project

pytestmark = needs_bwrap

TRY = """#!/bin/bash
no() { if sh -c "$2" 2>>errors; then echo "did: $1" >> broke; fi; }
"""


@pytest.fixture
def repository(project: Project) -> Project:
    run_git(project.path, "init", "-q", "-b", "main")
    run_git(project.path, "config", "user.name", "Ana")
    run_git(project.path, "config", "user.email", "ana@example.org")
    (project.path / ".gitignore").write_text(".locust-tui/\nbroke\nerrors\n")
    return project


def work(
    project: Project, script: str, *, kind: str = "bwrap", worktree: bool = True, more: str = ""
) -> World:
    project.script("agent", TRY + script)
    project.write(
        f"project: F\nagents: {{sh: {{command: ./agent, sandbox: {kind}}}}}\n"
        f"workstreams:\n  a: {{agent: sh, instructions: x, worktree: {str(worktree).lower()}{more}}}\n"
    )
    if (project.path / ".git").exists():
        run_git(project.path, "add", "-A")
        run_git(project.path, "commit", "-q", "-m", "begin")
    project.up()
    return project.reaches(
        lambda w: (
            w.workstream("a").state in ("accepted", "failed", "needs-input")
            or (w.project.ended and not w.live_runs())
        )
    )


def log(project: Project) -> str:
    return (project.folder.runs / "a.1" / "log").read_text()


def test_it_commits_and_its_work_comes_home(repository: Project) -> None:
    world = work(
        repository,
        "set -e; echo hello > made; git add made; git commit -q -m made; git stash list; git log --oneline | head -1\n"
        "git commit -q --allow-empty -m more; git status --short; git tag mine\n",
    )
    assert world.workstream("a").state == "accepted", log(repository)
    repository.reaches(lambda w: w.workstream("a").merged)
    assert run_git(repository.path, "show", "main:made") == "hello"
    assert (repository.path / "made").read_text() == "hello\n"


def test_what_git_would_execute_stays_as_it_is(repository: Project) -> None:
    main = repository.path / ".git"
    world = work(
        repository,
        f"""
no hook 'echo "touch {repository.path}/ran" > {main}/hooks/pre-commit'
no config 'git config core.hooksPath /tmp/x'
no config-file 'echo "[core]" >> {main}/config'
no alternates 'echo /tmp > {main}/objects/info/alternates'
own=$(git rev-parse --git-dir)
no commondir "echo /tmp > $own/commondir"
no gitdir "echo /tmp > $own/gitdir"
no gitfile 'echo "gitdir: /tmp" > .git'
no gitfile-moved 'mv .git .git-old'
no main-branch 'git update-ref refs/heads/main HEAD~0 && git update-ref refs/heads/other HEAD'
no main-moved 'mv {main} {main}-old'
no attributes 'echo x > {main}/info/attributes'
echo y > y; git add -A; git commit -q -m all; true
""",
    )
    assert world.workstream("a").state == "accepted", log(repository)
    broke = repository.folder.root / "worktrees" / "a" / "broke"
    assert not broke.exists(), broke.read_text()


def test_the_plan_the_state_and_the_trust_are_not_its_to_change(project: Project, own_machine: Path) -> None:
    trust = own_machine / "state" / "locust-tui"
    state = project.folder.root
    world = work(
        project,
        f"""
no plan 'echo "# x" >> {project.plan}'
no plan-moved 'mv {project.plan} {project.plan}.old'
no plan-replaced 'echo x > new; mv new {project.plan}'
no store 'echo x >> {project.folder.store}'
no new-file 'echo x > {state}/x'
no masks 'rm {state}/masks.jsonl'
no other-run 'mkdir {state}/runs/b.1'
no trust 'echo x > {trust}/trust/x'
no capabilities 'mount -t tmpfs none /mnt'
no through-the-worker 'echo x >> /proc/$(cat {state}/worker.lock)/root{project.plan}'
no key 'test -s {state}/tools.key'
echo x > mine
""",
        worktree=False,
    )
    assert world.workstream("a").state == "accepted", log(project)
    assert not (project.path / "broke").exists(), (project.path / "broke").read_text()
    assert (project.path / "mine").exists()


def test_without_a_worktree_its_repository_is_read_only(repository: Project) -> None:
    work(
        repository,
        "no commit 'git commit -q --allow-empty -m x'; no moved 'mv .git .git2'; git status --short; git log -1\n",
        worktree=False,
    )
    assert not (repository.path / "broke").exists(), (repository.path / "broke").read_text()


@pytest.mark.parametrize("kind", ["bwrap", "bwrap-offline"])
def test_it_reports_in_every_way(project: Project, kind: str) -> None:
    world = work(
        project,
        f"""set -e
echo '::locust progress=10::one'
echo '{{"next": "two"}}' >> "$LOCUST_TUI_EVENTS"
{sys.executable} -m locust_tui agent report --progress 40 --blocker three
{sys.executable} - <<'END'
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"STATUS=four", os.environ["NOTIFY_SOCKET"])
END
{sys.executable} -m locust_tui status > /dev/null
""",
        kind=kind,
        worktree=False,
    )
    status = world.workstream("a")
    assert status.state == "review", log(project)  # it says that it is blocked
    assert (status.reported, status.next, status.blocker) == (40, "two", "three")
    assert status.note == "four"


def test_offline_reaches_no_network(project: Project) -> None:
    work(
        project,
        'no net "python3 -c \'import socket; socket.create_connection((\\"127.0.0.1\\", 1), 1)\' 2>&1 | grep -q refused'
        ' && ip addr show eth0"; wc -l < /proc/net/route > routes\n',
        kind="bwrap-offline",
        worktree=False,
    )
    assert (project.path / "routes").read_text().strip() == "1"  # the heading
    assert not (project.path / "broke").exists()


def test_it_cannot_speak_as_a_person(project: Project) -> None:
    world = work(
        project,
        f"no accept '{sys.executable} -m locust_tui ws accept a'; no trust '{sys.executable} -m locust_tui trust --yes'\n",
        worktree=False,
    )
    assert world.workstream("a").state == "accepted", log(project)
    assert not (project.path / "broke").exists(), (project.path / "broke").read_text()


def test_a_long_path_has_its_sockets_inside_too(tmp_path: Path) -> None:
    project = Project(tmp_path / ("d" * 60) / ("e" * 60))
    try:
        world = work(
            project,
            f"set -e; {sys.executable} -m locust_tui agent report --progress 33\n",
            worktree=False,
        )
        assert world.workstream("a").reported == 33, log(project)
    finally:
        project.end()


def test_it_is_stopped_with_all_it_started(project: Project) -> None:
    from locust_tui.client.requests import StopRun
    from project import is_running, until

    project.script("agent", "#!/bin/sh\nsleep 300 & echo $! > child; wait\n")
    project.write(
        "project: F\nagents: {sh: {command: ./agent, sandbox: bwrap}}\nworkstreams:\n  a: {agent: sh, instructions: x}\n"
    )
    project.up()
    child = int(
        until(lambda: (project.path / "child").exists() and (project.path / "child").read_text().strip())
    )
    assert is_running(child)
    project.ask(StopRun("a"))
    project.reaches(lambda w: not w.runs["a.1"].live)
    until(lambda: not is_running(child))
