"""The log pane over a run that speaks a protocol: what its agent said and did, from the last line to the first."""

from __future__ import annotations

import json
from pathlib import Path

from piloting import Open, host, settled, text

JOB = '{"kind":"claude","job":{"run":"WS-07.2","prompt":"","cwd":"/home/dev/work","command":[]}}'
CONVERSATION = Path(__file__).parents[1] / "agents" / "captures" / "claude" / "2.1.330" / "tools-mcp-ok.jsonl"


def spoken(folder: Path, extra: bytes = b"") -> Path:
    rows = map(json.loads, CONVERSATION.read_text().splitlines())
    data = b"".join(row["line"].encode() + b"\n" for row in rows if row["dir"] == "out")
    (folder / "job.json").write_text(JOB)
    (folder / "log").write_bytes(extra + data)
    return folder / "log"


def said(words: str) -> bytes:
    message = {"id": words, "content": [{"type": "text", "text": words}]}
    return json.dumps({"type": "assistant", "message": message}).encode() + b"\n"


async def test_it_shows_what_was_said_and_done(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(logs={"WS-07.2": spoken(tmp_path)}) as (pilot, _):
        shown = text(pilot)
        assert "$ echo hi" in shown
        assert "edit a.txt +1 -0" in shown
        assert '"type"' not in shown


async def test_what_comes_later_and_words_under_way_are_shown(cockpit: Open, tmp_path: Path) -> None:
    log = spoken(tmp_path)
    async with cockpit(logs={"WS-07.2": log}) as (pilot, _):
        with log.open("ab") as more:
            more.write(said("one more word"))
        assert host(pilot).main.log_pane.poll()
        await settled(pilot)
        assert "one more word" in text(pilot)


async def test_the_first_words_of_a_long_conversation_can_be_reached(cockpit: Open, tmp_path: Path) -> None:
    log = spoken(tmp_path, b"".join(said(f"word {n:05d}") for n in range(30_000)))
    async with cockpit(logs={"WS-07.2": log}) as (pilot, _):
        await pilot.press("L")
        await settled(pilot)
        await pilot.press("g")
        await settled(pilot)
        assert "word 00000" in text(pilot)
        await pilot.press("G")
        await settled(pilot)
        assert "all done" in text(pilot)
