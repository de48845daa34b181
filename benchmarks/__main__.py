"""Runs every benchmark, one after the other, and prints each goal once more at the end: `python benchmarks [NAME …]`.

About five minutes. The exit code is 0 also where goals are missed: figures are for people, the tests are for gates.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ALL: dict[str, tuple[str, ...]] = {
    "startup": (),
    "decide": (),
    "dag": (),
    "spawn": ("--rounds", "3"),
    "restart": (),
    "store": (),
    "memory": (),
    "viewer": (),
    "as_of": (),
    "forecast": (),
    "reload": ("--rounds", "5"),
    "cockpit": ("--rounds", "3"),
    "overlay": (),
    "idle": (),
    "adapter": (),
    "network": (),
    "flood": (),
    "report": ("--rounds", "3"),
}
PATIENCE_S = 180.0


def run(name: str) -> list[str]:
    """Run one benchmark, showing what it prints; its lines that name a goal."""
    print(f"== {name}", flush=True)
    command = [sys.executable, str(HERE / f"{name}.py"), *ALL[name]]
    goals = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if "goal ≤" in line:
                goals.append(line.strip())
        process.wait(PATIENCE_S)
    return goals or [f"no goal printed (exit code {process.returncode})"]


def main() -> None:
    asked = sys.argv[1:] or list(ALL)
    if unknown := [name for name in asked if name not in ALL]:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}")
    began = time.monotonic()
    goals = {name: run(name) for name in asked}
    print(f"== goals, after {time.monotonic() - began:.0f} s")
    for name, lines in goals.items():
        for line in lines:
            print(f"  {name:8}  {line}")


if __name__ == "__main__":
    main()
