"""What people read of a conversation, from its beginning or from its middle, whatever the agents' programs write."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from captured import conversation, files, lines
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.transcript import Transcript, TranscriptStream, transcript_of
from locust_tui.agents.vocabulary import Job

JOB = Job("WS-01.1", "do it", "/home/dev/work", ("claude",))
SIGNS = ("$ ", "    ", "edit ", "  ", "~ ", "> ", "? ", "✓ ", "! ", "✗ ", "· ")


def told(case: str, kind: str = "claude") -> list[str]:
    transcript = Transcript(kind, JOB)
    found = [text for line in lines(kind, case) for text in transcript.feed(line.encode())]
    return found + transcript.end()


def use(name: str, parameters: dict[str, Any], id: str = "t", parent: str | None = None) -> bytes:
    block = {"type": "tool_use", "id": id, "name": name, "input": parameters}
    message = {"id": "m", "content": [block]}
    return json.dumps({"type": "assistant", "message": message, "parent_tool_use_id": parent}).encode()


def came(text: str, id: str = "t", **more: Any) -> bytes:
    block = {"type": "tool_result", "tool_use_id": id, "content": text, "is_error": False}
    return json.dumps({"type": "user", "message": {"content": [block]}, **more}).encode()


def test_a_run_reads_as_what_was_said_and_done() -> None:
    assert told("2.1.330/tools-mcp-ok")[1:] == [
        "  working",
        "$ echo hi",
        "    hi",
        "edit a.txt +1 -0",
        '· mcp__locust__report_progress {"percent": 40, "message": "forty"}',
        "  all done",
        "✓ turn ended · 51,057 tokens in · 122 out · $0.21 so far",
    ]


def test_requests_refusals_and_interruptions_are_told() -> None:
    permission = told("2.1.330/control-permission")
    assert "? wants: Write: made.txt" in permission
    assert "? wants: Bash: echo deny-me > x.txt" in permission
    assert any(line.startswith("✗ denied: ") for line in permission)
    assert "✗ interrupted" in told("2.1.330/control-interrupt")


def test_a_limit_says_when_it_resets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        assert "! limit reached, resets 22 Nov 11:39" in told("2.1.330/limit-5h")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_pieces_of_a_message_are_joined_and_what_came_so_far_is_known() -> None:
    assert "  word0 word1 word2 word3" in told("2.1.330/partial")
    transcript = Transcript("claude", JOB)
    pieces = [line for line in lines("claude", "2.1.330/partial") if "text_delta" in line]
    assert [transcript.feed(line.encode()) for line in pieces[:2]] == [[], []]
    assert transcript.unfinished == "  word0 word1 "
    assert transcript.end() == ["  word0 word1"]


def test_questions_plans_and_rules_are_told() -> None:
    transcript = Transcript("claude", Job("r", "p", "/w", ("claude",), allow=("Bash(npm test)",)))

    def asks(tool: str, parameters: dict[str, Any], id: str) -> list[str]:
        request = {"subtype": "can_use_tool", "tool_name": tool, "input": parameters}
        return transcript.feed(
            json.dumps({"type": "control_request", "request_id": id, "request": request}).encode()
        )

    question = {"question": "Which one?", "options": [{"label": "A"}, {"label": "B"}]}
    assert asks("AskUserQuestion", {"questions": [question]}, "1") == ["? asks: Which one? (A, B)"]
    assert asks("Bash", {"command": "npm test"}, "2") == [
        "✓ allowed by the rule Bash(npm test): Bash: npm test"
    ]
    todos = [{"content": "read", "status": "completed"}, {"content": "write", "status": "in_progress"}]
    assert transcript.feed(use("TodoWrite", {"todos": todos}))[-1] == "· plan: 1 of 2 done, now: write"


def test_a_sub_agent_is_marked() -> None:
    assert [line for line in told("2.1.330/subagent") if line.startswith("↳ ")] == [
        "↳ $ echo sub",
        "↳     sub",
        "↳   sub says hi",
    ]


def test_of_a_long_output_the_first_and_last_lines_are_shown() -> None:
    transcript = Transcript("claude", JOB)
    transcript.feed(use("Bash", {"command": "seq 20"}))
    output = "\n".join(str(n) for n in range(1, 21))
    shown = transcript.feed(came(output))
    assert shown == [
        *(f"    {n}" for n in (1, 2, 3)),
        "    … 12 lines …",
        *(f"    {n}" for n in range(16, 21)),
    ]


def test_commands_at_the_same_time_are_told_apart() -> None:
    transcript = Transcript("claude", JOB)
    transcript.feed(use("Bash", {"command": "one"}, "a"))
    transcript.feed(use("Bash", {"command": "two"}, "b"))
    assert transcript.feed(came("1", "a")) == ["$ one …", "    1"]
    assert transcript.feed(came("2", "b")) == ["$ two …", "    2"]


def test_a_changed_file_says_how_much() -> None:
    transcript = Transcript("claude", JOB)
    assert (
        transcript.feed(
            use("Edit", {"file_path": "/home/dev/work/src/x.py", "old_string": "a", "new_string": "b"})
        )
        == []
    )
    patch = [{"lines": [" a", "-b", "+c", "+d"]}]
    account = {"filePath": "/home/dev/work/src/x.py", "structuredPatch": patch}
    assert transcript.feed(came("done", tool_use_result=account)) == ["edit src/x.py +2 -1"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_from_outside_begins_where_our_own_signs_stand(words: str, output: str) -> None:
    transcript = Transcript("claude", JOB)
    message = {"id": "m", "content": [{"type": "text", "text": f"$ rm\n? wants: x\n{words}"}]}
    shown = transcript.feed(json.dumps({"type": "assistant", "message": message}).encode()) + transcript.end()
    assert all(line.startswith("  ") or not line for line in shown)
    transcript.feed(use("Bash", {"command": "x"}))
    assert all(line.startswith("    ") for line in transcript.feed(came(f"✗ x\n{output}\n✗ y")))


@given(st.sampled_from(files("claude")), st.data())
def test_it_may_begin_anywhere_and_comes_in_any_pieces(path: Path, data: st.DataObject) -> None:
    rows = [row.line.encode() for row in conversation(path) if row.dir == "out"]
    rows = rows[data.draw(st.integers(0, len(rows))) :]
    whole = b"".join(row + b"\n" for row in rows)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    at_once = TranscriptStream(Transcript("claude", JOB))
    expected = at_once.feed(whole) + at_once.end()
    stream = TranscriptStream(Transcript("claude", JOB))
    found = [
        line for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) for line in stream.feed(whole[a:b])
    ]
    assert found + stream.end() == expected
    assert all(text.removeprefix("↳ ").startswith(SIGNS) for _, text in expected)
    begins = {0} | {n + 1 for n, byte in enumerate(whole) if byte == 10}
    assert {at for at, _ in expected} <= begins


ASKS = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": "npm test"}}


def wants(id: str) -> bytes:
    return json.dumps({"type": "control_request", "request_id": id, "request": ASKS}).encode() + b"\n"


def call(at: int, name: str, *arguments: str, by: str = "") -> str:
    return (
        json.dumps({"call": {"at": at, "name": name, "arguments": arguments, "when": 1.0, "by": by}}) + "\n"
    )


def test_what_people_say_and_answer_stands_where_the_agent_heard_it(tmp_path: Path) -> None:
    one, two = wants("1"), wants("2")
    data = one + two + use("Bash", {"command": "ls"}) + b"\n"
    both = len(one + two)
    (tmp_path / "sent").write_text(
        '{"begun":"prompt"}\n'
        + call(both, "answer", "1", "deny", "not\nnow", by="ana")
        + call(both, "answer", "2", "allow", "", by="ana")
        + "torn\n"
        + call(len(data), "say", "go\x1b[2J on", "say:1", by="bo")
        + call(len(data), "say", "Please continue", "continue:1")
    )
    expected = [
        (0, "? wants: Bash: npm test"),
        (len(one), "? wants: Bash: npm test"),
        (both, "> ana: deny: not now (Bash: npm test)"),
        (both, "> ana: allow"),
        (both, "$ ls"),
        (len(data), "> bo: go\x1b[2J on"),
        (len(data), "> locust-tui: Please continue"),
    ]
    stream = TranscriptStream(Transcript("claude", JOB), folder=tmp_path)
    assert stream.feed(data) + stream.end() == expected
    pieces = TranscriptStream(Transcript("claude", JOB), folder=tmp_path)
    assert [line for byte in data for line in pieces.feed(bytes([byte]))] + pieces.end() == expected
    later = TranscriptStream(Transcript("claude", JOB), both, tmp_path)
    assert [text for _, text in later.feed(data[both:])] == [
        "> ana: deny: not now",
        "> ana: allow",
        *(text for _, text in expected[4:]),
    ]
    before = TranscriptStream(Transcript("claude", JOB), 0, tmp_path, both)
    assert before.feed(data[:both]) + before.end() == expected[:2]


def test_what_is_said_while_the_agent_is_silent_is_shown_at_once(tmp_path: Path) -> None:
    stream = TranscriptStream(Transcript("claude", JOB), folder=tmp_path)
    assert stream.look() == []
    with (tmp_path / "sent").open("w") as sent:
        sent.write(call(0, "say", "hello", "say:1", by="ana")[:-1])
        sent.flush()
        assert stream.look() == []
        sent.write("\n")
    assert stream.look() == [(0, "> ana: hello")]
    assert stream.look() == []


def test_an_interruption_of_ours_is_laid_at_nobody_else_s_door(tmp_path: Path) -> None:
    rows = lines("claude", "2.1.330/control-interrupt")
    data = b"".join(row.encode() + b"\n" for row in rows)
    (tmp_path / "sent").write_text(call(len(rows[0]) + 1, "interrupt", "the budget is spent"))
    shown = [text for _, text in TranscriptStream(Transcript("claude", JOB), folder=tmp_path).feed(data)]
    assert "! interrupted by locust-tui: the budget is spent" in shown
    assert not any("by user" in text for text in shown)


def test_a_limit_that_is_far_away_is_no_alarm() -> None:
    def heard(**info: Any) -> list[str]:
        event = {"type": "rate_limit_event", "rate_limit_info": info}
        return Transcript("claude", JOB).feed(json.dumps(event).encode())

    assert heard(status="allowed") == []
    assert heard(status="allowed", utilization=0.2) == []
    assert heard(status="allowed_warning") == ["! usage limit: allowed_warning"]
    assert heard(status="allowed_warning", utilization=0.9) == ["! 90 % of the usage limit used"]


def test_other_output_of_the_program_is_shown_as_it_is() -> None:
    assert Transcript("claude", JOB).feed(b"npm WARN something") == ["    npm WARN something"]


def test_a_line_that_is_far_too_long_is_told_and_costs_nothing() -> None:
    stream = TranscriptStream(Transcript("claude", JOB))
    piece = b"x" * 1_000_000
    for _ in range(20):
        assert stream.feed(piece) == []
    ((at, text),) = stream.feed(b"\n")
    assert at == 0
    assert text.startswith("✗ ")
    assert "20 MB" in text
    assert stream.feed(use("Bash", {"command": "echo"}) + b"\n") == [(20_000_001, "$ echo")]


def test_a_run_s_folder_says_whether_there_is_a_transcript(tmp_path: Path) -> None:
    assert transcript_of(tmp_path) is None
    for content, there in [
        ('{"kind":"claude","job":{"run":"r","prompt":"","cwd":"/x","command":[]}}', True),
        ('{"kind":"claude","job":"from the future"}', True),
        ('{"kind":"shell"}', False),
        ('{"kind":"../claude"}', False),
        ("{", False),
    ]:
        (tmp_path / "job.json").write_text(content)
        assert (transcript_of(tmp_path) is not None) == there
