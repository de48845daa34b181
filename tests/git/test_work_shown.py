"""A review shows what a workstream did, and only that: commits, files with their lines, the diff, what is left over."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from git_project import begin, commit, hook, run_git, write
from locust_tui.domain.changes import Changes
from locust_tui.git.calling import GitError, git
from locust_tui.git.committing import commit_left
from locust_tui.git.looking import changes, diff
from locust_tui.git.merging import Acceptance, merge
from locust_tui.git.workspace import Workspace

NASTY = 'wei\nrd \x1b[31m"name"\t.txt'


async def seen(space: Workspace, workstream: str) -> Changes:
    found = await changes(space, workstream)
    assert found is not None
    return found


async def test_commits_and_files_of_its_own_are_shown(space: Workspace, project: Path) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "1\n2\n", "Add a")
    (made.path / "image.bin").write_bytes(bytes(range(256)))
    run_git(made.path, "mv", "readme.md", "README.md")
    (made.path / "shared.txt").unlink()
    commit(made.path, "a.txt", "1\n3\n", "Change much")
    commit(project, "other.txt", "somebody else's\n")
    found = await seen(space, "WS-01")
    assert [c.subject for c in found.commits] == ["Change much", "Add a"]
    assert found.commits[0].author == "Ana"
    assert abs(found.commits[0].at - time.time()) < 60
    about = {f.path: (f.status, f.added, f.deleted, f.old_path) for f in found.files}
    assert about == {
        "README.md": ("renamed", 0, 0, "readme.md"),
        "a.txt": ("added", 2, 0, None),
        "image.bin": ("added", None, None, None),
        "shared.txt": ("deleted", 0, 20, None),
    }
    assert (found.ahead, found.behind, found.merged) == (2, 1, False)
    assert "+3" in (await diff(space, "WS-01", "a.txt")).text
    assert "shared.txt" not in (await diff(space, "WS-01", "a.txt")).text
    assert "rename from readme.md" in (await diff(space, "WS-01", "README.md")).text


async def test_the_work_of_needs_is_not_taken_for_its_own(space: Workspace) -> None:
    first = await begin(space, "WS-01")
    commit(first.path, "a.txt", "a", "First")
    second = await begin(space, "WS-02", "WS-01")
    commit(second.path, "b.txt", "b", "Second")
    for _ in range(2):
        found = await seen(space, "WS-02")
        assert [c.subject for c in found.commits] == ["Second"]
        assert [f.path for f in found.files] == ["b.txt"]
        await merge(space, Acceptance("WS-01", "First", 1, "ana"))


async def test_what_came_in_from_the_base_meanwhile_is_not_its_own(space: Workspace, project: Path) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a", "Mine")
    commit(project, "b.txt", "b", "Theirs")
    run_git(made.path, "merge", "-q", "--no-edit", "main")
    found = await seen(space, "WS-01")
    assert [f.path for f in found.files] == ["a.txt"]
    assert "Theirs" not in [c.subject for c in found.commits]


async def test_merged_work_still_shows_what_it_was(space: Workspace) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a", "Mine")
    done = await merge(space, Acceptance("WS-01", "First", 1, "ana"))
    found = await seen(space, "WS-01")
    assert found.merged
    assert found.merge == done.commit
    assert [c.subject for c in found.commits] == ["Mine"]
    assert [f.path for f in found.files] == ["a.txt"]


async def test_hostile_names_come_through_whole(space: Workspace) -> None:
    made = await begin(space, "WS-01")
    subject = "\x1b]0;owned\x07 subject"
    for name in (NASTY, ":(top)magic", "-rf", "ünï"):
        commit(made.path, name, f"{name}\n", subject)
    left = write(made.path, "left\nover", "x")
    found = await seen(space, "WS-01")
    assert {f.path for f in found.files} == {NASTY, ":(top)magic", "-rf", "ünï"}
    assert found.uncommitted == (left.name,)
    assert found.commits[0].subject == subject
    for file in found.files:
        shown = (await diff(space, "WS-01", file.path)).text
        assert shown.count("diff --git") == 1, file.path


async def test_programs_a_repository_configures_for_diffs_are_not_run(
    space: Workspace, project: Path
) -> None:
    trap = write(project.parent, "trap.sh", f"#!/bin/sh\ntouch {project.parent}/ran\n")
    trap.chmod(0o755)
    commit(project, ".gitattributes", "*.txt diff=trap\n")
    for key in (
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "core.pager",
        "core.fsmonitor",
        "pager.diff",
    ):
        run_git(project, "config", key, str(trap))
    made = await begin(space, "WS-01")
    write(made.path, "a.txt", "a")
    hook(project, "post-index-change", f"touch {project.parent}/ran")
    run_git(made.path, "-c", "core.fsmonitor=false", "add", "-A")
    (project.parent / "ran").unlink(missing_ok=True)
    await commit_left(space, "WS-01", agent="bot", subject="s", attempt=1)
    (project.parent / "ran").unlink(missing_ok=True)
    await seen(space, "WS-01")
    assert "+a" in (await diff(space, "WS-01")).text
    assert not (project.parent / "ran").exists()


async def test_a_long_diff_is_cut_and_says_so(space: Workspace) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "long line\n" * 50_000)
    short = await diff(space, "WS-01", limit=10_000)
    assert short.cut
    assert len(short.text) == 10_000
    assert not (await diff(space, "WS-01", stat=True)).cut


async def test_a_worktree_led_to_another_branch_is_said(space: Workspace) -> None:
    made = await begin(space, "WS-01")
    run_git(made.path, "switch", "-q", "-c", "own-idea")
    assert (await seen(space, "WS-01")).stands_on == "branch own-idea"
    run_git(made.path, "switch", "-q", "--detach")
    assert "on no branch" in ((await seen(space, "WS-01")).stands_on or "")


async def test_a_workstream_without_a_worktree_has_nothing_to_show(space: Workspace) -> None:
    assert await changes(space, "WS-01") is None


async def test_what_an_agent_left_is_committed_in_its_name(space: Workspace, project: Path) -> None:
    commit(project, ".gitignore", "*.log\n")
    made = await begin(space, "WS-01")
    write(made.path, "new.txt", "new")
    write(made.path, "debug.log", "ignored")
    (made.path / "shared.txt").unlink()
    done = await commit_left(space, "WS-01", agent="rust\n<evil>", subject="Parser", attempt=2)
    assert done == run_git(made.path, "rev-parse", "HEAD")
    assert run_git(made.path, "log", "-1", "--format=%an|%cn|%s") == "rust evil|Ana|Parser"
    assert {f.path for f in (await seen(space, "WS-01")).files} == {"new.txt", "shared.txt"}
    assert await commit_left(space, "WS-01", agent="rust", subject="Parser", attempt=2) is None


async def test_a_hook_that_refuses_is_heard(space: Workspace, project: Path) -> None:
    made = await begin(space, "WS-01")
    hook(project, "pre-commit", "echo 'no tabs allowed'; exit 1")
    write(made.path, "new.txt", "new")
    with pytest.raises(GitError, match="no tabs allowed"):
        await commit_left(space, "WS-01", agent="rust", subject="Parser", attempt=1)
    assert (await seen(space, "WS-01")).uncommitted == ("new.txt",)


async def test_unfinished_merges_and_repositories_inside_are_not_committed(
    space: Workspace, project: Path
) -> None:
    made = await begin(space, "WS-01")
    inner = made.path / "vendor"
    inner.mkdir()
    run_git(inner, "init", "-q")
    commit(inner, "x", "x")
    with pytest.raises(GitError, match="repository of its own in vendor/"):
        await commit_left(space, "WS-01", agent="rust", subject="Parser", attempt=1)
    run_git(made.path, "clean", "-ffdq")
    commit(made.path, "shared.txt", "mine\n")
    commit(project, "shared.txt", "theirs\n")
    await git(made.path, "merge", "main", allowed=(1,))
    with pytest.raises(GitError, match=r"conflicts in shared.txt"):
        await commit_left(space, "WS-01", agent="rust", subject="Parser", attempt=1)


async def test_work_is_committed_where_git_knows_no_name(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await begin(space, "WS-01")
    (tmp_path / "gitconfig").write_text("[user]\n useConfigOnly = true\n")
    write(made.path, "new.txt", "new")
    assert await commit_left(space, "WS-01", agent="rust", subject="Parser", attempt=1)
    assert (await merge(space, Acceptance("WS-01", "Parser", 1, "ana"))).commit


async def test_five_thousand_files_are_no_trouble(space: Workspace, project: Path) -> None:
    for n in range(5000):
        write(project, f"src/{n % 50}/file{n}.txt", f"{n}\n")
    run_git(project, "add", "-A")
    run_git(project, "commit", "-qm", "many")
    made = await begin(space, "WS-01")
    assert len(os.listdir(made.path / "src/7")) == 100
    commit(made.path, "a.txt", "a")
    found = await seen(space, "WS-01")
    assert len(found.files) == 1


@pytest.mark.parametrize("how", ["link", "other repository", "git file"])
async def test_what_took_a_worktrees_place_is_not_committed_to(
    space: Workspace, project: Path, tmp_path: Path, how: str
) -> None:
    """An agent may do with its folder what it likes; nothing of ours follows it elsewhere."""
    made = await begin(space, "WS-01")
    victim = tmp_path / "victim"
    victim.mkdir()
    run_git(victim, "init", "-q")
    before = commit(victim, "precious.txt", "x")
    write(victim, "draft.txt", "not yours")
    if how == "git file":
        (made.path / ".git").write_text(f"gitdir: {victim}/.git\n")
    else:
        made.path.rename(tmp_path / "away")
    if how == "link":
        made.path.symlink_to(victim)
    elif how == "other repository":
        victim.rename(made.path)
        victim = made.path
    with pytest.raises(GitError, match="no longer the worktree"):
        await commit_left(space, "WS-01", agent="bot", subject="s", attempt=1)
    with pytest.raises(GitError, match="no longer the worktree"):
        await changes(space, "WS-01")
    assert run_git(victim, "rev-parse", "HEAD") == before
