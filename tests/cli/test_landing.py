"""`land` and `ws diff`: everything that has not come home is listed, and clean-up takes nothing of it away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from git_project import commit, run_git, write

Tui = Callable[..., CompletedProcess[str]]

FLEET = """\
project: Fleet
workstreams:
  a: {run: "echo a > a.txt", worktree: true}
  b: {run: "printf 'b\\\\033[31m\\\\n' > b.txt", worktree: true, reviewers: [ana]}
  c: {run: "true"}
"""


@pytest.fixture
def fleet(tmp_path: Path, tui: Tui, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plan in a repository that ran: `a` is merged, `b` waits in review."""
    config = tmp_path.with_name(f"{tmp_path.name}.gitconfig")
    config.write_text("[user]\n name = Ana\n email = ana@example.org\n[init]\n defaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    run_git(tmp_path, "init", "-q")
    commit(tmp_path, "locust-plan.yaml", FLEET, "plan")
    assert tui("trust", "--yes").returncode == 0
    tui("run", "--json")
    yield tmp_path
    tui("down", "--stop-agents")


def test_the_ledger_and_the_clean_up_agree(fleet: Path, tui: Tui) -> None:
    write(fleet, "draft.md", "mine")
    said = tui("land")
    assert said.returncode == 0, said.stderr
    assert "a  accepted  merged, may be cleaned" in said.stdout
    assert "b  in review  1 commit not merged" in said.stdout
    assert "main  1 file not committed" in said.stdout
    told = json.loads(tui("land", "--json").stdout)
    assert {row["workstream"]: row["held_back"] for row in told["worktrees"]} == {
        "a": [],
        "b": ["1 commit not merged"],
    }
    assert told["main"]["uncommitted"] == ["draft.md"]
    refused = tui("land", "--clean", "b")
    assert refused.returncode == 4
    assert "b stays: it is in review" in refused.stderr
    told = tui("land", "--clean", "--json")
    assert told.returncode == 1, "one stays"
    cleaned = json.loads(told.stdout)
    assert [one["workstream"] for one in cleaned["removed"]] == ["a"]
    assert [one["workstream"] for one in cleaned["kept"]] == ["b"]
    assert run_git(fleet, "show", f"{cleaned['removed'][0]['trash']}:a.txt") == "a"
    assert not (fleet / ".locust-tui/worktrees/a").exists()
    again = tui("land", "--clean")
    assert (again.returncode, again.stderr) == (1, "1 of 1 worktree stays\n")
    assert again.stdout.startswith("b stays: it is in review")
    refused = tui("land", "--clean", "--discard", "b")
    assert refused.returncode == 4
    assert "gives up b (in review): 1 commit not merged" in refused.stderr
    assert "--discard --yes b" in refused.stderr
    told = tui("land", "--clean", "--discard", "--yes", "b", "--json")
    assert told.returncode == 0, "none stays"
    gone = json.loads(told.stdout)
    assert "b.txt" in run_git(fleet, "ls-tree", "--name-only", gone["removed"][0]["trash"])
    assert tui("ws", "diff", "b").returncode == 3


def test_a_diff_shows_no_escape_of_the_work(fleet: Path, tui: Tui) -> None:
    shown = tui("ws", "diff", "b")
    assert shown.returncode == 0, shown.stderr
    assert "+b␛[31m" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "b.txt | 1 +" in tui("ws", "diff", "b", "--stat").stdout
    told = json.loads(tui("ws", "diff", "b", "--json").stdout)
    assert [f["path"] for f in told["files"]] == ["b.txt"]
    assert tui("ws", "diff", "c").returncode == 3


def test_a_yes_that_ends_in_a_conflict_is_no_success(fleet: Path, tui: Tui) -> None:
    commit(fleet, "b.txt", "mine\n", "Mine")
    told = tui("ws", "accept", "b", "--by", "ana")
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout.startswith("b is not accepted, it is waiting for input")
    assert "Mine both changed b.txt" in told.stdout
    assert "locust-tui ws accept b" in tui("why", "b").stdout
    assert tui("ws", "accept", "b", "--by", "ana").returncode == 4
    run_git(fleet / ".locust-tui/worktrees/b", "merge", "-q", "-X", "ours", "-m", "both", "main")
    told = tui("ws", "accept", "b", "--by", "ana")
    assert (told.returncode, told.stdout.partition(",")[0]) == (0, "b is accepted")


def test_a_yes_that_open_files_stand_in_the_way_of_is_no_success(fleet: Path, tui: Tui) -> None:
    (fleet / "b.txt").write_text("mine, and not committed\n")
    told = tui("ws", "accept", "b", "--by", "ana")
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout.startswith("b is not accepted yet, it is in review")
    assert "the merge would change b.txt" in told.stdout
    assert "commit or stash them" in told.stdout
    (fleet / "b.txt").unlink()
    told = tui("ws", "accept", "b", "--by", "ana")
    assert (told.returncode, told.stdout.partition(",")[0]) == (0, "b is accepted")
    why = tui("why", "b").stdout.splitlines()[0]
    assert why.startswith("b is accepted: exit 0, no checks, merged to main (")
    assert why.endswith("), yes of ana")
    assert f"state      ✓ {why.removeprefix('b is ')}\n" in tui("ws", "show", "b").stdout
    assert why.endswith(json.loads(tui("ws", "show", "b", "--json").stdout)["came_to"])


def test_nothing_is_discarded_by_chance(fleet: Path, tui: Tui) -> None:
    assert tui("land", "--discard", "b").returncode == 2
    assert tui("land", "--clean", "--discard").returncode == 2
    assert tui("land", "nobody").returncode == 3


def test_outside_git_that_is_said(tmp_path: Path, tui: Tui) -> None:
    (tmp_path / "locust-plan.yaml").write_text("project: P\nworkstreams: {a: {run: 'true'}}\n")
    said = tui("land")
    assert said.returncode == 1
    assert "not in a git repository" in said.stderr
