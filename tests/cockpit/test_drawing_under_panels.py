"""A panel lies over a screen that lives on: both are drawn, and no more than what changed."""

from __future__ import annotations

import asyncio
import dataclasses
from random import Random
from typing import Any

import pyte
import pytest
from fake_port import FakePort
from piloting import Open, host, settled, until
from textual._compositor import Compositor, CompositorUpdate
from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen

from locust_tui.screens.palette import PaletteScreen

SIZE = (120, 36)
KEYS = ("colon", "a", "g", "escape", "down", "question_mark")


class Terminal:
    """What a terminal shows after all that the app has drawn on it."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._screen = pyte.Screen(*app.size)
        self._draw_on(self._screen, self._anew())
        app._display = self._display  # type: ignore[method-assign]

    @property
    def shown(self) -> list[str]:
        return list(self._screen.display)

    @property
    def due(self) -> list[str]:
        """What it would show if everything were drawn anew now."""
        fresh = pyte.Screen(*self._app.size)
        self._draw_on(fresh, self._anew())
        return list(fresh.display)

    def _display(self, screen: Screen[Any], renderable: object) -> None:
        if isinstance(renderable, CompositorUpdate) and not self._app._batch_count:
            self._draw_on(self._screen, renderable)

    def _draw_on(self, screen: pyte.Screen, update: CompositorUpdate) -> None:
        pyte.Stream(screen).feed(update.render_segments(self._app.console))

    def _anew(self) -> CompositorUpdate:
        compositor = self._app.screen._compositor
        to_draw = compositor._dirty_regions.copy()
        update = compositor.render_update(full=True, screen_stack=self._app._background_screens)
        compositor._dirty_regions.update(to_draw)
        assert isinstance(update, CompositorUpdate)
        return update


def rename(port: FakePort, name: str) -> None:
    first, *others = port.snapshot.workstreams
    port.change(workstreams=(dataclasses.replace(first, name=name), *others))


async def drawn(pilot: Pilot[None]) -> None:
    """All that is in sight is drawn."""
    app = host(pilot)

    def to_draw() -> bool:
        in_sight = (app.screen, *app._background_screens)
        return any(screen._update_timer._active.is_set() for screen in in_sight)

    await settled(pilot)
    await until(pilot, lambda: not to_draw())


@pytest.mark.parametrize("keys", [(), ("colon",), ("colon", *"conf")], ids=["alone", "under", "under words"])
async def test_what_changes_is_drawn_and_no_more(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    async with cockpit(size=SIZE) as (pilot, port):
        await pilot.press(*keys)
        await settled(pilot)
        regions: list[Region] = []
        as_ever = Compositor.render_update

        def render_update(compositor: Compositor, full: bool = False, **more: Any) -> object:
            regions.extend([compositor.size.region] if full else compositor._dirty_regions)
            return as_ever(compositor, full, **more)

        monkeypatch.setattr(Compositor, "render_update", render_update)
        for name in ("Once", "Twice"):
            regions.clear()
            rename(port, name)
            await until(pilot, lambda: bool(regions))
        assert {region.height for region in regions} == {1}


async def test_what_a_panel_has_to_draw_outlives_a_change_under_it(cockpit: Open) -> None:
    """A letter was typed, and before the next frame the screen below has news."""
    async with cockpit(size=SIZE) as (pilot, _):
        await pilot.press("colon")
        await drawn(pilot)
        panel, below = host(pilot).screen, host(pilot).main
        assert isinstance(panel, PaletteScreen)
        terminal = Terminal(host(pilot))
        panel.entry._value = "config"
        panel.entry._set_dirty()
        panel._dirty_widgets.add(panel.entry)
        below.footer._set_dirty()
        below._compositor.update_widgets({below.footer})
        below._compositor_refresh()
        await drawn(pilot)
        assert any("config" in line for line in terminal.shown)
        assert terminal.shown == terminal.due


@pytest.mark.parametrize("seed", range(4))
async def test_a_terminal_shows_what_the_screens_hold(cockpit: Open, seed: int) -> None:
    """Whatever comes between which frames: letters, news, a panel that opens, and goes."""
    random = Random(seed)
    async with cockpit(size=SIZE) as (pilot, port):
        await drawn(pilot)
        terminal = Terminal(host(pilot))
        for number in range(25):
            for _ in range(random.randrange(1, 5)):
                if random.random() < 0.4:
                    rename(port, f"Name {number}")
                else:
                    host(pilot).simulate_key(random.choice(KEYS))
                for _ in range(random.randrange(5)):
                    await asyncio.sleep(0)
            await drawn(pilot)
            assert terminal.shown == terminal.due
