"""The screen of figures as pictures: each tab, at the sizes people have, and in plain ASCII."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from figures_ground import on_record
from piloting import Open, host, looked, settled

from locust_tui.app import CockpitApp
from locust_tui.widgets.charset import use_ascii

Same = Callable[[CockpitApp, str], None]


@pytest.mark.parametrize(
    ("name", "size", "keys"),
    [
        ("earned-80x24", (80, 24), []),
        ("earned-120x36", (120, 36), ["j", "enter"]),
        ("earned-200x60", (200, 60), []),
        ("flow-80x24", (80, 24), ["2"]),
        ("kpis-80x24", (80, 24), ["3", "enter"]),
        ("success-80x24", (80, 24), ["4"]),
        ("success-120x36", (120, 36), ["4", "j", "j", "enter"]),
    ],
)
async def test_figures(
    cockpit: Open, same_picture: Same, tmp_path: Path, name: str, size: tuple[int, int], keys: list[str]
) -> None:
    async with cockpit(size=size) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        for key in keys:
            await pilot.press(key)
        await settled(pilot)
        same_picture(host(pilot), name)


async def test_in_ascii(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("e")
        await looked(pilot)
        same_picture(host(pilot), "earned-ascii")
