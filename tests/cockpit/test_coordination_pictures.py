"""Screens of coordination as pictures at the three sizes people have; the clock stands still."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sample_coordination
from piloting import Open, host, settled

from locust_tui.app import CockpitApp
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]
sizes = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())


@sizes
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("main", []),
        ("messages", ["m", "j", "j"]),
        ("reply", ["m", "j", "j", "r"]),
        ("memory", ["M"]),
        ("history", ["M", "G", "h"]),
        ("alerts", ["b"]),
        ("dashboard", ["d"]),
        ("orchestrator", ["1", "g", "j", "j", "j", "j", "j", "j", "enter"]),
        ("escalation", ["exclamation_mark"]),
        ("decide", ["exclamation_mark", "t", *"split it"]),
    ],
)
async def test_screens(
    cockpit: Open, same_picture: Same, no_waiting: None, size: tuple[int, int], name: str, keys: list[str]
) -> None:
    async with cockpit(sample_coordination.coordinating(), size) as (pilot, port):
        for monitor in port.snapshot.monitors:
            port.readings[monitor.name] = sample_coordination.reading(monitor.name)  # type: ignore[assignment]
        port.versions["perf/baseline"] = sample_coordination.versions("perf/baseline")
        for key in keys:
            await pilot.press(key)
        await settled(pilot)
        same_picture(host(pilot), f"{name}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("name", ["m", "d"])
async def test_in_ascii(cockpit: Open, same_picture: Same, name: str) -> None:
    use_ascii(True)
    async with cockpit(sample_coordination.coordinating(), (80, 24)) as (pilot, port):
        port.readings["main"] = sample_coordination.reading("main")  # type: ignore[assignment]
        await pilot.press(name)
        await settled(pilot)
        same_picture(host(pilot), f"ascii-{name}")
