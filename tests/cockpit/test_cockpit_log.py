"""The log's lines: reports as what they say, progress bars, long lines, and every part of a long file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from piloting import Open, host, settled, text

from locust_tui.client.run_screen import RunScreen
from locust_tui.masking import empty
from locust_tui.safe_text import mask_with, masked_so_far
from locust_tui.screens.log import LogScreen
from locust_tui.widgets.growing_line import LINE_BYTES, start_of
from locust_tui.widgets.log_file import LogFile
from locust_tui.widgets.log_lines import amount_of, line_parts


def drawn(line: str) -> str:
    return "".join(part for part, _ in line_parts(line)).rstrip()


def opened(path: Path, data: bytes) -> LogFile:
    path.write_bytes(data)
    log = LogFile(path)
    log.poll()
    return log


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("::locust progress=40,deliverable=api::wrote src/api.py", "┃  40% ✓ api  wrote src/api.py"),
        ("::locust progress=100,next=review::done", "┃ 100% done  next: review"),
        ("::locust blocker=no key::", "┃ ⚠ no key"),
        ("::locusts are insects", "::locusts are insects"),
        ("plain ::locust progress=40::", "plain ::locust progress=40::"),
    ],
)
def test_a_report_is_drawn_as_what_it_says(line: str, said: str) -> None:
    assert drawn(line) == said


def test_a_report_that_is_none_says_why() -> None:
    assert drawn("::locust progress=many::").startswith("┃ ✗ no report: progress is not a number")


def test_a_report_reaches_the_terminal_harmless() -> None:
    assert "\x1b" not in drawn("::locust note=\x1b[2J::\x1b]52;c;x\x07")


@pytest.mark.fault(23, "progress bars of carriage returns alone")
def test_a_progress_bar_shows_its_last_state(tmp_path: Path) -> None:
    log = opened(tmp_path / "log", b"10%\r50%\r100%\nnext\r\n7%\r8%\r")
    assert list(log.lines) == ["100%", "next"]
    assert log.unfinished == "8%"
    with (tmp_path / "log").open("ab") as more:
        more.write(b"9%")
    log.poll()
    assert log.unfinished == "9%"


@pytest.mark.fault(23, "one line of 5 MB in the cockpit's log")
def test_a_huge_line_is_one_line_from_both_sides(tmp_path: Path) -> None:
    huge = b"before\n" + b"x" * 5_000_000 + b"\nafter\n"
    log = opened(tmp_path / "log", huge)
    assert log.lines[-1] == "after"
    while log.earlier():
        pass
    assert log.lines[0] == "before"
    assert len(log.lines) <= 3
    assert log.lines[1].startswith("x" * LINE_BYTES)
    assert sum(map(len, log.lines)) < 20_000
    log.to_start()
    while log.later():
        pass
    assert [line[:8] for line in log.lines] == ["before", "xxxxxxxx", "after"]
    assert log.lines[1].endswith(f"… (+{5_000_000 - LINE_BYTES} bytes)")


@pytest.mark.parametrize("begins", range(LINE_BYTES - 30, LINE_BYTES + 5, 7))
@pytest.mark.parametrize(
    "behind",
    [b"", b" and on\nnext\n", b"y" * 10_000 + b"\n", b"y" * 200_000 + b"\n"],
    ids=["growing", "ended", "long", "longer than a piece"],
)
@pytest.mark.fault(28, "a secret over the cut of a long line, in pieces and with colour in it")
@pytest.mark.parametrize("colour", [b"", b"\x1b[31m"], ids=["plain", "coloured"])
def test_a_secret_where_a_long_line_is_cut_is_not_seen_in_part(
    begins: int, behind: bytes, colour: bytes, tmp_path: Path, knows_secret: bytes
) -> None:
    first, last = knows_secret[:5], knows_secret[5:]
    log = opened(tmp_path / "log", b"x" * begins + first + colour + last + behind)
    log.to_start()
    while log.later():
        pass
    seen = [drawn(line) for line in (*log.lines, masked_so_far(log.unfinished))]
    assert seen[0].startswith("x" * (begins - 4))
    assert not any(knows_secret[:5].decode() in line for line in seen)


def test_a_secret_where_a_line_on_stderr_is_cut_is_not_seen_in_part(knows_secret: bytes) -> None:
    line = "x" * (LINE_BYTES - 6) + knows_secret.decode()
    assert start_of(line, LINE_BYTES) == f"{'x' * (LINE_BYTES - 6)}***"


@pytest.fixture
def knows_secret() -> Iterator[bytes]:
    masks = empty()
    masks.add(["Kd93-tZq7-Lw20-Rb55"])
    mask_with(masks.mask, masks.mask_growing)
    yield b"Kd93-tZq7-Lw20-Rb55"
    mask_with(None)


def test_the_window_goes_to_the_true_start_and_through_the_file(tmp_path: Path) -> None:
    count = 100_000
    log = opened(tmp_path / "log", b"".join(b"line %d\n" % n for n in range(count)))
    assert log.attached
    log.to_start()
    assert log.lines[0] == "line 0"
    assert not log.has_earlier
    assert not log.attached
    seen = set(log.lines)
    while log.later():
        seen.update(log.lines)
    assert seen == {f"line {n}" for n in range(count)}
    assert log.attached
    seen.difference_update(log.lines)
    while log.earlier():
        seen.difference_update(log.lines)
    assert not log.attached
    assert not seen
    log.to_end()
    assert log.lines[-1] == f"line {count - 1}"


def test_what_is_written_while_the_start_is_shown_moves_nothing(tmp_path: Path) -> None:
    log = opened(tmp_path / "log", b"".join(b"line %d\n" % n for n in range(50_000)))
    log.to_start()
    before = list(log.lines)
    with (tmp_path / "log").open("ab") as more:
        more.write(b"new\n")
    assert log.poll()
    assert list(log.lines) == before
    log.to_end()
    assert log.lines[-1] == "new"


def test_only_what_was_kept_of_a_trimmed_log_is_its_start(tmp_path: Path) -> None:
    (tmp_path / "trim.json").write_text('{"trimmed": 8}')
    log = opened(tmp_path / "log", b"\0" * 8 + b"kept\n" * 40_000)
    log.to_start()
    assert log.lines[0] == "kept"


@pytest.mark.parametrize(
    ("size", "said"), [(45_000_000, "45 MB"), (2_140_000, "2.1 MB"), (812_345, "812 kB"), (3, "1 kB")]
)
def test_sizes(size: int, said: str) -> None:
    assert amount_of(size) == said


async def test_the_log_says_which_part_it_shows_and_g_goes_to_the_start(
    cockpit: Open, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"line %07d of a long run\n" % n for n in range(200_000)))
    async with cockpit(logs={"WS-07.2": path}) as (pilot, _):
        assert "earlier lines: L" in text(pilot)
        held = len(host(pilot).main.log_pane.items)
        assert f"last {held:,} lines of 5.4 MB" in text(pilot)
        await pilot.press("L")
        await settled(pilot)
        await pilot.press("g")
        await settled(pilot)
        assert "line 0000000 of" in text(pilot)
        assert "first " in text(pilot)
        await pilot.press(*["space"] * 200)
        await settled(pilot)
        screen = host(pilot).screen
        assert isinstance(screen, LogScreen)
        assert screen.log_pane.top > held
        await pilot.press("G")
        await settled(pilot)
        assert "line 0199999 of" in text(pilot)


async def test_long_lines_end_in_an_ellipsis(cockpit: Open, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("y" * 900 + "\n")
    async with cockpit(logs={"WS-07.2": path}) as (pilot, _):
        assert any(line.rstrip("│ ").endswith("y…") for line in text(pilot).splitlines())


@pytest.mark.fault(27, "while the cockpit shows a log, that is replaced, or cut short and written on")
async def test_what_befalls_a_log_that_is_shown_is_said_over_it(cockpit: Open, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {n}\n" for n in range(100)))
    async with cockpit(logs={"WS-07.2": path}) as (pilot, _):
        pane = host(pilot).main.log_pane
        path.write_text("begun anew\n")
        assert pane.poll()
        await settled(pilot)
        assert "the log was cut short" in text(pilot)
        assert "begun anew" in text(pilot)
        (tmp_path / "other").write_text("not of the run\n")
        (tmp_path / "other").replace(path)
        assert pane.poll()
        await settled(pilot)
        assert "the log was replaced" in text(pilot)
        assert "not of the run" not in text(pilot)
        assert "begun anew" in text(pilot)


@pytest.mark.fault(27, "the log of a live run is another file by the time the cockpit opens it")
def test_only_the_file_that_a_live_run_writes_to_is_shown(tmp_path: Path) -> None:
    (tmp_path / "agent.json").write_text(json.dumps({"log_inode": 1}))
    log = opened(tmp_path / "log", b"not of the run\n")
    assert log.problem.startswith("the log was replaced")
    screen = RunScreen(tmp_path / "log", 24, 80)
    assert not screen.advance(1)
    assert screen.problem == log.problem
    (tmp_path / "exit.json").touch()  # what has ended may have been moved to another disk
    log.poll()
    assert list(log.lines) == ["not of the run"]
    screen.advance(1)
    assert screen.problem == ""
