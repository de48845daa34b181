"""The forecast's screen: what it says, where it leads, how often it asks."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
import sample
from forecast_ground import on_record
from piloting import Open, lines, looked, settled, tell, text

import slipping_plan as told
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.studies.forecast_study import Bins
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World
from locust_tui.screens.forecast import ForecastScreen
from locust_tui.screens.gate import GateScreen
from locust_tui.screens.workstream import WorkstreamScreen
from locust_tui.widgets.forecast_chart import Scale, histogram


async def test_it_says_when_why_and_what_it_rests_on(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(120, 100)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        said = text(pilot)
    for words in (
        "✗ late", "P85 wk ", "window 8–12", "since last week: P85 ", "Gates", "by then",
        "What moves the finish", "its P85 adds", "Week by week", "wk 6", "now", "By throughput",
        "4 finished in 6 weeks", "Rests on",
        "by what 6 finished took over their plan", "WS-05.1", "fewest agents at a time", "10000 runs, seed",
    ):  # fmt: skip
        assert words in said, words


async def test_a_gate_and_a_workstream_open_from_it(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ForecastScreen)
        assert screen.tables.chosen == "gate:g1"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, GateScreen)
        await pilot.press("escape")
        for _ in range(10):
            if screen.tables.chosen.startswith("work:"):
                break
            await pilot.press("j")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, WorkstreamScreen)
        await pilot.press("escape", "F")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, ForecastScreen)


async def test_it_waits_for_what_it_asked_and_asks_no_more_often_than_it_is_worth(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, told.slipping_plan(), World())
        answer, asked = asyncio.Event(), 0
        study = port.studies.forecast

        async def slow() -> object:
            nonlocal asked
            asked += 1
            await answer.wait()
            return await study()

        monkeypatch.setattr(port.studies, "forecast", slow)
        await pilot.press("F")
        await settled(pilot)
        assert "⋯ computing" in text(pilot)
        for _ in range(5):
            port.change(at=sample.NOW)
            await settled(pilot)
        assert asked == 1
        answer.set()
        await looked(pilot)
        for _ in range(5):
            port.change(at=sample.NOW)
            await settled(pilot)
        assert asked == 1


async def test_where_there_is_no_forecast_it_says_why_and_what_to_do(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, Plan(Project("p", "p"), {"a": Workstream("a", "a")}), World())
        await pilot.press("F")
        await looked(pilot)
        said = text(pilot)
    assert "no dates in the plan" in said
    assert "locust-tui check" in said


async def test_without_a_plan_it_says_so(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        port.ground = None
        await pilot.press("F")
        await settled(pilot)
        await settled(pilot)
        assert "there is no plan that can be read" in text(pilot)


async def test_a_finished_plan_is_complete(cockpit: Open) -> None:
    plan = told.slipping_plan()
    world = World(project=ProjectStatus(started=told.START))
    for w in plan.workstreams:
        world.workstreams[w] = WorkstreamStatus(
            w, WorkstreamState.ACCEPTED, first_started=told.START, accepted_at=told.at_week(3)
        )
    world.gates = {g: GateStatus(g, GateState.GO, since=told.at_week(3)) for g in plan.gates}
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, plan, world)
        await pilot.press("F")
        await looked(pilot)
        assert "✓ complete" in text(pilot)
        assert "Gates" not in text(pilot)


async def test_hostile_names_stay_text(cockpit: Open) -> None:
    plan = told.slipping_plan()
    works = {id: dataclasses.replace(w, name="\x1b[2J[red]mean\u202e") for id, w in plan.workstreams.items()}
    async with cockpit(size=(200, 60)) as (pilot, port):
        tell(port, dataclasses.replace(plan, workstreams=works), World())
        await pilot.press("F")
        await looked(pilot)
        said = text(pilot)
    assert "[red]mean" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (130, 30), (200, 60)])
async def test_no_line_is_wider_than_the_screen(cockpit: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        assert {len(line) for line in lines(pilot)} == {size[0]}


def test_a_bar_chart_marks_weeks_where_they_are() -> None:
    bins = Bins(10.0, 0.5, (1, 4, 8, 4, 2, 1))
    rows = [
        row.text for row in histogram(bins, [("P50", 11.5), ("P95", 13.0)], 12.0, 18, 2)
    ]  # three cells a bar
    assert rows[1].strip()  # bars
    ticks = rows[2][2:]
    assert len(ticks) == 18
    assert ticks[8] == "┴"  # the cell that week 11.5 ends
    assert ticks[11] == "┃"
    assert ticks[17] == "┴"
    assert "window ends 12" in "".join(rows[3:])


def test_weeks_on_a_scale_stay_on_it() -> None:
    scale = Scale(8.0, 0.25, 16)
    assert [scale.cell(week) for week in (7.0, 8.1, 8.25, 8.3, 12.0, 99.0)] == [0, 0, 0, 1, 15, 15]
    assert scale.holds(12.0)
    assert not scale.holds(12.1)


async def test_beside_the_tables_the_charts_scroll_on_their_own(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(140, 20)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ForecastScreen)
        assert "Week by week" in text(pilot)
        assert "at least" not in text(pilot)
        await pilot.press("tab", "G")
        assert screen.charts.has_focus
        assert "at least" in text(pilot)
        await pilot.press("tab")
        assert screen.tables.has_focus
