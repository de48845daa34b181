"""The cockpit on sample snapshots, for looking at and for the pty tests: python tests/cockpit/fake_port.py NAME."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import hostile
import sample
import sample_coordination
from fake_port import FakePort

from locust_tui.domain.snapshot import Snapshot
from locust_tui.screens import bell

KINDS: dict[str, Callable[[], Snapshot]] = {
    "running": sample.running,
    "ready": sample.ready_to_go,
    "asking": sample.asking,
    "arriving": sample.running,
    "spending": sample.spending,
    "coordinating": sample_coordination.coordinating,
    "crowded": sample_coordination.crowded,
    "empty": sample.not_started,
    "held": sample.held_error,
    "confirm": sample.held_confirm,
    "trust": sample.held_trust,
    "never": sample.never_trusted,
    "undated": sample.undated,
    "done": sample.done,
    "big": sample.big,
    "live": sample.running,
    "busy": sample.big,
    "broken": sample.running,
    "big0": lambda: dataclasses.replace(sample.big(), runs=()),
}

KINDS.update({f"hostile{n}": lambda n=n: hostile.snapshot("".join(hostile.CORPUS[n::4])) for n in range(4)})  # type: ignore[misc]
KINDS["hostile-clicks"] = lambda: hostile.snapshot(hostile.CLICKS)


def hostile_coordination(part: int) -> Snapshot:
    """Messages, memories, alerts and escalations that attack, with their curves and versions."""
    return hostile.poisoned(sample_coordination.coordinating(), "".join(hostile.CORPUS[part::4]))  # type: ignore[no-any-return]


KINDS.update({f"hostile-words{n}": lambda n=n: hostile_coordination(n) for n in range(4)})  # type: ignore[misc]

LOG = """\
14:31:40  thinking about the overlay
14:31:58  edit src/plugins/omnibar/mod.rs  +42 -3
14:32:01  $ cargo test omnibar
\x1b[32m   Compiling\x1b[0m locust v0.3.0
test omnibar::opens ... \x1b[32mok\x1b[0m
test omnibar::filters ... \x1b[31mFAILED\x1b[0m
14:32:09  2 passed, 1 failed
"""


def write_hostile_log(folder: Path) -> dict[str, Path]:
    path = folder / "log"
    path.write_text("\n".join(hostile.CORPUS) + "\n")
    return {run.id: path for run in sample.running().runs}


def break_something(port: FakePort) -> None:
    """An error of the cockpit's own, with a secret in its locals."""

    def log_path(run: str) -> Path | None:
        password = "hunter2-" + run
        raise RuntimeError(f"no log for {password}")

    port.log_path = log_path  # type: ignore[method-assign]


def write_log(folder: Path) -> dict[str, Path]:
    path = folder / "log"
    path.write_text(LOG)
    return {"WS-05.1": path, "WS-07.2": path, "WS-0001.1": path}


async def churn(port: FakePort, hertz: float = 10.0, cards: int = 200) -> None:
    """Change the figures of `cards` random workstreams `hertz` times a second."""
    dice = random.Random(7)
    while True:
        await asyncio.sleep(1 / hertz)
        streams = list(port.snapshot.workstreams)
        for index in dice.sample(range(len(streams)), min(cards, len(streams))):
            streams[index] = dataclasses.replace(streams[index], verified=float(dice.randrange(100)))
        port.change(workstreams=tuple(streams))


async def arrive(port: FakePort) -> None:
    """Things to answer come once who looks says so by SIGUSR1, all but one at a time, and as if at once."""
    bell.LEAST_S = 600.0
    seen = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, seen.set)
    await seen.wait()
    port.show(sample.asking())
    for number in range(10, 20):
        await asyncio.sleep(0.05)
        new = sample.permission("WS-05", number, f"Bash: {number}", "", "")
        port.change(waiting=(*port.snapshot.waiting, new))


async def run(kind: str, clock: Callable[[], float]) -> int:
    from locust_tui.cockpit import run_cockpit

    with tempfile.TemporaryDirectory() as folder:
        write = write_hostile_log if kind.startswith("hostile") else write_log
        port = FakePort(KINDS[kind](), logs=write(Path(folder)))
        for entry in port.snapshot.memory[:100]:
            port.versions[entry.key] = sample_coordination.versions(entry.key)
        for monitor in port.snapshot.monitors:
            reading = sample_coordination.reading(monitor.name)
            if reading is not None:
                port.readings[monitor.name] = reading
        if kind == "broken":
            break_something(port)
        changes = asyncio.create_task(churn(port)) if kind in ("live", "busy") else None
        if kind == "arriving":
            changes = asyncio.create_task(arrive(port))
        left = await run_cockpit(port, clock=clock)
        if changes is not None:
            changes.cancel()
        if not left.words:
            return left.exit_code
        print(left.words)
        print(f"asked of the port: {len(port.asked) + len(port.trusted) + port.started}")
        return left.exit_code


def main(kind: str, clock: Callable[[], float] | None = None) -> int:
    from locust_tui.cockpit import require_terminal
    from locust_tui.errors import LocustTuiError

    try:
        require_terminal()
    except LocustTuiError as error:
        print(f"error: {error.message}; {error.help}", file=sys.stderr)
        return error.exit_code
    later = 3_600 if kind == "big0" else 0  # at rest nothing is young
    return asyncio.run(run(kind, clock or (lambda: sample.NOW + later)))
