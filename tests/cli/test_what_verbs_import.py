"""A verb that only reads stays small: what each one really loads, asked of the process itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import sys
sys.argv = ["locust-tui", *sys.argv[1:]]
from locust_tui.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code or sys.argv[1] == "doctor", end.code  # that may find fault with the machine
print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(folder: Path, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


SCREEN = {"textual", "rich"}
LOOP = {"asyncio", "aiosqlite", "watchfiles", "anyio"}
PARSING = {"pydantic", "yaml", "ruamel"}
NUMBERS = {"numpy"}

READS = (
    ("status", "--json"),
    ("status",),
    ("--report",),
    ("--report", "--week", "2"),
    ("ps",),
    ("inbox",),
    ("ws", "ls"),
    ("gate", "show", "g1"),
    ("events",),
    ("why", "ribs"),
    ("agent", "ls"),
    ("memory", "ls"),
    ("memory", "get", "locust/status/current"),
    ("memory", "get", "--pattern", "locust/*"),
    ("hooks", "ls"),
)


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_reading_the_record_loads_neither_screen_nor_loop_nor_parser(
    sailed: Path, words: tuple[str, ...]
) -> None:
    assert not loaded(sailed.parent, *words) & (SCREEN | LOOP | PARSING | NUMBERS)


@pytest.mark.parametrize(
    "words",
    [("check",), ("forecast",), ("critical-path",), ("deps",), ("doctor",), ("keys",), ("paths",)],
    ids=" ".join,
)
def test_no_plain_verb_loads_the_screen(harbour: Path, words: tuple[str, ...]) -> None:
    assert not loaded(harbour.parent, *words) & SCREEN


def test_help_loads_no_verb(tmp_path: Path) -> None:
    assert not [m for m in loaded(tmp_path, "--help") if m.startswith("locust_tui.cli.verbs.")]


def test_the_version_is_answered_before_anything_is_imported(tmp_path: Path) -> None:
    ours = {m for m in loaded(tmp_path, "--version") if m.startswith(("locust_tui", "click"))}
    assert ours == {"locust_tui", "locust_tui.__main__"}
