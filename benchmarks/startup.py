"""What a call of the command costs before it does anything: beside a bare interpreter and beside importing Textual.

`python benchmarks/startup.py [--rounds 9]`. CPU, user + system, of whole processes, alternated in one run, medians; the
installed console script, byte code compiled beforehand, a plan of 15 workstreams that never ran.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

from figures import alternate, goal, paired
from ground import COMMAND, demo_copy, own_machine
from tree import spend

MODULES = """
import os, sys
before = set(sys.modules)
sys.argv = ["locust-tui", *sys.argv[1:]]
said = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
from locust_tui.__main__ import main
try:
    main()
except SystemExit:
    pass
found = sorted(set(sys.modules) - before)
os.write(said, " ".join(found).encode())
"""
HEAVY = ("textual", "rich", "click", "asyncio", "msgspec", "sqlite3", "yaml", "pydantic", "anyio", "watchfiles", "re2", "email", "typing", "dataclasses", "inspect")  # fmt: skip
COMPLETING = {"_LOCUST_TUI_COMPLETE": "bash_complete", "COMP_WORDS": "locust-tui sta", "COMP_CWORD": "1"}


def loaded(arguments: list[str], environ: dict[str, str], folder: Path) -> list[str]:
    """Modules that one call imports beyond those of a bare interpreter."""
    command = [sys.executable, "-c", MODULES, *arguments]
    ran = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    return ran.stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with own_machine() as folder:
        plan = str(demo_copy(folder / "demo"))
        plain = dict(os.environ)
        completing = {**plain, **COMPLETING}
        calls: dict[str, tuple[list[str], dict[str, str]]] = {
            "python -c pass": ([sys.executable, "-c", "pass"], plain),
            "python -c 'import textual.app'": ([sys.executable, "-c", "import textual.app"], plain),
            "--version": ([COMMAND, "--version"], plain),
            "completion of a verb": ([COMMAND], completing),
            "status --json": ([COMMAND, "status", plan, "--json"], plain),
            "check": ([COMMAND, "check", plan], plain),
        }
        for command, environ in calls.values():
            spend(command, folder, environ, must=None)
        work = {
            name: lambda _turn, c=command, e=environ: spend(c, folder, e).cpu
            for name, (command, environ) in calls.items()
        }
        found = alternate(work, rounds)
        imports = {
            name: loaded(command[1:], environ, folder)
            for name, (command, environ) in calls.items()
            if command[0] == COMMAND
        }
    bare, textual = found["python -c pass"], found["python -c 'import textual.app'"]
    print(f"start-up, CPU of the whole process; {rounds} rounds, medians")
    print(f"  {'':34}{'CPU ms':>8}{'x python':>10}{'x textual':>11}{'modules':>9}   of them")
    for name, spent in found.items():
        modules = imports.get(name, [])
        heavy = " ".join(m for m in HEAVY if m in modules)
        count = str(len(modules)) if name in imports else ""
        ms = statistics.median(spent) * 1000
        ratios = f"{paired(spent, bare):10.2f}{paired(spent, textual):11.2f}"
        print(f"  {name:34}{ms:8.1f}{ratios}{count:>9}   {heavy}")
    goal("--version, x a bare interpreter", paired(found["--version"], bare), 1.3)
    goal("completion of a verb, x importing Textual", paired(found["completion of a verb"], textual), 0.5)
    goal("status --json, x importing Textual", paired(found["status --json"], textual), 0.5)
    goal("check of the demo plan, x importing Textual", paired(found["check"], textual), 1)


if __name__ == "__main__":
    main()
