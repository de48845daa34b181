"""Events a second that the adapter for Claude Code takes in one process, over conversations recorded from it.

`python benchmarks/adapter.py [--rounds 5]`. The figures are the goal's 50,000 lines a second over what was reached, so that
smaller is better: for all lines of the recorded conversations as they came, for a message that comes in pieces (most lines
of a busy agent), and for results of tools with 2 kB in each. `json.loads` of the same lines stands beside them. Medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from figures import alternate, goal

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import Job

GOAL = 50_000
LINES = 20_000
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "agents"))


def recorded() -> list[bytes]:
    from captured import conversation, files

    lines = [row.line.encode() for path in files("claude") for row in conversation(path) if row.dir == "out"]
    return (lines * (LINES // len(lines) + 1))[:LINES]


def in_pieces() -> list[bytes]:
    event = {
        "type": "stream_event",
        "event": {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "a few words "},
        },
        "session_id": "8f73519a-1ff0-4323-8249-3ab3c0d8011a",
        "parent_tool_use_id": None,
        "uuid": "5e7c5794-6e20-482f-a31f-159acbeadf84",
        "api_message_id": "msg_c5defdcfd6c840b684eae1",
    }
    return [json.dumps(event).encode()] * LINES


def tool_results() -> list[bytes]:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "one line of a test's output\n" * 72}
    event = {"type": "user", "message": {"role": "user", "content": [result]}, "session_id": "s", "uuid": "u"}
    return [json.dumps(event).encode()] * LINES


def fed(lines: list[bytes]) -> float:
    adapter = ClaudeAdapter(Job("r", "p", "/home/dev/work", ("claude",)))
    feed = adapter.feed
    began = time.perf_counter()
    for line in lines:
        feed(line)
    return len(lines) / (time.perf_counter() - began)


def loaded(lines: list[bytes]) -> float:
    began = time.perf_counter()
    for line in lines:
        json.loads(line)
    return len(lines) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    kinds: dict[str, Callable[[], list[bytes]]] = {
        "lines of recorded conversations": recorded,
        "pieces of a message": in_pieces,
        "results of tools, 2 kB each": tool_results,
    }
    for name, make in kinds.items():
        lines = make()
        found = alternate(
            {"adapter": lambda _, lines=lines: fed(lines), "json": lambda _, lines=lines: loaded(lines)},
            rounds,
        )
        ours, base = (statistics.median(found[who]) for who in ("adapter", "json"))
        size = sum(map(len, lines)) / len(lines)
        print(
            f"{name} ({size:,.0f} bytes): {ours:,.0f} a second, json.loads alone {base:,.0f}; median of {rounds}"
        )
        goal(f"{name}, {GOAL:,} a second over it", GOAL / ours, 1)


if __name__ == "__main__":
    main()
