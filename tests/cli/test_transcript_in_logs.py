"""`logs` of a run that spoke a protocol: its transcript for people, its bytes with --raw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Tui = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "locust_tui"]
CONVERSATION = Path(__file__).parents[1] / "agents" / "captures" / "claude" / "2.1.330" / "tools-mcp-ok.jsonl"
JOB = '{"kind":"claude","job":{"run":"keel.1","prompt":"","cwd":"/home/dev/work","command":[]}}'


@pytest.fixture
def spoken(sailed: Path) -> bytes:
    """What the run keel.1 wrote, as a conversation."""
    rows = map(json.loads, CONVERSATION.read_text().splitlines())
    data = b"".join(row["line"].encode() + b"\n" for row in rows if row["dir"] == "out")
    folder = sailed.parent / ".locust-tui" / "runs" / "keel.1"
    folder.mkdir(mode=0o700)
    (folder / "job.json").write_text(JOB)
    (folder / "log").write_bytes(data)
    return data


def test_it_prints_what_was_said_and_done(tui: Tui, spoken: bytes) -> None:
    done = tui("logs", "keel")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1:5] == ["  working", "$ echo hi", "    hi", "edit a.txt +1 -0"]
    assert "{" not in done.stdout.replace('{"percent"', "")


@pytest.mark.fault(24, "the bytes themselves are asked for")
def test_raw_gives_every_byte(tmp_path: Path, spoken: bytes) -> None:
    raw = subprocess.run([*COMMAND, "logs", "keel", "--raw"], cwd=tmp_path, capture_output=True, timeout=60)
    assert (raw.returncode, raw.stdout) == (0, spoken)


def test_what_the_agent_wrote_cannot_steer_the_terminal(tui: Tui, tmp_path: Path, spoken: bytes) -> None:
    message = {"id": "m", "content": [{"type": "text", "text": "\x1b]0;owned\x07 \x1b[2J\nnext"}]}
    log = tmp_path / ".locust-tui" / "runs" / "keel.1" / "log"
    log.write_text(json.dumps({"type": "assistant", "message": message}) + "\n")
    done = tui("logs", "keel")
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-1] == "  next"


def test_a_head_that_was_given_up_leaves_no_half_line(tui: Tui, tmp_path: Path, spoken: bytes) -> None:
    folder = tmp_path / ".locust-tui" / "runs" / "keel.1"
    (folder / "trim.json").write_text(json.dumps({"trimmed": 100}))
    with (folder / "log").open("r+b") as log:
        os.pwrite(log.fileno(), bytes(100), 0)
    done = tui("logs", "keel")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "  working"


def test_of_a_run_that_went_well_stderr_is_shown_when_asked_for(
    tui: Tui, tmp_path: Path, spoken: bytes
) -> None:
    errors = tmp_path / ".locust-tui" / "runs" / "keel.1" / "stderr"
    errors.write_text("ExperimentalWarning: noise\n")
    done = tui("logs", "keel")
    assert done.returncode == 0
    assert "on stderr" not in done.stdout
    assert tui("logs", "keel", "--stderr").stdout == "ExperimentalWarning: noise\n"


def test_of_a_run_that_failed_stderr_stands_behind_what_it_said(
    tui: Tui, tmp_path: Path, sailed: Path, spoken: bytes
) -> None:
    folder = tmp_path / ".locust-tui" / "runs" / "ribs.1"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "job.json").write_text(JOB)
    (folder / "log").write_bytes(spoken)
    (folder / "stderr").write_text("error: gone\n")
    assert tui("logs", "ribs").stdout.splitlines()[-2:] == ["! on stderr:", "    error: gone"]


def test_what_it_wrote_to_stderr_stands_behind_what_it_said(tui: Tui, tmp_path: Path, spoken: bytes) -> None:
    folder = tmp_path / ".locust-tui" / "runs" / "keel.1"
    (folder / "log").write_bytes(b"")
    (folder / "stderr").write_bytes(b"error: unknown option '--bogus\x1b[2J'\n")
    done = tui("logs", "keel")
    first, second = done.stdout.splitlines()
    assert first == "! on stderr:"
    assert second.startswith("    error: unknown option '--bogus")
    assert "\x1b" not in done.stdout
    assert tui("logs", "keel", "--stderr").stdout == second.strip() + "\n"
    raw = [*COMMAND, "logs", "keel", "--raw", "--stderr"]
    shown = subprocess.run(raw, cwd=tmp_path, capture_output=True, timeout=60)
    assert shown.stdout == (folder / "stderr").read_bytes()
    (folder / "stderr").write_text("".join(f"line {n}\n" for n in range(1000)))
    done = tui("logs", "keel")
    assert "locust-tui logs keel.1 --stderr" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[-1] == "    line 999"
    (folder / "stderr").unlink()
    assert tui("logs", "keel", "--stderr").returncode == 3
