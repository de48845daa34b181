"""`check` says before anything runs that a plan's worktrees have no repository to come from."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert read_plan(plan, cached=cached).problems == ()
    plan.write_text(PLAN.replace("    worktree: true\n", ""))
    assert read_plan(plan, cached=cached).problems == ()
