"""Conversations recorded from real agents: `captures/README.md` says what each one shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

CAPTURES = Path(__file__).parent / "captures"


class Line(NamedTuple):
    """One line of a conversation; `dir` is "in" (to the agent), "out" (its stdout) or "err" (its stderr)."""

    dir: str
    line: str


def conversation(path: Path | str) -> list[Line]:
    """All lines of one file, in order; a relative path counts from `captures/`."""
    with (CAPTURES / path).open(encoding="utf-8") as file:
        return [Line(**json.loads(row)) for row in file]


def lines(kind: str, case: str, *, dir: str = "out") -> list[str]:  # noqa: A002
    """What a case's agent wrote (or got), newest recorded version; `case` may name a version: "2.1.197/denied"."""
    pattern = f"{case}.jsonl" if "/" in case else f"*/{case}.jsonl"
    found = sorted((CAPTURES / kind).glob(pattern))
    if not found:
        raise FileNotFoundError(f"no capture {kind}/{pattern}")
    return [line.line for line in conversation(found[-1]) if line.dir == dir]


def files(kind: str) -> list[Path]:
    """Every capture of one kind: "claude", "codex" or "acp"."""
    return sorted((CAPTURES / kind).glob("*/*.jsonl"))
