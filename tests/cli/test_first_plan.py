"""The first five minutes: `new`, `trust`, `run`, with nothing installed but this program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

Tui = Callable[..., subprocess.CompletedProcess[str]]


def test_the_first_plan_runs_as_it_is_written(tui: Tui, tmp_path: Path) -> None:
    written = tui("new", "Harbour: one")
    assert written.returncode == 0
    assert written.stdout == "locust-plan.yaml\n"
    assert 'project: "Harbour: one"' in (tmp_path / "locust-plan.yaml").read_text()
    assert len((tmp_path / "locust-plan.yaml").read_text().splitlines()) < 40
    assert tui("check", "--strict").stdout == "locust-plan.yaml: no problems\n"
    assert tui("trust", "--yes").returncode == 0
    ran = tui("run", "--approve-gates", "passing")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "build" / "app").exists()


def test_an_agent_that_is_not_installed_can_be_played(tui: Tui, tmp_path: Path) -> None:
    text = (
        'agents:\n  coder: {command: "claude -p {instructions}"}\nworkstreams:\n'
        "  api:  {agent: demo, instructions: Build the REST API with tests}\n"
        "  docs: {agent: demo, instructions: Write the user guide, needs: api}\n"
    )
    (tmp_path / "locust-plan.yaml").write_text(text)
    environ = {**os.environ, "PATH": str(tmp_path)}
    assert tui("check", env=environ).stdout == "locust-plan.yaml: no problems\n"
    (tmp_path / "locust-plan.yaml").write_text(text.replace("agent: demo", "agent: coder"))
    missing = tui("check", env=environ).stdout
    assert '"claude" is not on PATH; coder cannot start' in missing
    assert "help: agent: demo tries the plan without it" in missing
    (tmp_path / "locust-plan.yaml").write_text(text)
    assert tui("trust", "--yes").returncode == 0
    ran = tui("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_plan_that_is_there_is_left_alone(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text("mine")
    again = tui("new")
    assert again.returncode == 4
    assert "locust-plan.yaml exists already; nothing was written" in again.stderr
    assert "help:" in again.stderr
    assert (tmp_path / "locust-plan.yaml").read_text() == "mine"
    named = tui("new", "Other")
    assert named.returncode == 4
    assert "is already there" in named.stderr
    assert tui("new", "other.plan.yaml").stdout == "other.plan.yaml\n"


def test_a_folder_that_is_not_there_is_said(tui: Tui) -> None:
    lost = tui("new", "nowhere/x.yaml")
    assert lost.returncode == 74
    assert lost.stderr.startswith("error: nowhere/x.yaml could not be written: no such file or directory")
