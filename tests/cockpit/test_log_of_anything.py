"""Whatever a program prints: each step of the log's window is short, and the same lines are shown however the bytes came."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cockpit_transcript import JOB

from locust_tui.safe_text import safe
from locust_tui.widgets.log_file import LogFile
from locust_tui.widgets.log_lines import line_parts
from locust_tui.widgets.log_talk import talk_file

MIB = 1 << 20
MOST_S = 0.1
"""Of the processor, for one step; the event loop has nothing else to do with it meanwhile."""
NOISE = random.Random(7).randbytes(8 * MIB)

LINES = {
    "one of 5 MB": b"before\n" + b"x" * 5_000_000 + b"\nafter\n",
    "one that never ends, 64 MiB": b"x" * (64 * MIB),
    "a million empty ones": b"\n" * 1_000_000,
    "progress bars": b"12 %\r34 %\r" * 500_000,
    "protocol messages that show nothing": b'{"type":"system","subtype":"status"}\n' * 300_000,
}
BYTES = {
    "noise": NOISE,
    "NULs": bytes(8 * MIB),
    "UTF-16": ("ein Wort äöü\n" * 200_000).encode("utf-16"),
    "characters cut in two": "ä".encode()[1:] + "ä€🐛".encode() * 700_000,
}


def longest_step(log: LogFile) -> float:
    """Seconds of this thread's processor time that the slowest of all that a person can make the window do takes."""
    steps: list[Callable[[], object]] = [
        log.poll,
        *[log.earlier] * 3,
        log.to_start,
        *[log.later] * 3,
        log.to_end,
    ]
    slowest = 0.0
    for step in steps:
        began = time.thread_time()
        step()
        slowest = max(slowest, time.thread_time() - began)
    with log.path.open("ab") as more:
        more.write(log.path.read_bytes()[:400_000])
    began = time.thread_time()
    log.poll()
    return max(slowest, time.thread_time() - began)


@pytest.mark.fault(
    23, "logs of 5 MB lines, of one without an end, of a million empty lines, of progress bars"
)
@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize("protocol", [False, True], ids=["output", "protocol"])
def test_no_step_through_lines_of_any_length_takes_long(what: str, protocol: bool, tmp_path: Path) -> None:
    assert takes(tmp_path, LINES[what], protocol) < MOST_S


@pytest.mark.fault(24, "logs of noise, NULs, UTF-16 and characters cut in two")
@pytest.mark.parametrize("what", BYTES)
def test_no_step_through_bytes_that_are_no_text_takes_long(what: str, tmp_path: Path) -> None:
    assert takes(tmp_path, BYTES[what], False) < MOST_S


def takes(folder: Path, data: bytes, protocol: bool) -> float:
    """The longest step; measured again where it was long: this machine has other things to do, too."""
    if protocol:
        (folder / "job.json").write_text(JOB)
    longest = []
    for _ in range(3):
        (folder / "log").write_bytes(data)
        log = talk_file(folder / "log") if protocol else LogFile(folder / "log")
        assert log is not None
        longest.append(longest_step(log))
        if longest[-1] < MOST_S:
            break
    return min(longest)


awkward = st.lists(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"\0", b"x", b"\xff", "ä".encode(), "🐛".encode(), b"\x1b[31m", b"\x9b"]
    )
    | st.binary(max_size=8),
    max_size=60,
).map(b"".join)


@pytest.mark.fault(24, "any bytes, cut anywhere as they come")
@given(awkward, st.lists(st.integers(0, 200), max_size=5))
def test_the_lines_are_the_same_however_the_bytes_come(data: bytes, cuts: list[int]) -> None:
    whole = pieces_shown([data])
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    assert pieces_shown([data[a:b] for a, b in pairwise(places)]) == whole
    for line in whole:
        drawn = "".join(text for text, _ in line_parts(line))
        assert safe(drawn, oneline=True) == drawn


def pieces_shown(pieces: list[bytes]) -> list[str]:
    """The lines of a log that is written so, with the unfinished one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.touch()
        log = LogFile(path)
        log.poll()
        for piece in pieces:
            with path.open("ab") as more:
                more.write(piece)
            log.poll()
        return [*log.lines, log.unfinished]
