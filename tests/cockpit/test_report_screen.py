"""The report's preview: what it says, week by week, keeping it as a file, how often it asks; and how it looks."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from forecast_ground import on_record
from piloting import Open, host, looked, settled, text, until
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.domain.studies.report import ReportGround
from locust_tui.errors import NotFoundError
from locust_tui.screens.report import ReportScreen
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]


async def read(pilot: Pilot[None]) -> ReportScreen:
    """The screen, once it shows what it asked for."""
    await looked(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, ReportScreen)
    return screen


def pane(pilot: Pilot[None]) -> str:
    """The lines of the report's own pane; what the cockpit says below it left out."""
    return "\n".join(line for line in text(pilot).splitlines() if line.startswith("│"))


async def test_it_reads_as_it_would_be_sent_and_goes_back_by_weeks(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(120, 300)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("P")
        screen = await read(pilot)
        assert screen.report is not None
        week = screen.report.week
        assert f"Report of week {week} as it stands" in text(pilot)
        for words in ("Overall Progress", "Domain Status", "Risk Register", "Forecast", "Schedule", "Basis"):
            assert words in text(pilot), words
        await pilot.press("left")
        await read(pilot)
        assert f"Report of week {week - 1} as it stood at the end of week {week - 1}" in text(pilot)
        await pilot.press("right")
        await read(pilot)
        assert screen.week is None
        assert f"Report of week {week} as it stands" in text(pilot)
        await pilot.press("right")
        await settled(pilot)
        assert "this is the present week" in text(pilot)


async def test_it_is_kept_as_a_file_and_says_where(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(160, 40)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("P")
        await read(pilot)
        await pilot.press("left")
        screen = await read(pilot)
        for key, kind in (("e", "md"), ("s", "html")):
            assert screen.report is not None
            file = tmp_path / "reports" / f"week-{screen.report.week}.{kind}"
            await pilot.press(key)
            await until(pilot, file.exists)
            await until(pilot, lambda: "kept as" in text(pilot))
            assert file.read_text().startswith("# " if kind == "md" else "<!doctype html>")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            await pilot.press("j")


async def test_what_keeps_it_from_being_made_is_said_as_it_is(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(week: int | None, worker_pid: int | None) -> ReportGround:
        raise NotFoundError("the record is gone")

    async with cockpit(size=(120, 36)) as (pilot, port):
        monkeypatch.setattr(port.studies, "report", gone)
        await settled(pilot)
        await pilot.press("P")
        screen = pilot.app.screen
        assert isinstance(screen, ReportScreen)
        await settled(pilot)
        while not screen.study.trouble:
            await settled(pilot)
        await settled(pilot)
        assert "the record is gone" in pane(pilot)
        assert "locust-tui check" not in pane(pilot)
        assert screen.report is None


async def test_a_past_week_is_asked_for_once(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port), on_record(port, tmp_path):
        asked: list[int | None] = []
        report = port.studies.report

        async def counted(week: int | None, worker_pid: int | None) -> ReportGround:
            asked.append(week)
            return await report(week, worker_pid)

        port.studies.report = counted  # type: ignore[method-assign]
        await pilot.press("P")
        await read(pilot)
        await pilot.press("left")
        screen = await read(pilot)
        past = screen.week
        before = list(asked)
        for _ in range(5):
            port.change()
            await settled(pilot)
        await read(pilot)
        assert asked == before
        assert asked[-1] == past


async def test_without_a_plan_it_says_what_to_do(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        port.ground = None
        await pilot.press("P")
        while "locust-tui check names what is wrong with it" not in pane(pilot):
            await settled(pilot)
        assert "there is no plan that can be read" in pane(pilot)
        await pilot.press("P")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, ReportScreen)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_it_looks(cockpit: Open, same_picture: Same, tmp_path: Path, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("P")
        await read(pilot)
        await pilot.press("left")
        await read(pilot)
        same_picture(host(pilot), f"report-{size[0]}x{size[1]}")


async def test_it_looks_further_down(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("P")
        await read(pilot)
        await pilot.press("left")
        await read(pilot)
        for _ in range(4):
            await pilot.press("ctrl+d")
        same_picture(host(pilot), "report-further-80x24")


async def test_it_looks_in_ascii(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("P")
        await read(pilot)
        await pilot.press("left")
        await read(pilot)
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d")
        same_picture(host(pilot), "report-ascii")
