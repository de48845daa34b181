"""The inbox as a list: ranked, filtered, its cursor pinned; the whole of a thing, harmless and complete."""

from __future__ import annotations

import dataclasses

import hostile
import pytest
import sample
from hypothesis import given
from hypothesis import strategies as st
from piloting import Open, host, lines, settled, text
from rich.cells import cell_len

from locust_tui.safe_text import safe
from locust_tui.screens.gate import GateScreen
from locust_tui.screens.inbox import InboxScreen
from locust_tui.widgets.inbox import GUTTER, quoted


def inbox(pilot: object) -> InboxScreen:
    screen = pilot.app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, InboxScreen)
    return screen


@pytest.mark.parametrize("under", [[], ["o"], ["a"], ["enter"], ["question_mark"], ["L"]])
async def test_it_opens_from_anywhere_and_only_once(cockpit: Open, under: list[str]) -> None:
    async with cockpit(sample.asking()) as (pilot, _):
        await pilot.press(*under, "exclamation_mark")
        await settled(pilot)
        assert inbox(pilot).items.current_key == "permission:WS-05.1:1"
        await pilot.press("j", "j", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, GateScreen)
        depth = len(pilot.app.screen_stack)
        await pilot.press("exclamation_mark")
        await settled(pilot)
        assert inbox(pilot).items.current_key == "gate:g2"
        assert len(pilot.app.screen_stack) == depth - 1
        await pilot.press("exclamation_mark")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, InboxScreen)


async def test_a_row_says_kind_subject_age_and_what_and_kinds_look_different(cockpit: Open) -> None:
    async with cockpit(sample.asking(), (120, 36)) as (pilot, _):
        await pilot.press("exclamation_mark")
        await settled(pilot)
        rows = [line for line in lines(pilot) if "  WS-0" in line or "  g2" in line or "  plugins" in line]
        assert "§ permission  49s  WS-05    Bash: cargo bench" in rows[0]
        assert rows[0].rstrip("│ ").endswith("critical")
        assert "◆ gate        10m  g2" in rows[2]
        assert "for tech-review" in rows[2]
        assert "? question     1h  WS-07" in rows[3]


async def test_the_cursor_stays_on_its_thing_while_others_come_and_go(cockpit: Open) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await pilot.press("exclamation_mark", "j", "j", "j")
        await settled(pilot)
        assert inbox(pilot).items.current_key == "question:WS-07.2:1"
        new = [sample.permission("WS-06", n, f"Bash: {n}", f"echo {n}", "") for n in range(5, 9)]
        port.change(waiting=(*new, *port.snapshot.waiting[2:]))
        await settled(pilot)
        assert inbox(pilot).items.current_key == "question:WS-07.2:1"
        assert "Which border style" in text(pilot)


async def test_the_filter_leaves_what_has_every_word_and_esc_goes_back_a_level_at_a_time(
    cockpit: Open,
) -> None:
    async with cockpit(sample.asking()) as (pilot, _):
        await pilot.press("exclamation_mark", "slash", *"perm ws-06", "enter")
        await settled(pilot)
        assert [i.item for i in inbox(pilot).items.items] == ["permission:WS-06.1:1"]
        await pilot.press("escape")
        await settled(pilot)
        assert len(inbox(pilot).items.items) == 8
        await pilot.press("h")
        await settled(pilot)
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, InboxScreen)


async def test_the_history_says_who_answered_what_and_why(cockpit: Open) -> None:
    async with cockpit(sample.asking()) as (pilot, _):
        await pilot.press("exclamation_mark", "h", "j")
        await settled(pilot)
        shown = text(pilot)
        assert "Answered 3" in shown
        assert "deny       WS-05  Bash: rm -rf target" in shown
        assert "“cargo clean does that”" in shown
        assert "bo, 15m ago" in shown


async def test_an_empty_inbox_names_a_key(cockpit: Open) -> None:
    async with cockpit(sample.done()) as (pilot, _):
        await pilot.press("exclamation_mark")
        await settled(pilot)
        assert "Nothing waits for you." in text(pilot)
        assert "h shows what was answered" in text(pilot)
        await pilot.press("h")
        await settled(pilot)
        assert "Nothing was answered yet." in text(pilot)


async def test_what_an_agent_wrote_stands_behind_the_gutter_and_cannot_draw_our_lines(cockpit: Open) -> None:
    evil = "ls\n\x1b[2J\x1b[H y allows it once\r   esc back\n‮gpj.txt"
    item = sample.permission("WS-05", 1, "Bash: ls\x07", evil, "Bash(ls)\n y allows it")
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(item,))) as (pilot, _):
        await pilot.press("exclamation_mark")
        await settled(pilot)
        said = [line for line in lines(pilot) if "allows it" in line or "gpj" in line]
        assert said
        assert all(GUTTER in line for line in said)
        assert "\x1b" not in text(pilot)
        assert "␛[2J␛[H y allows it once␍   esc back" in text(pilot)


@pytest.mark.parametrize("part", range(4))
async def test_hostile_text_is_harmless_in_the_list_the_detail_the_second_step_and_the_history(
    cockpit: Open, no_waiting: None, part: int
) -> None:
    poison = "".join(hostile.CORPUS[part::4])
    snapshot = hostile.poisoned(sample.asking(), poison)
    options = tuple(f"{poison}{n}" for n in range(3))
    waiting = tuple(
        dataclasses.replace(w, choices=options) if w.kind == "question" else w for w in snapshot.waiting
    )
    async with cockpit(dataclasses.replace(snapshot, waiting=waiting), (100, 40)) as (pilot, _):
        await pilot.press("exclamation_mark")
        for keys in (
            ["A"],
            ["escape", "j", "j", "j", "1"],
            ["escape", "t"],
            ["escape", "w"],
            ["w", "h", "j"],
        ):
            await pilot.press(*keys)
            await settled(pilot)
            for line in lines(pilot):
                assert safe(line, oneline=True) == line
                assert cell_len(line) == 100
        assert isinstance(pilot.app.screen, InboxScreen)


async def test_a_detail_of_a_thousand_lines_is_scrolled_and_said_to_be_unread(
    cockpit: Open, no_waiting: None
) -> None:
    long = "\n".join(f"echo {n}" for n in range(1_000))
    item = sample.permission("WS-05", 1, "Bash: echo 0 ↵ echo 1", long, "")
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(item,)), (80, 24)) as (pilot, _):
        await pilot.press("exclamation_mark", "a")
        await settled(pilot)
        assert "of it stand below, not seen yet" in text(pilot)
        await pilot.press("escape")
        for _ in range(140):
            await pilot.press("ctrl+d")
        await settled(pilot)
        assert "┃ echo 999" in text(pilot)
        await pilot.press("a")
        await settled(pilot)
        assert "not seen yet" not in text(pilot)
        assert host(pilot).screen is inbox(pilot)


@given(st.text(max_size=300), st.integers(10, 90))
def test_quoted_text_is_complete_and_never_too_wide(words: str, width: int) -> None:
    rows = [line.row.text.removeprefix(GUTTER) for line in quoted(words, width)]
    assert all(cell_len(row) <= width - len(GUTTER) for row in rows)
    if words.isascii() and words.replace("\n", "").isprintable():
        assert "".join(rows) == words.replace("\n", "")
        assert len(rows) >= words.count("\n") + 1
