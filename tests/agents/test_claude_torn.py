"""However a stream is torn, garbled or mixed with another: nothing raises, and no turn becomes a success by it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from captured import conversation, files
from claude_talk import job
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import TurnEnded

CASES = st.sampled_from(files("claude"))


@cache
def stream(path: Path) -> bytes:
    return b"".join(row.line.encode() + b"\n" for row in conversation(path) if row.dir == "out")


def good_turns(data: bytes) -> list[str]:
    adapter = ClaudeAdapter(job(allow=("Bash(git *)", "Edit")))
    found: list[str] = []
    for line in data.split(b"\n"):
        events = adapter.feed(line).events
        found += [event.text for event in events if isinstance(event, TurnEnded) and event.ok]
    adapter.verdict(0, None, "")
    return found


@cache
def known(path: Path) -> list[str]:
    return good_turns(stream(path))


@given(CASES, st.floats(0, 1))
def test_any_beginning(path: Path, share: float) -> None:
    data = stream(path)
    found = good_turns(data[: int(len(data) * share)])
    assert found == known(path)[: len(found)]


@settings(max_examples=300)
@given(
    CASES, st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 40), st.binary(max_size=8)), max_size=12)
)
def test_any_garble(path: Path, changes: list[tuple[float, int, bytes]]) -> None:
    data = stream(path)
    for at, gone, put in changes:
        start = int(at * len(data))
        data = data[:start] + put + data[start + gone :]
    assert len(good_turns(data)) <= len(known(path))


@given(CASES, st.floats(0, 0.999))
def test_a_limit_s_event_anywhere_in_the_stream(path: Path, at: float) -> None:
    data = stream(path)
    start = int(at * len(data))
    event = b'{"type":"rate_limit_event","rate_limit_info":{"status":"allowed_warning","resetsAt":1}}\n'
    assert good_turns(data[:start] + event + data[start:]) == known(path)


@given(st.binary(max_size=200))
def test_any_bytes(line: bytes) -> None:
    assert ClaudeAdapter(job()).feed(line).send == ()
    assert ClaudeAdapter(job()).feed(b'{"type":"result",' + line).send == ()
    assert ClaudeAdapter(job()).feed(b"[" * 20_000 + line).send == ()
    assert ClaudeAdapter(job()).feed(b'{"type":"assistant","message":' + b"[" * 20_000).send == ()
