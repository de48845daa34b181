"""What the worst agent costs the worker: a line of 64 MB, lines as fast as a program can write them, no line end at all.

`python benchmarks/flood.py [--seconds 6]`. Each agent is one that is spoken to (a protocol's lines are read and taken
apart), runs for so long beside one quiet agent, and is then ended. How long the worker's loop stood still is the longest
time that a ping on its socket took, less the same with quiet agents only; memory is its proportional set size at the end,
less that before the flood.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import threading
import time

from figures import goal, p95
from ground import Ground, own_machine
from tree import pss_mb

from locust_tui.client.connection import Connection
from locust_tui.client.requests import Ping

LONG = """import os, time
chunk = b'x' * (1 << 20)
os.write(1, b'{"type":"system","text":"')
for _ in range(64): os.write(1, chunk)
os.write(1, b'"}\\n')
time.sleep(600)"""
ENDLESS = """import os
chunk = b'x' * (1 << 20)
while True: os.write(1, chunk)"""
LINES = """import os
line = b'{"type":"system","subtype":"status","status":"requesting","session_id":"s"}\\n'
chunk = line * 4000
while True: os.write(1, chunk)"""
QUIET = "import time; time.sleep(600)"
FLOODS = {"one line of 64 MB": LONG, "no line end, ever": ENDLESS, "protocol lines without pause": LINES}


def plan(script: str) -> str:
    kinds = {
        name: {"kind": "claude", "command": ["python3", "-c", text]}
        for name, text in (("loud", script.replace("{", "{{").replace("}", "}}")), ("quiet", QUIET))
    }
    work = {name: {"agent": name, "instructions": "go on"} for name in kinds}
    return json.dumps({"project": "Flood", "agents": kinds, "workstreams": work})


class Pings(threading.Thread):
    """Asks the worker for a sign of life a hundred times a second, and keeps how long each took."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.took: list[float] = []
        self._ground = ground
        self._end = threading.Event()

    def run(self) -> None:
        with Connection(self._ground.folder.socket) as connection:
            while not self._end.wait(0.01):
                began = time.perf_counter()
                connection.ask(Ping())
                self.took.append(1000 * (time.perf_counter() - began))

    def end(self) -> list[float]:
        self._end.set()
        self.join()
        return self.took


def measure(ground: Ground, seconds: float) -> tuple[list[float], float, int]:
    """(milliseconds of each ping, MB gained, bytes of the log)"""
    worker = ground.up()
    ground.reaches(2)
    before = pss_mb(worker)
    pings = Pings(ground)
    pings.start()
    time.sleep(seconds)
    took = pings.end()
    gained = pss_mb(worker) - before
    with contextlib.suppress(OSError):
        return took, gained, (ground.folder.runs / "loud.1" / "log").stat().st_size
    return took, gained, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    seconds = parser.parse_args().seconds
    with own_machine() as folder:
        with Ground(folder / "quiet", plan(QUIET)) as ground:
            calm, _, _ = measure(ground, seconds)
        print(f"  quiet agents: a ping takes {p95(calm):.1f} ms (p95), {max(calm):.1f} ms at most")
        for number, (name, script) in enumerate(FLOODS.items()):
            with Ground(folder / f"flood{number}", plan(script)) as ground:
                took, gained, size = measure(ground, seconds)
            print(f"  {name}: {size / 2**20:.0f} MB written")
            goal(f"{name}: the loop stands still", max(0.0, max(took) - max(calm)), 50, "ms")
            goal(f"{name}: memory gained", gained, 16, "MB")


if __name__ == "__main__":
    main()
