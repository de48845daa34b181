"""What the panes say of the work: counts that match their words, short reasons, whole figures, stable headlines."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sample
from piloting import Open, host, lines, settled, text
from rich.cells import cell_len
from textual.geometry import Region
from textual.widget import Widget

from locust_tui.client.port import Link, LinkState
from locust_tui.domain.snapshot import KpiView, Snapshot, WorkstreamView
from locust_tui.domain.states import Verdict, WorkstreamState
from locust_tui.widgets.cards import card, card_rows
from locust_tui.widgets.headline import Headline
from locust_tui.widgets.kpis import amount
from locust_tui.widgets.painted import Painted
from locust_tui.widgets.reasons import reason_within, shorter
from locust_tui.widgets.sparkline import sparkline
from locust_tui.widgets.view import View

_W = WorkstreamState


def view(snapshot: Snapshot | None = None, **fields: Any) -> View:
    return View(snapshot or sample.running(), Link(LinkState.LIVE, worker_pid=1234), sample.NOW, **fields)


def drawn(workstream: WorkstreamView, column: str, width: int, snapshot: Snapshot | None = None) -> list[str]:
    rows = card_rows(column, card(view(snapshot), workstream), width)
    return ["".join(part for part, _ in row.fit(width)).rstrip() for row in rows]


def with_states(*states: WorkstreamState) -> Snapshot:
    base = sample.running()
    works = tuple(
        dataclasses.replace(w, state=state) for w, state in zip(base.workstreams, states, strict=False)
    )
    return dataclasses.replace(base, workstreams=works)


# the board


async def test_counts_say_what_their_word_says(cockpit: Open) -> None:
    snapshot = with_states(_W.RUNNING, _W.FAILED, _W.ACCEPTED, _W.ACCEPTED, _W.CANCELLED)
    async with cockpit(snapshot, (200, 60)) as (pilot, _):
        titles = [column.title() for column in host(pilot).main.board.columns]
        assert [title.text for title in titles] == [
            "Waiting 0",
            "Ready 0",
            "Running 1 · 1 failed",
            "Review 0",
            "Done 2 · 1 cancelled",
        ]
        assert (" · 1 failed", "bad") in titles[2].left


async def test_counts_are_short_where_there_is_no_room_for_words(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, _):
        assert host(pilot).main.board.columns[2].title().text == "Running 2 ◐1 ✗1"
        assert "Running 2 ◐1 ✗1" in text(pilot)


def test_accepted_work_whose_pull_request_is_open_says_so() -> None:
    done = dataclasses.replace(sample.running().workstreams[0], state=_W.ACCEPTED)
    open_one = dataclasses.replace(done, pull_request="https://example.org/pull/7")
    for width in (20, 30):
        assert drawn(open_one, "done", width)[0].endswith("PR open")
        assert "PR" not in drawn(done, "done", width)[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_columns_without_cards_give_their_room_away(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(sample.done(), size) as (pilot, _):
        shown = [c for c in host(pilot).main.board.columns if c.display]
        narrow, wide = shown[:-1], shown[-1]
        assert wide.column.id == "done"
        assert all(10 <= c.size.width <= 13 for c in narrow)
        assert all("0" in line for line in [c.title().text for c in narrow])
        assert wide.size.width > 25


async def test_all_columns_are_in_view_where_the_empty_ones_leave_room(cockpit: Open) -> None:
    async with cockpit(sample.not_started(), (80, 24)) as (pilot, _):
        assert sum(c.display for c in host(pilot).main.board.columns) >= 4


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("gate g1 is shut", "g1 shut"),
        ("needs WS-05 (33 % of 40 %)", "needs WS-05 33/40 %"),
        ("needs WS-01, WS-02 (0 % of 40 %); gate g1 is shut", "needs WS-01, WS-02 0/40 % · g1 shut"),
        ("waits for a yes of tech-review", "wants tech-review"),
        ("check unit tests failed: exit 1", "unit tests failed: exit 1"),
        ("finish P50 wk 6.2, window ends wk 6", "finish 0.2 wk late"),
        ("progress 46 %, plan 70 %: 24 points behind", "24 points behind"),
        ("something else", "something else"),
    ],
)
def test_reasons_are_said_short(why: str, said: str) -> None:
    assert shorter(why) == said


def test_a_reason_is_whole_where_it_fits_and_short_where_not() -> None:
    held = sample.running().workstreams[3]
    assert reason_within(held, "1 of 2 checks still to run", 40) == "1 of 2 checks still to run"
    assert reason_within(held, "1 of 2 checks still to run", 12) == "2/2 checks"


def test_a_review_is_yellow_only_when_a_person_is_needed() -> None:
    asked, held = view(), view(dataclasses.replace(sample.running(), waiting=()))
    review = asked.workstreams["WS-04"]
    assert asked.look(review).tone == "you"
    assert held.look(review).tone == "wait"
    assert held.look(review).word == "review"
    rows = card_rows("review", card(held, review), 30)
    assert not {tone for row in rows for _, tone in row.left} & {"you"}


def test_checks_are_counted_once_on_a_card() -> None:
    base = sample.running()
    held = dataclasses.replace(
        base.workstreams[3], why="1 of 2 checks still to run", verified=90.0, reported=100.0
    )
    assert drawn(held, "review", 15, dataclasses.replace(base, waiting=()))[1:] == [
        "  2/2 checks",
        "  90% says 100%",
    ]


async def test_columns_out_of_view_are_named(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, _):
        board = host(pilot).main.board
        for subject in ("WS-01", "WS-05", "WS-09"):
            host(pilot).main.select(subject)
            await settled(pilot)
            visible = [c for c in board.columns if c.display]
            assert len(visible) < 5
            hidden = [c for c in board.columns if not c.display]
            said = lines(pilot)[1]
            for column in board.columns:
                assert (f"{column.column.name} {len(column.items)}" in said) is (column in hidden)
            titles = next(
                line for line in lines(pilot) if f"{visible[0].column.name} " in line and line != said
            )
            assert ("‹" in titles) is (board.columns[0] in hidden)
            assert ("›" in titles) is (board.columns[-1] in hidden)


async def test_no_column_is_named_twice_where_all_are_in_view(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, _):
        assert "‹" not in text(pilot)
        assert all(c.out_of_view == ((), ()) for c in host(pilot).main.board.columns)


async def test_a_long_column_keeps_its_count_on_a_small_screen(cockpit: Open) -> None:
    async with cockpit(sample.not_started(), (80, 24)) as (pilot, _):
        assert "Waiting 14" in text(pilot)
        assert "1–10 " in text(pilot)


# cards and tree


def test_an_id_is_not_said_twice() -> None:
    build = dataclasses.replace(sample.running().workstreams[0], id="build", name="Build")
    assert drawn(build, "done", 30)[0].count("uild") == 1


@pytest.mark.parametrize("width", range(12, 40))
def test_one_separator_at_every_width(width: int) -> None:
    running = sample.running().workstreams[4]
    last = drawn(running, "running", width)[2]
    assert last.strip().startswith("a1")
    assert " a1 12m" not in last
    assert all(part.strip() for part in last.split(" · "))


def test_what_the_agent_says_stands_beside_what_is_verified() -> None:
    running = dataclasses.replace(sample.running().workstreams[4], verified=0.0, reported=40.0)
    assert " 0% says 40%" in drawn(running, "running", 15)[1]
    assert "says 40%" in drawn(dataclasses.replace(running, state=_W.REVIEW), "review", 30)[2]
    assert "says" not in "".join(drawn(dataclasses.replace(running, state=_W.ACCEPTED), "done", 30))
    same = dataclasses.replace(running, reported=0.0)
    assert "says" not in drawn(same, "running", 30)[1]


async def test_what_the_agent_says_stands_in_the_tree_too(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, _):
        assert any("WS-05" in line[:34] and "60% says 80%" in line[:34] for line in lines(pilot))


@pytest.mark.parametrize("state", [_W.RUNNING, _W.NEEDS_INPUT, _W.FAILED])
def test_a_blocker_is_yellow_on_the_card(state: WorkstreamState) -> None:
    held = dataclasses.replace(
        sample.running().workstreams[4], state=state, blocker="no API key", why="no API key"
    )
    rows = card_rows("running", card(view(), held), 30)
    assert ("no API key", "you") in [part for row in rows for part in row.left]


async def test_a_blocker_is_yellow_in_the_tree(cockpit: Open) -> None:
    base = sample.running()
    works = tuple(
        dataclasses.replace(w, blocker="no API key") if w.id == "WS-06" else w for w in base.workstreams
    )
    async with cockpit(dataclasses.replace(base, workstreams=works), (200, 60)) as (pilot, _):
        tree = host(pilot).main.tree_pane
        index = tree.index_of("WS-06")
        assert index is not None
        (row,) = tree.rows(tree.items[index], tree.inner_width)
        assert any("⚠ no API key" in part and tone == "you" for part, tone in row.left)


async def test_percentages_of_the_tree_end_in_one_column(cockpit: Open) -> None:
    async with cockpit(size=(200, 60)) as (pilot, _):
        rows = [line[:52] for line in lines(pilot) if "%" in line[:52] and "says" not in line[:52]][1:]
        assert len({row.rstrip(" │").rindex("%") for row in rows}) == 1


async def test_a_small_screen_uses_its_room_for_the_selected_card(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, _):
        main = host(pilot).main
        assert main.board.details.display
        assert "why      asks: which border style?" in text(pilot)
        main.select("WS-05")
        await settled(pilot)
        assert "the agent says 80%" in text(pilot)
        assert "note     result area renders" in text(pilot)


async def test_details_give_way_to_cards(cockpit: Open) -> None:
    async with cockpit(sample.big(60), (80, 24)) as (pilot, _):
        assert not host(pilot).main.board.details.display


# the filter


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_filter_counts_says_no_match_and_how_to_clear_it(
    cockpit: Open, size: tuple[int, int]
) -> None:
    async with cockpit(size=size) as (pilot, _):
        await pilot.press("slash", *"hint", "enter")
        await settled(pilot)
        board = host(pilot).main.board
        assert board.columns[3].title().text == "Review 1 of 1"
        assert board.columns[2].title().text == "Running 0 of 4"
        assert "/ hint · esc clears" in text(pilot)
        assert "no match" in text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "esc clears" not in text(pilot)


# key figures


KPIS = (
    KpiView(
        "v", "Workstreams completed per week", 1.3, "/wk", "2-3 per week", False, (0.0, 1.0, 2.0, 2.0, 1.3)
    ),
    KpiView("q", "quality", 86.4, "%", "> 80", True, (0.0,) * 5),
)


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (120, 36), (200, 60)])
async def test_values_and_limits_are_never_cut(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(dataclasses.replace(sample.running(), kpis=KPIS), size) as (pilot, _):
        await pilot.press("4")
        await settled(pilot)
        shown = text(pilot)
        for words in ("1.3 /wk", "target 2-3 per week", "86.4%", "target > 80", "✗", "✓"):
            assert words in shown
        assert ("Workstreams completed per week" in shown) is (size[0] in (80, 200))


def test_zeros_lie_on_the_floor() -> None:
    assert sparkline([0.0, 0.0, 0.0], 8) == "▁▁▁"
    assert sparkline([5.0, 5.0], 8) == "▄▄"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(99.97, "%", "99.9%"), (100.0, "%", "100%"), (1.25, "/wk", "1.2 /wk"), (None, "%", "—")],
)
def test_amounts(value: float | None, unit: str, said: str) -> None:
    assert amount(value, unit) == said


# the headline


def headline(snapshot: Snapshot, width: int) -> str:
    line = Headline()
    line._view = view(snapshot)
    row = line.build(width).fit(width)
    assert sum(cell_len(part) for part, _ in row) == width
    return "".join(part for part, _ in row)


@pytest.mark.parametrize("width", [70, 80, 100, 120, 160, 200])
def test_the_headline_never_drops_progress_plan_phases_verdict_and_what_waits(width: int) -> None:
    said = headline(sample.running(), width)
    for words in ("46%", "plan 47%", "2·3", "◐ at risk", "⚠ 3 wait"):
        assert words in said
    assert "1 failed" in said or (width < 80 and "✗1" in said)


def test_the_idle_phrase_goes_first() -> None:
    idle = dataclasses.replace(sample.done(), verdict=Verdict.YES)
    widths = [width for width in range(60, 220) if "nothing waits" in headline(idle, width)]
    assert widths == list(range(widths[0], 220))
    assert "━━━━━━━━━━━━━━━━" in headline(idle, widths[0] - 1)


def test_the_headline_says_the_first_reason_where_there_is_room() -> None:
    late = dataclasses.replace(
        sample.running(), verdict=Verdict.NO, reasons=("finish P50 wk 6.2, window ends wk 6",)
    )
    assert "✗ off track: finish 0.2 wk late" in headline(late, 200)
    assert "✗ off track  1 failed" in headline(late, 100)


def test_the_headline_counts_agents_and_says_the_key_of_what_waits() -> None:
    one = dataclasses.replace(sample.running(), runs=sample.running().runs[-2:-1], cap=None)
    assert "1 agent " in headline(one, 200)
    assert "⚠ 3 wait for you (!)" in headline(one, 200)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["small", "large"])
async def test_lines_are_what_the_framework_would_make_of_them(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(sample.big(60), size) as (pilot, _):
        painted = [widget for widget in host(pilot).main.walk_children(Painted) if widget.size.area]
        assert len(painted) > 5
        for widget in painted:
            assert not widget.get_line_filters()
            whole = widget.size.region
            for crop in (whole, Region(1, 0, max(1, whole.width - 2), whole.height)):
                ours, theirs = widget.render_lines(crop), Widget.render_lines(widget, crop)
                assert [list(strip) for strip in ours] == [list(strip) for strip in theirs]
