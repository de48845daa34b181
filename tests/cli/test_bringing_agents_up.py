"""What is said of an agent that somebody else has started a moment ago."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from locust_tui.cli import spawning
from locust_tui.cli.spawn_additions import Subject
from locust_tui.domain.snapshot import RunView
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, World

SUBJECT = Subject("core", "orchestrator", "")


def run(state: RunState, pid: int | None) -> RunView:
    return RunView(
        "core.1", "core", "core", None, "coder", state, "process", "", pid, 1, 0.0, None, None, None, None
    )


def test_a_run_without_a_process_is_told_without_a_pid() -> None:
    outcome = spawning.Outcome(SUBJECT, "running", "", 7, run(RunState.LIMITED, None), again=True)
    assert outcome.line() == "core runs already: run core.1, no pid, revision 7"


def test_a_run_that_is_only_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    status = RunStatus("core.1", "core", 1, "coder", RunState.STARTING)
    snapshot = SimpleNamespace(runs=(run(RunState.STARTING, None),))
    state: Any = SimpleNamespace(
        world=World(runs={"core.1": status}), plan=None, snapshot=lambda *, forecast: snapshot
    )
    settled = spawning.Outcome(SUBJECT, "ended", "cannot execute x", 9, run(RunState.FAILED, None))
    waited: list[tuple[str, int]] = []

    def settle(target: Any, subject: Subject, before: str, revision: int) -> spawning.Outcome:
        waited.append((before, revision))
        return settled

    monkeypatch.setattr(spawning, "read_state", lambda target: state)
    monkeypatch.setattr(spawning, "_settled", settle)
    nothing: Any = SimpleNamespace(path=Path())
    assert spawning.bring_up(nothing, nothing, SUBJECT, force=False, revision=8) is settled
    assert waited == [("", 8)]
