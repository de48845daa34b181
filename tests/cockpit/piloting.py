"""What tests of the cockpit do with an opened one: wait until it is drawn, and read its screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fake_port import FakePort
from textual.pilot import Pilot

from locust_tui.app import CockpitApp

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[None], FakePort]]]


async def settled(pilot: Pilot[None]) -> None:
    """Everything that was asked for is drawn: no task of the host is under way but the intake."""
    await pilot.pause()
    await pilot.pause()


def host(pilot: Pilot[None]) -> CockpitApp:
    assert isinstance(pilot.app, CockpitApp)
    return pilot.app


def lines(pilot: Pilot[None]) -> list[str]:
    """The screen as text, one string a line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(s.text for s in strip).ljust(width) for strip in strips[:height]]


def text(pilot: Pilot[None]) -> str:
    return "\n".join(lines(pilot))
