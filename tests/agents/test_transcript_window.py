"""The cockpit's window onto the log of an agent that speaks a protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from captured import conversation

from locust_tui.widgets import log_talk
from locust_tui.widgets.log_talk import TalkFile, talk_file, talk_parts

JOB = '{"kind":"claude","job":{"run":"keel.1","prompt":"","cwd":"/home/dev/work","command":[]}}'
RECORDED = b"".join(
    row.line.encode() + b"\n" for row in conversation("claude/2.1.330/tools-mcp-ok.jsonl") if row.dir == "out"
)


def said(text: str) -> bytes:
    message = {"id": "m", "content": [{"type": "text", "text": text}]}
    return json.dumps({"type": "assistant", "message": message}).encode() + b"\n"


def hidden(size: int) -> bytes:
    return json.dumps({"type": "keep_alive", "x": "y" * size}).encode() + b"\n"


def window(folder: Path, data: bytes) -> TalkFile:
    (folder / "job.json").write_text(JOB)
    (folder / "log").write_bytes(data)
    talk = talk_file(folder / "log")
    assert talk is not None
    talk.poll()
    return talk


def test_it_follows_what_comes(tmp_path: Path) -> None:
    talk = window(tmp_path, RECORDED[:-10])
    assert list(talk.lines)[1:5] == ["  working", "$ echo hi", "    hi", "edit a.txt +1 -0"]
    with (tmp_path / "log").open("ab") as log:
        log.write(RECORDED[-10:] + said("more"))
    assert talk.poll()
    assert talk.lines[-1].startswith("✓ turn ended")
    assert talk.unfinished == "  more"
    assert not talk.has_earlier


def test_a_plain_run_has_none(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"hello\n")
    assert talk_file(tmp_path / "log") is None


def test_every_line_of_a_long_conversation_can_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_talk, "PIECE", 5_000)
    data = b"".join(said(f"word {n}") + hidden(n * 13 % 9_000) for n in range(300))
    talk = window(tmp_path, data)
    assert talk.unfinished == "  word 299"
    while talk.has_earlier:
        talk.earlier()
    assert list(talk.lines) == [f"  word {n}" for n in range(299)]
    talk.to_start()
    assert talk.lines[0] == "  word 0"
    while talk.later():
        pass
    assert talk.lines[-1] == "  word 298"
    talk.to_end()
    assert talk.attached


def test_a_conversation_that_shows_nothing_ends_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_talk, "PIECE", 1_000)
    monkeypatch.setattr(log_talk, "AT_ONCE_S", 0.0)
    talk = window(tmp_path, said("first") + hidden(100) * 300)
    looked = 0
    while talk.has_earlier:
        talk.earlier()
        looked += 1
        assert looked < 100
    assert talk.lines[0] == "  first"


def test_lines_have_the_tone_of_what_they_are() -> None:
    assert talk_parts("$ cargo test") == [("$ cargo test", "strong")]
    assert talk_parts("? wants: Bash: npm test") == [("? wants: Bash: npm test", "you")]
    assert talk_parts("↳ ✗ no") == [("↳ ", "dim"), ("✗ no", "bad")]
    assert "\x1b" not in "".join(text for text, _ in talk_parts("    \x1b[2Jx\x1b[31mred"))


def test_what_people_say_and_what_goes_to_stderr_is_seen_as_it_comes(tmp_path: Path) -> None:
    talk = window(tmp_path, said("first") + said("second"))
    assert not talk.poll()
    row = {"call": {"at": talk.size, "name": "say", "arguments": ["go on", "say:1"], "by": "ana"}}
    (tmp_path / "sent").write_text(json.dumps(row) + "\n")
    assert talk.poll()
    assert list(talk.lines) == ["  first", "  second", "> ana: go on"]
    (tmp_path / "stderr").write_text("warning: \x1b[2J\n\nerror: gone\n")
    assert talk.poll()
    assert talk.errors == ["! on stderr:", "    warning: \x1b[2J", "    error: gone"]
    assert not talk.poll()
    talk.to_start()
    assert list(talk.lines) == ["  first", "  second", "> ana: go on"]
