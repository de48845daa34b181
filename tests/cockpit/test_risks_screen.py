"""The risk register in the cockpit: the map, the list, a risk's watch and history, moving it in two steps."""

from __future__ import annotations

import dataclasses
import re

import pytest
import sample
from fake_port import FakePort
from piloting import Open, host, lines, opened, settled, text
from rich.cells import cell_len
from sample_governing import RISKS, Known, on_pmbok, with_risks
from test_cockpit_pictures import Same, name_of, sizes
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import MoveRisk
from locust_tui.domain.states import RiskState
from locust_tui.screens.asking import AskScreen
from locust_tui.screens.risks import RisksScreen
from locust_tui.widgets.charset import use_ascii
from locust_tui.widgets.risks import map_lines


@pytest.fixture(autouse=True)
def as_ana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_tui.screens.risks.user_name", lambda: "ana")


async def register(pilot: Pilot[None], port: FakePort, *keys: str) -> RisksScreen:
    port.studies = Known()
    return await opened(pilot, "r", RisksScreen, *keys)


def test_every_risk_stands_in_the_cell_of_its_probability_and_impact() -> None:
    rows = [line.row.text for line in map_lines(RISKS, "R3", 70)]
    assert [row.split("│")[0].strip() for row in rows[:3]] == ["high", "medium", "low"]
    cells = [[cell.split()[0] if cell.split() else "" for cell in row.split("│")[1:4]] for row in rows[:3]]
    assert cells == [["R4", "high", "high"], ["low", "R2", "R3"], ["low", "low", "R1"]]
    assert all(cell_len(row) <= 70 for row in rows)


@pytest.mark.parametrize("width", [34, 40, 60, 76, 110, 196])
def test_the_map_keeps_its_columns_at_any_width(width: int) -> None:
    crowd = tuple(dataclasses.replace(RISKS[1], id=f"risk-{n:02}") for n in range(30))
    for risks in (RISKS, crowd, on_pmbok().risks):
        found = [line.row.text for line in map_lines(risks, risks[0].id, width)]
        bars = {tuple(i for i, c in enumerate(row) if c == "│") for row in found[:-1]}
        assert len(bars) == 1
        assert max(map(cell_len, found)) <= width
    told = "".join(line.row.text for line in map_lines(crowd, "risk-07", width))
    assert re.search(r"risk-07( risk-\d\d)* \+2\d|30|risk-07.* \+1\d", told)


async def test_the_highest_score_is_first_with_its_watch_and_all_that_it_went_through(cockpit: Open) -> None:
    async with cockpit(with_risks(), (200, 60)) as (pilot, port):
        screen = await register(pilot, port)
        assert [r.id for r in screen.items.items] == ["R3", "R2", "R1", "R4"]
        said = text(pilot)
        for words in ("1 triggered", "2 open", "1 closed", "5 days exposed", "5 days of 10", "API stability at gate g2",
                      "fail with 3, wanted = 0", "seen in the nightly build", "bo · revision 40"):  # fmt: skip
            assert words in said, words


@pytest.mark.parametrize(
    ("moves", "key", "risk", "state", "word"),
    [
        (1, "t", "R2", RiskState.TRIGGERED, "trigger"),
        (0, "c", "R3", RiskState.CLOSED, "close"),
        (2, "o", "R1", RiskState.OPEN, "reopen"),
    ],
)
async def test_a_risk_is_moved_in_two_steps_with_a_note(
    cockpit: Open, no_waiting: None, moves: int, key: str, risk: str, state: RiskState, word: str
) -> None:
    async with cockpit(with_risks()) as (pilot, port):
        await register(pilot, port, *["j"] * moves, key)
        assert isinstance(pilot.app.screen, AskScreen)
        assert port.asked == []
        await pilot.press(*"seen", "enter", "enter", *word, "enter")
        await settled(pilot)
        assert port.asked == [MoveRisk(risk, state, "seen", "ana")]
        assert isinstance(pilot.app.screen, RisksScreen)
        assert f"{risk} is {state.value}, recorded as ana" in text(pilot)


async def test_what_is_so_already_is_not_asked_for(cockpit: Open) -> None:
    async with cockpit(with_risks()) as (pilot, port):
        await register(pilot, port, "t")
        assert "R3 is triggered already" in text(pilot)
        port.show(Link(LinkState.GONE))
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert "no worker runs" in text(pilot)
        assert port.asked == []


async def test_a_register_without_risks_says_how_one_is_added(cockpit: Open) -> None:
    async with cockpit(dataclasses.replace(sample.running(), risks=())) as (pilot, port):
        await register(pilot, port)
        assert "risks: [{id: R1" in text(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, RisksScreen)


async def test_the_filter_keeps_the_map_whole(cockpit: Open) -> None:
    async with cockpit(with_risks()) as (pilot, port):
        screen = await register(pilot, port, "slash", *"docu", "enter")
        assert [r.id for r in screen.items.items] == ["R4"]
        assert "R3" in text(pilot)


async def test_history_is_asked_once_for_each_risk_while_nothing_moves(cockpit: Open) -> None:
    async with cockpit(with_risks()) as (pilot, port):
        await register(pilot, port, "j")
        for _ in range(3):
            port.change(progress=50.0)
            await settled(pilot)
        assert port.studies.asked == ["R3", "R2"]


@sizes
async def test_risks_picture(cockpit: Open, same_picture: Same, size: tuple[int, int]) -> None:
    async with cockpit(with_risks(), size) as (pilot, port):
        await register(pilot, port)
        same_picture(host(pilot), f"levels-{name_of(size)}")


async def test_the_wider_scale(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(on_pmbok(), (120, 36)) as (pilot, port):
        await register(pilot, port)
        same_picture(host(pilot), "pmbok-120x36")


async def test_risks_in_ascii(cockpit: Open, same_picture: Same) -> None:
    use_ascii(True)
    async with cockpit(with_risks(), (80, 24)) as (pilot, port):
        await register(pilot, port)
        assert all(line.isascii() for line in lines(pilot))
        same_picture(host(pilot), "ascii")
