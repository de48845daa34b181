"""Accepted work is merged once, past what a person has open, and a conflict names both sides."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_project import begin, commit, hook, open_space, run_git, write
from locust_tui.git.calling import GitError, git
from locust_tui.git.merging import Acceptance, MergeEnd, merge
from locust_tui.git.publishing import open_pull_request
from locust_tui.git.workspace import Workspace


def yes(workstream: str, name: str = "Parser", **more: object) -> Acceptance:
    return Acceptance(workstream, name, 1, "ana", **more)  # type: ignore[arg-type]


async def work(space: Workspace, workstream: str, name: str, text: str) -> Path:
    made = await begin(space, workstream)
    commit(made.path, name, text, f"{workstream} works")
    return made.path


async def test_a_merge_says_who_accepted_what_and_moves_the_checkout(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    done = await merge(
        space, yes("WS-01", evidence=("exit 0", "tests: 12 passed\nLocust-Tui-Merged: forged"), note="fine")
    )
    assert done.end is MergeEnd.MERGED
    assert run_git(project, "rev-parse", "main") == done.commit
    assert (project / "a.txt").read_text() == "a\n"
    assert run_git(project, "status", "--porcelain") == ""
    message = run_git(project, "log", "-1", "--format=%B")
    for words in (
        "Merge WS-01: Parser",
        "accepted by ana",
        "- exit 0",
        "fine",
        "Locust-Tui-Workstream: WS-01",
    ):
        assert words in message
    assert run_git(project, "log", "-1", "--format=%(trailers:key=Locust-Tui-Merged,valueonly)") == done.head


async def test_a_merge_is_done_once(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    first = await merge(space, yes("WS-01"))
    commit(project, "b.txt", "b")
    again = await merge(space, yes("WS-01"))
    assert again.commit == first.commit
    assert run_git(project, "rev-list", "--merges", "--count", "main") == "1"


async def test_a_branch_that_a_person_merged_counts_as_merged(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    run_git(project, "merge", "-q", "--ff-only", "locust/WS-01")
    done = await merge(space, yes("WS-01"))
    assert (done.end, done.commit) == (MergeEnd.MERGED, None)


async def test_no_commit_is_nothing_to_merge(space: Workspace) -> None:
    await begin(space, "WS-01")
    assert (await merge(space, yes("WS-01"))).end is MergeEnd.NOTHING


async def test_uncommitted_work_is_not_left_behind(space: Workspace) -> None:
    path = await work(space, "WS-01", "a.txt", "a\n")
    write(path, "half.txt", "half")
    with pytest.raises(GitError, match=r"1 file not committed in .*: half.txt"):
        await merge(space, yes("WS-01"))
    fresh = await begin(space, "WS-02")
    write(fresh.path, "b.txt", "b")
    with pytest.raises(GitError, match="not committed"):
        await merge(space, yes("WS-02"))


async def test_a_conflict_names_the_files_and_the_workstream_on_the_other_side(
    space: Workspace, project: Path
) -> None:
    await work(space, "WS-01", "shared.txt", "one\n")
    await work(space, "WS-02", "shared.txt", "two\n")
    await work(space, "WS-03", "elsewhere.txt", "three\n")
    for name in ("WS-01", "WS-03"):
        await merge(space, yes(name))
    before = run_git(project, "rev-parse", "main")
    found = await merge(space, yes("WS-02"))
    assert found.end is MergeEnd.CONFLICT
    assert found.conflicts == ("shared.txt",)
    assert found.others == ("WS-01",)
    assert run_git(project, "rev-parse", "main") == before
    assert run_git(project, "status", "--porcelain") == ""
    assert run_git(space.path("WS-02"), "status", "--porcelain") == ""


async def test_the_other_workstream_is_named_where_the_two_share_a_commit(space: Workspace) -> None:
    first = await begin(space, "WS-01")
    commit(first.path, "begun.txt", "begun\n", "both begin so")
    second = await begin(space, "WS-02")
    run_git(second.path, "reset", "-q", "--hard", "locust/WS-01")
    commit(first.path, "shared.txt", "one\n", "one")
    commit(second.path, "shared.txt", "two\n", "two")
    await work(space, "WS-03", "elsewhere.txt", "three\n")
    for name in ("WS-01", "WS-03"):
        await merge(space, yes(name))
    found = await merge(space, yes("WS-02"))
    assert (found.conflicts, found.others) == (("shared.txt",), ("WS-01",))


async def test_a_conflict_with_a_person_names_the_commit(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "shared.txt", "one\n")
    commit(project, "shared.txt", "mine\n", "Rewrite it")
    found = await merge(space, yes("WS-01"))
    assert found.others[0].endswith("by Ana: Rewrite it")


async def test_what_a_person_has_open_stays_untouched(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    write(project, "readme.md", "my draft\n")
    write(project, "loose.txt", "loose")
    write(project, "staged.txt", "staged")
    run_git(project, "add", "staged.txt")
    assert (await merge(space, yes("WS-01"))).end is MergeEnd.MERGED
    assert (project / "a.txt").exists()
    assert (project / "readme.md").read_text() == "my draft\n"
    assert run_git(project, "status", "--porcelain").split("\n") == [
        "M readme.md",
        "A  staged.txt",
        "?? loose.txt",
    ]


@pytest.mark.parametrize("mine", ["shared.txt", "new.txt", "new.txt/inner"])
async def test_a_merge_into_what_a_person_has_open_is_refused(
    space: Workspace, project: Path, mine: str
) -> None:
    path = await work(space, "WS-01", "shared.txt", "one\n")
    commit(path, "new.txt", "new\n")
    write(project, mine, "mine\n")
    before = run_git(project, "rev-parse", "main")
    with pytest.raises(GitError, match=r"the merge would change .* changes of yours"):
        await merge(space, yes("WS-01"))
    assert (project / mine).read_text() == "mine\n"
    assert run_git(project, "rev-parse", "main") == before


async def test_a_branch_nobody_has_checked_out_moves_by_itself(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    run_git(project, "switch", "-q", "-c", "mine")
    await merge(space, yes("WS-01"))
    assert not (project / "a.txt").exists()
    assert run_git(project, "show", "main:a.txt") == "a"


async def test_merges_asked_for_at_once_come_one_after_another(space: Workspace, project: Path) -> None:
    names = [f"WS-{n:02}" for n in range(1, 7)]
    for name in names:
        await work(space, name, f"{name}.txt", name)
    done = await asyncio.gather(*(merge(space, yes(name)) for name in names))
    assert all(one.end is MergeEnd.MERGED for one in done)
    assert all((project / f"{name}.txt").exists() for name in names)
    assert run_git(project, "rev-list", "--first-parent", "--merges", "--count", "main") == "6"


async def test_files_come_with_the_persons_own_rights(space: Workspace, project: Path) -> None:
    """The worker's umask hides its records from others; a merge writes files as the person's own git would."""
    await work(space, "WS-01", "a.txt", "a\n")
    old = os.umask(0o077)
    try:
        merged = await open_space(project)
        await merge(type(space)(merged.repository, merged.worktrees, "locust/", "main", 0o022), yes("WS-01"))
    finally:
        os.umask(old)
    assert (project / "a.txt").stat().st_mode & 0o777 == 0o644


async def test_the_hook_after_a_merge_runs(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    hook(project, "post-merge", "touch hooked")
    await merge(space, yes("WS-01"))
    assert (project / "hooked").exists()


_DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from locust_tui.git import merging
from locust_tui.git.workspace import open_workspace

async def die(*args):
    await advance(*args)
    os.kill(os.getpid(), signal.SIGKILL)

advance, merging._advance = merging._advance, die

async def main():
    project = Path(sys.argv[1])
    space = await open_workspace(project, project / ".locust-tui/worktrees", prefix="locust/", base=None)
    await merging.merge(space, merging.Acceptance("WS-01", "Parser", 1, "ana"))

asyncio.run(main())
"""


async def test_who_dies_after_the_merge_finds_it_again(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    ended = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", _DIES, str(project)], check=False)
    assert ended.returncode == -signal.SIGKILL
    done = await merge(space, yes("WS-01"))
    assert done.commit == run_git(project, "rev-parse", "main")
    assert run_git(project, "status", "--porcelain") == ""


@pytest.fixture
def remote(project: Path, tmp_path: Path) -> Path:
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    run_git(project, "remote", "add", "origin", str(bare))
    return bare


async def test_nothing_is_ever_pushed_unasked(space: Workspace, project: Path, remote: Path) -> None:
    run_git(project, "config", "push.default", "current")
    await work(space, "WS-01", "a.txt", "a\n")
    await merge(space, yes("WS-01"))
    assert run_git(remote, "for-each-ref") == ""


async def test_a_pull_request_is_opened_through_gh(
    space: Workspace, project: Path, remote: Path, program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    program(
        "gh", f'printf "%s\\n" "$@" > {tmp_path}/said; cat > {tmp_path}/body; echo https://example.org/pull/7'
    )
    await work(space, "WS-01", "a.txt", "a\n")
    opened = await open_pull_request(space, "WS-01", title="WS-01: $(touch x)", body="Evidence: 12 passed")
    assert opened.url == "https://example.org/pull/7"
    said = (tmp_path / "said").read_text().splitlines()
    assert said[:6] == ["pr", "create", "--head", "locust/WS-01", "--base", "main"]
    assert "WS-01: $(touch x)" in said
    assert (tmp_path / "body").read_text() == "Evidence: 12 passed"
    assert run_git(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/locust/WS-01"
    again = await open_pull_request(space, "WS-01", title="t", body="b")
    assert (again.url, again.opened) == (opened.url, False)


async def test_what_gh_says_against_it_is_heard(
    space: Workspace, remote: Path, program: Callable[[str, str], Path]
) -> None:
    program("gh", "echo 'not logged in to any hosts' >&2; exit 4")
    await work(space, "WS-01", "a.txt", "a\n")
    with pytest.raises(GitError, match="not logged in"):
        await open_pull_request(space, "WS-01", title="t", body="b")


async def test_a_merge_that_is_given_up_still_ends_whole(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    hook(project, "post-merge", "touch began; until [ -e go ]; do sleep 0.02; done")
    merging = asyncio.create_task(merge(space, yes("WS-01")))
    while not (project / "began").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    merging.cancel()
    (project / "go").touch()
    with pytest.raises(asyncio.CancelledError):
        await merging
    assert not (project / ".git" / "index.lock").exists()
    assert (await merge(space, yes("WS-01"))).commit == run_git(project, "rev-parse", "main")


async def test_a_command_without_an_end_is_ended(space: Workspace, project: Path) -> None:
    await work(space, "WS-01", "a.txt", "a\n")
    run_git(project, "config", "alias.forever", "!sleep 60")
    with pytest.raises(GitError, match=r"took more than 0\.2 s"):
        await git(project, "forever", within=0.2)


async def test_a_command_that_was_killed_is_told_as_that(space: Workspace, project: Path) -> None:
    run_git(project, "config", "alias.dies", "!kill -9 $PPID")
    with pytest.raises(GitError, match="ended by SIGKILL"):
        await git(project, "dies")
