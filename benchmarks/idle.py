"""What locust-tui costs while nothing happens: a worker with 50 sleeping agents, and a cockpit on the plan of 15 workstreams.

`python benchmarks/idle.py [--seconds 20] [--runs 50] [--watched]`; watched: with a monitor every 5 s, two alerts, and
the load of every run sampled. CPU from the scheduler's own account, in nanoseconds, as a share of
one core; memory as proportional set size. The cockpit is on a real terminal of 200 × 50 with a live worker and sleeping
agents behind it. Everything is measured over the same seconds, beside an asyncio loop that only sleeps.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from figures import goal
from ground import COMMAND, DEMO, Ground, demo_text, own_machine, sleepers
from tree import cpu_now, pss_mb

ASLEEP = "import asyncio; asyncio.run(asyncio.sleep(900))"
SETTLE_S = 4.0
WATCHED = """\
monitors: [{name: m, refresh: 5s, metrics: [progress, velocity, blockers, agents]}]
alerts: [{name: late, when: progress < expected_progress - 10}, {name: many, when: agents_running > 100}]
features: {performance-tracking: true}
"""


@contextmanager
def cockpit(ground: Ground) -> Iterator[tuple[int, int]]:
    """The cockpit on a terminal that says it understands synchronised output; (its pid, our end of the terminal)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
        os.chdir(ground.path)
        time.sleep(0.1)
        os.execv(COMMAND, [COMMAND, "open"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    try:
        yield pid, terminal
        os.write(terminal, b"q")
        drain(terminal, 1)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def drain(terminal: int, seconds: float) -> int:
    """Take what is written for so long; the number of bytes."""
    end, taken = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                data = os.read(terminal, 1 << 16)
            except OSError:
                break
            taken += len(data)
            if b"\x1b[?2026$p" in data:
                os.write(terminal, b"\x1b[?2026;2$y")
    return taken


def shims_of(ground: Ground) -> list[int]:
    """The parent of every live agent."""
    return [parent(run.pid) for run in ground.world().live_runs() if run.pid is not None]


def parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


@contextmanager
def asleep() -> Iterator[int]:
    """The pid of an asyncio loop that has nothing to do."""
    process = subprocess.Popen([sys.executable, "-c", ASLEEP])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--watched", action="store_true")
    options = parser.parse_args()
    fleet_plan = sleepers(options.runs) + (WATCHED if options.watched else "")
    with (
        own_machine() as folder,
        Ground(folder / "fleet", fleet_plan) as fleet,
        Ground(folder / "demo", demo_text("sleep 900"), DEMO) as demo,
        cockpit(demo) as (viewer, terminal),
        asleep() as floor,
    ):
        worker = fleet.up()
        fleet.reaches(options.runs)
        drain(terminal, SETTLE_S)
        shims = shims_of(fleet)
        watched = {
            "asyncio, asleep": [floor],
            f"worker, {options.runs} live runs": [worker],
            "its zygote": [parent(shims[0])],
            f"its {options.runs} shims": shims,
            f"cockpit, {len(demo.world().live_runs())} live runs": [viewer],
        }
        began = time.monotonic()
        before = {what: [cpu_now(pid) for pid in pids] for what, pids in watched.items()}
        written = drain(terminal, options.seconds)
        taken = time.monotonic() - began
        cpu = {
            what: sum(cpu_now(pid) - was for pid, was in zip(pids, before[what], strict=True)) / taken * 100
            for what, pids in watched.items()
        }
        memory = {what: [pss_mb(pid) for pid in pids] for what, pids in watched.items()}
    print(f"at rest for {taken:.0f} s")
    print(f"  {'':34}{'CPU % of a core':>16}{'PSS MB':>9}{'each':>8}")
    for what in watched:
        each = f"{statistics.mean(memory[what]):8.2f}" if len(memory[what]) > 1 else ""
        print(f"  {what:34}{cpu[what]:16.3f}{sum(memory[what]):9.1f}{each}")
    print(f"  the cockpit wrote {written / taken:.0f} bytes/s to its terminal")
    _, ours, _, shim, screen = watched
    goal(
        f"CPU of an idle worker with {options.runs} live runs",
        cpu[ours] + cpu["its zygote"] + cpu[shim],
        1,
        "%",
    )
    goal("memory of that worker, PSS", memory[ours][0], 40, "MB")
    goal("memory of a shim, PSS", statistics.mean(memory[shim]), 1, "MB")
    goal("CPU of an idle cockpit, 15 workstreams", cpu[screen], 0.5, "%")
    goal("memory of that cockpit, PSS", memory[screen][0], 60, "MB")


if __name__ == "__main__":
    main()
