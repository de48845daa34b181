"""The timeline's screen: what it shows of a plan that slips, its keys, how often it asks."""

from __future__ import annotations

import asyncio
import time

import pytest
import sample
from fake_port import FakePort
from piloting import Open, lines, looked, opened, settled, tell, text
from textual.pilot import Pilot

import slipping_plan as told
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.snapshot import ForecastView, GateForecast
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import ProjectStatus, WorkstreamStatus, World
from locust_tui.screens.gate import GateScreen
from locust_tui.screens.timeline import TimelineScreen
from locust_tui.screens.workstream import WorkstreamScreen
from locust_tui.widgets.charset import use_ascii

FORECAST = ForecastView(13.4, 14.6, 15.3, 8.0, gates=(GateForecast("g2", 7.6, 8.4, 6),))


def slipping(port: FakePort) -> None:
    """`port` tells of the slipping plan, with a forecast, from now on."""
    tell(port, told.slipping_plan(), told.world())
    port.change(forecast=FORECAST)


def row_of(pilot: Pilot[None], id: str) -> str:
    return next(line for line in lines(pilot) if f" {id} " in line[:40])


async def test_eighty_columns_tell_where_everything_stands(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        said = text(pilot)
        for words in (
            "Timeline", "wk 6.", "P50 13.4, P85 14.6", "window 8–12", "by orchestrator", "core", "4 of 4 workstreams done",
            "planned", "weeks 1–2", "Mon 3 Nov – Fri 14 Nov", "took", "days after plan", "moves", "of later starts",
        ):  # fmt: skip
            assert words in said, words
        assert all(len(line) == 80 for line in lines(pilot))
        assert "█" in row_of(pilot, "WS-01")
        critical, slack = row_of(pilot, "WS-08"), row_of(pilot, "WS-06")
        assert "critical" in critical
        assert "▶" in critical
        assert "━" in critical
        assert "0.7 wk" in slack
        assert "·" in slack
        assert "]" in slack  # its planned end, and work beyond it


async def test_gates_and_the_end_have_diamonds_a_band_and_words(cockpit: Open) -> None:
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        await pilot.press("G")
        await settled(pilot)
        gate, end = row_of(pilot, "gate g2"), row_of(pilot, "end of the plan")
        assert "◇" in gate
        assert "◆" in gate
        assert "late " in gate
        assert "├" in gate
        assert "├┄" in end
        assert "◆" in end
        said = text(pilot)
        for words in ("The end of the plan", "P50 wk 13.4, P85 wk 14.6", "ready frontier", "path"):
            assert words in said, words


async def test_the_critical_path_can_stand_alone_and_the_filter_narrows(cockpit: Open) -> None:
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        await pilot.press("c")
        await settled(pilot)
        shown = [row.bar for row in screen.gantt.items if row.bar is not None]
        assert shown
        assert all(bar.critical or bar.driving for bar in shown)
        assert all(not bar.done for bar in shown)
        await pilot.press("c", "slash", *"theme", "enter")
        await settled(pilot)
        assert [row.bar.id for row in screen.gantt.items if row.bar is not None] == ["WS-10"]
        await pilot.press("escape")
        await settled(pilot)
        assert len([row for row in screen.gantt.items if row.bar is not None]) == 15


async def test_rows_are_grouped_and_sorted_in_three_and_four_ways(cockpit: Open) -> None:
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        heads = [row.name for row in screen.gantt.items if not row.key]
        assert heads == ["core", "plugins", "integration", "Gates and milestones"]
        await pilot.press("v")
        await settled(pilot)
        assert "by phase" in text(pilot)
        keys = [row.key for row in screen.gantt.items]
        assert keys.index("g1") == keys.index("WS-04") + 1
        await pilot.press("v", "s")
        await settled(pilot)
        bars = [row.bar for row in screen.gantt.items if row.bar is not None]
        starts = [(bar.actual or bar.expected or bar.planned).start for bar in bars]  # type: ignore[union-attr]
        assert starts == sorted(starts)
        await pilot.press("s")
        await settled(pilot)
        left = [row.bar for row in screen.gantt.items if row.bar is not None and not row.bar.done]
        floats = [bar.float_weeks for bar in left if bar.float_weeks is not None]
        assert floats == sorted(floats)


async def test_time_is_zoomed_and_moved_and_everything_comes_back(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        whole = screen.gantt.scale
        await pilot.press("plus", "plus")
        await settled(pilot)
        near = screen.gantt.scale
        assert near.per_week == pytest.approx(4 * whole.per_week)
        assert screen.study.value is not None
        assert near.left < (screen.study.value.now or 0.0) < near.right
        assert "←" in row_of(pilot, "WS-01")
        await pilot.press("left", "left")
        assert screen.gantt.scale.left < near.left
        for _ in range(30):
            screen.action_pan(-1)
        assert screen.gantt.scale.left == whole.left
        await pilot.press("t")
        now = screen.study.value.now or 0.0
        assert screen.gantt.scale.left < now < screen.gantt.scale.right
        for _ in range(5):
            screen.action_zoom(1)
        await settled(pilot)
        assert "Thu 18 Dec" in lines(pilot)[1] + lines(pilot)[2]
        await pilot.press("0")
        assert screen.gantt.scale == whole


async def test_gates_count_in_floats_or_not(cockpit: Open) -> None:
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        assert screen.study.value is not None
        before = screen.study.value.bar("WS-11")
        await pilot.press("x")
        await looked(pilot)
        after = screen.study.value.bar("WS-11")
        assert before is not None
        assert after is not None
        assert (after.float_weeks or 0.0) > (before.float_weeks or 0.0)
        assert after.float_weeks == pytest.approx(before.needs_float)
        assert "without gates" in text(pilot)


async def test_a_workstream_and_a_gate_open_from_it(cockpit: Open) -> None:
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        await pilot.press("j", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, WorkstreamScreen)
        await pilot.press("escape")
        screen.gantt.select_key("g1")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, GateScreen)
        await pilot.press("escape", "T")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, TimelineScreen)


async def test_it_waits_for_what_it_asked_and_asks_again_when_the_record_went_on(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        slipping(port)
        answer, asked = asyncio.Event(), 0
        study = port.studies.timeline

        async def slow(**how: object) -> object:
            nonlocal asked
            asked += 1
            await answer.wait()
            return await study(**how)  # type: ignore[arg-type]

        monkeypatch.setattr(port.studies, "timeline", slow)
        await pilot.press("T")
        await settled(pilot)
        assert "⋯ computing" in text(pilot)
        for _ in range(5):
            port.change()
            await settled(pilot)
        assert asked == 1
        answer.set()
        screen = pilot.app.screen
        assert isinstance(screen, TimelineScreen)
        await looked(pilot)
        screen.study.ask_anew()
        port.change()
        while asked < 2:
            await settled(pilot)


BUILT = WorkstreamStatus(
    "build", WorkstreamState.ACCEPTED, first_started=sample.NOW - 900, accepted_at=sample.NOW - 300
)


async def test_a_plan_without_dates_shows_what_happened(cockpit: Open) -> None:
    works = {"build": Workstream("build", "build"), "docs": Workstream("docs", "docs")}
    so_far = World(
        workstreams={
            "build": BUILT,
            "docs": WorkstreamStatus("docs", WorkstreamState.RUNNING, first_started=sample.NOW - 240),
        }
    )
    so_far.project = ProjectStatus(started=sample.NOW - 1000)
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, Plan(Project("p", "p"), works), so_far)
        await opened(pilot, "T", TimelineScreen)
        said = text(pilot)
        assert "no dates in the plan" in said
        assert row_of(pilot, "build").count("█") > row_of(pilot, "docs").count("█") > 5
        assert "14:17:00 – 14:27:00" in said


async def test_times_of_day_are_those_of_the_clock_here(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = {"build": Workstream("build", "build")}
    so_far = World(workstreams={"build": BUILT})
    so_far.project = ProjectStatus(started=sample.NOW - 1000)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        async with cockpit(size=(80, 24)) as (pilot, port):
            tell(port, Plan(Project("p", "p"), works), so_far)
            await opened(pilot, "T", TimelineScreen)
            said = text(pilot)
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
    assert "19:47:00 – 19:57:00" in said


async def test_a_plan_without_work_says_how_to_get_some(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, Plan(Project("p", "p"), {}), World())
        await opened(pilot, "T", TimelineScreen)
        assert "The plan has no workstreams." in text(pilot)
        await pilot.press("plus", "left", "t", "s", "v", "enter", "x")
        await settled(pilot)


async def test_in_ascii_every_sign_has_a_stand_in(cockpit: Open) -> None:
    use_ascii(True)
    async with cockpit(size=(120, 40)) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        said = text(pilot)
        assert said.isascii()
        assert "#" in row_of(pilot, "WS-01")
        assert "=" in row_of(pilot, "WS-08")


@pytest.mark.parametrize("size", [(60, 20), (200, 60)])
async def test_it_fits_any_screen(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port):
        slipping(port)
        screen = await opened(pilot, "T", TimelineScreen)
        await pilot.press("G", "plus", "right", "slash", "g", "escape", "question_mark", "escape")
        await settled(pilot)
        assert screen.gantt.inner_width < size[0]
        assert all(len(line) == size[0] for line in lines(pilot))
