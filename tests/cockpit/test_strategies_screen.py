"""What-if in the cockpit: side by side, several together, applied and taken back in two steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_port import FakePort
from piloting import Open, lines, looked, opened, settled, text, until
from rich.cells import cell_len
from strategies_ground import plan, tell_strategies, world
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import ApplyStrategy, UndoStrategy
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.world import World
from locust_tui.errors import RefusedError
from locust_tui.screens.asking import AskScreen
from locust_tui.screens.strategies import StrategiesScreen


@pytest.fixture(autouse=True)
def as_ana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_tui.screens.strategies.user_name", lambda: "ana")


async def strategies(pilot: Pilot[None], port: FakePort, *keys: str) -> StrategiesScreen:
    tell_strategies(port)
    return await opened(pilot, "S", StrategiesScreen, *keys)


async def test_each_strategy_stands_beside_the_plan_as_it_is(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        screen = await strategies(pilot, port)
        assert screen.study.value is not None
        assert [p.id for p in screen.study.value.previews] == [
            "hands",
            "plain",
            "rough",
            "hire",
            "fast-track",
        ]
        said = text(pilot)
        for words in ("now", "7.0", "4.9", "2.1", "saves 2.1 weeks", "mast: has float (1.0 weeks)", "+$"):
            assert words in said, words
        assert "applied: 1 hire by ana, 1h ago" in said


async def test_its_diff_of_the_plan_file_is_one_scroll_away(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        await strategies(pilot, port, "j", "ctrl+d", "ctrl+d")
        said = text(pilot)
        assert "+++ b/harbour.plan.yaml" in said
        assert "defer: spring" in said


async def test_marked_ones_are_seen_together(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        screen = await strategies(pilot, port, "space", "G", "space")
        await looked(pilot)
        assert screen.study.value is not None
        assert screen.study.value.previews[-1].ids == ("hands", "fast-track")
        assert "hands + fast-track" in text(pilot)
        await pilot.press("space")
        await looked(pilot)
        assert len(screen.study.value.previews) == 5


async def test_one_is_applied_in_two_steps_with_a_note_and_what_was_seen(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        screen = await strategies(pilot, port, "a")
        assert isinstance(pilot.app.screen, AskScreen)
        assert "saves 2.1 weeks" in text(pilot)
        shown = screen.current
        assert shown is not None
        await pilot.press("enter", *"apply", "enter")
        assert "note is missing" in text(pilot)
        assert not port.asked
        before = screen.study.value
        await pilot.press("escape", "a", *"late", "enter", *"apply", "enter")
        await settled(pilot)
        assert port.asked == [ApplyStrategy(("hands",), "late", shown.digest, "ana")]
        assert "hands is applied, recorded as ana" in text(pilot)
        port.change()
        await until(pilot, lambda: screen.study.value is not before)  # what was shown is of the plan before


async def test_the_last_one_is_taken_back_in_two_steps(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        await strategies(pilot, port, "z")
        assert "the very bytes" in text(pilot)
        port.data = {"stays": ["begun since, and going on: ribs"]}
        await pilot.press(*"no", "enter", *"undo", "enter")
        await settled(pilot)
        assert port.asked == [UndoStrategy("1", "no", "ana")]
        assert "going on: ribs" in text(pilot)


async def test_what_the_worker_refuses_is_said(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        await strategies(pilot, port, "z")
        port.refusal = RefusedError("strategy 1 stays: harbour.plan.yaml was changed since")
        await pilot.press("enter", *"undo", "enter")
        await settled(pilot)
        assert "strategy 1 stays" in text(pilot)


async def test_nothing_is_asked_where_nothing_can_be_done(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        tell_strategies(port, replace(plan(), strategies=()), world(applied=False))
        await pilot.press("S")
        await looked(pilot)
        await pilot.press("z")
        assert "no strategy is applied" in text(pilot)
        port.show(Link(LinkState.GONE))
        await settled(pilot)
        await pilot.press("a")
        assert "no worker runs" in text(pilot)
        assert not port.asked


async def test_a_plan_that_cannot_be_read_says_so(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        port.ground = None
        await pilot.press("S")
        await settled(pilot)
        assert "there is no plan that can be read" in text(pilot)
        await pilot.press("S")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, StrategiesScreen)


@pytest.mark.parametrize("size", [(60, 20), (100, 30)])
async def test_it_keeps_within_its_width(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port):
        await strategies(pilot, port)
        assert all(cell_len(line) == size[0] for line in lines(pilot))
        assert "fast-track" in text(pilot)


async def test_a_plan_without_dates_tells_no_finish_and_says_why(cockpit: Open) -> None:
    works = {
        "build": Workstream("build", "Build"),
        "docs": Workstream("docs", "Docs"),
    }
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell_strategies(port, Plan(Project("p", "p"), works), World())
        await pilot.press("S")
        await looked(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, StrategiesScreen)
        assert screen.study.value is not None
        assert screen.study.value.now.weeks is None
        assert "No finish can be told: no dates in the plan." in text(pilot)


async def test_a_strategy_that_is_called_as_its_kind_is_named_once(cockpit: Open) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        await strategies(pilot, port, "G")
        said = text(pilot)
        assert " fast-track Fast" in said
        assert "· fast-track" not in said
