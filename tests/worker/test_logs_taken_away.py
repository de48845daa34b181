"""The logs of a real worker's agents are deleted, cut and replaced: it is on record, said by every reader, and nothing else changes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.domain.events import Noted
from locust_tui.domain.log_problem import LogProblem
from project import Project, until

AGENT = """#!/bin/sh
echo ::locust progress=10::begun
until [ -e go ]; do sleep 0.05; done
echo ::locust progress=70::went on
until [ -e end ]; do sleep 0.05; done
exit 3
"""
FALSE = b"::locust progress=99::not mine\n"


def in_place_of(log: Path, make: Callable[[Path], object]) -> None:
    new = log.with_name("new")
    make(new)
    new.replace(log)


DONE: dict[str, tuple[Callable[[Path], object], LogProblem, int]] = {
    "deleted": (lambda log: log.unlink(), LogProblem.MISSING, 3),
    "emptied": (lambda log: os.truncate(log, 0), LogProblem.TRUNCATED, 0),
    "replaced": (
        lambda log: in_place_of(log, lambda new: new.write_bytes(FALSE * 9)),
        LogProblem.REPLACED,
        5,
    ),
    "piped": (lambda log: in_place_of(log, os.mkfifo), LogProblem.NOT_A_FILE, 5),
    "led": (lambda log: in_place_of(log, lambda new: new.symlink_to("job")), LogProblem.NOT_A_FILE, 5),
    "linked": (lambda log: os.link(log, log.with_name("kept")), LogProblem.LINKED, 5),
}
"""What is done, what is told, and the exit code of `logs`."""


def logs(project: Project) -> dict[str, tuple[int, str, str]]:
    """What `locust-tui logs` gives of each: exit code, output, words."""
    begun = {
        name: subprocess.Popen(
            [sys.executable, "-m", "locust_tui", "logs", name],
            cwd=project.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in DONE
    }
    said = {name: process.communicate(timeout=60) for name, process in begun.items()}
    return {name: (begun[name].returncode, *said[name]) for name in DONE}


@pytest.mark.fault(
    27, "under a worker, logs are deleted, emptied, linked, and replaced by a file, a FIFO and a link"
)
def test_it_is_on_record_and_said_and_the_agents_end_as_they_would(project: Project) -> None:
    project.script("agent", AGENT)
    work = "".join(f"  {name}: {{run: ./agent}}\n" for name in DONE)
    project.write(f"project: L\nworkstreams:\n{work}")
    project.up()
    project.reaches(lambda w: all(w.workstream(name).reported == 10 for name in DONE))
    for name, (do, _, _) in DONE.items():
        do(project.folder.runs / f"{name}.1" / "log")
    told = until(lambda: notes if len(notes := warnings(project)) == len(DONE) else None, what="every word")
    shown = logs(project)
    for name, (_, problem, code) in DONE.items():
        words = "was deleted or moved away" if problem is LogProblem.MISSING else problem.words
        assert f"{name}.1: its log {words}; the agent goes on" in told
        returned, output, said = shown[name]
        assert returned == code, said
        assert problem.words in said or code == 0
        assert "not mine" not in output
    (project.path / "go").touch()
    project.reaches(lambda w: w.workstream("emptied").reported == 70)
    (project.path / "end").touch()
    world = project.reaches(lambda w: not w.live_runs())
    assert {run.exit_code for run in world.runs.values() if run.attempt == 1} == {3}
    assert {world.workstream(name).reported for name in DONE if name != "emptied"} <= {10, 70}
    assert len(warnings(project)) == len(DONE)
    project.assert_sound()


def warnings(project: Project) -> list[str]:
    found = (note.text for note in project.events(Noted) if note.level == "warning")
    return [text for text in found if ": its log " in text]
