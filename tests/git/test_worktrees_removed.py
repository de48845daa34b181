"""Clean-up takes nothing away that has not come home, and says what holds it back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from git_project import begin, commit, run_git, write
from locust_tui.domain.criterion import Command
from locust_tui.errors import RefusedError
from locust_tui.git.calling import GitError
from locust_tui.git.cleaning import clean, forget
from locust_tui.git.landing import land
from locust_tui.git.merging import Acceptance, merge
from locust_tui.git.workspace import Workspace


async def test_merged_work_goes_and_its_last_state_is_kept(
    space: Workspace, project: Path, log: Path
) -> None:
    made = await begin(space, "WS-01")
    head = commit(made.path, "a.txt", "a")
    await merge(space, Acceptance("WS-01", "Parser", 1, "ana"))
    gone = await clean(space, "WS-01", log)
    assert not made.path.exists()
    assert "locust/" not in run_git(project, "branch")
    assert run_git(project, "rev-parse", gone.trash) == head
    assert run_git(project, "worktree", "list").count("\n") == 0
    assert (await begin(space, "WS-01")).made


@pytest.mark.parametrize(
    ("leave", "words"),
    [
        ("untracked", "1 file not committed"),
        ("changed", "1 file not committed"),
        ("commit", "1 commit not merged"),
        ("both", "1 file not committed; 1 commit not merged"),
        ("elsewhere", "1 commit only there"),
        ("merging", "merge is unfinished"),
    ],
)
async def test_what_has_not_come_home_stays(
    space: Workspace, project: Path, log: Path, leave: str, words: str
) -> None:
    made = await begin(space, "WS-01")
    if leave in ("commit", "both"):
        commit(made.path, "a.txt", "a")
    if leave in ("untracked", "both"):
        write(made.path, "b.txt", "b")
    if leave == "changed":
        write(made.path, "readme.md", "b")
    if leave == "elsewhere":
        run_git(made.path, "switch", "-q", "--detach")
        commit(made.path, "c.txt", "c")
    if leave == "merging":
        commit(made.path, "d.txt", "d")
        commit(project, "e.txt", "e")
        run_git(made.path, "merge", "-q", "--no-commit", "main")
    before = run_git(project, "for-each-ref")
    with pytest.raises(RefusedError, match=words):
        await clean(space, "WS-01", log)
    assert made.path.exists()
    assert run_git(project, "for-each-ref") == before


async def test_what_the_remote_does_not_have_stays(
    space: Workspace, project: Path, log: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    run_git(project, "remote", "add", "origin", str(bare))
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    run_git(made.path, "push", "-q", "-u", "origin", "locust/WS-01")
    commit(made.path, "b.txt", "b")
    await merge(space, Acceptance("WS-01", "Parser", 1, "ana"))
    with pytest.raises(RefusedError, match="1 commit not pushed to origin/locust/WS-01"):
        await clean(space, "WS-01", log)
    run_git(made.path, "push", "-q")
    await clean(space, "WS-01", log)
    assert "locust/WS-01" in run_git(bare, "branch")


async def test_discarded_work_can_be_brought_back_whole(space: Workspace, project: Path, log: Path) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    write(made.path, "loose.txt", "loose")
    write(made.path, "readme.md", "changed")
    gone = await clean(space, "WS-01", log, discard=True)
    assert not made.path.exists()
    for name, text in (("a.txt", "a"), ("loose.txt", "loose"), ("readme.md", "changed")):
        assert run_git(project, "show", f"{gone.trash}:{name}") == text


async def test_teardown_runs_first_and_its_failure_keeps_the_worktree(space: Workspace, log: Path) -> None:
    made = await begin(space, "WS-01")
    text = "echo db is busy; exit 1"
    with pytest.raises(GitError, match="db is busy"):
        await clean(space, "WS-01", log, teardown=(Command(("/bin/sh", "-c", text), text, True),))
    assert made.path.exists()
    text = 'echo "dropped $LOCUST_TUI_WORKTREE_NUMBER in $PWD"'
    await clean(space, "WS-01", log, teardown=(Command(("/bin/sh", "-c", text), text, True),))
    assert f"dropped 1 in {made.path}" in log.read_text()


async def test_a_worktree_whose_folder_is_gone_does_not_bar_the_next(space: Workspace, log: Path) -> None:
    made = await begin(space, "WS-01")
    shutil.rmtree(made.path)
    await clean(space, "WS-01", log)
    assert (await begin(space, "WS-01")).made


async def test_the_ledger_lists_all_that_has_not_come_home(space: Workspace, project: Path) -> None:
    for name in ("WS-01", "WS-02", "WS-03", "WS-04"):
        made = await begin(space, name)
        if name != "WS-04":
            commit(made.path, f"{name}.txt", name)
    await merge(space, Acceptance("WS-01", "First", 1, "ana"))
    write(space.path("WS-03"), "loose\n.txt", "x" * 10_000)
    run_git(project, "branch", "-m", "locust/WS-02", "taken-away")
    write(project, "draft.md", "mine")
    (space.worktrees / "stray").mkdir()
    ledger = await land(space)
    rows = {row.workstream: row for row in ledger.rows}
    assert rows["WS-01"].held_back == ()
    assert rows["WS-01"].merged
    assert rows["WS-02"].problem == 'branch "locust/WS-02" is gone'
    assert rows["WS-03"].held_back == ("1 file not committed", "1 commit not merged")
    assert rows["WS-03"].uncommitted == ("loose\n.txt",)
    assert rows["WS-03"].size > 10_000
    assert rows["WS-04"].held_back == ()
    assert ledger.main.uncommitted == ("draft.md",)
    assert ledger.strays == (str(space.worktrees / "stray"),)


async def _squash(project: Path, branch: str) -> None:
    run_git(project, "merge", "-q", "--squash", branch)
    run_git(project, "commit", "-q", "-m", f"squash {branch}")


async def test_work_that_was_squashed_has_come_home(space: Workspace, project: Path, log: Path) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    head = commit(made.path, "b.txt", "b")
    await _squash(project, "locust/WS-01")
    (row,) = (await land(space)).rows
    assert (row.held_back, row.merged, row.squashed) == ((), True, True)
    gone = await clean(space, "WS-01", log)
    assert run_git(project, "rev-parse", gone.trash) == head


async def test_a_squash_is_known_again_when_its_lines_were_changed_since(
    space: Workspace, project: Path, log: Path
) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    commit(made.path, "b.txt", "b")
    await _squash(project, "locust/WS-01")
    commit(project, "a.txt", "quite another")
    assert (await land(space)).rows[0].squashed
    await clean(space, "WS-01", log)


async def test_what_came_behind_a_squash_has_not_come_home(
    space: Workspace, project: Path, log: Path
) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    await _squash(project, "locust/WS-01")
    commit(made.path, "late.txt", "late")
    with pytest.raises(RefusedError, match="2 commits not merged"):
        await clean(space, "WS-01", log)


async def test_what_it_was_built_on_is_not_its_own_once_that_was_squashed(
    space: Workspace, project: Path, log: Path
) -> None:
    below = await begin(space, "WS-01")
    commit(below.path, "a.txt", "one\ntwo\n")
    commit(below.path, "a.txt", "one\ntwo\nthree\n")
    above = await begin(space, "WS-02", "WS-01")
    await _squash(project, "locust/WS-01")
    rows = {row.workstream: row for row in (await land(space)).rows}
    assert (rows["WS-02"].held_back, rows["WS-02"].merged) == ((), False), "nothing is in it yet"
    commit(above.path, "a.txt", "one\ntwo\nthree\nfour\n")
    rows = {row.workstream: row for row in (await land(space)).rows}
    assert rows["WS-01"].squashed
    assert rows["WS-02"].held_back == ("1 commit not merged",)
    with pytest.raises(RefusedError, match="1 commit not merged"):
        await clean(space, "WS-02", log)
    commit(project, "a.txt", "one\ntwo\nthree\nfour\n", "squash of WS-02")
    commit(project, "a.txt", "quite another\n")
    assert (await land(space)).rows[1].squashed
    await clean(space, "WS-02", log)


async def test_commits_that_change_nothing_are_no_squash(space: Workspace, project: Path, log: Path) -> None:
    made = await begin(space, "WS-01")
    run_git(made.path, "commit", "-q", "--allow-empty", "-m", "words alone")
    with pytest.raises(RefusedError, match="1 commit not merged"):
        await clean(space, "WS-01", log)


async def test_what_the_fetched_upstream_has_is_home(
    space: Workspace, project: Path, log: Path, tmp_path: Path
) -> None:
    bare, other = tmp_path / "remote.git", tmp_path / "other"
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    run_git(project, "remote", "add", "origin", str(bare))
    run_git(project, "push", "-q", "-u", "origin", "main")
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    run_git(made.path, "push", "-q", "-u", "origin", "locust/WS-01")
    run_git(tmp_path, "clone", "-q", "-b", "main", str(bare), str(other))
    await _squash(other, "origin/locust/WS-01")
    run_git(other, "push", "-q", "origin", "main")
    assert (await land(space)).rows[0].unmerged == 1
    run_git(project, "fetch", "-q")
    assert (await land(space)).rows[0].squashed
    await clean(space, "WS-01", log)


async def test_a_removal_that_nobody_wrote_down_is_told_again(
    space: Workspace, project: Path, log: Path
) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    gone = await clean(space, "WS-01", log, discard=True)
    assert "cut short" in ((await land(space)).rows[0].problem or "")
    assert await clean(space, "WS-01", log) == gone
    forget(space, "WS-01")
    assert (await land(space)).rows == ()
    with pytest.raises(GitError, match="no worktree"):
        await clean(space, "WS-01", log)
    assert len(run_git(project, "for-each-ref", "refs/locust-tui/trash").splitlines()) == 1


async def test_what_comes_after_the_trash_is_not_lost_by_going_on(
    space: Workspace, project: Path, log: Path
) -> None:
    made = await begin(space, "WS-01")
    head = commit(made.path, "a.txt", "a")
    await clean(space, "WS-01", log, discard=True)
    run_git(project, "branch", "locust/WS-01", head)
    run_git(project, "worktree", "add", "-q", str(made.path), "locust/WS-01")
    commit(made.path, "b.txt", "made since")
    with pytest.raises(RefusedError, match="2 commits not merged"):
        await clean(space, "WS-01", log)
    assert (made.path / "b.txt").exists()
