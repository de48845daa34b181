"""A machine without npm, uv or a network: the tests that need a program are skipped, and nobody overlooks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import install

HERE = Path(__file__).parent


def test_the_end_of_a_run_names_what_was_not_tested(tmp_path: Path) -> None:
    reasons = {"programs": {}, "missing": {"codex": "npm is not on PATH"}}
    (tmp_path / "installed.json").write_text(json.dumps(reasons))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(HERE / "test_programs_speak.py"),
        ],
        env={**os.environ, "LOCUST_TUI_TEST_AGENTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "NOT TESTED, 2 skipped: codex: npm is not on PATH" in done.stdout
    assert "skipped: claude: not installed; run: make test-agents" in done.stdout


def test_what_cannot_be_fetched_is_no_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, install.__file__, str(tmp_path / "agents")],
        env={"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "NOT INSTALLED: codex: npm is not on PATH" in done.stderr
    assert json.loads((tmp_path / "agents" / "installed.json").read_text())["programs"] == {}
