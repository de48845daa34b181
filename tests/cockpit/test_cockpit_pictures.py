"""The screens as pictures at the three sizes people have; the clock stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sample
from live import write_log
from piloting import Open, host, settled

from locust_tui.app import CockpitApp
from locust_tui.client.port import Link, LinkState
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]
sizes = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())


def name_of(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@sizes
@pytest.mark.parametrize("kind", ["running", "not_started", "held_error", "done", "spending"])
async def test_main_screen(
    cockpit: Open, same_picture: Same, tmp_path: Path, size: tuple[int, int], kind: str
) -> None:
    logs = write_log(tmp_path) if kind != "not_started" else {}
    async with cockpit(getattr(sample, kind)(), size, logs=logs) as (pilot, _):
        same_picture(host(pilot), f"{kind}-{name_of(size)}")


@pytest.mark.parametrize("key", ["1", "3", "4", "5"])
async def test_each_pane_alone_where_room_is_scarce(
    cockpit: Open, same_picture: Same, tmp_path: Path, key: str
) -> None:
    async with cockpit(size=(80, 24), logs=write_log(tmp_path)) as (pilot, _):
        await pilot.press(key)
        await settled(pilot)
        same_picture(host(pilot), f"pane-{key}")


@sizes
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("gate", ["a"]),
        ("workstream", ["enter"]),
        ("help", ["question_mark"]),
        ("palette", ["colon", *"pause"]),
        ("overview", ["o"]),
        ("why", ["w"]),
        ("cancel", ["x"]),
    ],
)
async def test_screens_over_it(
    cockpit: Open, same_picture: Same, tmp_path: Path, size: tuple[int, int], name: str, keys: list[str]
) -> None:
    async with cockpit(size=size, logs=write_log(tmp_path)) as (pilot, _):
        await pilot.press(*keys)
        await settled(pilot)
        same_picture(host(pilot), f"{name}-{name_of(size)}")


@sizes
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("permission", []),
        ("always", ["A"]),
        ("question", ["j", "j", "j"]),
        ("gate", ["j", "j"]),
        ("history", ["h", "j"]),
    ],
)
async def test_inbox(
    cockpit: Open, same_picture: Same, no_waiting: None, size: tuple[int, int], name: str, keys: list[str]
) -> None:
    async with cockpit(sample.asking(), size) as (pilot, _):
        await pilot.press("exclamation_mark", *keys)
        await settled(pilot)
        same_picture(host(pilot), f"inbox-{name}-{name_of(size)}")


@sizes
async def test_inbox_without_anything(cockpit: Open, same_picture: Same, size: tuple[int, int]) -> None:
    async with cockpit(sample.done(), size) as (pilot, _):
        await pilot.press("exclamation_mark")
        await settled(pilot)
        same_picture(host(pilot), f"inbox-empty-{name_of(size)}")


@sizes
async def test_gate_form(cockpit: Open, same_picture: Same, no_waiting: None, size: tuple[int, int]) -> None:
    async with cockpit(sample.ready_to_go(), size) as (pilot, _):
        await pilot.press("a", "enter", *"looks good", "enter")
        await settled(pilot)
        same_picture(host(pilot), f"go-{name_of(size)}")


async def test_plan_that_waits_for_a_yes(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(sample.held_confirm(), (80, 24)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        same_picture(host(pilot), "plan-change")


@pytest.mark.parametrize("kind", ["held_trust", "never_trusted"])
async def test_plan_that_waits_for_trust(cockpit: Open, same_picture: Same, kind: str) -> None:
    async with cockpit(getattr(sample, kind)(), (80, 24)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        same_picture(host(pilot), kind)


@pytest.mark.parametrize("choice", ["conditional", "kill", "sign", "waive"])
async def test_forms_of_a_gate(cockpit: Open, same_picture: Same, no_waiting: None, choice: str) -> None:
    steps = ["go", "conditional", "hold", "recycle", "kill", "sign", "waive"].index(choice)
    async with cockpit(size=(80, 24)) as (pilot, _):
        await pilot.press("a", *(["j"] * steps), "enter")
        await settled(pilot)
        same_picture(host(pilot), f"form-{choice}")


async def test_overview_without_dates(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(sample.undated(), (80, 24)) as (pilot, _):
        await pilot.press("o")
        await settled(pilot)
        same_picture(host(pilot), "undated")


async def test_worker_gone(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(link=Link(LinkState.GONE, None, "it ended with exit code 1 4s ago")) as (pilot, _):
        same_picture(host(pilot), "worker-gone")


async def test_too_small(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(size=(50, 12)) as (pilot, _):
        same_picture(host(pilot), "too-small")


async def test_ascii(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24), logs=write_log(tmp_path)) as (pilot, _):
        same_picture(host(pilot), "ascii")


async def test_no_colour(
    cockpit: Open, same_picture: Same, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with cockpit(size=(80, 24), logs=write_log(tmp_path)) as (pilot, _):
        same_picture(host(pilot), "no-colour")
