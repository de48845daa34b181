"""While you were away: told once, only where something happened, and no key is taken from who types at once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sample_record
from fake_port import FakePort
from piloting import host, settled, text
from sample_record import LEFT, NOW, Reader
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.client import away
from locust_tui.client.away import Attendance, Seen, last_seen, remember
from locust_tui.client.seen import seen_path
from locust_tui.domain.states import WorkstreamState
from locust_tui.screens import away as panel
from locust_tui.screens.away import GUARD_S
from locust_tui.screens.differences import DifferencesScreen
from locust_tui.screens.gate import GateScreen
from locust_tui.screens.inbox import InboxScreen
from locust_tui.widgets.charset import use_ascii
from project import Project, until
from terminal import Terminal, ready

Same = Callable[[CockpitApp, str], None]
SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
STARTED = sample_record.moment("05T09:00")
AWAY = "While you were away"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "store.sqlite"
    asyncio.run(sample_record.write(path))
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The half second that keys are left alone is over."""
    monkeypatch.setattr(panel, "GUARD_S", 0.0)


@asynccontextmanager
async def coming_back(
    record: Path, path: Path, seen: Seen | None, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[Pilot[None], FakePort]]:
    """The cockpit of somebody who had `seen` so much."""
    if seen is not None:
        remember(path, seen)
    port = FakePort(sample_record.present(record))
    port.record = Reader(record)
    app = CockpitApp(port, clock=lambda: NOW, hertz=1_000, attendance=Attendance(path, lambda: NOW))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for _ in range(3):
            work = [t for t in app._tasks if "_take_in" not in repr(t)]
            if work:
                await asyncio.wait(work)
        await settled(pilot)
        yield pilot, port


def seen_then(revision: int = 24, at: float = LEFT) -> Seen:
    return Seen(revision, at, STARTED)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_pictures(record: Path, tmp_path: Path, same_picture: Same, size: tuple[int, int]) -> None:
    async with coming_back(record, tmp_path / "seen", seen_then(), size) as (pilot, _):
        same_picture(host(pilot), f"away-{size[0]}x{size[1]}")


async def test_in_ascii(record: Path, tmp_path: Path, same_picture: Same) -> None:
    use_ascii(True)
    async with coming_back(record, tmp_path / "seen", seen_then(), (80, 24)) as (pilot, _):
        same_picture(host(pilot), "ascii")
        assert text(pilot).isascii()


async def test_it_tells_what_changed_and_any_key_closes_it(record: Path, tmp_path: Path, quick: None) -> None:
    async with coming_back(record, tmp_path / "seen", seen_then()) as (pilot, port):
        shown = text(pilot)
        assert f"{AWAY} 8d" in shown
        assert "g1 Keel to rigging  not due → go, by ana: fine" in shown
        assert "mast Step the mast  planned → running" in shown
        assert "by bo: workstream sails: name" in shown
        assert "keel Lay" not in shown.partition("Orchestrators")[0]
        await pilot.press("x")  # would ask to cancel
        await settled(pilot)
        assert AWAY not in text(pilot)
        assert len(host(pilot).screen_stack) == 1
        assert port.asked == []
        await pilot.press("o")
        await settled(pilot)
        assert len(host(pilot).screen_stack) == 2


async def test_a_digit_leads_to_its_change_and_the_inbox_is_a_key_away(
    record: Path, tmp_path: Path, quick: None
) -> None:
    for key, screen in (("1", GateScreen), ("exclamation_mark", InboxScreen), ("enter", DifferencesScreen)):
        async with coming_back(record, tmp_path / key, seen_then()) as (pilot, _):
            await pilot.press(key)
            await settled(pilot)
            assert isinstance(host(pilot).screen, screen)
            await pilot.press("escape")
            await settled(pilot)
            assert AWAY not in text(pilot)


async def test_a_key_in_the_first_half_second_does_what_it_always_does(record: Path, tmp_path: Path) -> None:
    async with coming_back(record, tmp_path / "seen", seen_then()) as (pilot, _):
        host(pilot).main.away.wait_again()
        await pilot.press("o")
        await settled(pilot)
        assert len(host(pilot).screen_stack) == 2
        await pilot.press("escape")
        await settled(pilot)
        assert AWAY in text(pilot)


@pytest.mark.parametrize(
    "seen",
    [
        None,
        Seen(35, LEFT, STARTED),
        Seen(99, LEFT, STARTED),
        Seen(24, LEFT, STARTED - 1),
        Seen(34, NOW - 5, STARTED),
    ],
    ids=["never", "nothing", "beyond", "another record", "a moment"],
)
async def test_it_is_not_shown_where_nothing_happened(
    record: Path, tmp_path: Path, seen: Seen | None
) -> None:
    path = tmp_path / "seen"
    async with coming_back(record, path, seen) as (pilot, _):
        assert AWAY not in text(pilot)
    assert last_seen(path) == Seen(35, NOW, STARTED)  # how far this one came


def test_what_was_seen_is_this_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "seen.json"
    remember(path, Seen(7, 1.5, None))
    assert last_seen(path) == Seen(7, 1.5, None)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["seen.json"]
    for rubbish in ("", "[]", '{"revision": "x"}', '{"revision": 1, "at": null, "started": 1}'):
        path.write_text(rubbish)
        assert last_seen(path) is None


def test_it_is_written_now_and_then_not_at_every_snapshot(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = sample_record.present(record)
    attendance = Attendance(tmp_path / "seen", lambda: NOW)
    attendance.write()
    assert last_seen(tmp_path / "seen") is None  # nothing was on a screen
    assert attendance.saw(snapshot)
    attendance.write()
    assert not attendance.saw(snapshot)
    monkeypatch.setattr(away, "EVERY_S", 0.0)
    assert attendance.saw(snapshot)
    (tmp_path / "file").write_text("")
    full = Attendance(tmp_path / "file" / "seen", lambda: NOW)
    full.saw(snapshot)
    full.write()  # where it cannot be kept, nothing breaks


PLAN = """\
project: P
workstreams:
  a: {run: "true"}
  b: {needs: a, run: "until [ -e end ]; do sleep 0.02; done; exit 3"}
gates:
  ship: {needs: [b], criteria: [{manual: Ready?}]}
"""


@pytest.mark.fault(63, "the cockpit of a real plan gets SIGHUP and SIGKILL")
@pytest.mark.parametrize("leaving", ["hangup", "killed"])
def test_detached_and_back_again_it_says_what_failed(tmp_path: Path, leaving: str) -> None:
    project = Project(tmp_path / "plan")
    project.write(PLAN)
    path = seen_path(project.folder)
    try:
        project.up()
        project.reaches(lambda w: w.workstream("b").state is WorkstreamState.RUNNING)
        with Terminal(str(project.plan), script="real_cockpit.py", columns=100, rows=32) as terminal:
            assert AWAY not in terminal.until(ready)
            if leaving == "killed":
                until(lambda: last_seen(path), what="the first note of what was seen")
                os.kill(terminal.pid, signal.SIGKILL)
            else:
                os.kill(terminal.pid, signal.SIGHUP)
            assert terminal.ended() == {"hangup": 129, "killed": 137}[leaving]
        seen = json.loads(path.read_text())
        assert 0 < seen["revision"] <= project.world().revision
        (project.path / "end").touch()
        project.reaches(lambda w: w.workstream("b").state is WorkstreamState.FAILED)
        with Terminal(str(project.plan), script="real_cockpit.py", columns=100, rows=32) as terminal:
            terminal.until(lambda now: AWAY in now and "b  running → failed: exit code 3" in now)
            terminal.quiet(GUARD_S + 0.2)
            terminal.send(b"z")
            terminal.until(lambda now: AWAY not in now)
            terminal.send(b"q")
            assert terminal.ended() == 0
        assert json.loads(path.read_text())["revision"] > seen["revision"]  # q keeps it too
    finally:
        project.end()
