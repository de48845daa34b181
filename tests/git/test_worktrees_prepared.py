"""Each workstream gets a worktree and a branch of its own, on what its needs produced; nothing of others is taken over."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from pathlib import Path

import pytest

from git_project import begin, commit, hook, open_space, run_git, write
from locust_tui.domain.criterion import Command
from locust_tui.git.calling import GitError
from locust_tui.git.merging import Acceptance, merge
from locust_tui.git.preparing import NeedsConflictError, Wanted, prepare
from locust_tui.git.repository import repository_of
from locust_tui.git.workspace import Workspace, open_workspace, read_note


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text), text, shell=True)


async def test_a_worktree_stands_on_a_branch_of_its_own_and_leaves_the_checkout_alone(
    space: Workspace, project: Path
) -> None:
    made = await begin(space, "WS-01")
    assert made.path == project / ".locust-tui/worktrees/WS-01"
    assert run_git(made.path, "branch", "--show-current") == "locust/WS-01"
    assert (made.path / "readme.md").read_text() == "hello\n"
    assert run_git(project, "branch", "--show-current") == "main"
    assert run_git(project, "status", "--porcelain") == ""


async def test_a_later_attempt_goes_on_where_the_first_one_stopped(space: Workspace) -> None:
    first = await begin(space, "WS-01")
    commit(first.path, "a.txt", "a")
    write(first.path, "half.txt", "half done")
    again = await begin(space, "WS-01")
    assert again.path == first.path
    assert not again.made
    assert (again.path / "half.txt").read_text() == "half done"


async def test_an_attempt_without_commits_starts_on_what_the_base_is_now(
    space: Workspace, project: Path
) -> None:
    first = await begin(space, "WS-01")
    commit(project, "later.txt", "later")
    assert not (first.path / "later.txt").exists()
    again = await begin(space, "WS-01")
    assert (again.path / "later.txt").exists()
    assert again.base == run_git(project, "rev-parse", "main")


async def test_work_builds_on_the_unmerged_branches_of_its_needs(space: Workspace) -> None:
    for name in ("WS-01", "WS-02"):
        made = await begin(space, name)
        commit(made.path, f"{name}.txt", name)
    third = await begin(space, "WS-03", "WS-01", "WS-02", "WS-without-worktree")
    assert (third.path / "WS-01.txt").exists()
    assert (third.path / "WS-02.txt").exists()
    note = read_note(space, "WS-03")
    assert note is not None
    assert set(note.needs) == {"WS-01", "WS-02"}


async def test_needs_that_conflict_are_named_and_leave_nothing_behind(
    space: Workspace, project: Path
) -> None:
    for name in ("WS-01", "WS-02"):
        made = await begin(space, name)
        commit(made.path, "shared.txt", f"written by {name}\n")
    with pytest.raises(NeedsConflictError, match=r"WS-03 builds on WS-02, .* of main, WS-01 in shared.txt"):
        await begin(space, "WS-03", "WS-01", "WS-02")
    assert not (project / ".locust-tui/worktrees/WS-03").exists()
    assert "WS-03" not in run_git(project, "branch")


async def test_a_branch_that_is_somebody_elses_is_refused(space: Workspace, project: Path) -> None:
    run_git(project, "branch", "locust/WS-01")
    before = run_git(project, "rev-parse", "locust/WS-01")
    with pytest.raises(GitError, match="exists already and was not made by this plan"):
        await begin(space, "WS-01")
    assert run_git(project, "rev-parse", "locust/WS-01") == before


async def test_a_branch_checked_out_by_another_tool_is_refused(
    space: Workspace, project: Path, tmp_path: Path
) -> None:
    run_git(project, "worktree", "add", "-q", "-b", "locust/WS-01", str(tmp_path / "other"))
    with pytest.raises(GitError, match=r"is checked out in .*other"):
        await begin(space, "WS-01")


async def test_a_folder_that_is_somebody_elses_is_refused(space: Workspace) -> None:
    write(space.path("WS-01"), "mine.txt", "mine")
    with pytest.raises(GitError, match="is there already and is not ours"):
        await begin(space, "WS-01")
    assert (space.path("WS-01") / "mine.txt").read_text() == "mine"


async def test_a_worktree_whose_folder_is_gone_is_checked_out_again(space: Workspace) -> None:
    made = await begin(space, "WS-01")
    commit(made.path, "a.txt", "a")
    shutil.rmtree(made.path)
    again = await begin(space, "WS-01")
    assert (again.path / "a.txt").read_text() == "a"


async def test_a_branch_that_vanished_is_said_and_not_made_anew(space: Workspace, project: Path) -> None:
    made = await begin(space, "WS-01")
    run_git(made.path, "switch", "-q", "--detach")
    run_git(project, "branch", "-D", "locust/WS-01")
    with pytest.raises(GitError, match="is gone"):
        await begin(space, "WS-01")


async def test_the_base_stays_the_branch_of_the_first_start(space: Workspace, project: Path) -> None:
    run_git(project, "switch", "-q", "-c", "experiment")
    later = await open_space(project)
    assert later.integration == "main"


async def test_what_is_not_committed_in_the_checkout_is_said_to_be_missing(
    space: Workspace, project: Path
) -> None:
    write(project, "readme.md", "changed")
    made = await begin(space, "WS-01")
    assert any("readme.md" in remark for remark in made.remarks)
    assert (made.path / "readme.md").read_text() == "hello\n"


async def test_ignored_files_named_in_worktreeinclude_are_copied(
    space: Workspace, project: Path, tmp_path: Path
) -> None:
    write(tmp_path, "outside", "secret of the machine")
    commit(project, ".gitignore", ".env*\nconf/local/\nlink\nbuild/\n")
    commit(project, ".worktreeinclude", ".env*\n!.env.skip\nconf/local/\nlink\nnotes.txt\n")
    write(project, ".env", "TOKEN=1").chmod(0o600)
    write(project, ".env.skip", "no")
    write(project, "conf/local/a\nb.ini", "deep")
    write(project, "notes.txt", "not ignored, so not copied")
    write(project, "build/out", "not named")
    (project / "link").symlink_to(tmp_path / "outside")
    made = await begin(space, "WS-01")
    assert (made.path / ".env").read_text() == "TOKEN=1"
    assert stat.S_IMODE((made.path / ".env").stat().st_mode) == 0o600
    assert (made.path / "conf/local/a\nb.ini").read_text() == "deep"
    for name in (".env.skip", "notes.txt", "build", "link", ".locust-tui"):
        assert not os.path.lexists(made.path / name), name


async def test_a_copy_never_leaves_the_worktree_through_a_link(
    space: Workspace, project: Path, tmp_path: Path
) -> None:
    """The commit says that `conf` is a link to somewhere else; the work tree has a folder of that name."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project / "conf").symlink_to(elsewhere)
    write(project, ".gitignore", "*.local\n")
    commit(project, ".worktreeinclude", "*.local\n")
    (project / "conf").unlink()
    write(project, "conf/a.local", "x")
    await begin(space, "WS-01")
    assert list(elsewhere.iterdir()) == []


async def test_setup_runs_in_the_worktree_with_a_number_of_its_own(
    space: Workspace, project: Path, log: Path
) -> None:
    setup = (
        shell(
            'printf "%s|%s|%s" "$PWD" "$LOCUST_TUI_REPO_ROOT" "$LOCUST_TUI_WORKTREE_NUMBER" > made; echo ready'
        ),
    )
    for number, name in enumerate(("WS-01", "WS-02"), 1):
        made = await prepare(space, Wanted(name, setup=setup), log)
        assert (made.path / "made").read_text() == f"{made.path}|{project}|{number}"
    assert "ready" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


async def test_a_setup_that_fails_says_its_last_words_and_is_done_anew(space: Workspace, log: Path) -> None:
    with pytest.raises(GitError, match=r"exit 3\): no database here"):
        await prepare(
            space, Wanted("WS-01", setup=(shell("touch half; echo no database here >&2; exit 3"),)), log
        )
    made = await prepare(space, Wanted("WS-01", setup=(shell("test ! -e half"),)), log)
    assert made.made


async def test_a_checkout_that_fails_leaves_no_branch_and_no_folder(space: Workspace, project: Path) -> None:
    hook(project, "post-checkout", "echo 'no room here' >&2; exit 1")
    with pytest.raises(GitError, match="no room here"):
        await begin(space, "WS-01")
    assert "locust/" not in run_git(project, "branch")
    assert not space.path("WS-01").exists()
    hook(project, "post-checkout", "exit 0")
    assert (await begin(space, "WS-01")).made


async def test_a_hook_that_leaves_a_daemon_behind_holds_nobody_up(space: Workspace, project: Path) -> None:
    hook(project, "post-checkout", '(sleep 90) & echo $! > "$HOME/daemon"; exit 0')
    async with asyncio.timeout(60):
        await begin(space, "WS-01")
    os.kill(int(Path(os.environ["HOME"], "daemon").read_text()), 9)


async def test_places_without_work_are_named(tmp_path: Path, project: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert await repository_of(outside) is None
    with pytest.raises(GitError, match="not in a git repository"):
        await open_workspace(outside, outside / "w", prefix="locust/", base=None)
    run_git(outside, "init", "-q")
    with pytest.raises(GitError, match="no commit yet"):
        await open_workspace(outside, outside / "w", prefix="locust/", base=None)
    bare = tmp_path / "bare.git"
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    with pytest.raises(GitError, match="bare"):
        await repository_of(bare)
    run_git(project, "switch", "-q", "--detach")
    with pytest.raises(GitError, match="detached"):
        await open_space(project)
    with pytest.raises(GitError, match='no branch "releases"'):
        await open_space(project, base="releases")


@pytest.mark.parametrize(
    "prefix", ["-x/", "a..b/", "sp ace/", "line\nbreak/", "\x1b[31m", "@{", "locust.lock/"]
)
async def test_a_prefix_git_would_not_take_is_refused(project: Path, prefix: str) -> None:
    space = await open_space(project, prefix=prefix)
    with pytest.raises(GitError, match="cannot be the name of a git branch"):
        await begin(space, "WS-01")


async def test_the_environment_leads_no_command_to_another_repository(
    space: Workspace, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run_git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    made = await begin(space, "WS-01")
    monkeypatch.undo()
    assert run_git(made.path, "rev-parse", "--git-common-dir") == str(project / ".git")


async def test_an_accepted_need_is_in_the_base(space: Workspace) -> None:
    first = await begin(space, "WS-01")
    commit(first.path, "a.txt", "a")
    await merge(space, Acceptance("WS-01", "First", 1, "ana"))
    second = await begin(space, "WS-02", "WS-01")
    assert (second.path / "a.txt").exists()
    note = read_note(space, "WS-02")
    assert note is not None
    assert note.needs == {}


async def test_a_disk_that_is_nearly_full_gets_no_worktree(
    space: Workspace, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(project)._replace(free=1_000_000)
    monkeypatch.setattr("locust_tui.git.preparing.shutil.disk_usage", lambda path: full)
    with pytest.raises(GitError, match="has 1 MB left") as refused:
        await begin(space, "WS-01")
    assert "land --clean" in (refused.value.help or "")
    assert "locust/" not in run_git(project, "branch")
