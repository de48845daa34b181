"""Finished work is reviewed in the cockpit: what it changed is seen before anybody says yes or no."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import hostile
import pytest
import sample
from fake_port import FakePort
from piloting import Open, host, settled, text
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from locust_tui.domain.changes import Changes, Commit, Diff, FileChange
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import WorkstreamState
from locust_tui.screens.review import ReviewScreen
from locust_tui.screens.workstream import WorkstreamScreen
from locust_tui.widgets.diff import DiffLine, diff_lines

DIFF = """\
diff --git a/src/hints.rs b/src/hints.rs
index 3b18e51..f2c0a9d 100644
--- a/src/hints.rs
+++ b/src/hints.rs
@@ -10,4 +10,5 @@ impl Hints {
     fn next(&self) -> Hint {
-        self.first()
+        let seen = self.seen.len();
+        self.ranked(seen)
     }
--- a/this is content
diff --git a/docs/hints.md b/docs/hints.md
new file mode 100644
--- /dev/null
+++ b/docs/hints.md
@@ -0,0 +1,2 @@
+# Hints
+They are ranked.
""".replace("--- a/this is content", " --- a/this is content")

WORK = Changes(
    workstream="WS-04",
    branch="locust/WS-04",
    path="/plan/.locust-tui/worktrees/WS-04",
    integration="main",
    head="f2c0a9d1e5",
    since="a1b2c3d4e5",
    commits=(
        Commit("f2c0a9d1e5", "coder", sample.NOW - 1_600, "Rank the hints"),
        Commit("77aa88bb99", "coder", sample.NOW - 2_600, "Describe them"),
    ),
    commit_count=2,
    files=(
        FileChange("docs/hints.md", "added", 2, 0),
        FileChange("assets/hint.png", "added", None, None),
        FileChange("src/hints.rs", "renamed", 2, 1, "src/hint.rs"),
    ),
    file_count=3,
    ahead=2,
    behind=1,
)


def in_review() -> Snapshot:
    """The running plan, where WS-04 waits for a review of what it did in its worktree."""
    snapshot = sample.running()
    return dataclasses.replace(
        snapshot,
        workstreams=tuple(
            dataclasses.replace(w, branch="locust/WS-04") if w.id == "WS-04" else w
            for w in snapshot.workstreams
        ),
    )


async def opened(pilot: Pilot[None], port: FakePort, work: Changes = WORK) -> ReviewScreen:
    port.work["WS-04"] = work
    port.diffs |= {None: DIFF, "docs/hints.md": DIFF[DIFF.index("diff --git a/docs") :]}
    host(pilot).main.select("WS-04")
    host(pilot).main.open_work("WS-04")
    await settled(pilot)
    await settled(pilot)
    assert isinstance(pilot.app.screen, ReviewScreen)
    return pilot.app.screen


async def test_enter_on_work_in_review_shows_what_it_changed(cockpit: Open) -> None:
    async with cockpit(in_review()) as (pilot, port):
        await opened(pilot, port)
        shown = text(pilot)
        for words in (
            "locust/WS-04 → main",
            "1 behind",
            "3 files",
            "+4 -1",
            "src/hint.rs → src/hints.rs",
            "binary",
        ):
            assert words in shown, words
        assert "Rank the hints" in shown
        assert "+        self.ranked(seen)" in shown
        assert "   12 +        self.ranked(seen)" in shown


async def test_enter_on_a_file_shows_its_part_alone(cockpit: Open) -> None:
    async with cockpit(in_review()) as (pilot, port):
        await opened(pilot, port)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert "They are ranked." in text(pilot)
        assert "self.ranked(seen)" not in text(pilot)
        await pilot.press("up", "enter")
        await settled(pilot)
        assert "self.ranked(seen)" in text(pilot)


async def test_keys_go_from_file_to_file(cockpit: Open) -> None:
    async with cockpit(in_review(), (80, 24)) as (pilot, port):
        screen = await opened(pilot, port)
        await pilot.press("n")
        current = screen.diff.current
        assert current is not None
        assert current.text.startswith("diff --git a/docs")
        await pilot.press("N")
        current = screen.diff.current
        assert current is not None
        assert current.text.startswith("diff --git a/src")


async def test_keys_reach_the_files_that_a_cut_diff_has_no_room_for(cockpit: Open) -> None:
    async with cockpit(in_review(), (80, 24)) as (pilot, port):
        src, docs = WORK.files[2], WORK.files[0]
        work = dataclasses.replace(WORK, files=(src, docs))
        screen = await opened(pilot, port, work)
        port.diffs[None] = Diff(DIFF[: DIFF.index("diff --git a/docs")], cut=True, limit=2048)
        port.diffs[src.path] = DIFF[: DIFF.index("diff --git a/docs")]
        await pilot.press("enter")
        await settled(pilot)
        assert "Diff of all files  cut" in text(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "They are ranked." in text(pilot)
        assert f"Diff {docs.path}" in text(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "They are ranked." in text(pilot), "there is no file behind the last"
        await pilot.press("N")
        await settled(pilot)
        assert screen.diff.current is not None
        assert screen.diff.current.text.startswith("diff --git a/src")


@pytest.mark.usefixtures("no_waiting")
async def test_a_yes_and_a_no_are_asked_twice(cockpit: Open) -> None:
    async with cockpit(in_review()) as (pilot, port):
        await opened(pilot, port)
        await pilot.press("A")
        await settled(pilot)
        assert port.asked == []
        await pilot.press("escape", "X")
        await settled(pilot)
        await pilot.press(*"more tests", "enter")
        for _ in range(4):
            await pilot.press(*"WS-04", "enter")
        await settled(pilot)
        assert [(r.action, r.note) for r in port.asked if isinstance(r, SteerWorkstream)] == [
            (WorkstreamAction.REJECT, "more tests")
        ]


async def test_what_is_left_over_is_said(cockpit: Open) -> None:
    left = dataclasses.replace(WORK, uncommitted=("a", "b"), unfinished="merge", stands_on="branch own")
    async with cockpit(in_review()) as (pilot, port):
        await opened(pilot, port, left)
        for words in ("2 files not committed: a, b", "a merge is unfinished", "stands on branch own"):
            assert words in text(pilot), words


async def test_work_without_a_worktree_opens_as_before(cockpit: Open) -> None:
    async with cockpit(sample.running()) as (pilot, _):
        host(pilot).main.open_work("WS-04")
        await settled(pilot)
        assert isinstance(pilot.app.screen, WorkstreamScreen)
        await pilot.press("escape", "D")
        await settled(pilot)
        assert "has no worktree" in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_nothing_in_the_work_reaches_the_terminal(cockpit: Open, size: tuple[int, int]) -> None:
    evil = "".join(hostile.CORPUS)
    work = dataclasses.replace(
        WORK,
        branch=evil,
        commits=tuple(dataclasses.replace(c, subject=evil, author=evil) for c in WORK.commits),
        files=tuple(FileChange(bad, "added", 1, 0) for bad in hostile.CORPUS),
        uncommitted=(evil,),
    )
    async with cockpit(in_review(), size) as (pilot, port):
        port.diffs[None] = ""
        screen = await opened(pilot, port, work)
        port.diffs[None] = "diff --git a/x b/x\n@@ -0,0 +1,99 @@\n" + "".join(
            f"+{bad}\n" for bad in hostile.CORPUS
        )
        await screen._show_diff(None)
        await settled(pilot)
        shown = text(pilot)
        assert not set(shown) & {chr(c) for c in (*range(10), *range(11, 32), *range(0x7F, 0xA0), 0x202E)}


async def test_it_looks_again_when_the_work_has_moved(cockpit: Open) -> None:
    async with cockpit(in_review()) as (pilot, port):
        await opened(pilot, port)
        port.work["WS-04"] = dataclasses.replace(WORK, merged=True)
        port.change(
            workstreams=tuple(
                dataclasses.replace(w, state=WorkstreamState.ACCEPTED) if w.id == "WS-04" else w
                for w in port.snapshot.workstreams
            )
        )
        await settled(pilot)
        await settled(pilot)
        assert "merged" in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_picture_of_a_review(
    cockpit: Open, same_picture: Callable[[CockpitApp, str], None], size: tuple[int, int]
) -> None:
    async with cockpit(in_review(), size) as (pilot, port):
        await opened(pilot, port)
        same_picture(host(pilot), f"review-{size[0]}x{size[1]}")


def test_lines_of_a_hunk_are_content_whatever_they_look_like() -> None:
    lines = list(
        diff_lines(
            "@@ -1,2 +1,3 @@\n--- a\n+++ b\n+diff --git\n x\n\\ No newline at end of file\ndiff --git a b\n"
        )
    )
    assert lines[1:4] == [
        DiffLine("--- a", "bad"),
        DiffLine("+++ b", "done", 1),
        DiffLine("+diff --git", "done", 2),
    ]
    assert lines[4] == DiffLine(" x", "text", 3)
    assert lines[-1].file
