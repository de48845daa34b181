"""How much dearer the cockpit is than an empty Textual app, measured in one run on a real pty.

python benchmarks/cockpit.py [--rounds N] [--json]: the first complete frame with 1,000 workstreams, a key's way to
the screen while 200 cards change ten times a second, CPU at rest, and memory. First frames and keys are the best of their rounds, for a busy
machine only adds to them; memory is a median.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import re
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cockpit")]

import figures  # noqa: E402
import pyte  # noqa: E402

from terminal import Terminal  # noqa: E402

EMPTY = """\
from textual.app import App
from textual.widgets import Static


class Empty(App):
    def compose(self):
        yield Static("leave running " * 400)

    def on_key(self, event):
        self.query_one(Static).update(f"{event.key} leave running " * 400)


Empty().run()
"""
GOALS = {
    "first_frame": ("first complete frame, of an empty app's", 1.5, "x"),
    "key_p95_ms": ("a key on the screen, p95", 50.0, "ms"),
    "idle_cpu_percent": ("CPU at rest", 0.5, "%"),
    "pss_mb": ("memory (PSS)", 60.0, "MB"),
}
"""What is said of a figure, its limit and its unit."""
PRIVATE = re.compile(rb"\x1b\[\?\d+\$p|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?u|\x1b\[>\d*q")


class Line(Terminal):
    """A terminal that only notes when which bytes came: drawing them is not what is measured."""

    def __init__(self, kind: str, *, script: str = "fake_port.py") -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self.began = time.perf_counter()
        super().__init__(kind, script=script, columns=200, rows=50)

    def pump(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        if not ready:
            return False
        data = os.read(self.master, 65_536)
        self.chunks.append((time.perf_counter(), data))
        if b"\x1b[?2026$p" in data:
            self.send(b"\x1b[?2026;2$y")  # what a modern terminal answers
        return True


def first_frame(terminal: Line) -> float:
    """Milliseconds from the fork until 90 % of the settled screen's cells were there."""
    drain(terminal, 0.3)
    while terminal.pump(0.6) or not terminal.chunks:
        pass
    screen = pyte.Screen(200, 50)
    stream = pyte.ByteStream(screen)
    seen: list[tuple[float, int]] = []
    for at, data in terminal.chunks:
        stream.feed(PRIVATE.sub(b"", data))
        seen.append((at, sum(1 for row in screen.display for char in row if char != " ")))
    wanted = seen[-1][1] * 0.9
    return next(at for at, count in seen if count >= wanted) * 1_000 - terminal.began * 1_000


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_mb(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


def drain(terminal: Line, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        terminal.pump(left)


def idle_cpu(terminal: Line, seconds: float) -> float:
    before = cpu_seconds(terminal.pid)
    drain(terminal, seconds)
    return (cpu_seconds(terminal.pid) - before) / seconds * 100


def key_ms(terminal: Line, keys: list[bytes], marks: list[bytes]) -> list[float]:
    """Milliseconds from each key to the bytes that only its effect brings."""
    taken = []
    for index in range(60):
        drain(terminal, 0.05 + index % 7 * 0.013)
        seen = len(terminal.chunks)
        began = time.perf_counter()
        terminal.send(keys[index % len(keys)])
        while marks[index % len(marks)] not in b"".join(data for _, data in terminal.chunks[seen:]):
            if time.perf_counter() - began > 2:
                raise SystemExit(f"no answer to {keys[index % len(keys)]!r}")
            terminal.pump(0.02)
        taken.append((terminal.chunks[-1][0] - began) * 1_000)
    return sorted(taken)


def p95(values: list[float]) -> float:
    return values[int(len(values) * 0.95)]


def compile_all() -> None:
    """Bytecode of what is measured: an installed program has it, an edited checkout may not."""
    for folder in (ROOT / "locust_tui", ROOT / "tests" / "cockpit"):
        compileall.compile_dir(str(folder), quiet=1)


def measure(rounds: int) -> dict[str, float]:
    compile_all()
    frames: dict[str, list[float]] = {"empty": [], "cockpit": []}
    memory: dict[str, list[float]] = {"empty": [], "cockpit": []}
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        for _ in range(rounds):
            for name, script, kind in (("empty", str(empty), ""), ("cockpit", "fake_port.py", "big")):
                with Line(kind, script=script) as terminal:
                    frames[name].append(first_frame(terminal))
                    memory[name].append(pss_mb(terminal.pid))
        with Line("", script=str(empty)) as terminal:
            first_frame(terminal)
            floor = key_ms(terminal, [b"j", b"k"], [b"j leave", b"k leave"])
    with Line("big0") as terminal:
        first_frame(terminal)
        drain(terminal, 2)
        idle = idle_cpu(terminal, 12)
    tries: list[list[float]] = []
    for _ in range(3):
        with Line("busy") as terminal:
            drain(terminal, 3)
            tries.append(key_ms(terminal, [b"3", b"2"], [b" check", b" pause"]))
            busy = idle_cpu(terminal, 3)
    keys = min(tries, key=p95)
    return {
        "first_frame": min(frames["cockpit"]) / min(frames["empty"]),
        "first_frame_ms": min(frames["cockpit"]),
        "first_frame_empty_ms": min(frames["empty"]),
        "key_p50_ms": statistics.median(keys),
        "key_p95_ms": p95(keys),
        "key_p95_empty_ms": p95(floor),
        "idle_cpu_percent": idle,
        "busy_cpu_percent": busy,
        "pss_mb": statistics.median(memory["cockpit"]),
        "pss_empty_mb": statistics.median(memory["empty"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = {name: round(value, 2) for name, value in measure(options.rounds).items()}
    if options.json:
        print(json.dumps(measured))
        return
    for name, value in measured.items():
        if name not in GOALS:
            print(f"  {name:<58}{value:9.2f}")
    for name, (what, limit, unit) in GOALS.items():
        figures.goal(what, measured[name], limit, unit)


if __name__ == "__main__":
    main()
