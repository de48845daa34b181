"""Workstreams with `worktree: true`: each in a worktree of its own, measured there, merged when accepted, nothing lost."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from git_project import commit, run_git, write
from locust_tui.analysis.overview import build_snapshot
from locust_tui.client.feed import Feed
from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from locust_tui.domain.events import MergeConflicted, WorkMerged, WorktreeMade
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan
from project import Project, until

A = WorkstreamAction


@pytest.fixture
def repository(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project's folder as a repository with a first commit; what its agents commit is Ana's."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = Ana\n email = ana@example.org\n[init]\n defaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    run_git(project.path, "init", "-q")
    write(project.path, ".gitignore", "locust-plan.yaml\n")
    commit(project.path, "shared.txt", "old\n", "first")
    return project


def plan(*workstreams: str, more: str = "") -> str:
    return "\n".join(["project: P", more, "workstreams:", *(f"  {w}" for w in workstreams)]) + "\n"


def work(name: str, script: str, more: str = "") -> str:
    return f"{name}: {{run: '{script}', worktree: true{more}}}"


def tree(project: Project, workstream: str) -> Path:
    return project.folder.root / "worktrees" / workstream


def view(project: Project) -> Snapshot:
    found, world = load_plan(project.plan), project.world()
    return build_snapshot(found, "", str(project.plan), world, time.time(), worker_pid=None)


def is_state(workstream: str, state: str) -> Callable[[World], bool]:
    return lambda w: w.workstream(workstream).state == state


def test_work_is_done_in_a_worktree_measured_there_and_merged(repository: Project) -> None:
    repository.write(
        plan(
            work(
                "a",
                'pwd > where; echo done > a.txt; git add a.txt; git commit -qm "Add a"; echo rest > rest.txt',
                ", accept: [{run: 'test -e a.txt && pwd'}]",
            )
        )
    )
    repository.up()
    world = repository.reaches(is_state("a", "accepted"))
    assert (repository.path / "a.txt").read_text() == "done\n"
    assert (repository.path / "rest.txt").exists()
    assert (repository.path / "where").read_text().strip() == str(tree(repository, "a"))
    assert run_git(repository.path, "status", "--porcelain") == ""
    status = world.workstream("a")
    assert "merged to main" in status.reason
    assert status.branch == "locust/a"
    assert run_git(repository.path, "rev-parse", "main") == status.merged
    assert "1 check passed" in status.reason
    assert world.runs["a.1"].cwd == str(tree(repository, "a"))
    subjects = run_git(repository.path, "log", "--format=%an|%s", "main").splitlines()
    assert {"a|a", "Ana|Add a"} < set(subjects)
    repository.assert_sound()


def test_a_need_is_there_before_and_after_it_was_merged(repository: Project) -> None:
    repository.write(
        plan(
            work("a", "echo a > a.txt; touch started; until [ -e ../../../go ]; do sleep 0.05; done"),
            work("b", "test -e a.txt && echo b > b.txt", ", needs: a"),
        )
    )
    repository.up()
    until((tree(repository, "a") / "started").exists)
    assert not tree(repository, "b").exists()
    (repository.path / "go").touch()
    repository.reaches(is_state("b", "accepted"))
    assert (repository.path / "b.txt").exists()


def test_a_conflict_becomes_rework_that_names_both_sides(repository: Project) -> None:
    """The second attempt reads the note, merges as it is told, and comes home."""
    resolve = "git merge main || { echo both > shared.txt; git add -A; git commit -qm resolved; }"
    repository.write(
        plan(
            work("a", "until [ -e ../b/shared.txt ]; do sleep 0.05; done; echo a > shared.txt"),
            work(
                "b",
                f'if [ -n "$LOCUST_TUI_NOTE" ]; then echo "$LOCUST_TUI_NOTE"; {resolve}; '
                "else echo b > shared.txt; until [ -e ../../../go ]; do sleep 0.05; done; fi",
                ", retry: 1",
            ),
        )
    )
    repository.up()
    repository.reaches(is_state("a", "accepted"))
    (repository.path / "go").touch()
    repository.reaches(is_state("b", "accepted"))
    (conflict,) = repository.events(MergeConflicted)
    assert (conflict.files, conflict.others) == (("shared.txt",), ("a",))
    said = repository.output("b.2").decode()
    assert "b and a both changed shared.txt: merge main into locust/b" in said
    assert (repository.path / "shared.txt").read_text() == "both\n"


def test_a_conflict_without_attempts_left_asks_a_person(repository: Project) -> None:
    repository.write(plan(work("a", "echo a > shared.txt; until [ -e ../../../go ]; do sleep 0.05; done")))
    repository.up()
    repository.reaches(lambda w: w.workstream("a").worktree and w.runs["a.1"].pid)
    commit(repository.path, "shared.txt", "mine\n", "Rewrite")
    (repository.path / "go").touch()
    world = repository.reaches(is_state("a", "needs-input"))
    assert "Ana: Rewrite both changed shared.txt" in world.workstream("a").reason
    assert (repository.path / "shared.txt").read_text() == "mine\n"


def test_a_conflict_that_a_person_resolved_is_accepted(repository: Project) -> None:
    repository.write(
        plan(
            work("a", "until [ -e ../b/shared.txt ]; do sleep 0.05; done; echo a > shared.txt"),
            work("b", "echo b > shared.txt; until [ -e ../../../go ]; do sleep 0.05; done"),
        )
    )
    repository.up()
    repository.reaches(is_state("a", "accepted"))
    (repository.path / "go").touch()
    world = repository.reaches(is_state("b", "needs-input"))
    assert "b and a both changed shared.txt" in world.workstream("b").reason
    error = repository.refused(SteerWorkstream("b", A.ACCEPT))
    assert "it conflicts with a in shared.txt: merge main into locust/b" in error.message
    there = tree(repository, "b")
    run_git(there, "merge", "-q", "-X", "ours", "-m", "both", "main")
    repository.steer("b", A.ACCEPT, by="ana")
    world = repository.reaches(is_state("b", "accepted"))
    assert world.workstream("b").passed_by == "ana"
    assert (repository.path / "shared.txt").read_text() == "b\n"
    assert [run for run in world.runs if run.startswith("b.")] == ["b.1"]
    repository.assert_sound()


def test_nobody_is_done_without_a_commit_or_a_check(repository: Project) -> None:
    repository.write(plan(work("a", "true"), work("b", "true", ", accept: [{run: 'true'}]")))
    repository.up()
    repository.reaches(is_state("b", "accepted"))
    world = repository.reaches(lambda w: w.workstream("a").collected)
    assert world.workstream("a").state == "review"
    repository.steer("a", A.ACCEPT, by="ana")
    assert "nothing to merge" in repository.reaches(is_state("a", "accepted")).workstream("a").reason


def test_with_commit_ask_a_person_sees_to_what_was_left(repository: Project) -> None:
    repository.write(plan(work("a", "echo a > a.txt"), more="git: {commit: ask}"))
    repository.up()
    repository.reaches(lambda w: w.workstream("a").hindrance)
    error = repository.refused(SteerWorkstream("a", A.ACCEPT))
    assert "1 file not committed: a.txt" in error.message
    run_git(tree(repository, "a"), "add", "-A")
    run_git(tree(repository, "a"), "commit", "-qm", "by hand")
    repository.steer("a", A.ACCEPT)
    repository.reaches(is_state("a", "accepted"))
    assert (repository.path / "a.txt").exists()


@pytest.mark.parametrize("elsewhere", ["-b other", "--detach", r'-b ";touch\${IFS}oops;"'])
def test_work_on_another_branch_comes_home_as_the_person_is_told(repository: Project, elsewhere: str) -> None:
    script = f"git checkout -q {elsewhere}; echo done > a.txt; git add a.txt; git commit -qm mine"
    repository.write(plan(work("a", script)))
    repository.up()
    world = repository.reaches(lambda w: is_state("a", "review")(w) and w.workstream("a").hindrance)
    told = world.workstream("a").hindrance
    assert told.startswith("its worktree stands on ")
    said = told.partition("accept again: ")[2]
    subprocess.run(said, shell=True, check=True, cwd=repository.path, stdout=subprocess.DEVNULL)
    assert not (repository.path / "oops").exists()
    repository.steer("a", A.ACCEPT)
    repository.reaches(is_state("a", "accepted"))
    assert (repository.path / "a.txt").read_text() == "done\n"


def test_a_persons_open_files_stop_a_merge_and_the_next_yes_tries_again(repository: Project) -> None:
    write(repository.path, "shared.txt", "my draft\n")
    repository.write(plan(work("a", "echo a > shared.txt")))
    repository.up()
    world = repository.reaches(lambda w: w.workstream("a").hindrance)
    assert "changes of yours" in world.workstream("a").hindrance
    assert (repository.path / "shared.txt").read_text() == "my draft\n"
    run_git(repository.path, "checkout", "-q", "shared.txt")
    repository.steer("a", A.ACCEPT)
    repository.reaches(is_state("a", "accepted"))
    assert (repository.path / "shared.txt").read_text() == "a\n"


def test_a_rejected_attempt_goes_on_in_its_worktree_with_the_note(repository: Project) -> None:
    repository.write(
        plan(
            work("a", 'echo "$LOCUST_TUI_NOTE" >> notes.txt', ", reviewers: [ana]"),
            more="people: {ana: [ana]}",
        )
    )
    repository.up()
    repository.reaches(lambda w: w.workstream("a").collected == 1)
    repository.steer("a", A.REJECT, note="more tests, please", by="ana")
    repository.reaches(lambda w: w.workstream("a").collected == 2)
    assert len(repository.events(WorktreeMade)) == 2
    assert "more tests, please" in (tree(repository, "a") / "notes.txt").read_text()
    repository.steer("a", A.ACCEPT, by="ana")
    repository.reaches(is_state("a", "accepted"))
    assert "accepted by ana" in run_git(repository.path, "log", "-1", "--format=%B", "main")


def test_setup_that_fails_fails_the_start_with_its_words(repository: Project) -> None:
    repository.write(plan(work("a", "true"), more="git: {setup: ['echo no such database; exit 7']}"))
    repository.up()
    world = repository.reaches(is_state("a", "failed"))
    assert "no such database" in world.workstream("a").reason
    assert not (repository.folder.runs / "a.1" / "agent.json").exists()


def test_a_start_is_refused_in_words_outside_git(project: Project) -> None:
    project.write(plan(work("a", "true"), "b: {run: 'true'}"))
    project.up()
    world = project.reaches(
        lambda w: w.workstream("a").state == "failed" and w.workstream("b").state == "accepted"
    )
    assert "not in a git repository" in world.workstream("a").reason


def test_cancelling_a_start_ends_its_setup(repository: Project) -> None:
    repository.write(plan(work("a", "true"), more="git: {setup: ['touch ../../../began; exec sleep 60']}"))
    repository.up()
    until((repository.path / "began").exists)
    repository.steer("a", A.CANCEL)
    world = repository.reaches(lambda w: not w.runs["a.1"].live)
    assert world.runs["a.1"].state == "killed"
    assert not (repository.folder.runs / "a.1" / "agent.json").exists()
    repository.assert_sound()


def test_a_killed_worker_takes_a_half_made_worktree_up_again(repository: Project) -> None:
    repository.write(
        plan(
            work("a", "echo a > a.txt"),
            more="git: {setup: ['touch ../../../began; until [ -e ../../../go ]; do sleep 0.05; done']}",
        )
    )
    repository.up()
    until((repository.path / "began").exists)
    repository.kill()
    (repository.path / "go").touch()
    repository.up()
    repository.reaches(is_state("a", "accepted"))
    assert (repository.path / "a.txt").exists()
    repository.assert_sound()


def test_a_worker_killed_after_a_merge_merges_nothing_twice(repository: Project) -> None:
    """The hook holds git after the merge was made and before the worker could have recorded it."""
    hook = repository.path / ".git" / "hooks" / "post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch merged\nuntil [ -e go ]; do sleep 0.05; done\n")
    hook.chmod(0o755)
    write(repository.path, ".gitignore", "locust-plan.yaml\nmerged\ngo\n")
    run_git(repository.path, "commit", "-qam", "ignore")
    repository.write(plan(work("a", "echo a > a.txt")))
    repository.up()
    until((repository.path / "merged").exists)
    repository.kill()
    assert repository.events(WorkMerged) == []
    (repository.path / "go").touch()
    repository.up()
    world = repository.reaches(is_state("a", "accepted"))
    assert run_git(repository.path, "rev-list", "--merges", "--count", "main") == "1"
    assert world.workstream("a").merged == run_git(repository.path, "rev-parse", "main")
    repository.assert_sound()


def test_a_plan_below_the_top_of_its_repository_works_below_it_too(
    tmp_path: Path, repository: Project
) -> None:
    inner = Project(repository.path / "tools" / "fleet")
    try:
        write(inner.path, "here.txt", "x")
        write(inner.path, ".gitignore", "locust-plan.yaml\n")
        run_git(repository.path, "add", "-A")
        run_git(repository.path, "commit", "-qm", "inner")
        inner.write(plan(work("a", "cat here.txt && pwd && echo a > a.txt")))
        inner.up()
        inner.reaches(is_state("a", "accepted"))
        assert (inner.path / "a.txt").exists()
        assert os.fsdecode(inner.output("a.1")).endswith("/worktrees/a/tools/fleet\n")
    finally:
        inner.end()


@pytest.mark.parametrize("switch", ["git: {pr: true}", "features: {github-integration: true}"])
def test_with_pull_requests_switched_on_nothing_is_merged_here(
    repository: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    bin_, bare = tmp_path / "bin", tmp_path / "remote.git"
    bin_.mkdir()
    gh = bin_ / "gh"
    gh.write_text(f'#!/bin/sh\ncat > "{tmp_path}/body"\necho https://example.org/pull/7\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    run_git(repository.path, "remote", "add", "origin", str(bare))
    before = run_git(repository.path, "rev-parse", "main")
    repository.write(
        plan(
            work("a", "echo a > a.txt", ", accept: [{name: built, run: 'test -e a.txt'}]"),
            more=switch,
        )
    )
    repository.up()
    status = repository.reaches(is_state("a", "accepted")).workstream("a")
    assert status.pull_request == "https://example.org/pull/7"
    assert status.pull_request in status.reason
    assert "built" in (tmp_path / "body").read_text()
    assert run_git(repository.path, "rev-parse", "main") == before
    assert run_git(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/locust/a"
    (shown,) = view(repository).workstreams
    assert (shown.pull_request, shown.came_to) == (status.pull_request, f"{status.reason}, which is open")
    run_git(repository.path, "merge", "-q", "--squash", "locust/a")
    run_git(repository.path, "commit", "-q", "-m", "as hosts do")
    status = repository.reaches(lambda w: not w.workstream("a").pull_request).workstream("a")
    assert status.merged == run_git(repository.path, "rev-parse", "locust/a")
    (shown,) = view(repository).workstreams
    assert (shown.state, shown.pull_request, shown.came_to) == ("accepted", "", status.reason)


async def test_a_viewer_sees_the_work_without_asking_the_worker(repository: Project) -> None:
    repository.write(plan(work("a", "echo a > a.txt", ", reviewers: [ana]")))
    repository.up()
    repository.reaches(lambda w: w.workstream("a").collected)
    async with Feed(repository.folder, "plan") as feed:
        async for item in feed.updates():
            if isinstance(item, Snapshot):
                break
        found = await feed.changes("a")
        assert found is not None
        assert [f.path for f in found.files] == ["a.txt"]
        assert "+a" in (await feed.diff("a", "a.txt")).text


def test_a_retry_after_a_conflict_is_told_of_it(repository: Project) -> None:
    repository.write(
        plan(
            work(
                "a",
                'echo "told: $LOCUST_TUI_NOTE"; echo a > shared.txt; until [ -e ../../../go ]; do sleep 0.05; done',
            )
        )
    )
    repository.up()
    repository.reaches(lambda w: w.workstream("a").worktree and w.runs["a.1"].pid)
    commit(repository.path, "shared.txt", "mine\n", "Rewrite")
    (repository.path / "go").touch()
    repository.reaches(is_state("a", "needs-input"))
    repository.steer("a", A.RETRY)
    repository.reaches(lambda w: w.runs.get("a.2") and not w.runs["a.2"].live)
    assert "both changed shared.txt" in repository.output("a.2").decode()
