"""Time travel in the cockpit: all of it as it was, no key that steers, and what is otherwise between two moments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sample_record
from fake_port import FakePort
from piloting import host, lines, settled, text
from sample_record import NOW, Reader
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import EvaluateGate
from locust_tui.domain.events import Noted
from locust_tui.domain.people import WORKER
from locust_tui.domain.studies.moments import MarkKind, Moment, TimeAxis
from locust_tui.errors import RefusedError
from locust_tui.screens import history
from locust_tui.screens.commands import COMMANDS
from locust_tui.screens.history import HistoryScreen
from locust_tui.screens.past import LOOKING, PAST
from locust_tui.state.store import Store
from locust_tui.widgets.charset import use_ascii
from locust_tui.widgets.scrubber import ruler_row
from project import eventually

Same = Callable[[CockpitApp, str], None]
SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "store.sqlite"
    asyncio.run(sample_record.write(path))
    return path


@pytest.fixture(autouse=True)
def without_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments are not looked at for long enough to be given one."""
    monkeypatch.setattr(history, "SETTLED_S", 1_000.0)


@pytest.fixture
def with_forecasts(without_forecasts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SETTLED_S", 0.001)


@asynccontextmanager
async def looking_back(
    record: Path, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[Pilot[None], FakePort, HistoryScreen]]:
    """The cockpit, with H pressed and the newest moment shown."""
    port = FakePort(sample_record.present(record))
    port.record = Reader(record)
    app = CockpitApp(port, clock=lambda: NOW, hertz=1_000)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press("H")
        await rested(pilot)
        screen = app.screen
        assert isinstance(screen, HistoryScreen)
        yield pilot, port, screen


async def rested(pilot: Pilot[None]) -> None:
    """The moment that was asked for is shown, with its forecast where it gets one."""
    await settled(pilot)
    settling = getattr(host(pilot).screen, "_settling", None)
    if settling is not None and settling._task is not None and history.SETTLED_S < 1:
        await asyncio.wait([settling._task])
        await settled(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await rested(pilot)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_pictures(
    record: Path, with_forecasts: None, same_picture: Same, size: tuple[int, int]
) -> None:
    async with looking_back(record, size) as (pilot, _, screen):
        screen.go_by_words("ribs failed")
        await rested(pilot)
        same_picture(host(pilot), f"failed-{size[0]}x{size[1]}")
        if size[0] < 200:
            await press(pilot, "space", "end", "d")
            same_picture(host(pilot), f"differences-{size[0]}x{size[1]}")


async def test_a_moment_is_typed(record: Path, same_picture: Same) -> None:
    async with looking_back(record, (80, 24)) as (pilot, _, _):
        await press(pilot, "t", *"g1")
        same_picture(host(pilot), "typing-80x24")


async def test_in_ascii(record: Path, with_forecasts: None, same_picture: Same) -> None:
    use_ascii(True)
    async with looking_back(record, (80, 24)) as (pilot, _, _):
        await press(pilot, "N", "N")
        same_picture(host(pilot), "ascii")
        assert text(pilot).isascii()


async def test_every_step_shows_that_moment_and_esc_the_present(record: Path) -> None:
    async with looking_back(record) as (pilot, port, screen):
        last = screen.moment.revision
        assert last == len(sample_record.history())
        for expected in (last, last - 1, last - 2):
            view = host(pilot).view
            assert view is not None
            assert (view.snapshot.revision, screen.moment.revision) == (expected, expected)
            assert f"as it was wk {screen.moment.week} · " in lines(pilot)[1]
            assert f"r{expected} " in lines(pilot)[1]
            await press(pilot, "left")
        await press(pilot, "home", "left")
        assert screen.moment.revision == 1  # no further
        assert "not started" in text(pilot)
        await press(pilot, "right", "end", "right")
        assert screen.moment.revision == last
        assert "half way" in text(pilot)
        assert "\x1b" not in text(pilot)
        await press(pilot, "escape")
        assert not isinstance(host(pilot).screen, HistoryScreen)
        assert "as it was" not in text(pilot)
        assert host(pilot).view is not None
        assert host(pilot).view.snapshot is port.snapshot  # type: ignore[union-attr]


async def test_what_stands_out_is_gone_to_one_after_another(record: Path) -> None:
    async with looking_back(record) as (pilot, _, screen):
        axis = screen.axis
        assert axis is not None
        assert {m.kind.value for m in axis.marks} == {
            "death", "gate", "failed", "plan", "accepted", "start", "worker",
        }  # fmt: skip
        await press(pilot, "N")
        assert screen.moment.revision == axis.marks[-1].revision
        await press(pilot, "N", "N")
        assert screen.moment.revision == axis.marks[-3].revision
        assert "workstream sails: name" in text(pilot)
        await press(pilot, "n", "n", "n")
        assert "nothing stands out beyond this" in text(pilot)


async def test_days_weeks_and_typed_moments(record: Path) -> None:
    async with looking_back(record) as (pilot, _, screen):
        await press(pilot, "t", *"week 2", "enter")
        assert (screen.moment.week, screen.moment.revision) == (2, 17)
        here = screen.moment.at
        await press(pilot, "left_square_bracket")
        assert here - screen.moment.at == pytest.approx(86_400)
        await press(pilot, "right_curly_bracket")
        assert screen.moment.at - here == pytest.approx(6 * 86_400)
        screen.go_by_words("gate g1")
        await rested(pilot)
        assert "✓ go" in text(pilot)
        screen.go_by_words("gate g7")
        await rested(pilot)
        assert 'no gate "g7"' in text(pilot)
        assert "did you mean g1" in text(pilot)
        screen.go_by_words("gate g1")
        await rested(pilot)
        assert 'no gate "g7"' not in text(pilot)
        await press(pilot, "question_mark")
        said = text(pilot)
        assert said.index("The event before, the next one") < said.index("Signs")


async def test_a_click_on_the_axis_goes_there(record: Path) -> None:
    async with looking_back(record) as (pilot, _, screen):
        axis = screen.axis
        assert axis is not None
        await pilot.click("#axis", offset=(60, 2))
        await rested(pilot)
        part = (screen.moment.at - axis.first.at) / (axis.last.at - axis.first.at)
        assert part == pytest.approx(59 / 117)
        revision = screen.moment.revision
        assert axis.stamps[revision - 1] <= screen.moment.at < axis.stamps[revision]


async def test_no_key_that_steers_does_anything_in_the_past(record: Path) -> None:
    """Every command of the main screen is either a look, or refused with a word."""
    async with looking_back(record) as (pilot, port, screen):
        screen.go_by_words("ribs failed")
        await rested(pilot)
        screen.select("ribs")
        for command in COMMANDS:
            assert (screen.why_not(command.id) == PAST) == (command.id not in LOOKING), command.id
        depth = len(host(pilot).screen_stack)
        for key in ("x", "R", "a", "A", "exclamation_mark", "M", "L", "u"):
            await press(pilot, key)
            assert len(host(pilot).screen_stack) == depth, key
            assert PAST in text(pilot), key
        assert port.asked == []
        assert port.started == 0


async def test_what_is_opened_from_the_past_shows_it_and_steers_nothing(
    record: Path, no_waiting: None
) -> None:
    async with looking_back(record) as (pilot, port, screen):
        screen.go_by_words("gate g1 pending")
        await rested(pilot)
        screen.open_gate("g1")
        await rested(pilot)
        assert "as it was wk 3" in text(pilot)
        assert "pending" in text(pilot)
        for key in ("enter", "c"):
            await press(pilot, key)
            assert "this is the past" in text(pilot)
        await press(pilot, "escape")
        screen.open_workstream("mast")
        await rested(pilot)
        for key in ("x", "L", "exclamation_mark"):
            await press(pilot, key)
            assert "this is the past" in text(pilot), key
        await press(pilot, "o")
        assert "as it was wk 3" in text(pilot)
        assert port.asked == []


async def test_the_port_itself_refuses_in_the_past(record: Path) -> None:
    async with looking_back(record) as (pilot, port, _):
        with pytest.raises(RefusedError, match="this is the past"):
            await host(pilot).port.ask(EvaluateGate("g1"))
        with pytest.raises(RefusedError):
            await host(pilot).port.start_worker()
        with pytest.raises(RefusedError):
            await host(pilot).port.trust("digest")
        await press(pilot, "escape")
        await host(pilot).port.ask(EvaluateGate("g1"))
        assert len(port.asked) == 1


async def test_what_happens_now_does_not_move_the_past(record: Path) -> None:
    async with looking_back(record) as (pilot, port, screen):
        await press(pilot, "home", "right", "right", "right")
        before = text(pilot)
        port.change(plan_digest="another", plan_change="something else")
        port.show(Link(LinkState.GONE, reason="it ended"))
        await rested(pilot)
        after = text(pilot)
        assert "worker stopped" not in after
        assert after.replace(f"now r{port.snapshot.revision}", "") != after
        assert before.splitlines()[:20] == after.splitlines()[:20]
        await press(pilot, "escape")
        assert "worker stopped" in text(pilot)
        assert screen.moment.revision == 4


async def test_playing_goes_to_the_end_and_stops(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from locust_tui.screens import time_moves

    monkeypatch.setattr(time_moves, "TICK_S", 0.01)
    async with looking_back(record) as (pilot, _, screen):
        await press(pilot, "home", "plus", "plus", "p")
        await eventually(lambda: screen._playing is None)
        await rested(pilot)
        assert screen.axis is not None
        assert screen.moment.revision == screen.axis.last.revision


async def test_two_moments_compared_name_what_is_otherwise(record: Path) -> None:
    async with looking_back(record) as (pilot, _, screen):
        await press(pilot, "d")
        assert "mark another with space" in text(pilot)
        screen.go_by_words("r25")
        await rested(pilot)
        await press(pilot, "space", "end", "d")
        shown = text(pilot)
        assert "not due → go, by ana: fine" in shown
        assert "workstream sails: name" in shown
        assert "mast Step the mast  planned → running" in shown
        assert "keel" not in shown
        await press(pilot, "enter")
        assert "Gate g1" in text(pilot)
        assert "as it was wk 4" in text(pilot)


async def test_without_a_record_it_says_so(cockpit: object) -> None:
    port = FakePort(sample_record_snapshot())
    app = CockpitApp(port, clock=lambda: NOW, hertz=1_000)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press("H")
        await rested(pilot)
        assert "nothing has been recorded yet" in text(pilot)
        assert "reading the record" not in text(pilot)
        await press(pilot, "left", "p", "d", "n", "escape")
        assert not isinstance(app.screen, HistoryScreen)


def sample_record_snapshot() -> object:
    import sample

    return sample.not_started()


async def test_a_record_that_was_repaired_says_so_all_along(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    await sample_record.write(path)
    async with Store.open(path, ballast=0) as store:
        repaired = Noted("error", "store.sqlite was damaged; restored from the backup")
        await store.append(WORKER, repaired, at=sample_record.moment("27T09:00"))
    async with looking_back(path) as (pilot, _, screen):
        assert "store.sqlite was damaged" in text(pilot)
        await press(pilot, "left", "N")
        assert "⚠ the record may not tell everything" in text(pilot)
        assert screen.axis is not None
        assert screen.axis.marks[-1].kind is MarkKind.GAP


def test_the_ends_of_a_short_record_are_told_apart() -> None:
    axis = TimeAxis(Moment(1, NOW), Moment(9, NOW + 5))
    _, _, first, _, _, last = ruler_row(axis, 60).text.split()
    assert first != last
