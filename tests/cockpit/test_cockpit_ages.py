"""What is drawn again and what is not: ages that grow, facts that stay, a log that is looked at less often when quiet."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import sample
from piloting import Open, host, settled, text

from locust_tui.client.port import Link, LinkState
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.screens import log_clock
from locust_tui.screens.host import AFTER_NEWS_S, AGE_S, OLD_AGE_S
from locust_tui.screens.log_clock import QUIET_AFTER_S, QUIET_S, LogClock
from locust_tui.widgets import log_file
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.log_file import LogFile
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View

LIVE = Link(LinkState.LIVE, worker_pid=1234)


class Words(Pane[str]):
    """A pane whose items rest on the item and on one word beside it; it notes which rows it built."""

    def __init__(self) -> None:
        super().__init__()
        self.word = ""
        self.says = True
        self.made: list[str] = []
        self._wide, self._high = 30, 6

    def key(self, item: str) -> str:
        return item

    def facts(self, item: str) -> object:
        return (item, self.word) if self.says else None

    def rows(self, item: str, width: int) -> Sequence[Row]:
        self.made.append(item)
        return (Row(f"{item} {self.word}"),)

    def built(self) -> list[str]:
        made, self.made = self.made, []
        return made


# facts of a pane


def test_rows_are_built_where_facts_changed_and_only_for_what_is_in_view() -> None:
    pane = Words()
    pane.show_items(["a", "b", "c", "d", "e", "f"])
    assert pane.built() == ["a", "b", "c", "d"]
    pane.show_items(["a", "b", "c", "d", "e", "f"])
    assert pane.built() == []
    pane.show_items(["a", "x", "c", "d"])
    assert pane.built() == ["x"]
    pane.word = "later"
    pane.repaint()
    assert pane.built() == ["a", "x", "c", "d"]


def test_what_moved_to_another_line_is_built_for_that_line() -> None:
    pane = Words()
    pane.show_items(["a", "b"])
    pane.built()
    pane.show_items(["new", "a", "b"])
    assert pane.built() == ["new", "a", "b"]
    assert [row.text for row in (pane._rows(0)[0], pane._rows(1)[0])] == ["new ", "a "]


def test_a_pane_that_cannot_say_its_facts_builds_every_time() -> None:
    pane = Words()
    pane.says = False
    pane.show_items(["a", "b"])
    pane.built()
    pane.repaint()
    assert pane.built() == ["a", "b"]
    assert pane.outdated


def test_outdated_is_what_would_be_drawn_from_other_facts() -> None:
    pane = Words()
    pane.show_items(["a", "b", "c", "d", "e", "f"])
    assert not pane.outdated
    pane.word = "later"
    assert pane.outdated
    pane.repaint()
    assert not pane.outdated
    pane.items = ["a", "b", "c", "d", "other", "f"]
    assert not pane.outdated  # nobody sees that one
    pane.items = ["a", "other"]
    assert pane.outdated
    pane.items = ["a"]
    assert pane.outdated


def test_every_size_builds_its_own_rows() -> None:
    pane = Words()
    pane.show_items(["a"])
    pane.built()
    pane._wide = 40
    pane.resized()
    pane.render_line(1)
    assert pane.built() == ["a"]


# ages


def view(at: float, snapshot: Snapshot | None = None) -> View:
    return View(snapshot or quiet(), LIVE, at)


def quiet() -> Snapshot:
    """Nothing in it is younger than an hour."""
    base = sample.running()
    return dataclasses.replace(
        base,
        waiting=tuple(dataclasses.replace(w, since=sample.NOW - 4_000) for w in base.waiting),
        workstreams=tuple(
            dataclasses.replace(w, since=sample.NOW - 4_000, reported_at=None) for w in base.workstreams
        ),
        gates=tuple(
            dataclasses.replace(
                g, criteria=tuple(dataclasses.replace(c, at=sample.NOW - 4_000) for c in g.criteria)
            )
            for g in base.gates
        ),
        runs=tuple(dataclasses.replace(r, started=sample.NOW - 5_000, created=sample.NOW - 5_000) for r in base.runs),
    )  # fmt: skip


def with_live_run(s: Snapshot, **fields: Any) -> Snapshot:
    """The first run that goes on, with other fields."""
    at = next(i for i, run in enumerate(s.runs) if run.ended is None)
    return dataclasses.replace(
        s, runs=(*s.runs[:at], dataclasses.replace(s.runs[at], **fields), *s.runs[at + 1 :])
    )


def run_ended(s: Snapshot) -> Snapshot:
    return with_live_run(s, state=RunState.EXITED, ended=sample.NOW)


def run_started(s: Snapshot) -> Snapshot:
    return with_live_run(s, started=sample.NOW)


def measured(s: Snapshot) -> Snapshot:
    gate = s.gates[1]
    first = dataclasses.replace(gate.criteria[0], at=sample.NOW)
    gate = dataclasses.replace(gate, criteria=(first, *gate.criteria[1:]))
    return dataclasses.replace(s, gates=(s.gates[0], gate, *s.gates[2:]))


def asked(s: Snapshot) -> Snapshot:
    return dataclasses.replace(s, waiting=(dataclasses.replace(s.waiting[0], since=sample.NOW),))


def reported(s: Snapshot) -> Snapshot:
    first = dataclasses.replace(s.workstreams[0], reported=10.0, reported_at=sample.NOW)
    return dataclasses.replace(s, workstreams=(first, *s.workstreams[1:]))


def held(s: Snapshot) -> Snapshot:
    found = sample.held_error().held
    assert found is not None
    return dataclasses.replace(s, held=dataclasses.replace(found, at=sample.NOW))


YOUNG = [run_ended, run_started, measured, asked, reported, held]


def test_without_anything_young_no_age_is_in_seconds() -> None:
    assert not view(sample.NOW).has_young_ages


@pytest.mark.parametrize("happened", YOUNG)
def test_for_a_minute_what_happened_is_told_in_seconds(happened: Callable[[Snapshot], Snapshot]) -> None:
    news = happened(quiet())
    assert view(sample.NOW + 1, news).has_young_ages
    assert view(sample.NOW + 59, news).has_young_ages
    assert not view(sample.NOW + 60, news).has_young_ages


def test_only_the_moment_makes_a_view_older() -> None:
    snapshot = quiet()
    first = view(sample.NOW, snapshot)
    assert view(sample.NOW + 5, snapshot).older_than(first)
    assert not view(sample.NOW + 5, dataclasses.replace(snapshot)).older_than(first)
    assert not View(snapshot, LIVE, sample.NOW + 5, filter="a").older_than(first)
    assert not View(snapshot, Link(LinkState.GONE), sample.NOW + 5).older_than(first)


def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the event loop is asked to call later, from now on: after how many seconds each."""
    loop, asked = asyncio.get_running_loop(), list[float]()
    call_later = loop.call_later

    def noted(delay: float, *call: Any, **more: Any) -> asyncio.TimerHandle:
        asked.append(delay)
        return call_later(delay, *call, **more)

    monkeypatch.setattr(loop, "call_later", noted)
    return asked


async def test_ages_in_minutes_are_told_every_ten_seconds_and_those_in_seconds_every_second(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(quiet()) as (pilot, port):
        app = host(pilot)
        asked = delays(monkeypatch)
        app._show_now()
        assert asked.pop() == OLD_AGE_S
        port.show(measured(quiet()))
        await settled(pilot)
        assert next(after for after in asked if after in (AFTER_NEWS_S, AGE_S)) == AFTER_NEWS_S
        app._show_now()
        assert asked.pop() == AGE_S


async def test_growing_older_changes_the_ages_and_keeps_everything_else(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(run_started(measured(quiet())), (160, 50)) as (pilot, _):
        app = host(pilot)
        before = text(pilot)
        monkeypatch.setattr(app, "clock", lambda: sample.NOW + 42)
        taken: list[View] = []
        monkeypatch.setattr(type(app.main), "present", lambda _, view: taken.append(view))
        assert app.present()
        await settled(pilot)
        assert not taken  # the panes that tell no age were not asked
        after = text(pilot)
        assert "42s" in after
        assert "42s" not in before
        changed = [
            (old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
        ]
        assert 0 < len(changed) < 8
        app.snapshot = dataclasses.replace(app.snapshot) if app.snapshot else None
        assert not app.present()
        assert taken


async def test_the_time_of_day_goes_on(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(quiet()) as (pilot, _):
        assert "14:32" in text(pilot)
        monkeypatch.setattr(host(pilot), "clock", lambda: sample.NOW + 60)
        assert host(pilot).present()
        await settled(pilot)
        assert "14:33" in text(pilot)


async def test_a_card_of_finished_work_goes_on_ageing_too(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = quiet()
    done = next(w for w in base.workstreams if w.state is WorkstreamState.ACCEPTED)
    async with cockpit(base, (160, 50)) as (pilot, _):
        board = host(pilot).main.board
        column = next(c for c in board.columns if c.index_of(done.id) is not None)
        assert not column.outdated
        column._view = view(sample.NOW + 86_400, base)
        assert column.outdated


# the log


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("an unchanged log is not opened")


def test_a_quiet_log_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("one\n")
    log = LogFile(path)
    assert log.poll()
    with monkeypatch.context() as closed:
        closed.setattr(log_file.os, "open", refuse)
        assert not log.poll()
        assert not log.poll()
    with path.open("a") as more:
        more.write("two\n")
    assert log.poll()
    assert list(log.lines) == ["one", "two"]


def test_a_log_that_is_missing_is_looked_for_until_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    assert log.poll()  # the problem is news
    assert not log.poll()
    assert log.problem
    path.write_text("here\n")
    assert log.poll()
    assert not log.problem
    assert list(log.lines) == ["here"]


def test_a_log_that_goes_away_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("here\n")
    log = LogFile(path)
    log.poll()
    path.unlink()
    assert log.poll()
    assert log.problem
    assert list(log.lines) == ["here"]


def test_another_file_of_the_same_size_is_seen_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    log = LogFile(path)
    log.poll()
    facts = path.stat()
    (tmp_path / "other").write_text("new\n")
    os.utime(tmp_path / "other", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    (tmp_path / "other").replace(path)
    assert log.poll()
    assert "was replaced" in log.problem
    assert list(log.lines) == ["old"]


class Watched:
    """A clock on a real pane and file whose looks the test takes itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 100.0
        self.visible = True
        self.pane = LogPane()
        self.show("WS-05.1")
        self.clock = LogClock(self.pane, lambda: self.visible)

    def show(self, run: str) -> None:
        shown = next(r for r in sample.running().runs if r.id == run)
        self.pane.show(shown.subject, shown, self.path, sample.NOW)

    def look(self, after: float = 0.0) -> float:
        """Seconds from a look to the next, `after` so many seconds in which it slept."""
        self.now += after
        self.clock.stop()
        with pytest.MonkeyPatch.context() as patch:
            asked = delays(patch)
            self.clock._look()
        self.clock.stop()
        (found,) = asked
        return found


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    path = tmp_path / "log"
    path.write_text("one\n")
    found = Watched(path)
    monkeypatch.setattr(log_clock, "time", SimpleNamespace(monotonic=lambda: found.now))
    return found


async def test_a_log_is_looked_at_less_often_once_it_was_quiet_and_at_once_again_when_it_grows(
    watched: Watched,
) -> None:
    assert watched.look() == 0.1
    assert watched.look(QUIET_AFTER_S) == 0.1
    assert watched.look(0.1) == QUIET_S
    assert watched.look(60) == QUIET_S
    with watched.path.open("a") as more:
        more.write("two\n")
    assert watched.look(0.5) == 0.1
    assert watched.pane.items[-1] == "two"
    assert watched.look(QUIET_AFTER_S + 0.1) == QUIET_S


async def test_another_runs_log_begins_at_the_quick_pace(watched: Watched, tmp_path: Path) -> None:
    watched.look()
    assert watched.look(60) == QUIET_S
    watched.path = tmp_path / "other"
    watched.path.write_text("x\n")
    watched.show("WS-07.2")
    assert watched.look() == 0.1


async def test_a_log_nobody_sees_is_not_read(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.visible = False
    with watched.path.open("a") as more:
        more.write("two\n")
    assert watched.look() == 1.0
    assert list(watched.pane.items) == ["one"]
    watched.visible = True
    watched.look()
    assert list(watched.pane.items) == ["one", "two"]


async def test_a_run_that_has_ended_is_looked_at_once_a_second(watched: Watched) -> None:
    assert watched.pane.run is not None
    ended = dataclasses.replace(watched.pane.run, ended=sample.NOW)
    watched.pane.show(ended.subject, ended, watched.path, sample.NOW)
    assert watched.look() == 1.0


async def test_over_a_network_the_quick_pace_is_slower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    (tmp_path / "log").write_text("one\n")
    found = Watched(tmp_path / "log")
    assert found.look() == 0.25
