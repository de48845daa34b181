"""A call from inside a run is an agent's, as long as its shim lives, whatever its files say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from locust_tui.cli.agent_scope import run_we_are_in
from locust_tui.execution.records import identity_json
from locust_tui.state.folder import StateFolder


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "plan.yaml")
    folder.prepare()
    return folder


def under_a_shim(folder: StateFolder, **changes: object) -> Path:
    """A run whose shim is the process above this one."""
    run = folder.runs / "w-1"
    run.mkdir(parents=True)
    record = json.loads(b"{%s}" % identity_json(os.getppid()))
    (run / "shim.json").write_text(json.dumps({**record, **changes}))
    return run


def test_whoever_has_a_shim_above_is_an_agent(folder: StateFolder) -> None:
    assert run_we_are_in(folder) is None
    under_a_shim(folder)
    assert run_we_are_in(folder) == "w-1"


def test_what_an_ended_run_left_behind_is_an_agent_still(folder: StateFolder) -> None:
    run = under_a_shim(folder)
    (run / "exit.json").write_text("{}")
    assert run_we_are_in(folder) == "w-1"


@pytest.mark.parametrize("changes", [{"boot_id": "another"}, {"start": 1}])
def test_a_pid_that_is_another_process_by_now_is_nobody(
    folder: StateFolder, changes: dict[str, object]
) -> None:
    under_a_shim(folder, **changes)
    assert run_we_are_in(folder) is None
