"""The attach screen without a network of processes: what it costs, what it draws, and what it sends where."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from textual import events

from locust_tui.attached import AttachedApp
from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import Request
from locust_tui.client.run_screen import RunScreen
from locust_tui.client.run_terminal import RunTerminal
from locust_tui.client.wire import Reply
from locust_tui.domain.snapshot import RunView
from locust_tui.domain.states import RunState
from locust_tui.screens.attach import AttachScreen
from locust_tui.screens.talk import TalkScreen
from locust_tui.terminal.emulator import text_of

RUN = RunView(
    "W1.1", "w", "W1", None, "shell", RunState.RUNNING, "process", "", 1, 1, 0.0, 0.0, None, None, None
)


class NoWorker:
    """A port that shows nothing and takes nothing; what was asked is in `asked`."""

    plan_path = "locust-plan.yaml"
    plan_problems = ()

    def __init__(self, state: LinkState = LinkState.LIVE) -> None:
        self.asked: list[Request] = []
        self._state = state

    async def updates(self) -> AsyncIterator[Link]:
        yield Link(self._state)
        await asyncio.Event().wait()

    async def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        return Reply(1, {})

    async def start_worker(self) -> None: ...

    async def trust(self, digest: str) -> None: ...

    def log_path(self, run: str) -> Path | None:
        return None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder, as a shim with a terminal leaves it; this process stands for the agent."""
    stat = Path("/proc/self/stat").read_text()
    start = int(stat[stat.rindex(")") + 2 :].split()[19])
    (tmp_path / "agent.json").write_text(
        json.dumps({"pid": os.getpid(), "start": start, "tty": "/dev/pts/none"})
    )
    (tmp_path / "log").write_bytes(b"")
    os.mkfifo(tmp_path / "stdin")
    return tmp_path


@pytest.fixture
def typed(folder: Path) -> Iterator[int]:
    """The agent's end of the FIFO."""
    fd = os.open(folder / "stdin", os.O_RDONLY | os.O_NONBLOCK)
    yield fd
    os.close(fd)


def lines_of(app: AttachedApp) -> list[str]:
    view = app.screen.view_of_it  # type: ignore[attr-defined]
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


async def shows(app: AttachedApp, words: str, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not any(words in line for line in lines_of(app)):
        assert time.monotonic() < end, lines_of(app)
        await asyncio.sleep(0.01)


async def test_keys_go_to_the_fifo_and_output_to_the_screen(folder: Path, typed: int) -> None:
    app = AttachedApp(NoWorker(), RUN, folder, "ctrl+]")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, AttachScreen)
        (folder / "log").write_bytes(b"\x1b[1mhello\x1b[m \x1b]0;no\x07\x1b[?1h")
        await shows(app, "hello")
        await pilot.press("q", "up", "ctrl+c", "escape", "enter", "question_mark", "tab", "exclamation_mark")
        wanted, got = b"q\x1bOA\x03\x1b\r?\t!", b""
        async with asyncio.timeout(30):
            while len(got) < len(wanted):
                await pilot.pause()
                with suppress(BlockingIOError):
                    got += os.read(typed, 100)
        assert got == wanted
        await pilot.press("ctrl+right_square_bracket")
    assert app.return_code == 0


async def test_a_flood_never_holds_the_loop(folder: Path, typed: int) -> None:
    """50 MB are appended while keys are pressed: no turn of the loop takes long, and the end is seen."""
    app = AttachedApp(NoWorker(), RUN, folder, "ctrl+]")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        gaps: list[float] = []

        async def tick() -> None:
            last = time.perf_counter()
            while True:
                await asyncio.sleep(0.001)
                now = time.perf_counter()
                gaps.append(now - last)
                last = now

        ticking = asyncio.create_task(tick())
        line = b"\x1b[32mnumber\x1b[0m " + b"some words to draw " * 5 + b"\r\n"
        flood = line * 5000
        with (folder / "log").open("ab", buffering=0) as log:
            for _ in range(90):
                await asyncio.to_thread(log.write, flood)
                await asyncio.sleep(0.02)
            log.write(b"the very end")
        await shows(app, "the very end")
        ticking.cancel()
        played = app.screen.view_of_it.played  # type: ignore[attr-defined]
        assert played.skipped > 10 << 20
        assert max(gaps) < 30, "drawing all of it would have held the loop for minutes"


def test_a_long_log_begins_at_its_end_with_the_modes_it_set_long_before(tmp_path: Path) -> None:
    log = tmp_path / "log"
    body = b"".join(b"line %07d\r\n" % n for n in range(400_000))
    log.write_bytes(b"\x1b[?2004h\x1b[?1h" + body + b"end")
    played = RunScreen(log, 10, 40)
    while played.advance(0.01):
        pass
    assert played.emulator.bracketed_paste
    assert played.emulator.application_cursor
    known = [text_of(line) for line in played.emulator.whole()]
    assert known[-1] == "end"
    first = int(known[0].split()[1])
    assert known[:-1] == [f"line {n:07d}" for n in range(first, 400_000)]
    while played.has_older and len(played.older) < 20_000:
        played.read_older(1)
    older = [text_of(line) for line in played.older]
    assert older == [f"line {n:07d}" for n in range(first - len(older), first)]


def test_what_was_asked_before_we_came_is_not_answered(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\x1b[6n")
    played = RunScreen(log, 10, 40)
    played.advance(1)
    assert played.emulator.take_replies() == b""
    with log.open("ab") as file:
        file.write(b"\x1b[6n")
    played.advance(1)
    assert played.emulator.take_replies() == b"\x1b[1;1R"


def test_a_window_of_a_killed_viewer_counts_no_longer(folder: Path) -> None:
    agent, slave = pty.openpty()
    one, two = RunTerminal(folder), RunTerminal(folder)
    one.show(40, 100)
    two.show(24, 80)
    one.show(40, 100)
    assert (one.viewers, two.viewers) == (2, 2)
    assert one.first != two.first
    left = folder / "viewers" / "4242-abcdabcd"
    left.write_text("   10    10\n")
    one.show(40, 100)
    assert (one.viewers, left.exists()) == (2, False)
    two.close()
    one.show(40, 100)
    assert (one.viewers, one.first) == (1, True)
    one.close()
    assert list((folder / "viewers").iterdir()) == []
    os.close(agent)
    os.close(slave)


def test_what_an_agent_lays_among_the_viewers_harms_nothing(folder: Path, tmp_path: Path) -> None:
    """It may write in its run's folder: a link to elsewhere, a pipe, files of other names."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "4242-abcdabcd").write_text("kept")
    (folder / "viewers").symlink_to(elsewhere)
    terminal = RunTerminal(folder)
    terminal.show(40, 100)
    terminal.close()
    assert [path.name for path in elsewhere.iterdir()] == ["4242-abcdabcd"]
    (folder / "viewers").unlink()
    (folder / "viewers").mkdir()
    os.mkfifo(folder / "viewers" / "4242-abcdabce")
    (folder / "viewers" / "notes").write_text("kept")
    terminal.show(40, 100)
    assert terminal.viewers == 1
    terminal.close()
    assert [path.name for path in (folder / "viewers").iterdir()] == ["notes"]


def test_typing_waits_for_a_slow_agent_and_is_refused_by_none(folder: Path, typed: int) -> None:
    terminal = RunTerminal(folder)
    room = fcntl.fcntl(typed, fcntl.F_GETPIPE_SZ)
    assert terminal.type(b"x" * (room + 5000))
    assert terminal.unread >= 5000
    assert not terminal.type(b"y" * (1 << 20))
    got = os.read(typed, 1 << 20)
    assert terminal.push()
    got += os.read(typed, 1 << 20)
    assert (len(got), terminal.unread) == (room + 5000, 0)
    (folder / "stdin.closed").touch()
    assert not terminal.takes_input
    terminal.close()


@pytest.fixture
def piped(folder: Path) -> Path:
    """The folder of a run whose agent has pipes and no terminal."""
    record = json.loads((folder / "agent.json").read_text())
    del record["tty"]
    (folder / "agent.json").write_text(json.dumps(record))
    return folder


async def test_a_run_with_pipes_that_reads_gets_lines_through_the_worker(piped: Path, typed: int) -> None:
    port = NoWorker()
    app = AttachedApp(port, RUN, piped, "ctrl+]")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, TalkScreen)
        await pilot.pause()
        await pilot.press("h", "i", "enter")
        async with asyncio.timeout(30):
            while not port.asked:
                await pilot.pause()
        assert [(r.run, r.text) for r in port.asked] == [("W1.1", "hi")]  # type: ignore[union-attr]
        assert app._driver is not None
        for key in ("y", "enter", "n", "o", "enter"):  # as from a terminal whose bytes come all together
            at_once = events.Key(key, key if len(key) == 1 else None)
            app._driver.send_message(at_once.set_sender(app))
        async with asyncio.timeout(30):
            while len(port.asked) < 3:
                await pilot.pause()
        assert [r.text for r in port.asked] == ["hi", "y", "no"]  # type: ignore[union-attr]
        await pilot.press("ctrl+right_square_bracket")
    assert app.return_code == 0


@pytest.mark.parametrize("state", [LinkState.GONE, LinkState.CONNECTING])
async def test_a_line_that_nobody_hands_over_stays_to_be_sent(
    piped: Path, typed: int, state: LinkState
) -> None:
    port = NoWorker(state)
    app = AttachedApp(port, RUN, piped, "ctrl+]")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, TalkScreen)
        await pilot.pause()
        await pilot.press("h", "i", "enter")
        async with asyncio.timeout(30):
            while not app.screen.answer.words:
                await pilot.pause()
        assert app.screen.prompt.value == "hi"
        assert port.asked == []
