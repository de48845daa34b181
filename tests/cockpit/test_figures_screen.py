"""The screen of figures: what each tab says, what a figure rests on, where it leads, how often it asks."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
import sample
from figures_ground import on_record
from piloting import Open, lines, looked, settled, tell, text

import slipping_plan as told
from locust_tui.client.requests import RecordSuccess
from locust_tui.domain import events as e
from locust_tui.domain.people import Decision, Person
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.domain.studies.figures import Curve, CurvePoint, ScopeChange
from locust_tui.domain.world import World
from locust_tui.screens.asking import AskScreen
from locust_tui.screens.figures import FiguresScreen
from locust_tui.screens.workstream import WorkstreamScreen
from locust_tui.widgets.burn_up import burn_up


async def test_every_tab_says_its_figures(cockpit: Open, tmp_path: Path) -> None:
    wanted = {
        "1": ("far behind", "earned", "planned", "at this rate done in week", "WS-10 deferred, scope 100 → 97", "core Core Framework"),
        "2": ("in progress       1", "cycle time", "throughput", "needs across", "6 of 7", "gates at first", "1 of 1", "WS-06 Command System"),
        "3": ("Workstreams completed per week", "First-pass acceptance", "✓ met", "✗ missed"),
        "4": ("1 of 5 checks met", "✗ Quality", "? Published, 3+ examples", "not released: gate g4", "Community contributions"),
    }  # fmt: skip
    async with cockpit(size=(120, 60)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        for key, words in wanted.items():
            await pilot.press(key)
            await settled(pilot)
            said = text(pilot)
            for word in words:
                assert word in said, (key, word, said)


async def test_enter_shows_what_a_figure_rests_on_and_hides_it_again(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(120, 60)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        await pilot.press("enter")
        await settled(pilot)
        said = text(pilot)
        assert "TCPI" in said
        assert "1 event, revision " in said
        assert "; weights of plan dddddddddddd" in said
        assert "events, revisions" in said
        await pilot.press("enter", "3", "j", "enter")
        await settled(pilot)
        assert "measure: passed_reviews / total_reviews" in text(pilot)
        await pilot.press("1")
        await settled(pilot)
        assert "TCPI" not in text(pilot)


async def test_tabs_turn_and_keep_their_place_and_workstreams_open(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, FiguresScreen)
        await pilot.press("j", "right")
        assert (screen.tab, screen.sheet.chosen) == (1, "work:WS-06")
        await pilot.press("left", "left")
        assert screen.tab == 3
        await pilot.press("right")
        assert (screen.tab, screen.sheet.chosen) == (0, "scope:phase:1")
        await pilot.press("2", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, WorkstreamScreen)
        await pilot.press("escape", "e")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, FiguresScreen)


async def test_after_the_release_it_says_what_is_due_and_how_to_record_it(
    cockpit: Open, tmp_path: Path
) -> None:
    at = told.at_week(6.4)
    released = (
        (at, e.GateMoved("g4", GateState.NOT_DUE, GateState.PENDING)),
        (at, e.GateDecided("g4", Decision(DecisionKind.GO, Person("ana"), at))),
        (at + 60, e.SuccessRecorded("Used by 5+ ratatui projects", True, "7 of them", "by search")),
    )
    async with cockpit(size=(120, 36)) as (pilot, port), on_record(port, tmp_path, *released):
        await pilot.press("e")
        await looked(pilot)
        await pilot.press("4", "G", "enter")
        await settled(pilot)
        said = text(pilot)
    assert "gate g4 Phase 4 completion opened" in said
    assert "◐ Performance maintained across versions" in said
    assert 'locust-tui success record "Performance maintained across versions" met' in said
    assert "recorded" in said
    assert "7 of them" in said


async def test_what_a_person_found_is_recorded_in_their_name(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("locust_tui.screens.record_success.user_name", lambda: "ana")
    async with cockpit(size=(120, 36)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        await pilot.press("4", "r")
        await settled(pilot)
        assert "that is measured" in text(pilot)
        assert port.asked == []
        await pilot.press("G", "r")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AskScreen)
        assert "Compare the benchmarks" in text(pilot)
        await pilot.press("right", "enter", *"1.2 ms", "enter", "enter", "enter", *"record", "enter")
        await settled(pilot)
        assert port.asked == [
            RecordSuccess("Performance maintained across versions", False, "1.2 ms", "", "ana")
        ]
        assert isinstance(pilot.app.screen, FiguresScreen)


async def test_it_asks_no_more_often_than_it_is_worth(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, told.slipping_plan(), World())
        answer, asked = asyncio.Event(), 0
        study = port.studies.figures

        async def slow() -> object:
            nonlocal asked
            asked += 1
            await answer.wait()
            return await study()

        monkeypatch.setattr(port.studies, "figures", slow)
        await pilot.press("e")
        await settled(pilot)
        assert "⋯ computing" in text(pilot)
        answer.set()
        await looked(pilot)
        for _ in range(5):
            port.change(at=sample.NOW)
            await settled(pilot)
        assert asked == 1
        assert "0% planned" in text(pilot)


async def test_a_plan_with_nothing_to_measure_says_what_would_add_it(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell(port, Plan(Project("p", "p"), {"a": Workstream("a", "a")}), World())
        await pilot.press("e")
        await looked(pilot)
        assert "no dates in the plan" in text(pilot)
        for key, words in (("3", "The plan has no kpis."), ("4", "The plan has no success checks.")):
            await pilot.press(key)
            await settled(pilot)
            assert words in text(pilot)
        port.ground = None


async def test_hostile_names_stay_text(cockpit: Open) -> None:
    plan = told.slipping_plan()
    bad = "\x1b[2J[red]mean\u202e"
    kpis = {id: dataclasses.replace(k, name=bad) for id, k in plan.kpis.items()}
    checks = tuple(dataclasses.replace(c, name=bad) for c in plan.success)
    made = dataclasses.replace(plan, kpis=kpis, success=checks, project=Project(bad, bad))
    async with cockpit(size=(120, 36)) as (pilot, port):
        tell(port, made, World())
        await pilot.press("e")
        await looked(pilot)
        for key in "34":
            await pilot.press(key)
            await settled(pilot)
            said = text(pilot)
            assert "[red]mean" in said
            assert not {"\x1b", "\u202e"} & set(said)


@pytest.mark.parametrize("size", [(60, 20), (200, 60)])
async def test_no_line_is_wider_than_the_screen(cockpit: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        for key in "1234":
            await pilot.press(key)
            await settled(pilot)
            assert {len(line) for line in lines(pilot)} == {size[0]}


def test_the_chart_stands_where_its_values_are() -> None:
    points = tuple(CurvePoint(float(k), k * 25.0, k * 50.0 if k <= 2 else None, 100.0) for k in range(5))
    curve = Curve(
        points,
        2.0,
        100.0,
        (ScopeChange(1.0, 7, "a", "deferred", 110.0, 100.0),),
        ((2.0, 100.0), (2.5, 100.0)),
    )
    rows = [row.text for row in burn_up(curve, 47, 4)]  # forty cells
    assert rows[0].startswith("  100 ")
    assert rows[3].startswith("    0 ")
    assert "▇" in rows[0]  # nearly all is earned as week 2 ends
    assert "█" in rows[1]
    assert rows[0].rstrip().endswith("─")
    assert rows[4][6 + 10] == "┬"
    assert rows[4][6 + 20] == "┴"
    assert "now 2" in rows[5]
    assert all(len(row) <= 47 for row in rows)
    assert list(burn_up(Curve((), None, 0.0), 47, 4)) == []
