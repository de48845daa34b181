"""The cockpit under test: a fixed clock, UTC, its pictures in snapshots/."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sample
from fake_port import FakePort
from piloting import Open, at_rest, settled
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from syrupy.location import PyTestLocation
from textual import app as textual_app
from textual import pilot as textual_pilot
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.domain.snapshot import Snapshot
from locust_tui.screens import away, base, messages, monitors, studying
from locust_tui.widgets import form
from locust_tui.widgets.charset import use_ascii

ROOT = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update_snapshots", default=False) and sys.version_info[:2] != (3, 11):
        raise pytest.UsageError("pictures are drawn with Python 3.11 only: --snapshot-update refuses")


class Picture(SVGImageExtension):
    """SVGs named after the test and kept where a person looks for them."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: str | int = 0) -> str:
        return str(index)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / Path(test_location.filepath).stem)


@pytest.fixture
def same_picture(snapshot: SnapshotAssertion) -> Callable[[CockpitApp, str], None]:
    pictures = snapshot.use_extension(Picture)

    def check(app: CockpitApp, name: str) -> None:
        assert app.export_screenshot(title="locust-tui") == pictures(name=name)

    return check


@pytest.fixture(autouse=True)
def still_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr("locust_tui.screens.gate.user_name", lambda: "ana")
    monkeypatch.setattr("locust_tui.screens.questions.user_name", lambda: "ana")
    monkeypatch.setattr("locust_tui.screens.plan_change.user_name", lambda: "ana")
    monkeypatch.setattr("locust_tui.screens.gate.terminal_name", lambda: "pts/3")
    monkeypatch.setattr("locust_tui.screens.gate.os.getuid", lambda: 1000)
    monkeypatch.setattr("locust_tui.screens.inbox.user_name", lambda: "ana")
    monkeypatch.setattr("locust_tui.screens.inbox.terminal_name", lambda: "pts/3")
    use_ascii(False)
    yield
    use_ascii(False)


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test hangs on how long its own steps take.

    What a person had time to read or to think of, they did not: a test that is about that says so. What a study is worth
    asking for again is worth it after hours. And a key has done what it does at once before there is another: Textual
    waits for the process to be idle, which on a busy machine is no sign of it.
    """
    for room, name in (
        (base, "READ_S"), (base, "SAID_S"), (base, "REFUSED_S"), (messages, "READ_S"), (studying, "LEAST_S"),
        (monitors, "LEAST_S"), (form, "GUARD_S"), (away, "GUARD_S"),
    ):  # fmt: skip
        monkeypatch.setattr(room, name, 10_000.0)
    monkeypatch.setattr(form, "waited", lambda _: 0.0)
    real = textual_pilot.wait_for_idle

    async def idle(*seconds: float) -> None:
        await real(*seconds)
        await at_rest()

    for module in (textual_app, textual_pilot):
        monkeypatch.setattr(module, "wait_for_idle", idle)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-second guards and the pace of a hand are tested on their own; elsewhere keys count at once."""
    monkeypatch.setattr(form, "GUARD_S", 0.0)
    monkeypatch.setattr(form, "HUMAN_PACE_S", 0.0)


@pytest.fixture
def cockpit() -> Open:
    """`async with cockpit(snapshot, size) as (pilot, port)`: the app with its first snapshot drawn."""

    @asynccontextmanager
    async def opened(
        snapshot: Snapshot | None = None,
        size: tuple[int, int] = (120, 36),
        note: tuple[str, str] = ("", ""),
        **fields: Any,
    ) -> AsyncIterator[tuple[Pilot[None], FakePort]]:
        port = FakePort(snapshot or sample.running(), **fields)
        app = CockpitApp(port, clock=lambda: sample.NOW, hertz=1_000, note=note)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            yield pilot, port

    return opened
