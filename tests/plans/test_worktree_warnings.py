"""`check` says before anything runs that a plan's worktrees have no repository to come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_project import run_git
from locust_tui.plans.reading import read_plan

PLAN = """\
project: P
workstreams:
  a:
    run: "true"
    worktree: true
  b: {run: "true"}
"""


@pytest.mark.parametrize("cached", [False, True])
def test_worktrees_outside_git_are_warned_of(tmp_path: Path, cached: bool) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(PLAN)
    for _ in range(2):
        (found,) = read_plan(plan, cached=cached).problems
        assert not found.is_error
        assert found.message == "the plan is in no git repository; a cannot start in a worktree"
        assert found.line == 5
    (tmp_path / ".git").mkdir()
    assert read_plan(plan, cached=cached).problems
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (found,) = read_plan(plan, cached=cached).problems
    assert found.message == "the repository around the plan has no commit yet; a cannot start in a worktree"
    (tmp_path / ".git" / "packed-refs").write_text(f"# pack-refs\n{'0' * 40} refs/heads/main\n")
    assert read_plan(plan, cached=cached).problems == ()
    plan.write_text(PLAN.replace("    worktree: true\n", ""))
    assert read_plan(plan, cached=cached).problems == ()


@pytest.mark.parametrize("cached", [False, True])
def test_a_base_that_the_repository_does_not_have_is_warned_of(tmp_path: Path, cached: bool) -> None:
    run_git(tmp_path, "init", "-q", "-b", "trunk")
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(PLAN + "git: {base: main}\n")
    (found,) = read_plan(plan, cached=cached).problems
    assert not found.is_error
    assert found.message == 'the repository has no branch "main"; a cannot start in a worktree'
    assert found.line == 7
    named = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    run_git(tmp_path, *named, "commit", "-q", "--allow-empty", "-m", "first")
    assert len(read_plan(plan, cached=cached).problems) == 1
    run_git(tmp_path, "branch", "main")
    assert read_plan(plan, cached=cached).problems == ()
    run_git(tmp_path, "pack-refs", "--all")
    assert read_plan(plan, cached=cached).problems == ()
    linked = tmp_path / "linked"
    run_git(tmp_path, "worktree", "add", "-q", str(linked))
    (linked / "locust-plan.yaml").write_text(PLAN + "git: {base: main}\n")
    assert read_plan(linked / "locust-plan.yaml", cached=cached).problems == ()
    (linked / "locust-plan.yaml").write_text(PLAN)
    assert read_plan(linked / "locust-plan.yaml", cached=cached).problems == ()
